/** What `new Pool` takes, and the checks at that edge. */
import { anArray, anything, aString, checkArgument, checkOptions, integerFrom, numberFrom, oneOf, type Kind } from '../base/arguments.ts';
import { checkTarget, type Target } from '../process/reference/named-target.ts';
import { checkProcessOptions } from '../process/options.ts';
import type { StartMethod } from '../process/start/method.ts';
import { isCount, isPositive } from '../task/task-options.ts';

export interface PoolOptions<I extends unknown[] = unknown[]> {
	/** Is called in each worker before its first task. */
	initializer?: Target<I> | undefined;
	initargs?: I | undefined;
	/** After so many items a worker is replaced. @default never */
	maxTasksPerChild?: number | undefined;
	/**
	 * Bytes of memory that the worker shares with nobody; one that has more after a task is replaced. @default never
	 */
	maxMemoryPerChild?: number | undefined;
	/** How workers are started: a Context or a start method's name. @default getStartMethod() */
	context?: { readonly method: StartMethod | undefined } | StartMethod | undefined;
	env?: Readonly<Record<string, string | undefined>> | undefined;
	cwd?: string | undefined;
	execArgv?: readonly string[] | undefined;
	/** In the names of its workers, and what they write with `stdio: 'prefix'`. @default 'pool' */
	name?: string | undefined;
	/** Workers that are kept when there is nothing to do; others are started when they are needed. @default all */
	min?: number | undefined;
	/** Milliseconds after which a worker above `min` that has nothing to do ends. @default 10000 */
	idleTimeout?: number | undefined;
	/**
	 * How many tasks may wait for a worker: more, and `apply` rejects with Full; maps stop reading their input.
	 * @default no limit
	 */
	maxQueue?: number | undefined;
	/** How often a task is run again when the worker that ran it has died. @default 0 */
	retries?: number | undefined;
	/** Milliseconds that a task may take, from when it runs. @default no limit */
	taskTimeout?: number | undefined;
	/** Milliseconds that a task has to stop after it was told to; then its worker is killed. @default 1000 */
	killAfter?: number | undefined;
	/**
	 * Where the output of workers goes. `'prefix'`: to this process's, in whole lines with `[pool:3]` in front.
	 * @default 'inherit'
	 */
	stdio?: 'inherit' | 'ignore' | 'prefix' | undefined;
}

export type CheckedOptions = PoolOptions &
	Required<{
		[Key in 'name' | 'idleTimeout' | 'maxQueue' | 'retries' | 'killAfter' | 'stdio' | 'maxTasksPerChild' | 'maxMemoryPerChild']: NonNullable<
			PoolOptions[Key]
		>;
	}>;

const aCount = (least: number): Kind => ({ what: `a number of ${least} or more`, has: (value) => isCount(value, least) });
const kinds: Readonly<Record<keyof PoolOptions, Kind>> = {
	initializer: anything, // checkTarget says more
	initargs: anArray,
	maxTasksPerChild: aCount(1),
	maxMemoryPerChild: { what: 'a positive number of bytes', has: isPositive },
	context: anything, // checkProcessOptions says more
	env: anything,
	cwd: anything,
	execArgv: anything,
	name: aString,
	min: integerFrom(0),
	idleTimeout: numberFrom(0),
	maxQueue: aCount(0),
	retries: aCount(0),
	taskTimeout: { what: 'a positive number of milliseconds', has: isPositive },
	killAfter: numberFrom(0),
	stdio: oneOf('inherit', 'ignore', 'prefix'),
};

/** Throws an ArgumentError that names the option. */
export function checkPoolOptions(options: PoolOptions): CheckedOptions {
	checkOptions(options, { owner: 'new Pool()', kinds, example: 'new Pool(4, { maxTasksPerChild: 100 })' });
	const { initializer, context, env, cwd, execArgv } = options;
	if (initializer !== undefined) checkTarget(initializer, 'initializer');
	checkProcessOptions({ context, env, cwd, execArgv });
	const defaults = { name: 'pool', idleTimeout: 10_000, maxQueue: Infinity, retries: 0, killAfter: 1000, stdio: 'inherit' as const };
	const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as PoolOptions;
	return { ...defaults, maxTasksPerChild: Infinity, maxMemoryPerChild: Infinity, ...given } as CheckedOptions;
}

export function checkSize(size: unknown, subject: string): void {
	checkArgument(subject, size, integerFrom(1));
}
