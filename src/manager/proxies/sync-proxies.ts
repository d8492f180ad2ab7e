/**
 * The proxies of locks, semaphores, conditions, events and barriers. Their calls are as those of the objects of the
 * same names that lie in shared memory, only that all of them go to the server, so that each has an asynchronous form.
 * The owner of what is acquired is the client.
 */
import { blocking, either, inLoop, type BothForms } from '../../base/both-forms.ts';
import { Deadline, type Wait } from '../../base/deadline.ts';
import { TimeoutError } from '../../base/errors.ts';
import { defineProxyClass } from '../auto-proxy.ts';
import { BaseProxy, calling, callRemote } from '../proxy.ts';
import type { WithTwins } from '../twins.ts';

/**
 * Ends what `hold()` has begun. Releasing is said to the server at once; to wait until it has happened, use `await
 * using`.
 */
class Hold implements Disposable, AsyncDisposable {
	#proxy: BaseProxy | undefined;

	constructor(proxy: BaseProxy) {
		this.#proxy = proxy;
	}

	[Symbol.dispose](): void {
		// When the server is dead, nothing is held any more.
		this[Symbol.asyncDispose]().catch(() => {});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const proxy = this.#proxy;
		this.#proxy = undefined;
		if (proxy !== undefined) await callRemote(proxy, 'release', []);
	}
}

interface AcquirerMethods {
	/** Resolves to false when the time is up. */
	acquire(wait?: Wait): Promise<boolean>;
	/** @throws ERR_NPROCS_NOT_HELD, ERR_NPROCS_OVER_RELEASE */
	release(): Promise<void>;
}

const acquire = { name: 'acquire', spec: { wait: 0, undo: 'release' } };
const release = { name: 'release', spec: {} };

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the table in methods.ts defines them
interface AcquirerProxy extends WithTwins<AcquirerMethods> {}

/** What can be acquired and released. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
abstract class AcquirerProxy extends BaseProxy {
	/** `using _ = await lock.hold()`. Rejects with a TimeoutError when the time is up. */
	async hold(wait?: Wait): Promise<Disposable & AsyncDisposable> {
		await inLoop(acquiring(this, wait));
		return new Hold(this);
	}

	/** Runs the function while holding it. */
	run<T>(fn: () => T | Promise<T>, wait?: Wait): Promise<T> {
		return inLoop(running<T>(this, fn, wait));
	}

	/** As `run`, but blocks this thread; so must the function. */
	runSync<T>(fn: () => T, wait?: Wait): T {
		return blocking(running<T>(this, fn, wait));
	}
}

function* running<T>(proxy: BaseProxy, fn: () => T | Promise<T>, wait: Wait | undefined): BothForms<T> {
	yield* acquiring(proxy, wait);
	try {
		return yield* either(fn, fn as () => T);
	} finally {
		yield* calling(proxy, release, []);
	}
}

function* acquiring(proxy: BaseProxy, wait: Wait | undefined): BothForms<void> {
	if (!(yield* calling(proxy, acquire, [wait]))) throw new TimeoutError('It could not be acquired in time.');
}

/** The client that holds a lock: its process, and how the manager names it. */
export interface ManagedOwner {
	readonly pid: number;
	readonly name: string;
}

interface LockMethods {
	locked(): Promise<boolean>;
	/** Who holds it; null when nobody does. */
	owner(): Promise<ManagedOwner | null>;
	/**
	 * True while it is held by one who got it because the holder before died: what the lock protects may be half
	 * changed.
	 */
	abandoned(): Promise<boolean>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface LockProxy extends WithTwins<LockMethods> {}
/** A lock in the server. Whoever has it may release it; what a dead client held is released. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class LockProxy extends AcquirerProxy {}
defineProxyClass(LockProxy);

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface RLockProxy extends WithTwins<LockMethods> {}
/** A lock that its owner, a client, may acquire again. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class RLockProxy extends AcquirerProxy {}
defineProxyClass(RLockProxy);

interface SemaphoreMethods {
	getValue(): Promise<number>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface SemaphoreProxy extends WithTwins<SemaphoreMethods> {}
/** A semaphore in the server, bounded or not. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class SemaphoreProxy extends AcquirerProxy {}
defineProxyClass(SemaphoreProxy);

interface ConditionMethods extends LockMethods {
	/**
	 * Gives the lock up, waits to be notified, takes the lock again, in any case. Resolves to false when the time was
	 * up before that.
	 */
	wait(wait?: Wait): Promise<boolean>;
	notify(n?: number): Promise<void>;
	notifyAll(): Promise<void>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface ConditionProxy extends WithTwins<ConditionMethods> {}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class ConditionProxy extends AcquirerProxy {
	/**
	 * Waits until the predicate, asked here with the lock held, is true. Resolves to what it gave last, as a boolean.
	 */
	waitFor(predicate: () => unknown, wait?: Wait): Promise<boolean> {
		return inLoop(waitingFor(this, predicate, wait));
	}

	/** As `waitFor`, but blocks this thread. */
	waitForSync(predicate: () => unknown, wait?: Wait): boolean {
		return blocking(waitingFor(this, predicate, wait));
	}
}
defineProxyClass(ConditionProxy);

function* waitingFor(proxy: ConditionProxy, predicate: () => unknown, wait: Wait | undefined): BothForms<boolean> {
	const deadline = Deadline.from(wait);
	while (!(yield* either(predicate, predicate))) {
		if (deadline.remaining() === 0) return false;
		yield* calling(proxy, waiting, [rest(deadline)]);
	}
	return true;
}

const waiting = { name: 'wait', spec: { wait: 0 } };

function rest(deadline: Deadline): Wait {
	const timeout = deadline.remaining();
	return { ...(timeout !== Infinity && { timeout }), signal: deadline.signal };
}

interface EventMethods {
	set(): Promise<void>;
	clear(): Promise<void>;
	isSet(): Promise<boolean>;
	/** Resolves to false when the time is up. */
	wait(wait?: Wait): Promise<boolean>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface EventProxy extends WithTwins<EventMethods> {}
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class EventProxy extends BaseProxy {}
defineProxyClass(EventProxy);

interface BarrierMethods {
	/** A number from 0 to parties - 1, another one for each. @throws BrokenBarrierError */
	wait(wait?: Wait): Promise<number>;
	/** Makes it as new. Those who wait get a BrokenBarrierError. */
	reset(): Promise<void>;
	/** Breaks it: those who wait and those who will get a BrokenBarrierError, until `reset()`. */
	abort(): Promise<void>;
	parties(): Promise<number>;
	nWaiting(): Promise<number>;
	broken(): Promise<boolean>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface BarrierProxy extends WithTwins<BarrierMethods> {}
/** A barrier in the server. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class BarrierProxy extends BaseProxy {}
defineProxyClass(BarrierProxy);
