/**
 * Waiting for a state that a lock protects.
 *
 * Words of the payload: 0 next ticket, 8- the table of those who wait (token-table.ts; an entry for each wait: token;
 * ticket and state), then the waiters.
 *
 * An entry that is claimed is idle, waiting or notified (the lower two bits; above them the ticket, which orders them).
 * All changes are one compare-and-swap of the whole word, which its ticket makes unique:
 *   begin      idle → waiting, with the lock held
 *   notify     waiting → notified, the lowest ticket first, then wake its thread. If that is dead: → idle, and the next
 *              one is notified instead
 *   time's up  waiting → idle; if that fails, it was notified after all
 *   abort      waiting → idle; if that fails, the notification is passed on; so when the Condition is closed here
 *   return     notified → idle, with the lock held again
 * Whoever makes its own entry idle frees it. Idle entries of the dead are swept, waiting ones are made idle before. A
 * waiter killed after it was notified and before it had the lock again leaves "notified" with a dead token: any other
 * waiter that sees it at its slice notifies another one, then makes the entry idle. (If two do so, one is notified
 * without need; that is allowed, a loss is not.)
 */
import { aFunction, checkArgument, integerFrom, type Kind } from '../base/arguments.ts';
import { blocking, either, inLoop, type BothForms } from '../base/both-forms.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { openHandle, registerKind, toHandle, type Handle } from '../codec/handle.ts';
import { isAlive, self } from '../memory/registry.ts';
import { extensionAlign, extensionOf, TokenTable } from '../memory/token-table.ts';
import { slotCount, tableWords, waiterSetWords } from '../memory/word-counts.ts';
import { ExclusiveLock, releaseError } from './exclusive-lock.ts';
import { inspectors } from './inspectors.ts';
import type { Lock } from './lock.ts';
import { RLock } from './rlock.ts';
import { existing, existingOptions, SharedObject, type Existing, type HandleData, type SharedOptions } from './shared-object.ts';
import { bind, currentChain } from './await-chain.ts';
import { WaiterSet } from '../wait/waiter-set.ts';
import { waitFor, waitForSync } from '../wait/waiter.ts';

const ticketWord = 0;
const tableWord = 8;
const firstEntries = 256;
const waitersWord = tableWord + tableWords(2, firstEntries);
const words = waitersWord + waiterSetWords;
/** The word of an entry, behind the token, that says how far its wait is. */
const stateField = 1;

const idle = 0;
const waiting = 1;
const notified = 2;
const stateMask = 3;
const ticketStep = 4;

export type ConditionOptions = SharedOptions;

/** One wait: its entry, and the word that says that it waits. */
interface Waiting {
	readonly index: number;
	readonly state: number;
	readonly token: number;
}

interface ConditionData extends HandleData {
	readonly lock: Handle;
}

const aCount = integerFrom(0);
const aLock: Kind = { what: 'a Lock or an RLock', has: (value) => value instanceof ExclusiveLock };

/** As Python's `multiprocessing.Condition`. The lock is an RLock of its own unless one is given. */
export class Condition extends SharedObject {
	/** The lock that must be held to wait and to notify. */
	readonly lock: Lock | RLock;
	readonly #ownsLock: boolean;
	readonly #waiters: WaiterSet;
	readonly #table: TokenTable;
	/** Waits of this object in the event loop. */
	readonly #pending = new Set<Waiting>();
	/**
	 * The wait that blocks this thread. When another call comes, it was ended inside (by a time limit of node:vm),
	 * without its `finally`.
	 */
	#blocking: Waiting | undefined;

	constructor(lock?: Lock | RLock, options?: ConditionOptions) {
		if (lock !== undefined) checkArgument('the lock of a Condition', lock, aLock);
		super({ kind: 'Condition', words }, options);
		this.#waiters = new WaiterSet(this.segment, waitersWord);
		const extension = extensionOf(this.segment, extensionAlign, extensionAlign);
		const table = { what: 'waits for a Condition', int32: this.int32, offset: tableWord, entryWords: 2, firstCount: firstEntries };
		this.#table = new TokenTable({ ...table, extension });
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
	 * Gives the lock up (all levels of it), waits to be notified, takes the lock again. Resolves to false when the time
	 * was up before that; the lock is held again in any case, also when the wait was aborted.
	 */
	wait(wait?: Wait): Promise<boolean> {
		return inCurrentChain(() => inLoop(this.#waiting(wait)));
	}

	waitSync(wait?: Wait): boolean {
		return blocking(this.#waiting(wait));
	}

	/** Waits until the predicate, asked with the lock held, is true. Resolves to what it gave last, as a boolean. */
	waitFor(predicate: () => unknown, wait?: Wait): Promise<boolean> {
		return inCurrentChain(() => inLoop(this.#waitingUntil(predicate, wait)));
	}

	waitForSync(predicate: () => unknown, wait?: Wait): boolean {
		return blocking(this.#waitingUntil(predicate, wait));
	}

	/**
	 * Lets `n` of those who wait go on, those first who have waited longest. Nothing is remembered for later ones. The
	 * lock must be held.
	 */
	notify(n = 1): void {
		this.#assertMine('notify');
		checkArgument('the number to notify', n, aCount);
		this.#notify(n);
	}

	notifyAll(): void {
		this.#assertMine('notify');
		this.#notify(Infinity);
	}

	override close(): void {
		if (!this.closed) for (const own of this.#pending) this.#giveUp(own);
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

	*#waiting(wait: Wait | undefined): BothForms<boolean> {
		this.#assertMine('wait');
		const deadline = Deadline.from(wait);
		const own = this.#enqueue();
		const { resume, resumeSync } = this.lock.suspend();
		const options = { onSlice: (): void => this.#passOnFromDead(), independent: true };
		let wasNotified = false;
		try {
			yield* either(
				() => {
					this.#pending.add(own);
					return waitFor(this.#waiters, () => this.#isNotified(own), deadline, options);
				},
				() => {
					this.#blocking = own;
					return waitForSync(this.#waiters, () => this.#isNotified(own), deadline, options);
				},
			);
			wasNotified = !this.closed && this.#leave(own);
		} catch (error) {
			if (!this.closed) this.#giveUp(own);
			throw error;
		} finally {
			this.#pending.delete(own);
			yield* either(resume, resumeSync);
			if (wasNotified) this.#return(own);
			if (this.#blocking === own) this.#blocking = undefined;
		}
		return wasNotified;
	}

	*#waitingUntil(predicate: () => unknown, wait: Wait | undefined): BothForms<boolean> {
		checkArgument('the predicate', predicate, aFunction);
		const deadline = Deadline.from(wait);
		while (!(yield* either(predicate, predicate))) {
			const rest = { timeout: deadline.remaining(), signal: deadline.signal };
			if (rest.timeout === 0) return false;
			yield* either(
				() => this.wait(rest),
				() => this.waitSync(rest),
			);
		}
		return true;
	}

	/** With the lock held. */
	#enqueue(): Waiting {
		const { token } = self();
		const index = this.#table.claim(token, this.#mayFree);
		const state = (Atomics.add(this.int32, ticketWord, ticketStep) & ~stateMask) | waiting;
		this.#table.write(index, stateField, state);
		return { index, state, token };
	}

	readonly #mayFree = (owner: number, index: number): boolean => {
		const state = this.#table.read(index, stateField);
		if ((state & stateMask) === notified || isAlive(owner)) return false;
		return (state & stateMask) === idle || this.#table.exchange(index, stateField, state, state & ~stateMask);
	};

	#isNotified({ index }: Waiting): true | undefined {
		return (this.#table.read(index, stateField) & stateMask) === notified ? true : undefined;
	}

	/** Takes the entry back unless it was notified; then returns true. */
	#leave({ index, state, token }: Waiting): boolean {
		if (!this.#table.exchange(index, stateField, state, state & ~stateMask)) return true;
		this.#table.free(index, token);
		return false;
	}

	/** A notification was used. */
	#return({ index, state, token }: Waiting): void {
		if (this.closed) return;
		if (this.#table.exchange(index, stateField, (state & ~stateMask) | notified, state & ~stateMask)) this.#table.free(index, token);
	}

	/** For a wait that ends without a return: a notification that it got is for another one. */
	#giveUp(own: Waiting): void {
		if (!this.#leave(own)) return;
		this.#notify(1);
		this.#return(own);
	}

	// ---- Notifying ----

	#notify(count: number): void {
		let left = count;
		for (const { index, state } of this.#entries(waiting)) {
			if (left === 0) return;
			const now = (state & ~stateMask) | notified;
			if (!this.#table.exchange(index, stateField, state, now)) continue;
			// An entry that is nobody's belongs to a wait that has returned already.
			const token = this.#table.load(index);
			if (token === 0 || this.#waiters.wakeSlot(token & (slotCount - 1)) || isAlive(token)) left--;
			else this.#table.exchange(index, stateField, now, state & ~stateMask);
		}
	}

	/**
	 * Entries in a state, in the order of their tickets. A token that is not the state's any more belongs to another
	 * state: a change of this one fails.
	 */
	#entries(wanted: number): Waiting[] {
		const found: Waiting[] = [];
		const { inUse } = this.#table;
		for (let index = 0; index < inUse; index++) {
			const state = this.#table.read(index, stateField);
			if ((state & stateMask) === wanted) found.push({ index, state, token: this.#table.load(index) });
		}
		return found.sort((a, b) => (a.state - b.state) | 0);
	}

	#passOnFromDead(): void {
		for (const { index, state, token } of this.#entries(notified)) {
			if (isAlive(token)) continue;
			this.#notify(1);
			this.#table.exchange(index, stateField, state, state & ~stateMask);
		}
	}

	#assertMine(purpose: string): void {
		this.assertOpen();
		const ended = this.#blocking;
		this.#blocking = undefined;
		if (ended !== undefined) this.#giveUp(ended);
		if (!this.lock.isMine()) throw releaseError(`Cannot ${purpose}: the lock of the Condition is not held by the caller. Acquire it first.`);
	}
}

/** Who awaits it goes on in the chain of awaits that runs now. */
function inCurrentChain(wait: () => Promise<boolean>): Promise<boolean> {
	const chain = currentChain();
	const result = wait();
	return chain === undefined ? result : bind(result, chain);
}

registerKind('Condition', (data: ConditionData) => new Condition(openHandle(data.lock) as Lock | RLock, existingOptions(data)));
inspectors.set('Condition', { waiters: waitersWord, holders: () => [], state: () => 'waited for' });
