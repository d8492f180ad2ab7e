/**
 * What Lock and RLock share: one word with an owner. The layout is in lock-layout.ts.
 *
 * **The owner word** is 0 when free, else the owner's token; bit 30 says "abandoned": the holder before died holding
 * it. All changes are one compare-and-swap or exchange, so a process can die before or after, never within:
 *   take     0 → token, or abandoned → token + abandoned; then the next owner sees `abandoned`
 *   release  anything → 0; then `wakeOne`. Who dies between the two leaves a free lock whose waiters look at their
 *            next slice
 *   repair   a dead owner's word → abandoned (a waiter, at each slice; also a try that does not want to wait, and
 *            `locked()`)
 * Taking reads what the former owner wrote before its release: both are sequentially consistent operations on the same
 * word.
 */
import { aBoolean } from '../base/arguments.ts';
import { nowMs } from '../base/clock.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { NprocsError } from '../base/errors.ts';
import { participantOf, isAlive, self } from '../memory/registry.ts';
import { Acquirable } from './acquirable.ts';
import { DeadlockWatch, forgetLock, knowLock, type WatchedLock } from './deadlock.ts';
import { abandonedFlag, lockWords, ownerWord, tokenMask, waitersWord } from './lock-layout.ts';
import type { SharedOptions } from './shared-object.ts';
import { bind, currentChain, chainToHold, type AwaitChain } from './await-chain.ts';
import { WaiterSet } from '../wait/waiter-set.ts';
import { isWaitedForHere, waitFor, waitForSync } from '../wait/waiter.ts';

export interface LockOptions extends SharedOptions {
	/**
	 * Whether a wait for this lock is part of the search for deadlocks, and may reject with a DeadlockError.
	 * @default true
	 */
	detectDeadlocks?: boolean | undefined;
}

/** Who holds a lock. */
export interface Owner {
	readonly pid: number;
	/** The operating system's number of the thread. */
	readonly threadId: number;
	/** The process's name. */
	readonly name: string;
}

/** A failed try looks whether the owner is dead, at most so often: the look costs some microseconds. */
const tryRepairMs = 20;

export abstract class ExclusiveLock extends Acquirable {
	protected readonly waiters: WaiterSet;
	protected readonly watched: WatchedLock;
	readonly #detects: boolean;
	#lastTryRepair = 0;

	constructor(kind: string, options: LockOptions | undefined) {
		super({ kind, words: lockWords, options: { detectDeadlocks: aBoolean } }, options);
		this.#detects = options?.detectDeadlocks !== false;
		this.waiters = new WaiterSet(this.segment, waitersWord);
		this.watched = { name: this.name, segment: this.segment, int32: this.int32, key: this.waiters.key };
		knowLock(this.watched);
	}

	/** Whether the chain has the lock already and may have it once more. Then it need not queue. */
	protected abstract reenter(chain: AwaitChain | undefined): boolean;
	/** What one try does. `chain` is undefined for code that runs in none. */
	protected abstract attempt(chain: AwaitChain | undefined): true | undefined;
	/** Gives one level back. Throws when that is not allowed. */
	abstract override release(): void;

	/** Whether the caller holds it. A Lock does not tell the chains of a thread apart. */
	abstract isMine(): boolean;
	/**
	 * For Condition: gives all levels back at once. Returns how to take the lock again, for the same chain and as
	 * deeply.
	 */
	abstract suspend(): { resume: () => Promise<void>; resumeSync: () => void };

	/** Waits for the lock. Resolves to false when the time is up. */
	acquire(wait?: Wait): Promise<boolean> {
		const chain = chainToHold();
		return bind(this.start(chain, wait), chain);
	}

	/** As `acquire`, blocking this thread. */
	acquireSync(wait?: Wait): boolean {
		this.assertOpen();
		return this.startSync(currentChain(), Deadline.from(wait));
	}

	protected startSync(chain: AwaitChain | undefined, deadline: Deadline): boolean {
		if (this.reenter(chain) || this.attempt(chain) === true) return true;
		if (deadline.isImmediate) return this.#tryOnce(chain);
		const care = this.#care('thread');
		try {
			return waitForSync(this.waiters, () => this.attempt(chain), deadline, care) === true;
		} finally {
			care.end();
		}
	}

	/** As every such object's; who awaits it goes on in the chain of awaits that holds the lock. */
	override hold(wait?: Wait): Promise<Disposable> {
		const chain = chainToHold();
		return bind(
			this.start(chain, wait).then((isAcquired) => {
				if (!isAcquired) throw this.late();
				return this.untilDisposed();
			}),
			chain,
		);
	}

	/** Whether anybody holds it. */
	locked(): boolean {
		this.assertOpen();
		this.repair();
		return (Atomics.load(this.int32, ownerWord) & tokenMask) !== 0;
	}

	/** Who holds it; null when nobody does. */
	get owner(): Owner | null {
		this.assertOpen();
		const info = participantOf(Atomics.load(this.int32, ownerWord) & tokenMask);
		return info === undefined ? null : { pid: info.pid, threadId: info.threadId, name: info.name };
	}

	/**
	 * True while it is held by one who got it because the holder before died: what the lock protects may be half
	 * changed.
	 */
	get abandoned(): boolean {
		this.assertOpen();
		return (Atomics.load(this.int32, ownerWord) & abandonedFlag) !== 0;
	}

	override close(): void {
		if (!this.closed) forgetLock(this.watched);
		super.close();
	}

	protected sets(): readonly WaiterSet[] {
		return [this.waiters];
	}

	/** Takes the free lock for this thread. */
	protected take(token: number): boolean {
		const seen = Atomics.load(this.int32, ownerWord);
		return (seen & tokenMask) === 0 && Atomics.compareExchange(this.int32, ownerWord, seen, seen | token) === seen;
	}

	/** Takes the lock from a dead owner. */
	protected repair(): boolean {
		const seen = Atomics.load(this.int32, ownerWord);
		const owner = seen & tokenMask;
		if (owner === 0 || owner === self().token || isAlive(owner)) return false;
		return Atomics.compareExchange(this.int32, ownerWord, seen, abandonedFlag) === seen;
	}

	/** `None`, the own process's name, or that it is another's. */
	protected describeOwner(): string {
		const owner = participantOf(Atomics.load(this.int32, ownerWord) & tokenMask);
		if (owner === undefined) return 'None';
		const me = participantOf(self().token)!;
		if (owner.token === me.token) return me.name === '' ? 'MainProcess' : me.name;
		return owner.pid === me.pid ? 'SomeOtherThread' : 'SomeOtherProcess';
	}

	protected start(chain: AwaitChain | undefined, wait: Wait | undefined): Promise<boolean> {
		try {
			this.assertOpen();
			const deadline = wait === undefined ? Deadline.never : Deadline.from(wait);
			if (this.reenter(chain)) return Promise.resolve(true);
			if ((deadline.isImmediate || !isWaitedForHere(this.waiters)) && this.attempt(chain) === true) return Promise.resolve(true);
			return deadline.isImmediate ? Promise.resolve(this.#tryOnce(chain)) : this.#wait(chain, deadline);
		} catch (error) {
			return Promise.reject(error as Error);
		}
	}

	async #wait(chain: AwaitChain | undefined, deadline: Deadline): Promise<boolean> {
		const care = this.#care(chain ?? 'none');
		try {
			return (await waitFor(this.waiters, () => this.attempt(chain), deadline, care)) === true;
		} finally {
			care.end();
		}
	}

	/** What a wait does at its slices, and at its end. Most waits have no slice. */
	#care(waiter: AwaitChain | 'thread' | 'none'): { onSlice: () => void; end: () => void } {
		let watch: DeadlockWatch | undefined;
		return {
			onSlice: () => {
				if (this.repair() || !this.#detects) return;
				watch ??= new DeadlockWatch(this.watched, waiter);
				watch.look();
			},
			end: () => watch?.end(),
		};
	}

	#tryOnce(chain: AwaitChain | undefined): boolean {
		const now = nowMs();
		if (now - this.#lastTryRepair < tryRepairMs) return false;
		this.#lastTryRepair = now;
		return this.repair() && this.attempt(chain) === true;
	}
}

/** An error of who releases what is not his to release. */
export function releaseError(message: string): NprocsError {
	return new NprocsError(message, { code: 'ERR_NPROCS_NOT_HELD' });
}
