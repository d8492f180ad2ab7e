/**
 * `Pool`: functions run by a fixed number of processes, as Python's `multiprocessing.Pool`, and what the death of one
 * of them means is exact: the task that it ran fails (or runs again), every other one gives its result, the pool goes
 * on.
 *
 * Here is what users see. A call becomes a job (call-job.ts, map-job.ts, iterate-job.ts, stream-job.ts), its items
 * units (unit.ts), which the scheduler gives to workers.
 */
import { nowMs } from '../base/clock.ts';
import { inspect } from 'node:util';
import { anArray, checkArgument } from '../base/arguments.ts';
import { ClosedError, Full, ProcessError } from '../base/errors.ts';
import { stayAlive } from '../base/stay-alive.ts';
import { cpuCount } from '../process/cpu-count.ts';
import type { NamedTarget, Target } from '../process/reference/named-target.ts';
import { fail, type AsyncResult } from '../task/async-result.ts';
import { checkMapOptions, checkTaskOptions, type MapOptions, type TaskOptions } from '../task/task-options.ts';
import { allOf } from './jobs/broadcast.ts';
import { CallJob } from './jobs/call-job.ts';
import type { Input } from './jobs/feed.ts';
import { IterateJob } from './jobs/iterate-job.ts';
import { MapJob } from './jobs/map-job.ts';
import { privateBytes } from './scheduling/memory.ts';
import { checkPoolOptions, checkSize, type PoolOptions } from './pool-options.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import type { PoolStats } from './scheduling/stats.ts';
import { StreamJob, streamWindow } from './jobs/stream-job.ts';
import { Payload, unitOf } from './scheduling/unit.ts';

/** What a generator function gives, or one that returns something to iterate over. */
export type Yielding<Y> = Iterable<Y> | AsyncIterable<Y> | Promise<Iterable<Y> | AsyncIterable<Y>>;

export interface WorkerInfo {
	readonly pid: number;
	/** `starting` until its initializer is done, `ending` after it was told to end. */
	readonly state: 'starting' | 'idle' | 'running' | 'ending';
	/** Items that it has ended. */
	readonly tasks: number;
	/** Bytes that it shares with nobody. */
	readonly memory: number;
}

/** For executors: cancels the calls that have not begun. */
export let cancelWaiting: (pool: Pool) => void;

export class Pool<I extends unknown[] = unknown[]> {
	readonly #scheduler: Scheduler;
	readonly #ownerPid = process.pid;
	#state: 'running' | 'closed' | 'terminated' = 'running';

	static {
		cancelWaiting = (pool) => pool.#scheduler.cancelWaiting();
	}

	/**
	 * Nothing is started before the first call or `ready()`.
	 *
	 * @param processes - how many workers, at most; by default one for each CPU
	 */
	constructor(processes: number = cpuCount(), options: PoolOptions<I> = {}) {
		checkSize(processes, 'the number of workers of new Pool()');
		this.#scheduler = new Scheduler(processes, checkPoolOptions(options as PoolOptions));
	}

	/** Resolves when all workers have been started and their initializer is done. */
	async ready(): Promise<this> {
		this.#checkUsable();
		const { crew } = this.#scheduler;
		crew.startUpTo(crew.size);
		const release = stayAlive();
		await crew.whenReady();
		release();
		if (this.#scheduler.closedBy !== undefined) throw this.#scheduler.closedBy;
		return this;
	}

	/** Calls `fn(...args)` in a worker. */
	apply<A extends unknown[], R>(fn: (...args: A) => R, args: A, options?: TaskOptions): AsyncResult<Awaited<R>>;
	apply<R>(fn: () => R, args?: [], options?: TaskOptions): AsyncResult<Awaited<R>>;
	apply(fn: NamedTarget, args?: unknown[], options?: TaskOptions): AsyncResult<unknown>;
	apply<R>(fn: Target<never, R>, args?: unknown[], options?: TaskOptions): AsyncResult<Awaited<R>> {
		const list = argumentsOf(args, 'apply');
		const job = new CallJob<Awaited<R>>(this.#scheduler, this.#functionOf(fn), this.#checked(options, 'call'));
		return this.#submit(job, list);
	}

	#submit<R>(job: CallJob<R>, args: readonly unknown[]): AsyncResult<R> {
		const { closedBy } = this.#scheduler;
		if (closedBy !== undefined) return failed(job, closedBy);
		const payload = Payload.one(job, args);
		if (this.#scheduler.room <= 0) return failed(job, full(this.#scheduler));
		if (isAborted(job)) return job.result;
		try {
			this.#scheduler.submit(unitOf(payload));
		} catch (error) {
			job.end(error);
			throw error;
		}
		job.submitted();
		return job.result;
	}

	/**
	 * The results of `fn(item)` for all items, in their order. Rejects with the first error when nothing of it runs any
	 * more; what had not begun is dropped.
	 */
	map<T, R>(fn: (item: T) => R, items: Input<T>, options?: MapOptions): AsyncResult<Awaited<R>[]>;
	map(fn: NamedTarget, items: Input<unknown>, options?: MapOptions): AsyncResult<unknown[]>;
	map<R>(fn: Target<never, R>, items: Input<unknown>, options: MapOptions = {}): AsyncResult<Awaited<R>[]> {
		return this.#map(fn, options, { input: items, isStar: false, isSettled: false });
	}

	/** As `map`, for items that are lists of arguments: `fn(...item)`. */
	starmap<A extends unknown[], R>(fn: (...args: A) => R, items: Input<A | Readonly<A>>, options?: MapOptions): AsyncResult<Awaited<R>[]>;
	starmap(fn: NamedTarget, items: Input<readonly unknown[]>, options?: MapOptions): AsyncResult<unknown[]>;
	starmap<R>(fn: Target<never, R>, items: Input<unknown>, options: MapOptions = {}): AsyncResult<Awaited<R>[]> {
		return this.#map(fn, options, { input: items, isStar: true, isSettled: false });
	}

	/** As `map`, but every item has its outcome, as `Promise.allSettled` gives it. */
	mapSettled<T, R>(fn: (item: T) => R, items: Input<T>, options?: MapOptions): AsyncResult<PromiseSettledResult<Awaited<R>>[]>;
	mapSettled(fn: NamedTarget, items: Input<unknown>, options?: MapOptions): AsyncResult<PromiseSettledResult<unknown>[]>;
	mapSettled<R>(fn: Target<never, R>, items: Input<unknown>, options: MapOptions = {}): AsyncResult<PromiseSettledResult<Awaited<R>>[]> {
		return this.#map(fn, options, { input: items, isStar: false, isSettled: true });
	}

	#map<R>(fn: Target, options: MapOptions, what: { input: Input<unknown>; isStar: boolean; isSettled: boolean }): AsyncResult<R[]> {
		const job = new MapJob(this.#scheduler, this.#functionOf(fn), { ...this.#checked(options, 'map'), ...what });
		const { closedBy } = this.#scheduler;
		if (closedBy !== undefined) return failed(job, closedBy) as AsyncResult<R[]>;
		if (!isAborted(job)) this.#start(job);
		return job.result as AsyncResult<R[]>;
	}

	/**
	 * As `map`, but the results come by and by, in the order of the items. The first error ends it. The input is read
	 * as the results are taken.
	 */
	imap<T, R>(fn: (item: T) => R, items: Input<T>, options?: MapOptions): AsyncIterableIterator<Awaited<R>>;
	imap(fn: NamedTarget, items: Input<unknown>, options?: MapOptions): AsyncIterableIterator<unknown>;
	imap<R>(fn: Target<never, R>, items: Input<unknown>, options: MapOptions = {}): AsyncIterableIterator<Awaited<R>> {
		return this.#iterate(fn, options, { input: items, isStar: false, isOrdered: true });
	}

	/** As `imap`, but each result comes as soon as it is there. */
	imapUnordered<T, R>(fn: (item: T) => R, items: Input<T>, options?: MapOptions): AsyncIterableIterator<Awaited<R>>;
	imapUnordered(fn: NamedTarget, items: Input<unknown>, options?: MapOptions): AsyncIterableIterator<unknown>;
	imapUnordered<R>(fn: Target<never, R>, items: Input<unknown>, options: MapOptions = {}): AsyncIterableIterator<Awaited<R>> {
		return this.#iterate(fn, options, { input: items, isStar: false, isOrdered: false });
	}

	/** As `imap`, for items that are lists of arguments. */
	istarmap<A extends unknown[], R>(fn: (...args: A) => R, items: Input<A | Readonly<A>>, options?: MapOptions): AsyncIterableIterator<Awaited<R>>;
	istarmap(fn: NamedTarget, items: Input<readonly unknown[]>, options?: MapOptions): AsyncIterableIterator<unknown>;
	istarmap<R>(fn: Target<never, R>, items: Input<unknown>, options: MapOptions = {}): AsyncIterableIterator<Awaited<R>> {
		return this.#iterate(fn, options, { input: items, isStar: true, isOrdered: true });
	}

	#iterate<R>(fn: Target, options: MapOptions, what: { input: Input<unknown>; isStar: boolean; isOrdered: boolean }): AsyncIterableIterator<R> {
		const job = new IterateJob(this.#scheduler, this.#functionOf(fn), { ...this.#checked(options, 'map'), ...what });
		this.#open(job, () => job.start());
		return job.results as AsyncIterableIterator<R>;
	}

	/**
	 * What a generator function yields in a worker, as it comes. It is a window ahead at most; its `finally` blocks run
	 * when the consumer leaves.
	 */
	stream<A extends unknown[], Y>(fn: (...args: A) => Yielding<Y>, args: A, options?: TaskOptions): AsyncIterableIterator<Y>;
	stream<Y>(fn: () => Yielding<Y>, args?: [], options?: TaskOptions): AsyncIterableIterator<Y>;
	stream(fn: NamedTarget, args?: unknown[], options?: TaskOptions): AsyncIterableIterator<unknown>;
	stream<Y>(fn: Target<never, Yielding<Y>>, args?: unknown[], options?: TaskOptions): AsyncIterableIterator<Y> {
		const list = argumentsOf(args, 'stream');
		const job = new StreamJob(this.#scheduler, this.#functionOf(fn), this.#checked(options, 'call'));
		const payload = Payload.generate(job, list, streamWindow);
		this.#open(job, () => this.#scheduler.submit(unitOf(payload)));
		return job.results as AsyncIterableIterator<Y>;
	}

	#open(job: IterateJob | StreamJob, start: () => void): void {
		const { closedBy } = this.#scheduler;
		if (closedBy !== undefined) return job.end(closedBy);
		if (isAborted(job)) return;
		try {
			start();
		} catch (error) {
			job.end(error);
			throw error;
		}
		job.submitted();
	}

	#start(job: MapJob): void {
		try {
			job.start();
		} catch (error) {
			job.end(error);
			throw error;
		}
		job.submitted();
	}

	/** Calls `fn(...args)` once in every worker. */
	broadcast<A extends unknown[], R>(fn: (...args: A) => R, args: A, options?: TaskOptions): AsyncResult<Awaited<R>[]>;
	broadcast<R>(fn: () => R, args?: [], options?: TaskOptions): AsyncResult<Awaited<R>[]>;
	broadcast(fn: NamedTarget, args?: unknown[], options?: TaskOptions): AsyncResult<unknown[]>;
	broadcast<R>(fn: Target<never, R>, args?: unknown[], options?: TaskOptions): AsyncResult<Awaited<R>[]> {
		const found = this.#functionOf(fn);
		const checked = this.#checked(options, 'call');
		const list = argumentsOf(args, 'broadcast');
		const jobs = Array.from({ length: this.size }, (_, slot) => new CallJob<Awaited<R>>(this.#scheduler, found, { ...checked, slot }));
		for (const job of jobs) void this.#submit(job, list);
		return allOf(jobs, this.#scheduler);
	}

	/** No more calls are taken; the workers end when all is done. */
	close(): void {
		if (this.#state === 'running') this.#state = 'closed';
		this.#scheduler.close(new ClosedError('The pool is closed: it takes no more calls.'));
	}

	/** Resolves when all workers have ended, after `close()` or `terminate()`. */
	async join(): Promise<void> {
		if (this.#state === 'running' && this.#scheduler.closedBy === undefined) {
			throw new ProcessError('Cannot join a pool that is running: close() or terminate() it first.');
		}
		await this.#scheduler.crew.whenEnded();
	}

	/** Ends all workers at once. What is pending rejects with a ClosedError. */
	async terminate(): Promise<void> {
		this.#state = 'terminated';
		this.#scheduler.terminate();
		await this.#scheduler.crew.whenEnded();
	}

	/** As `terminate`, which is what the end of Python's `with` block does. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.terminate();
	}

	/** Changes how many workers there are at most. Those that are too many end after what they are at. */
	resize(processes: number): void {
		this.#checkUsable();
		checkSize(processes, 'the number of workers');
		this.#scheduler.crew.resize(processes);
		this.#scheduler.schedule();
	}

	get size(): number {
		return this.#scheduler.crew.size;
	}

	get workers(): WorkerInfo[] {
		const slots = [...this.#scheduler.crew.slots.values()].sort((a, b) => a.index - b.index);
		return slots.map(({ pid, isReady, isEnding, unitCount, itemsDone }) => {
			const state = isEnding ? 'ending' : !isReady ? 'starting' : unitCount > 0 ? 'running' : 'idle';
			return { pid, state, tasks: itemsDone, memory: privateBytes(pid) };
		});
	}

	stats(): PoolStats {
		const { statistics, crew, queue, load } = this.#scheduler;
		const { completed, failed, waitTime, runTime, runMs, madeMs } = statistics;
		const duration = nowMs() - madeMs;
		const utilization = Math.min(1, runMs / (duration * crew.size));
		const { started, died } = crew;
		return {
			completed,
			failed,
			queued: queue.size,
			running: load - queue.size,
			workers: crew.slots.size,
			started,
			died,
			duration,
			utilization,
			waitTime,
			runTime,
		};
	}

	/** `<Pool name='pool' running size=4>` */
	toString(): string {
		const { options, closedBy } = this.#scheduler;
		const state = this.#state === 'running' && closedBy !== undefined ? 'broken' : this.#state;
		return `<Pool name='${options.name}' ${state} size=${this.size}>`;
	}

	[inspect.custom](): string {
		return this.toString();
	}

	#functionOf(fn: Target): ReturnType<Scheduler['crew']['functions']['of']> {
		this.#checkUsable();
		return this.#scheduler.crew.functions.of(fn);
	}

	#checked<O extends TaskOptions>(options: O | undefined, kind: 'call' | 'map'): O {
		if (options === undefined) return {} as O;
		if (kind === 'call') checkTaskOptions(options, 'a call of a Pool');
		else checkMapOptions(options, 'a map of a Pool');
		return options;
	}

	#checkUsable(): void {
		if (this.#ownerPid !== process.pid)
			throw new ProcessError('Cannot use a Pool that another process has made: its workers belong to that one. Make a new one here.');
		const { closedBy } = this.#scheduler;
		if (closedBy instanceof ClosedError) throw new ClosedError(closedBy.message);
	}
}

function argumentsOf(args: unknown, method: string): readonly unknown[] {
	if (args !== undefined) checkArgument(`\`args\` of Pool.${method}()`, args, anArray);
	return (args as unknown[] | undefined) ?? [];
}

/** Begins the job, unless its signal is aborted already: then it ends with the reason. */
function isAborted(job: CallJob<unknown> | MapJob | IterateJob | StreamJob): boolean {
	try {
		job.begin();
		return false;
	} catch (reason) {
		job.end(reason);
		return true;
	}
}

function failed<R>(job: { readonly result: AsyncResult<R> }, error: Error): AsyncResult<R> {
	fail(job.result, error);
	return job.result;
}

function full({ options, load }: Scheduler): Full {
	return new Full(
		`The queue of the pool ${options.name} is full: ${load} tasks wait or run, and \`maxQueue\` is ${options.maxQueue}. Wait for results, or await \`map\`, which waits by itself.`,
	);
}
