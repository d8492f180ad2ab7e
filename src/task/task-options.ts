/** What can be asked of each call, and the check at that edge. */
import { aFunction, anAbortSignal, checkOptions, type Kind } from '../base/arguments.ts';

export interface TaskOptions {
	/**
	 * Aborting it ends the call: it rejects at once, what has not begun never runs, a running task is told by
	 * `currentTask().signal`.
	 */
	signal?: AbortSignal | undefined;
	/**
	 * Milliseconds that each item may take, from when it runs; then it rejects with a TimeoutError. @default no limit
	 */
	timeout?: number | undefined;
	/** How often each item is run again when the worker that ran it has died. @default the pool's */
	retries?: number | undefined;
	/** Calls of a higher one begin first. @default 0 */
	priority?: number | undefined;
	/** Calls with the same key run in the same worker, as long as it lives and the pool is not resized. */
	affinity?: string | number | undefined;
	/**
	 * Is called with what a task gives to `currentTask().progress()`, in order, before the result. `index`: of the
	 * item.
	 */
	onProgress?: ((value: unknown, index: number) => void) | undefined;
}

export interface MapOptions extends TaskOptions {
	/** How many items are sent together. @default adapts to what the items take */
	chunksize?: number | undefined;
	/** How many items may be read ahead of the results that have been taken. @default some chunks for each worker */
	window?: number | undefined;
}

const atLeastOne: Kind = { what: 'a number of 1 or more', has: (value) => isCount(value, 1) };
const kinds: Readonly<Record<keyof TaskOptions, Kind>> = {
	signal: anAbortSignal,
	timeout: { what: 'a positive number of milliseconds', has: isPositive },
	retries: { what: 'a number of 0 or more', has: (value) => isCount(value, 0) },
	priority: { what: 'a number', has: (value) => typeof value === 'number' && !Number.isNaN(value) },
	affinity: { what: 'a string or a number', has: (value) => typeof value === 'string' || typeof value === 'number' },
	onProgress: aFunction,
};
/** For other executors, which may have options of their own. */
export const kindsOfMap: Readonly<Record<keyof MapOptions, Kind>> = { ...kinds, chunksize: atLeastOne, window: atLeastOne };

/** Throws an ArgumentError that names the option. `owner` is the call as the caller writes it: `Pool.apply()`. */
export function checkTaskOptions(options: unknown, owner: string): void {
	checkOptions(options, { owner, kinds });
}

/** As `checkTaskOptions`, for calls with many items. */
export function checkMapOptions(options: unknown, owner: string): void {
	checkOptions(options, { owner, kinds: kindsOfMap });
}

/** A whole number, or Infinity. */
export function isCount(value: unknown, least: number): boolean {
	return value === Infinity || (Number.isSafeInteger(value) && (value as number) >= least);
}

export function isPositive(value: unknown): boolean {
	return typeof value === 'number' && value > 0;
}
