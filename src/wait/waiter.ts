/**
 * The one way in which anything waits.
 *
 *   try  →  say that I wait (a bit in the object's WaiterSet)  →  try again  →  sleep  →  woken: from the start
 *
 * A wake-up is a hint, never a hand-over: who is woken tries again like everybody else, so it does not matter who died
 * holding what. The order of the steps and why no wake-up is lost: see waiter-set.ts. What this file adds:
 *
 * **Passing on.** A waker took my bit, but I do not need it any more: I went on by an attempt made before I knew of the
 * wake-up, or my time is up, or I was aborted. Then somebody else may sleep beside an object that is free, so I wake
 * the next one. An attempt made after I knew has used the wake-up, and need not pass it on: whoever changes the object
 * next wakes again.
 *
 * **Slices.** No sleep is longer than 100 ms. At each slice the waiter says again that it waits, tries again, and calls
 * `onSlice`, where the object looks whether its holder is dead. So a waker killed between taking a bit and waking, or a
 * woken one killed before it could pass on, costs the others a slice. In the event loop slices grow where nobody waits
 * but those who hear of a death otherwise (`isLookedAfter`).
 *
 * **In the event loop** all waits of one thread for one object share its bit and are served in order. The notice that
 * comes with a ring names the object, so a thread that waits for thousands of objects looks at one. The doorbell keeps
 * the event loop alive while something waits, and only then.
 *
 * **After a fork** the child waits for nothing: promises that its copy of the parent's code is waiting for never settle
 * there.
 */
import { forkHook, forkStep } from '../base/at-fork.ts';
import { clearTimeout, nowMs, queueMicrotask, setTimeout } from '../base/clock.ts';
import type { Deadline } from '../base/deadline.ts';
import { whenOver } from './until.ts';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { closedError } from '../memory/layout.ts';
import { registryWords, self, slotField, slotMode } from '../memory/registry.ts';
import { onUserChange } from '../memory/user-change.ts';
import type { Lookout } from './lookout.ts';
import { spin, spinFor, type Attempt } from './spin.ts';
import { keyOf, type WaiterSet } from './waiter-set.ts';
import { inboxNotices, noticeWords } from '../native/shared-numbers.ts';

export const sliceMs = 100;
const longestQuietMs = 5000;
/** How long looking after the waits of a thread may take at each slice; the rest comes with the next one. */
const sliceBudgetMs = 1;

export interface WaitOptions {
	/** Called about every 100 ms: it may repair the object, whose holder is dead. What it throws ends the wait. */
	onSlice?: () => void;
	/** Whether the wait keeps the event loop alive. @default true */
	keepsAlive?: boolean;
	/**
	 * Whether the waits of this thread for this object wait for different things, so that one that cannot go on must
	 * not hold up the next. All waits for one object say the same. @default false
	 */
	independent?: boolean;
	/**
	 * Whether the end of each process that could wake this wait is noticed otherwise, and what it has left is taken
	 * then. In the event loop such waits have slices that double up to some seconds, so that what does nothing costs
	 * nothing. @default false
	 */
	isLookedAfter?: boolean;
	/** Whether `waitForSync` looks again and again for some microseconds before it sleeps. @default true */
	spins?: boolean;
	/** Called by `waitForSync` each time before it says that it waits, to tell those who are to wake it. */
	beforeSleep?: () => void;
	/** How many milliseconds to spin, whatever experience says. For those who answer at once and have a core each. */
	spinMs?: number;
	/** Called once by each such spin, when a tenth of the time has passed in vain. */
	midSpin?: () => void;
	/** Whether `waitFor` spins too, when nothing else waits in the event loop; it blocks the loop. @default false */
	spinsInLoop?: boolean;
	/** Is told when this thread will look without being woken. */
	lookout?: Lookout;
}

/** Blocks this thread until the attempt gives a value, or the deadline has passed: then undefined. */
export function waitForSync<T>(set: WaiterSet, attempt: Attempt<T>, deadline: Deadline, options: WaitOptions = {}): T | undefined {
	const first = attempt();
	if (first !== undefined || deadline.isImmediate) return first;
	const spun = spinAs(attempt, options);
	return spun ?? sleepFor(set, attempt, deadline, options);
}

function spinAs<T>(attempt: Attempt<T>, { spins, spinMs, midSpin, lookout }: WaitOptions): T | undefined {
	if (spins === false) return undefined;
	return spinMs === undefined ? spin(attempt, lookout) : spinFor(attempt, spinMs, midSpin);
}

/**
 * As `waitForSync`, but in the event loop, after those of this thread who waited for this object before. Rejects with
 * the signal's reason.
 */
export function waitFor<T>(set: WaiterSet, attempt: Attempt<T>, deadline: Deadline, options: WaitOptions = {}): Promise<T | undefined> {
	return new Promise((resolve, reject) => {
		if (deadline.isImmediate || options.independent === true || !loopQueues.has(set.key)) {
			const first = attempt();
			if (first !== undefined || deadline.isImmediate) return resolve(first);
		}
		deadline.remaining();
		if (options.spinsInLoop === true && loopQueues.size === 0) {
			const spun = spin(attempt, options.lookout);
			if (spun !== undefined) return resolve(spun);
		}
		const entry: Entry = { attempt, options, settle: resolve as (value: unknown) => void, fail: reject, stop: () => {} };
		const queue = enqueue(set, entry);
		entry.stop = endWith(deadline, queue, entry);
		if (queue.entries.size === 1 || options.independent === true) serve(queue);
	});
}

/**
 * Whether this thread has waits pending in its event loop for the object: a newcomer that does not want to overtake
 * waits behind them.
 */
export function isWaitedForHere(set: WaiterSet): boolean {
	return loopQueues.size > 0 && loopQueues.has(set.key);
}

/** Rejects all waits of this thread for the object; for its `close()`, while its segment is still open. */
export function endWaits(set: WaiterSet, reason: Error): void {
	const queue = loopQueues.get(set.key);
	if (queue === undefined) return;
	for (const entry of queue.entries) {
		dequeue(queue, entry);
		entry.fail(reason);
	}
}

/** Lets all waits of this thread for the object try again at once: something has changed in this thread. */
export function lookAgain(set: WaiterSet): void {
	const queue = loopQueues.get(set.key);
	if (queue !== undefined) serve(queue);
}

// ---- A thread that sleeps ----

/**
 * As `waitForSync`, but wakes with any of the sets. Their objects are only looked at: whoever is woken may not need it,
 * so these sets are for those who are all woken at once.
 */
export function waitForAnySync<T>(sets: readonly WaiterSet[], attempt: Attempt<T>, deadline: Deadline): T | undefined {
	const { slot, base } = self();
	const words = registryWords();
	try {
		for (;;) {
			const seen = Atomics.load(words, base + slotField.wake);
			for (const set of sets) set.add(slot);
			const result = attempt();
			const remainingMs = result === undefined ? deadline.remaining() : 0;
			if (remainingMs === 0) return result;
			sleep(words, base, seen, Math.min(sliceMs, remainingMs));
		}
	} finally {
		for (const set of sets) {
			if (set.segment.closed) continue;
			set.remove(slot);
			lookAgain(set);
		}
	}
}

function sleepFor<T>(set: WaiterSet, attempt: Attempt<T>, deadline: Deadline, options: WaitOptions): T | undefined {
	const { slot, base } = self();
	const words = registryWords();
	const { lookout } = options;
	let isSaid = false;
	let wasSlice = false;
	let mayDoze = lookout !== undefined;
	saySleepsFor(words, base, set);
	try {
		for (;;) {
			const seen = Atomics.load(words, base + slotField.wake);
			isSaid = true;
			options.beforeSleep?.();
			set.add(slot);
			const result = attempt();
			const remainingMs = result === undefined ? deadline.remaining() : 0;
			if (remainingMs === 0) {
				if (wasSlice && result !== undefined) lookout?.foundLate();
				return result;
			}
			const dozeMs = mayDoze ? lookout?.beginDoze() : undefined;
			mayDoze = false; // only the first time
			sleep(words, base, seen, Math.min(dozeMs ?? sliceMs, remainingMs));
			if (dozeMs !== undefined) lookout?.endDoze();
			const isWoken = !set.has(slot);
			wasSlice = !isWoken && dozeMs === undefined;
			if (wasSlice) options.onSlice?.();
			if (!isWoken) continue;
			isSaid = false;
			const woken = attempt();
			if (woken !== undefined) return woken;
		}
	} finally {
		words.fill(0, base + slotField.sleepsFor, base + slotField.sleepsFor + 3);
		if (isSaid && !set.remove(slot)) set.wakeOne();
		const queue = loopQueues.get(set.key);
		if (queue !== undefined) queueMicrotask(() => serve(queue));
	}
}

function sleep(words: Int32Array, base: number, seen: number, timeoutMs: number): void {
	Atomics.or(words, base + slotField.mode, slotMode.asleep);
	addon().futexWait(words, base + slotField.wake, seen, timeoutMs);
	Atomics.and(words, base + slotField.mode, ~slotMode.asleep);
}

function saySleepsFor(words: Int32Array, base: number, set: WaiterSet): void {
	const { identity } = set.segment;
	words[base + slotField.sleepsFor + 2] = set.offset;
	words[base + slotField.sleepsFor] = identity.high;
	words[base + slotField.sleepsFor + 1] = identity.low;
}

// ---- Waits in the event loop ----

interface Entry {
	readonly attempt: Attempt<unknown>;
	readonly options: WaitOptions;
	readonly settle: (value: unknown) => void;
	readonly fail: (reason: unknown) => void;
	/** Takes timer and signal listener away. */
	stop: () => void;
}

/** All waits of this thread for one object, in order. */
interface LoopQueue {
	readonly set: WaiterSet;
	readonly entries: Set<Entry>;
	/** Whether this thread's bit was set, and no wake-up is known of since. */
	isSaid: boolean;
}

const loopQueues = new Map<string, LoopQueue>();
let inbox: Int32Array | undefined;
let sliceTimer: NodeJS.Timeout | undefined;
let pending = 0;
/** How many of the pending waits need a slice every time. */
let sliced = 0;
/** How long the slices of all others are. */
let quietMs = sliceMs;
let keepingAlive = 0;

function enqueue(set: WaiterSet, entry: Entry): LoopQueue {
	const { base } = self();
	if (inbox === undefined) openDoorbell(base);
	if (pending++ === 0) Atomics.or(registryWords(), base + slotField.mode, slotMode.inLoop);
	Atomics.store(registryWords(), base + slotField.loopWaits, pending);
	if (entry.options.keepsAlive !== false && keepingAlive++ === 0) addon().doorbellRef(true);
	quietMs = sliceMs;
	const isFirst = entry.options.isLookedAfter !== true && sliced++ === 0;
	if (isFirst || sliceTimer === undefined) sliceLater();
	let queue = loopQueues.get(set.key);
	if (queue === undefined) loopQueues.set(set.key, (queue = { set, entries: new Set(), isSaid: false }));
	queue.entries.add(entry);
	return queue;
}

/** Removes the entry; the last one of a queue takes the bit back, and passes on a wake-up that it does not need. */
function dequeue(queue: LoopQueue, entry: Entry): void {
	if (!queue.entries.delete(entry)) return;
	entry.stop();
	const { slot, base } = self();
	if (queue.entries.size === 0) {
		loopQueues.delete(queue.set.key);
		if (queue.isSaid && !queue.set.segment.closed && !queue.set.remove(slot)) queue.set.wakeOne();
	}
	if (entry.options.isLookedAfter !== true) sliced--;
	if (--pending === 0) {
		Atomics.and(registryWords(), base + slotField.mode, ~slotMode.inLoop);
		clearTimeout(sliceTimer);
		sliceTimer = undefined;
	}
	Atomics.store(registryWords(), base + slotField.loopWaits, pending);
	if (entry.options.keepsAlive !== false && --keepingAlive === 0) addon().doorbellRef(false);
}

/** Lets those waits end that can, in order; then says that the others wait, and tries them once more. */
function serve(queue: LoopQueue): void {
	const { slot } = self();
	while (queue.entries.size > 0) {
		if (queue.set.segment.closed) return endWaits(queue.set, closedError(queue.set.segment.kind));
		// Attempts made while `isSaid` is false use the wake-up that took the bit.
		if (!queue.set.has(slot)) queue.isSaid = false;
		attemptAll(queue);
		if (queue.entries.size === 0) return;
		queue.isSaid = true;
		queue.set.add(slot);
		if (!attemptAll(queue)) return;
	}
}

/** Returns whether any attempt gave a value or an error. */
function attemptAll(queue: LoopQueue): boolean {
	let progress = false;
	for (const entry of queue.entries) {
		try {
			const result = entry.attempt();
			if (result !== undefined) {
				dequeue(queue, entry);
				entry.settle(result);
			} else if (entry.options.independent === true) continue;
			else break;
		} catch (error) {
			dequeue(queue, entry);
			entry.fail(error);
			queue.set.wakeOne(); // an error of this thread's alone (closed here) has used no wake-up
		}
		progress = true;
	}
	return progress;
}

/** Ends the wait at its deadline or by its signal. Returns what takes both away. */
function endWith(deadline: Deadline, queue: LoopQueue, entry: Entry): () => void {
	const leave = (then: () => void): void => {
		const [head] = queue.entries;
		dequeue(queue, entry);
		then();
		if (head === entry && queue.entries.size > 0) serve(queue);
	};
	return whenOver(
		deadline,
		() => leave(() => entry.settle(undefined)),
		(reason) => leave(() => entry.fail(reason)),
	);
}

function openDoorbell(base: number): void {
	dropAtFork();
	onUserChange(dropLoopWaits);
	const made = new Int32Array(noticeWords * inboxNotices);
	check(addon().doorbellOpen(made, onNotices), 'open a doorbell for waiting');
	inbox = made;
	Atomics.store(registryWords(), base + slotField.doorbellHigh, made[0]!);
	Atomics.store(registryWords(), base + slotField.doorbellLow, made[1]!);
}

function onNotices(count: number): void {
	for (let i = 0; i < count * noticeWords; i += noticeWords) {
		const queue = loopQueues.get(keyOf(inbox![i]!, inbox![i + 1]!, inbox![i + 2]!));
		if (queue !== undefined) serve(queue);
	}
	const { base, slot } = self();
	const mode = Atomics.and(registryWords(), base + slotField.mode, ~slotMode.noticesLost);
	if ((mode & slotMode.noticesLost) === 0) return;
	for (const queue of loopQueues.values()) if (queue.set.segment.closed || !queue.set.has(slot)) serve(queue);
}

function sliceLater(): void {
	clearTimeout(sliceTimer);
	const forMs = sliced > 0 ? sliceMs : quietMs;
	sliceTimer = setTimeout(() => {
		quietMs = Math.min(longestQuietMs, quietMs * 2);
		sliceLater();
		slice();
	}, forMs).unref();
}

let slicePosition = 0;

/** Looks after all waits, a part of them at a time when they are many. */
function slice(): void {
	const endMs = nowMs() + sliceBudgetMs;
	const queues = [...loopQueues.values()];
	for (let i = 0; i < queues.length && nowMs() < endMs; i++) {
		const queue = queues[(slicePosition = (slicePosition + 1) % queues.length)]!;
		for (const entry of queue.entries) {
			try {
				if (!queue.set.segment.closed) entry.options.onSlice?.();
			} catch (error) {
				dequeue(queue, entry);
				entry.fail(error);
			}
			if (entry.options.independent !== true) break;
		}
		if (queue.entries.size > 0) serveLate(queue);
	}
}

/** Serves, and tells the lookout when a wait could end although nobody had woken this thread. */
function serveLate(queue: LoopQueue): void {
	const [head] = queue.entries;
	const isUnwoken = !queue.set.segment.closed && queue.isSaid && queue.set.has(self().slot);
	serve(queue);
	if (!isUnwoken || head === undefined || queue.entries.has(head)) return;
	quietMs = sliceMs;
	head.options.lookout?.foundLate();
}

const dropAtFork = forkHook({ step: forkStep.waits, inCopy: dropLoopWaits });

/** In a forked copy they are the original's; as the participant of another user, this thread begins anew. */
function dropLoopWaits(): void {
	if (inbox !== undefined) addon().doorbellClose();
	for (const queue of loopQueues.values()) for (const entry of queue.entries) entry.stop();
	clearTimeout(sliceTimer);
	loopQueues.clear();
	inbox = sliceTimer = undefined;
	pending = sliced = keepingAlive = 0;
}
