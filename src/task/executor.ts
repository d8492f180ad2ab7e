/**
 * What all kinds of executors have in common, as Python's `concurrent.futures.Executor`: a program that takes one runs
 * on processes or on a cluster.
 */
import type { NamedTarget } from '../process/reference/named-target.ts';
import type { AsyncResult } from './async-result.ts';
import type { MapOptions } from './task-options.ts';

export interface Executor {
	/** Calls `fn(...args)` in a worker. */
	submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): AsyncResult<Awaited<R>>;
	submit(fn: NamedTarget, ...args: unknown[]): AsyncResult<unknown>;
	/** The results of `fn(item)` in the order of the items, each as soon as it and those before it are there. */
	map<T, R>(fn: (item: T) => R, items: Iterable<T> | AsyncIterable<T>, options?: MapOptions): AsyncIterableIterator<Awaited<R>>;
	map(fn: NamedTarget, items: Iterable<unknown> | AsyncIterable<unknown>, options?: MapOptions): AsyncIterableIterator<unknown>;
	/**
	 * No more calls are taken. `cancel`: what has not begun is cancelled. `wait`: resolves when all workers have ended.
	 */
	shutdown(options?: { wait?: boolean; cancel?: boolean }): Promise<void>;
}
