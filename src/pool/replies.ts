/** Takes in what a worker has replied, and tells the jobs. */
import { nowMs } from '../base/clock.ts';
import { decode } from '../codec/decode.ts';
import { addLocalStack } from '../codec/remote-error.ts';
import { NprocsError } from '../base/errors.ts';
import { reply } from './messages.ts';
import type { Entry, WorkerSlot } from './worker-slot.ts';

/** What the replies mean for the pool as a whole. */
export interface ReplyListener {
	onReady(slot: WorkerSlot): void;
	/** Its initializer has failed. */
	onBroken(slot: WorkerSlot, error: unknown): void;
	/** An item has been settled, after so long. */
	onItem(slot: WorkerSlot, microseconds: number, outcome: 'completed' | 'failed'): void;
	/** The call could not be decoded there; its items must be sent one by one, or there is only one. */
	onUnreadable(slot: WorkerSlot, entry: Entry, error: unknown): void;
}

const batch = 256;

/** Returns whether there was anything. */
export function takeReplies(slot: WorkerSlot, listener: ReplyListener): boolean {
	const { replies } = slot.link;
	if (replies.closed || busy.has(slot)) return false;
	busy.add(slot); // a decoded value's code may want results itself
	let hasAny = false;
	try {
		for (;;) {
			const taken = takeSome(slot, listener);
			if (taken === 0) return hasAny;
			hasAny = true;
		}
	} finally {
		busy.delete(slot);
	}
}

const busy = new Set<WorkerSlot>();
/** Whose next message is the value of this item's progress. */
const progressing = new Map<WorkerSlot, number>();

function takeSome(slot: WorkerSlot, listener: ReplyListener): number {
	let messages: unknown[] | undefined;
	try {
		messages = slot.link.replies.tryTakeMany(batch);
	} catch (error) {
		takeUnopened(slot, listener, error);
		return 1;
	}
	if (messages === undefined) return 0;
	for (const message of messages) take(slot, listener, message as [number, ...unknown[]]);
	return messages.length;
}

function take(slot: WorkerSlot, listener: ReplyListener, message: readonly [number, ...unknown[]]): void {
	const item = progressing.get(slot);
	if (item !== undefined) {
		progressing.delete(slot);
		const entry = slot.head();
		if (entry !== undefined && !isSettled(entry, item)) entry.unit!.payload.job.onProgress(entry.unit!.payload.first + item, message[1]);
		return;
	}
	const [kind, ...rest] = message;
	if (kind === reply.value || kind === reply.error) return takeOutcome(slot, listener, message as [number, number, number, unknown]);
	if (kind === reply.progress) return void progressing.set(slot, rest[0] as number);
	if (kind === reply.yielded) return slot.head()?.unit?.payload.job.onYielded?.(rest[0]);
	if (kind === reply.ended) return endUnit(slot);
	if (kind === reply.ready) return listener.onReady(slot);
	if (kind === reply.dying) return void (slot.dyingOf = rest[0] as Uint8Array);
	const error = openError(rest[0] as Uint8Array);
	if (kind === reply.broken) return listener.onBroken(slot, error);
	const entry = slot.head();
	if (entry !== undefined) listener.onUnreadable(slot, entry, error);
}

function takeOutcome(slot: WorkerSlot, listener: ReplyListener, [kind, item, us, value]: readonly [number, number, number, unknown]): void {
	const entry = slot.head();
	if (entry?.unit === undefined) return;
	if (kind === reply.value) settleItem(slot, entry, { item, us, listener, value });
	else settleItem(slot, entry, { item, us, listener, error: openError(value as Uint8Array) });
}

interface Outcome {
	readonly item: number;
	readonly us: number;
	readonly listener: ReplyListener;
	readonly value?: unknown;
	readonly error?: unknown;
}

function settleItem(slot: WorkerSlot, entry: Entry, outcome: Outcome): void {
	const { payload } = entry.unit!;
	const { job, first } = payload;
	const { item, us, listener } = outcome;
	const hasFailed = 'error' in outcome;
	entry.replied++;
	slot.itemsDone++;
	const wasSettled = isSettled(entry, item);
	if (payload.kind === 'chunk') {
		slot.begunMs = nowMs();
		slot.killAtMs = Infinity;
	} else slot.finish(entry);
	learn(job.fn, us);
	if (!wasSettled) {
		payload.settle();
		listener.onItem(slot, us, hasFailed ? 'failed' : 'completed');
		if (hasFailed) job.onError(first + item, withBothStacks(outcome.error, slot, job.place));
		else if (payload.kind !== 'generate') job.onValue(first + item, outcome.value);
	}
	if (payload.kind !== 'chunk') job.onUnitEnded?.();
}

/** Of a chunk or a generator. */
function endUnit(slot: WorkerSlot): void {
	const entry = slot.head();
	if (entry?.unit === undefined) return;
	const { payload } = entry.unit;
	slot.finish(entry);
	if (payload.kind === 'generate') {
		payload.settle();
		payload.job.onValue(0, undefined);
	}
	payload.job.onUnitEnded?.();
}

/** A reply whose value cannot be opened here: a class that is not registered, a shared object that does not exist any more. */
function takeUnopened(slot: WorkerSlot, listener: ReplyListener, error: unknown): void {
	if (progressing.delete(slot)) return;
	const entry = slot.head();
	if (entry?.unit === undefined) return;
	if (entry.unit.payload.kind === 'generate') return entry.unit.payload.job.onError(0, error);
	settleItem(slot, entry, { item: entry.unit.from + entry.replied, us: 0, listener, error });
}

export function isSettled(entry: Entry, item: number): boolean {
	return entry.unit!.payload.job.isOver || entry.settled?.has(item) === true;
}

export function openError(bytes: Uint8Array): unknown {
	try {
		return decode(bytes);
	} catch (cause) {
		return new NprocsError('A worker has reported an error that cannot be opened here.', { cause });
	}
}

function withBothStacks(error: unknown, slot: WorkerSlot, place: { stack?: string } | undefined): unknown {
	addLocalStack(error, `process ${slot.process.name} (pid ${slot.pid})`, place ?? {});
	return error;
}

/** The average follows quickly at first. */
function learn(fn: { meanUs: number | undefined }, us: number): void {
	fn.meanUs = fn.meanUs === undefined ? us : fn.meanUs + (us - fn.meanUs) / 16;
}
