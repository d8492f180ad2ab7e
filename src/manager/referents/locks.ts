/**
 * Locks, semaphores and conditions in the server. A client's session owns what it has acquired: when the client dies or
 * closes its connection, that is given back.
 *
 * Ownership is handed over: who releases makes the first that waits the owner and answers its call, in one step.
 */
import { inspect } from 'node:util';
import { ArgumentError, NprocsError } from '../../base/errors.ts';
import { pending, type Call } from '../call.ts';
import type { Session } from '../session.ts';
import { Waiters } from '../waiters.ts';
import { Referent } from './referent.ts';

abstract class ManagedLock extends Referent {
	protected holder: Session | undefined;
	protected depth = 0;
	readonly #waiters = new Waiters<number>();
	#forget: (() => void) | undefined;
	#isAbandoned = false;

	protected abstract mayReenter(session: Session): boolean;
	/** Throws unless it may release. */
	abstract checkRelease(session: Session): void;

	get content(): unknown {
		return { [inspect.custom]: () => (this.holder === undefined ? 'free' : `held by ${this.holder.name}`) };
	}

	acquire(call: Call, timeoutMs?: number): boolean | typeof pending {
		if (this.holder === undefined || this.mayReenter(call.session)) {
			this.#own(call.session, this.depth + 1);
			call.undo = this.#takeBack;
			return true;
		}
		if (timeoutMs !== undefined && timeoutMs <= 0) return false;
		return this.#waiters.add(call, 1, { timeoutMs, onTimeout: () => call.answer(false) });
	}

	release({ session }: Pick<Call, 'session'>): void {
		this.checkRelease(session);
		if (--this.depth === 0) this.#passOn();
	}

	locked(): boolean {
		return this.holder !== undefined;
	}

	/** Its client. */
	owner(): { pid: number; name: string } | null {
		return this.holder === undefined ? null : { pid: this.holder.pid, name: this.holder.name };
	}

	/** Whether it is held by one who got it because the holder before died. */
	abandoned(): boolean {
		return this.#isAbandoned && this.holder !== undefined;
	}

	isHeldBy(session: Session): boolean {
		return this.holder === session;
	}

	/** All levels, which it returns; for a Condition. */
	releaseAll(): number {
		const { depth } = this;
		this.depth = 0;
		this.#passOn();
		return depth;
	}

	/** For one that had so many levels before: calls back when it has them again. */
	reacquire(call: Call, depth: number, then: () => void): void {
		if (this.holder === undefined) {
			this.#own(call.session, depth);
			return then();
		}
		this.#resumed.set(call, then);
		this.#waiters.add(call, depth, {
			timeoutMs: undefined,
			onTimeout: () => {},
			// A caller who has given up holds the lock in any case when it is told so.
			onEnd: (reason) => {
				if (reason === 'dead') return void this.#resumed.delete(call);
				this.#resumed.set(call, () => call.cancel());
				this.#waiters.add(call, depth, { timeoutMs: undefined, onTimeout: () => {}, onEnd: () => void this.#resumed.delete(call) });
				return true;
			},
		});
	}

	/** Its caller never learned that he has it. */
	readonly #takeBack = (call: Call): void => {
		if (this.holder === call.session) this.release(call);
	};

	/** What follows for those who take the lock again. */
	readonly #resumed = new Map<Call, () => void>();

	#own(session: Session, depth: number): void {
		this.depth = depth;
		if (this.holder === session) return;
		this.holder = session;
		this.#forget = session.onEnd(() => this.#abandon());
	}

	/** Its owner has died, or closed its connection, and holds it. */
	#abandon(): void {
		this.depth = 0;
		this.#passOn();
		this.#isAbandoned = true;
	}

	#passOn(): void {
		this.#isAbandoned = false;
		this.#forget?.();
		this.#forget = this.holder = undefined;
		const { first } = this.#waiters;
		if (first === undefined) return;
		const { call, what: depth } = first;
		this.#waiters.remove(call);
		this.#own(call.session, depth);
		const then = this.#resumed.get(call);
		if (then === undefined) {
			call.undo = this.#takeBack;
			return call.answer(true);
		}
		this.#resumed.delete(call);
		then();
	}
}

/** As Python's: whoever has it may release it. */
export class LockReferent extends ManagedLock {
	readonly kind = 'LockProxy';

	protected override mayReenter(): boolean {
		return false;
	}

	override checkRelease(): void {
		if (this.holder === undefined) throw notHeld('Cannot release the Lock: nobody holds it.');
	}
}

export class RLockReferent extends ManagedLock {
	readonly kind = 'RLockProxy';

	protected override mayReenter(session: Session): boolean {
		return this.holder === session;
	}

	override checkRelease(session: Session): void {
		if (this.holder === undefined) throw notHeld('Cannot release the RLock: nobody holds it.');
		if (this.holder !== session) throw notHeld(`Cannot release the RLock: ${this.holder.name} holds it, and only the owner may release it.`);
	}
}

function notHeld(message: string): NprocsError {
	return new NprocsError(message, { code: 'ERR_NPROCS_NOT_HELD' });
}

export class SemaphoreReferent extends Referent {
	readonly kind = 'SemaphoreProxy';
	readonly #most: number;
	#value: number;
	readonly #waiters = new Waiters();
	/** How many permits each client has, and what forgets that at its end. */
	readonly #held = new Map<Session, { count: number; forget: () => void }>();

	/** @param most - of a BoundedSemaphore: its initial value */
	constructor(value: number = 1, most: number = Infinity) {
		super();
		if (!(Number.isInteger(value) && value >= 0))
			throw new ArgumentError(`Expected the value of a Semaphore to be an integer from 0, got ${String(value)}.`);
		this.#value = value;
		this.#most = most;
	}

	get content(): unknown {
		return { value: this.#value };
	}

	acquire(call: Call, timeoutMs?: number): boolean | typeof pending {
		if (this.#value > 0) {
			this.#value--;
			this.#note(call.session);
			call.undo = this.#takeBack;
			return true;
		}
		if (timeoutMs !== undefined && timeoutMs <= 0) return false;
		return this.#waiters.add(call, undefined, { timeoutMs, onTimeout: () => call.answer(false) });
	}

	release({ session }: Pick<Call, 'session'>): void {
		if (this.#value >= this.#most) {
			throw new NprocsError('Cannot release the BoundedSemaphore: it has been released more often than acquired.', {
				code: 'ERR_NPROCS_OVER_RELEASE',
			});
		}
		this.#drop(this.#held.has(session) ? session : this.#held.keys().next().value);
		this.#add();
	}

	getValue(): number {
		return this.#value;
	}

	#add(): void {
		this.#value++;
		const next = this.#waiters.shift();
		if (next === undefined) return;
		this.#value--;
		this.#note(next.session);
		next.undo = this.#takeBack;
		next.answer(true);
	}

	/** Its caller never learned that he has it. */
	readonly #takeBack = (call: Call): void => this.release(call);

	#note(session: Session): void {
		const held = this.#held.get(session);
		if (held !== undefined) held.count++;
		else this.#held.set(session, { count: 1, forget: session.onEnd(() => this.#giveBack(session)) });
	}

	/** One released by who has not acquired it is another's. */
	#drop(session: Session | undefined): void {
		const held = session && this.#held.get(session);
		if (session === undefined || held === undefined || --held.count > 0) return;
		held.forget();
		this.#held.delete(session);
	}

	#giveBack(session: Session): void {
		const count = this.#held.get(session)?.count ?? 0;
		this.#held.delete(session);
		for (let i = 0; i < count; i++) this.#add();
	}
}

export class ConditionReferent extends Referent {
	readonly kind = 'ConditionProxy';
	readonly #lock: ManagedLock;
	readonly #waiters = new Waiters<number>();

	constructor(lock: unknown = new RLockReferent()) {
		super();
		if (!(lock instanceof ManagedLock)) throw new ArgumentError('Expected the lock of a Condition to be a Lock or an RLock of the same manager.');
		this.#lock = lock;
	}

	get content(): unknown {
		return { waiting: this.#waiters.size };
	}

	acquire(call: Call, timeoutMs?: number): boolean | typeof pending {
		return this.#lock.acquire(call, timeoutMs);
	}

	release(call: Call): void {
		this.#lock.release(call);
	}

	locked(): boolean {
		return this.#lock.locked();
	}

	owner(): ReturnType<ManagedLock['owner']> {
		return this.#lock.owner();
	}

	abandoned(): boolean {
		return this.#lock.abandoned();
	}

	/** The lock is held again in any case when the call returns, also when its caller has given up. */
	wait(call: Call, timeoutMs?: number): typeof pending {
		this.#checkHeld(call.session, 'wait for');
		const lock = this.#lock;
		const depth = lock.releaseAll();
		const after = (then: () => void): void => lock.reacquire(call, depth, then);
		if (timeoutMs !== undefined && timeoutMs <= 0) {
			after(() => call.answer(false));
			return pending;
		}
		return this.#waiters.add(call, depth, {
			timeoutMs,
			onTimeout: () => after(() => call.answer(false)),
			onEnd: (reason) => {
				if (reason === 'dead') return;
				after(() => call.cancel());
				return true;
			},
		});
	}

	notify({ session }: Call, count: number = 1): void {
		this.#checkHeld(session, 'notify');
		for (let i = 0; i < count; i++) {
			const { first } = this.#waiters;
			if (first === undefined) return;
			this.#waiters.remove(first.call);
			this.#lock.reacquire(first.call, first.what, () => first.call.answer(true));
		}
	}

	notifyAll(call: Call): void {
		this.notify(call, Infinity);
	}

	#checkHeld(session: Session, what: string): void {
		if (!this.#lock.isHeldBy(session)) throw notHeld(`Cannot ${what} the Condition: this client does not hold its lock.`);
	}
}

export class EventReferent extends Referent {
	readonly kind = 'EventProxy';
	readonly #waiters = new Waiters();
	#isSet = false;

	get content(): unknown {
		return { [inspect.custom]: () => (this.#isSet ? 'set' : 'unset') };
	}

	set(): void {
		this.#isSet = true;
		for (const call of this.#waiters.splice()) call.answer(true);
	}

	clear(): void {
		this.#isSet = false;
	}

	isSet(): boolean {
		return this.#isSet;
	}

	wait(call: Call, timeoutMs?: number): boolean | typeof pending {
		if (this.#isSet) return true;
		if (timeoutMs !== undefined && timeoutMs <= 0) return false;
		return this.#waiters.add(call, undefined, { timeoutMs, onTimeout: () => call.answer(false) });
	}
}
