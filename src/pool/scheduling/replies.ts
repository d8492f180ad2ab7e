/** Takes in what a worker has replied, and tells the jobs. */
import { nowMs } from '../../base/clock.ts';
import { decode } from '../../codec/decode.ts';
import { addLocalStack } from '../../codec/remote-error.ts';
import { NprocsError } from '../../base/errors.ts';
import { reply } from '../link/messages.ts';
import { readLog, Results } from '../link/result-log.ts';
import type { Entry, WorkerSlot } from './worker-slot.ts';

/** What the replies mean for the pool as a whole. */
export interface ReplyListener {
	onReady(slot: WorkerSlot): void;
	/** Its initializer has failed. */
	onBroken(slot: WorkerSlot, error: unknown): void;
	/** So many items have been settled, each after so long, on average. */
	onItems(microseconds: number, outcome: 'completed' | 'failed', count: number): void;
	/** The call could not be decoded there; its items must be sent one by one, or there is only one. */
	onUnreadable(slot: WorkerSlot, entry: Entry, error: unknown): void;
}

const batch = 256;

/**
 * Its replies, and what it has not sent yet of the chunk that it is at, or has died in. Returns whether there was
 * anything.
 */
export function takeAll(slot: WorkerSlot, listener: ReplyListener): boolean {
	let hasAny = takeReplies(slot, listener);
	hasAny = takeLog(slot, listener) || hasAny;
	return takeReplies(slot, listener) || hasAny; // what it has sent meanwhile
}

/**
 * Nothing was heard of it for a while: the results of items before the one that it is at may lie in its log. Returns
 * whether there was anything.
 */
export function lookAround(slot: WorkerSlot, listener: ReplyListener): boolean {
	const hasNews = takeAll(slot, listener);
	if (!hasNews) slot.hasLookedInVain();
	return hasNews;
}

function takeLog(slot: WorkerSlot, listener: ReplyListener): boolean {
	const entry = slot.head();
	if (entry?.unit?.payload.kind !== 'chunk' || busy.has(slot) || slot.link.replies.closed) return false;
	busy.add(slot);
	try {
		const log = slot.link.log();
		const message = log === undefined ? undefined : readLog(log, entry.sequence);
		return message !== undefined && takeResults(slot, listener, message);
	} finally {
		busy.delete(slot);
	}
}

/** Returns whether there was anything. */
export function takeReplies(slot: WorkerSlot, listener: ReplyListener): boolean {
	const { replies } = slot.link;
	if (replies.closed || !replies.mayTake() || busy.has(slot)) return false;
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
	if (message instanceof Uint8Array) return void takeResults(slot, listener, message);
	const kind = message[0];
	if (kind === reply.value || kind === reply.error) return takeOutcome(slot, listener, message as readonly [number, number, number, unknown]);
	if (kind === reply.progress) return void progressing.set(slot, message[1] as number);
	if (kind === reply.yielded) return slot.head()?.unit?.payload.job.onYielded?.(message[1]);
	if (kind === reply.ended) return endUnit(slot);
	if (kind === reply.ready) return listener.onReady(slot);
	if (kind === reply.dying) return void (slot.dyingOf = message[1] as Uint8Array);
	const error = openError(message[1] as Uint8Array);
	if (kind === reply.broken) return listener.onBroken(slot, error);
	const entry = slot.head();
	if (entry !== undefined) listener.onUnreadable(slot, entry, error);
}

/** Results of items of a chunk, one behind the other. Returns whether any of them is news. */
function takeResults(slot: WorkerSlot, listener: ReplyListener, message: Uint8Array): boolean {
	const entry = slot.head();
	if (entry?.unit?.payload.kind !== 'chunk') return false;
	const { unit } = entry;
	const results = new Results(message);
	const { meanUs = 0 } = unit.payload.job.fn;
	const us = Number.isNaN(results.microseconds) ? meanUs : results.microseconds / results.count;
	let known = unit.from + entry.replied - results.first; // from the log
	// A negative one: the worker has sent what comes before meanwhile, and that is to be taken first.
	if (known < 0 || known >= results.count) return false;
	while (known < results.count) {
		const { values, error } = results.from(known);
		settleAll(slot, entry, { first: results.first + known, values, us, listener });
		known += values.length;
		if (error !== undefined) settleItem(slot, entry, { item: results.first + known++, us, listener, error: error.cause });
	}
	return true;
}

interface Several {
	readonly first: number;
	readonly values: readonly unknown[];
	/** Of each. */
	readonly us: number;
	readonly listener: ReplyListener;
}

/** With one look at everything, where that is possible. */
function settleAll(slot: WorkerSlot, entry: Entry, { first, values, us, listener }: Several): void {
	const { payload } = entry.unit!;
	const { job } = payload;
	if (job.onValues === undefined || job.isOver || entry.settled !== undefined) {
		for (const [i, value] of values.entries()) settleItem(slot, entry, { item: first + i, us, listener, value });
		return;
	}
	const count = values.length;
	goOn(slot, entry, count);
	learn(job.fn, us, count);
	payload.settle(count);
	listener.onItems(us, 'completed', count);
	job.onValues(payload.first + first, values);
}

/** Items of the chunk have ended. */
function goOn(slot: WorkerSlot, entry: Entry, count: number): void {
	entry.replied += count;
	slot.itemsDone += count;
	slot.begunMs = nowMs();
	slot.expectLog();
	if (entry.unit!.from + entry.replied > slot.stoppedItem) slot.killAtMs = Infinity;
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
	const wasSettled = isSettled(entry, item);
	if (payload.kind === 'chunk') goOn(slot, entry, 1);
	else {
		entry.replied++;
		slot.itemsDone++;
		slot.finish(entry);
	}
	learn(job.fn, us, 1);
	if (!wasSettled) {
		payload.settle(1);
		listener.onItems(us, hasFailed ? 'failed' : 'completed', 1);
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
		payload.settle(1);
		payload.job.onValue(0, undefined);
	}
	payload.job.onUnitEnded?.();
}

/**
 * A reply whose value cannot be opened here: a class that is not registered, a shared object that does not exist any
 * more.
 */
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
function learn(fn: { meanUs: number | undefined }, us: number, count: number): void {
	if (count === 0) return;
	const weight = count === 1 ? 1 / 16 : 1 - (15 / 16) ** count;
	fn.meanUs = fn.meanUs === undefined ? us : fn.meanUs + (us - fn.meanUs) * weight;
}
