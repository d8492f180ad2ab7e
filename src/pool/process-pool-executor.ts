/** Executors over a pool, as Python's `concurrent.futures.ProcessPoolExecutor` and loky's reusable one. */
import { inspect } from 'node:util';
import { aBoolean, checkArgument, checkOptions, copyOptions, optionsObject } from '../base/arguments.ts';
import type { AsyncResult } from '../task/async-result.ts';
import type { Executor } from '../task/executor.ts';
import type { MapOptions } from '../task/task-options.ts';
import { cpuCount } from '../process/cpu-count.ts';
import type { NamedTarget, Target } from '../process/reference/named-target.ts';
import type { Input } from './jobs/feed.ts';
import { cancelWaiting, Pool } from './pool.ts';
import type { PoolOptions } from './pool-options.ts';

export interface ExecutorOptions<I extends unknown[] = unknown[]> extends PoolOptions<I> {
	/** @default one for each CPU */
	maxWorkers?: number | undefined;
}

export class ProcessPoolExecutor<I extends unknown[] = unknown[]> implements Executor {
	readonly #pool: Pool<I>;

	constructor(given: ExecutorOptions<I> = {}) {
		checkArgument('what new ProcessPoolExecutor() is given', given, optionsObject);
		const { maxWorkers = cpuCount(), ...options } = copyOptions(given, 'new ProcessPoolExecutor()');
		this.#pool = new Pool<I>(maxWorkers, { name: 'executor', ...options });
	}

	submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): AsyncResult<Awaited<R>>;
	submit(fn: NamedTarget, ...args: unknown[]): AsyncResult<unknown>;
	submit(fn: Target, ...args: unknown[]): AsyncResult<unknown> {
		return this.#pool.apply(fn as NamedTarget, args);
	}

	map<T, R>(fn: (item: T) => R, items: Input<T>, options?: MapOptions): AsyncIterableIterator<Awaited<R>>;
	map(fn: NamedTarget, items: Input<unknown>, options?: MapOptions): AsyncIterableIterator<unknown>;
	map(fn: Target, items: Input<unknown>, options: MapOptions = {}): AsyncIterableIterator<unknown> {
		return this.#pool.imap(fn as NamedTarget, items, options);
	}

	async shutdown(options: { wait?: boolean | undefined; cancel?: boolean | undefined } = {}): Promise<void> {
		checkOptions(options, { owner: 'ProcessPoolExecutor.shutdown()', kinds: { wait: aBoolean, cancel: aBoolean } });
		const { wait = true, cancel = false } = options;
		this.#pool.close();
		if (cancel) cancelWaiting(this.#pool as unknown as Pool);
		if (wait) await this.#pool.join();
	}

	/** Waits until all is done, as Python's `with` block does. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.shutdown();
	}

	/** The pool that does the work. */
	get pool(): Pool<I> {
		return this.#pool;
	}

	toString(): string {
		return this.#pool.toString().replace('<Pool', '<ProcessPoolExecutor');
	}

	[inspect.custom](): string {
		return this.toString();
	}
}

let reusable: { executor: ProcessPoolExecutor; options: ExecutorOptions; pid: number } | undefined;

/**
 * An executor that the whole process has in common: the same one as before, if that works and was asked for with the
 * same options, else a new one. With another `maxWorkers` it is resized. Its workers end by themselves when they have
 * nothing to do for a while.
 */
export function getReusableExecutor(options: ExecutorOptions = {}): ProcessPoolExecutor {
	checkArgument('what getReusableExecutor() is given', options, optionsObject);
	const { maxWorkers = cpuCount(), ...rest } = options;
	if (
		reusable !== undefined &&
		reusable.pid === process.pid &&
		isSame(reusable.options, rest) &&
		reusable.executor.pool.toString().includes(' running ')
	) {
		if (reusable.executor.pool.size !== maxWorkers) reusable.executor.pool.resize(maxWorkers);
		return reusable.executor;
	}
	if (reusable?.pid === process.pid) void reusable.executor.shutdown({ wait: false });
	const executor = new ProcessPoolExecutor({ name: 'reusable', min: 0, maxWorkers, ...rest });
	reusable = { executor, options: rest, pid: process.pid };
	return executor;
}

function isSame(a: ExecutorOptions, b: ExecutorOptions): boolean {
	const keys = Object.keys(a) as (keyof ExecutorOptions)[];
	return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
