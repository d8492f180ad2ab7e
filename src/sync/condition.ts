/**
 * Waiting for a state that a lock protects.
 *
 * Words of the payload: 0 next ticket, 1 entries in use, 8- entries (1024 of two words: token; ticket and state), then the waiters.
 *
 * An entry is free, waiting or notified (the lower two bits; above them the ticket, which orders them). Entries are taken with the lock held, so by
 * one at a time. All other changes are one compare-and-swap of the whole word, which its ticket makes unique:
 *   notify     waiting → notified, the lowest ticket first, then wake its thread. If that is dead: → free, and the next one is notified instead
 *   time's up  waiting → free; if that fails, it was notified after all
 *   abort      waiting → free; if that fails, the notification is passed on
 *   return     notified → free, with the lock held again
 * A waiter killed after it was notified and before it had the lock again leaves "notified" with a dead token: any other waiter that sees it
 * at its slice notifies another one, then frees the entry. (If two do so, one is notified without need; that is allowed, a loss is not.)
 */
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError, NprocsError } from '../base/errors.ts';
import { openHandle, registerKind, toHandle, type Handle } from '../codec/handle.ts';
import { isAlive, self, slotCount } from '../memory/registry.ts';
import { ExclusiveLock, releaseError } from './exclusive-lock.ts';
import { inspectors } from './inspectors.ts';
import type { Lock } from './lock.ts';
import { RLock } from './rlock.ts';
import { existing, existingOptions, SharedObject, type Existing, type HandleData, type SharedOptions } from './shared-object.ts';
import { bind, currentTask } from './task.ts';
import { WaiterSet } from './waiter-set.ts';
import { waitFor, waitForSync } from './waiter.ts';

const ticketWord = 0;
const inUseWord = 1;
const entriesWord = 8;
const maxEntries = 1024;
const waitersWord = entriesWord + 2 * maxEntries;
const words = waitersWord + WaiterSet.words;

const free = 0;
const waiting = 1;
const notified = 2;
const stateMask = 3;
const ticketStep = 4;

export type ConditionOptions = SharedOptions;

interface ConditionData extends HandleData {
	readonly lock: Handle;
}

/** As Python's `multiprocessing.Condition`. The lock is an RLock of its own unless one is given. */
export class Condition extends SharedObject {
	/** The lock that must be held to wait and to notify. */
	readonly lock: Lock | RLock;
	readonly #ownsLock: boolean;
	readonly #waiters: WaiterSet;

	constructor(lock?: Lock | RLock, options?: ConditionOptions) {
		if (lock !== undefined && !(lock instanceof ExclusiveLock))
			throw new ArgumentError('Expected the lock of a Condition to be a Lock or an RLock.');
		super({ kind: 'Condition', words }, options);
		this.#waiters = new WaiterSet(this.segment, waitersWord);
		this.#ownsLock = lock === undefined || (options as Existing | undefined)?.[existing] !== undefined;
		this.lock = lock ?? new RLock(this.name === undefined ? {} : { name: `${this.name}.lock` });
	}

	acquire(wait?: Wait): Promise<boolean> {
		return this.lock.acquire(wait);
	}

	acquireSync(wait?: Wait): boolean {
		return this.lock.acquireSync(wait);
	}

	release(): void {
		this.lock.release();
	}

	/** `using _ = await condition.hold()`. Rejects with a TimeoutError when the time is up. */
	hold(wait?: Wait): Promise<Disposable> {
		return this.lock.hold(wait);
	}

	holdSync(wait?: Wait): Disposable {
		return this.lock.holdSync(wait);
	}

	/** Runs the function while holding the lock. */
	run<T>(fn: () => T | Promise<T>, wait?: Wait): Promise<T> {
		return this.lock.run(fn, wait);
	}

	runSync<T>(fn: () => T, wait?: Wait): T {
		return this.lock.runSync(fn, wait);
	}

	/**
	 * Gives the lock up (all levels of it), waits to be notified, takes the lock again. Resolves to false when the time was up before that; the
	 * lock is held again in any case, also when the wait was aborted.
	 */
	wait(wait?: Wait): Promise<boolean> {
		const task = currentTask();
		const result = this.#wait(wait);
		return task === undefined ? result : bind(result, task);
	}

	waitSync(wait?: Wait): boolean {
		const { deadline, entry, state, resumeSync } = this.#begin(wait);
		let wasNotified = false;
		try {
			const onSlice = (): void => this.#passOnFromDead();
			wasNotified = waitForSync(this.#waiters, () => this.#isNotified(entry), deadline, { onSlice }) === true;
		} finally {
			wasNotified = this.#leave(entry, state) || wasNotified;
			resumeSync();
			this.#free(entry, state);
		}
		return wasNotified;
	}

	/** Waits until the predicate, asked with the lock held, is true. Resolves to what it gave last, as a boolean. */
	waitFor(predicate: () => unknown, wait?: Wait): Promise<boolean> {
		const task = currentTask();
		const result = this.#waitUntil(predicate, wait);
		return task === undefined ? result : bind(result, task);
	}

	waitForSync(predicate: () => unknown, wait?: Wait): boolean {
		const deadline = Deadline.from(wait);
		while (!predicate()) {
			const timeout = deadline.remaining();
			if (timeout === 0) return false;
			this.waitSync({ timeout, signal: deadline.signal });
		}
		return true;
	}

	/** Lets `n` of those who wait go on, those first who have waited longest. Nothing is remembered for later ones. The lock must be held. */
	notify(n = 1): void {
		this.#assertMine('notify');
		if (!(Number.isSafeInteger(n) && n >= 0)) throw new ArgumentError(`Expected the number to notify to be an integer from 0, got ${String(n)}.`);
		this.#notify(n);
	}

	notifyAll(): void {
		this.#assertMine('notify');
		this.#notify(Infinity);
	}

	override close(): void {
		super.close();
		if (this.#ownsLock) this.lock.close();
	}

	override [toHandle](): Handle {
		const own = super[toHandle]();
		const lock = this.lock[toHandle]();
		return { kind: own.kind, data: { ...(own.data as HandleData), lock } satisfies ConditionData, segments: [...own.segments, ...lock.segments] };
	}

	protected sets(): readonly WaiterSet[] {
		return [this.#waiters];
	}

	protected describe(): string {
		return `<Condition(${String(this.lock)}, ${this.#entries(waiting).length})>`;
	}

	// ---- Waiting ----

	async #wait(wait: Wait | undefined): Promise<boolean> {
		const { deadline, entry, state, resume } = this.#begin(wait);
		let wasNotified = false;
		try {
			const onSlice = (): void => this.#passOnFromDead();
			wasNotified = (await waitFor(this.#waiters, () => this.#isNotified(entry), deadline, { onSlice, independent: true })) === true;
		} catch (error) {
			if (!this.closed && this.#leave(entry, state)) this.#notify(1);
			await resume();
			if (!this.closed) this.#free(entry, state);
			throw error;
		}
		wasNotified = this.#leave(entry, state) || wasNotified;
		await resume();
		this.#free(entry, state);
		return wasNotified;
	}

	async #waitUntil(predicate: () => unknown, wait: Wait | undefined): Promise<boolean> {
		const deadline = Deadline.from(wait);
		while (!(await predicate())) {
			const timeout = deadline.remaining();
			if (timeout === 0) return false;
			await this.wait({ timeout, signal: deadline.signal });
		}
		return true;
	}

	#begin(wait: Wait | undefined): { deadline: Deadline; entry: number; state: number; resume: () => Promise<void>; resumeSync: () => void } {
		this.#assertMine('wait');
		const deadline = Deadline.from(wait);
		const { entry, state } = this.#enqueue();
		return { deadline, entry, state, ...this.lock.suspend() };
	}

	/** With the lock held. */
	#enqueue(): { entry: number; state: number } {
		const entry = this.#findFree();
		const state = (Atomics.add(this.int32, ticketWord, ticketStep) & ~stateMask) | waiting;
		Atomics.store(this.int32, entry, self().token);
		Atomics.store(this.int32, entry + 1, state);
		return { entry, state };
	}

	#findFree(): number {
		for (const takesDead of [false, true]) {
			for (let i = 0; i < maxEntries; i++) {
				const entry = entriesWord + 2 * i;
				const state = Atomics.load(this.int32, entry + 1);
				const isDead = takesDead && (state & stateMask) === waiting && !isAlive(Atomics.load(this.int32, entry));
				if ((state & stateMask) !== free && !isDead) continue;
				if (i >= Atomics.load(this.int32, inUseWord)) Atomics.store(this.int32, inUseWord, i + 1);
				return entry;
			}
		}
		throw new NprocsError(`Cannot wait for the Condition: ${maxEntries} tasks wait for it already.`, {
			code: 'ERR_NPROCS_TOO_MANY_PARTICIPANTS',
		});
	}

	#isNotified(entry: number): true | undefined {
		return (Atomics.load(this.int32, entry + 1) & stateMask) === notified ? true : undefined;
	}

	/** Takes the entry back unless it was notified; then returns true. */
	#leave(entry: number, state: number): boolean {
		return Atomics.compareExchange(this.int32, entry + 1, state, state & ~stateMask) !== state;
	}

	/** After a return: a notification that was used. */
	#free(entry: number, state: number): void {
		Atomics.compareExchange(this.int32, entry + 1, (state & ~stateMask) | notified, state & ~stateMask);
	}

	// ---- Notifying ----

	#notify(count: number): void {
		let left = count;
		for (const { entry, state } of this.#entries(waiting)) {
			if (left === 0) return;
			if (Atomics.compareExchange(this.int32, entry + 1, state, (state & ~stateMask) | notified) !== state) continue;
			const token = Atomics.load(this.int32, entry);
			if (this.#waiters.wakeSlot(token & (slotCount - 1)) || isAlive(token)) left--;
			else Atomics.compareExchange(this.int32, entry + 1, (state & ~stateMask) | notified, state & ~stateMask);
		}
	}

	/** Entries in a state, in the order of their tickets. */
	#entries(wanted: number): { entry: number; state: number }[] {
		const found: { entry: number; state: number }[] = [];
		const inUse = Atomics.load(this.int32, inUseWord);
		for (let i = 0; i < inUse; i++) {
			const entry = entriesWord + 2 * i;
			const state = Atomics.load(this.int32, entry + 1);
			if ((state & stateMask) === wanted) found.push({ entry, state });
		}
		return found.sort((a, b) => (a.state - b.state) | 0);
	}

	#passOnFromDead(): void {
		for (const { entry, state } of this.#entries(notified)) {
			if (isAlive(Atomics.load(this.int32, entry))) continue;
			this.#notify(1);
			Atomics.compareExchange(this.int32, entry + 1, state, state & ~stateMask);
		}
	}

	#assertMine(purpose: string): void {
		this.assertOpen();
		if (!this.lock.isMine()) throw releaseError(`Cannot ${purpose}: the lock of the Condition is not held by the caller. Acquire it first.`);
	}
}

registerKind('Condition', (data: ConditionData) => new Condition(openHandle(data.lock) as Lock | RLock, existingOptions(data)));
inspectors.set('Condition', { waiters: waitersWord, holders: () => [], state: () => 'waited for' });
