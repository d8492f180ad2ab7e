/** What `new Pool` takes, and the checks at that edge. */
import { ArgumentError } from '../base/errors.ts';
import { checkTarget, type Target } from '../process/named-target.ts';
import { checkOptions } from '../process/options.ts';
import type { StartMethod } from '../process/start-method.ts';
import { expect, isCount, isPositive } from '../task/task-options.ts';

export interface PoolOptions<I extends unknown[] = unknown[]> {
	/** Is called in each worker before its first task. */
	initializer?: Target<I> | undefined;
	initargs?: I | undefined;
	/** After so many items a worker is replaced. @default never */
	maxTasksPerChild?: number | undefined;
	/** Bytes of memory that the worker shares with nobody; one that has more after a task is replaced. @default never */
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
	/** How many tasks may wait for a worker: more, and `apply` rejects with Full; maps stop reading their input. @default no limit */
	maxQueue?: number | undefined;
	/** How often a task is run again when the worker that ran it has died. @default 0 */
	retries?: number | undefined;
	/** Milliseconds that a task may take, from when it runs. @default no limit */
	taskTimeout?: number | undefined;
	/** Milliseconds that a task has to stop after it was told to; then its worker is killed. @default 1000 */
	killAfter?: number | undefined;
	/** Where the output of workers goes. `'prefix'`: to this process's, in whole lines with `[pool:3]` in front. @default 'inherit' */
	stdio?: 'inherit' | 'ignore' | 'prefix' | undefined;
}

export type CheckedOptions = PoolOptions &
	Required<{
		[Key in 'name' | 'idleTimeout' | 'maxQueue' | 'retries' | 'killAfter' | 'stdio' | 'maxTasksPerChild' | 'maxMemoryPerChild']: NonNullable<
			PoolOptions[Key]
		>;
	}>;

const names = [
	'initializer',
	'initargs',
	'maxTasksPerChild',
	'maxMemoryPerChild',
	'context',
	'env',
	'cwd',
	'execArgv',
	'name',
	'min',
	'idleTimeout',
	'maxQueue',
	'retries',
	'taskTimeout',
	'killAfter',
	'stdio',
];

/** Throws an ArgumentError that names the option. */
export function checkPoolOptions(options: PoolOptions): CheckedOptions {
	if (typeof options !== 'object' || options === null) throw new ArgumentError('Expected the options of a Pool to be an object.');
	for (const name of Object.keys(options)) {
		if (!names.includes(name)) throw new ArgumentError(`Expected options of a Pool among ${names.join(', ')}, got \`${name}\`.`);
	}
	const { initializer, initargs, maxTasksPerChild = Infinity, maxMemoryPerChild = Infinity, context, env, cwd, execArgv } = options;
	const { name = 'pool', min, idleTimeout = 10_000, maxQueue = Infinity, retries = 0, taskTimeout, killAfter = 1000, stdio = 'inherit' } = options;
	if (initializer !== undefined) checkTarget(initializer, 'initializer');
	expect(initargs === undefined || Array.isArray(initargs), 'initargs', 'an array', initargs);
	expect(isCount(maxTasksPerChild, 1), 'maxTasksPerChild', 'a number of 1 or more', maxTasksPerChild);
	expect(isPositive(maxMemoryPerChild), 'maxMemoryPerChild', 'a positive number of bytes', maxMemoryPerChild);
	expect(typeof name === 'string', 'name', 'a string', name);
	expect(min === undefined || (isCount(min, 0) && min !== Infinity), 'min', 'a number of 0 or more', min);
	expect(isPositive(idleTimeout) || idleTimeout === 0, 'idleTimeout', 'a number of milliseconds', idleTimeout);
	expect(isCount(maxQueue, 0), 'maxQueue', 'a number of 0 or more', maxQueue);
	expect(isCount(retries, 0), 'retries', 'a number of 0 or more', retries);
	expect(taskTimeout === undefined || isPositive(taskTimeout), 'taskTimeout', 'a positive number of milliseconds', taskTimeout);
	expect(isPositive(killAfter) || killAfter === 0, 'killAfter', 'a number of milliseconds', killAfter);
	expect(['inherit', 'ignore', 'prefix'].includes(stdio), 'stdio', "'inherit', 'ignore' or 'prefix'", stdio);
	checkOptions({ context, env, cwd, execArgv });
	return { ...options, name, idleTimeout, maxQueue, retries, killAfter, stdio, maxTasksPerChild, maxMemoryPerChild };
}

export function checkSize(size: number, what: string): number {
	expect(isCount(size, 1) && size !== Infinity, what, 'a number of 1 or more', size);
	return size;
}
