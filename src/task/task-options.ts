/** What can be asked of each call, and the check at that edge. */
import { ArgumentError } from '../base/errors.ts';

export interface TaskOptions {
	/** Aborting it ends the call: it rejects at once, what has not begun never runs, a running task is told by `currentTask().signal`. */
	signal?: AbortSignal | undefined;
	/** Milliseconds that each item may take, from when it runs; then it rejects with a TimeoutError. @default no limit */
	timeout?: number | undefined;
	/** How often each item is run again when the worker that ran it has died. @default the pool's */
	retries?: number | undefined;
	/** Calls of a higher one begin first. @default 0 */
	priority?: number | undefined;
	/** Calls with the same key run in the same worker, as long as it lives and the pool is not resized. */
	affinity?: string | number | undefined;
	/** Is called with what a task gives to `currentTask().progress()`, in order, before the result. `index`: of the item. */
	onProgress?: ((value: unknown, index: number) => void) | undefined;
}

export interface MapOptions extends TaskOptions {
	/** How many items are sent together. @default adapts to what the items take */
	chunksize?: number | undefined;
	/** How many items may be read ahead of the results that have been taken. @default some chunks for each worker */
	window?: number | undefined;
}

const known = ['signal', 'timeout', 'retries', 'priority', 'affinity', 'onProgress'] as const;
const knownOfMap = [...known, 'chunksize', 'window'] as const;

export function checkTaskOptions(options: TaskOptions, kind: 'call' | 'map'): void {
	if (typeof options !== 'object' || options === null) throw new ArgumentError(`Expected the options to be an object, got ${describe(options)}.`);
	const names: readonly string[] = kind === 'call' ? known : knownOfMap;
	for (const name of Object.keys(options)) {
		if (!names.includes(name)) throw new ArgumentError(`Expected options among ${names.join(', ')}, got \`${name}\`.`);
	}
	const { signal, timeout, retries, priority, affinity, onProgress, chunksize, window } = options as MapOptions;
	expect(signal === undefined || signal instanceof AbortSignal, 'signal', 'an AbortSignal', signal);
	expect(timeout === undefined || isPositive(timeout), 'timeout', 'a positive number of milliseconds', timeout);
	expect(retries === undefined || isCount(retries, 0), 'retries', 'a number of 0 or more', retries);
	expect(priority === undefined || (typeof priority === 'number' && !Number.isNaN(priority)), 'priority', 'a number', priority);
	expect(affinity === undefined || ['string', 'number'].includes(typeof affinity), 'affinity', 'a string or a number', affinity);
	expect(onProgress === undefined || typeof onProgress === 'function', 'onProgress', 'a function', onProgress);
	expect(chunksize === undefined || isCount(chunksize, 1), 'chunksize', 'a number of 1 or more', chunksize);
	expect(window === undefined || isCount(window, 1), 'window', 'a number of 1 or more', window);
}

/** Throws an ArgumentError that names the option. */
export function expect(condition: boolean, option: string, what: string, value: unknown): void {
	if (!condition) throw new ArgumentError(`Expected \`${option}\` to be ${what}, got ${describe(value)}.`);
}

export function isCount(value: unknown, least: number): boolean {
	return value === Infinity || (Number.isSafeInteger(value) && (value as number) >= least);
}

export function isPositive(value: unknown): boolean {
	return typeof value === 'number' && value > 0;
}

function describe(value: unknown): string {
	return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
}
