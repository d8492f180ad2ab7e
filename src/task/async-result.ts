/**
 * What a call gives that is carried out elsewhere: a promise that can also be asked, waited for with a limit, waited
 * for by a blocked thread, and cancelled. As Python's `multiprocessing.pool.AsyncResult`.
 *
 * Who carries the call out is its `ResultSource` and settles it by `fulfil` and `fail`, which users do not have. A
 * thread that is blocked in `getSync` or `waitSync` runs no event loop, so there the source itself must take in what
 * comes (`pumpSync`).
 *
 * Its `then` gives plain promises. Failures that were asked for by `get`, `wait` or `ready`, or that somebody wanted
 * (`cancel`), count as handled; others that nobody handles are unhandled rejections as everywhere in Node.
 */
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError, TimeoutError } from '../base/errors.ts';
import { until } from '../wait/until.ts';

/** Who carries out what results stand for. One object may serve many results. */
export interface ResultSource {
	/** Blocks this thread, taking in what comes, until `isSettled()`, or until the deadline has passed: then false. */
	pumpSync(isSettled: () => boolean, deadline: Deadline): boolean;
	/** Stops the work of a pending result, which has been settled already. */
	cancel(result: AsyncResult<unknown>, reason: unknown): void;
	/** Of the process that works on it at this moment, or has done it. */
	pidOf?(result: AsyncResult<unknown>): number | undefined;
}

type State = 'pending' | 'fulfilled' | 'rejected';

/** Settles a result; false when it has been settled before, so that nothing changed. */
export let fulfil: <R>(result: AsyncResult<R>, value: R) => boolean;
/** As `fulfil`, with an error. `wanted` says that the failure was asked for, so that it counts as handled. */
export let fail: (result: AsyncResult<unknown>, error: unknown, options?: { wanted?: boolean }) => boolean;

export class AsyncResult<R> extends Promise<R> {
	readonly #source: ResultSource;
	readonly #resolve: (value: unknown) => void;
	readonly #reject: (error: unknown) => void;
	#state: State = 'pending';
	#outcome: unknown;
	#isHandled = false;
	#listeners: Set<() => void> | undefined;

	static override get [Symbol.species](): PromiseConstructor {
		return Promise;
	}

	/** Made by the library only. */
	constructor(source: ResultSource) {
		let resolve!: (value: R) => void;
		let reject!: (error: unknown) => void;
		super((onValue, onError) => {
			resolve = onValue;
			reject = onError;
		});
		this.#source = source;
		this.#resolve = resolve as (value: unknown) => void;
		this.#reject = reject;
	}

	static {
		fulfil = (result, value) => result.#settle('fulfilled', value);
		fail = (result, error, { wanted = false } = {}) => {
			if (result.#state !== 'pending') return false;
			if (wanted) result.#handle();
			return result.#settle('rejected', error);
		};
	}

	/** The result, or a TimeoutError (`ERR_NPROCS_TIMEOUT`) when it is not there in time; the call itself goes on. */
	async get(wait?: Wait): Promise<R> {
		if (!(await this.wait(wait))) throw notInTime();
		return this.#take();
	}

	/** As `get`, but blocks the thread. */
	getSync(wait?: Wait): R {
		if (!this.waitSync(wait)) throw notInTime();
		return this.#take();
	}

	/**
	 * Resolves with true when there is a result or an error, with false when there is none in time. Rejects only when
	 * its signal is aborted.
	 */
	async wait(wait?: Wait): Promise<boolean> {
		this.#handle();
		const deadline = Deadline.from(wait);
		if (this.#state !== 'pending' || deadline.isImmediate) return this.#state !== 'pending';
		return until(deadline, (onEvent) => {
			const listeners = (this.#listeners ??= new Set());
			listeners.add(onEvent);
			return () => listeners.delete(onEvent);
		});
	}

	/** As `wait`, but blocks the thread. */
	waitSync(wait?: Wait): boolean {
		this.#handle();
		const deadline = Deadline.from(wait);
		if (this.#state !== 'pending') return true;
		return this.#source.pumpSync(() => this.#state !== 'pending', deadline);
	}

	/** Whether there is a result or an error. */
	ready(): boolean {
		this.#handle();
		return this.#state !== 'pending';
	}

	/** Whether the call ended without an error. An ArgumentError while it has not ended. */
	successful(): boolean {
		this.#handle();
		if (this.#state === 'pending')
			throw new ArgumentError('Whether the call was successful cannot be said yet: it has not ended. Look at `ready()` first.');
		return this.#state === 'fulfilled';
	}

	/**
	 * Rejects with `reason` at once (an AbortError, if none is given). What had not begun never runs; a running task is
	 * told by its `currentTask().signal`. False, and without effect, when there is a result or an error already.
	 */
	cancel(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): boolean {
		if (!fail(this, reason, { wanted: true })) return false;
		this.#source.cancel(this, reason);
		return true;
	}

	/** Of the process that works on it or has done it, where that is one and known. */
	get pid(): number | undefined {
		return this.#source.pidOf?.(this);
	}

	#settle(state: State, outcome: unknown): boolean {
		if (this.#state !== 'pending') return false;
		this.#state = state;
		this.#outcome = outcome;
		if (state === 'fulfilled') this.#resolve(outcome);
		else this.#reject(outcome);
		if (this.#listeners !== undefined) for (const listener of [...this.#listeners]) listener();
		return true;
	}

	#take(): R {
		if (this.#state === 'rejected') throw this.#outcome;
		return this.#outcome as R;
	}

	/** Its failure will not be reported by Node as one that nobody has seen. */
	#handle(): void {
		if (this.#isHandled) return;
		this.#isHandled = true;
		this.then(undefined, () => {});
	}
}

function notInTime(): TimeoutError {
	return new TimeoutError('There is no result yet: the time to wait for it has passed. The call goes on; wait again, or cancel() it.');
}
