/** What `new Process` takes, and the checks at that edge. */
import { types } from 'node:util';
import { aBoolean, anArray, anything, aString, aTextWithoutZero, checkOptions, oneOf, type Kind } from '../base/arguments.ts';
import { ArgumentError, ProcessError } from '../base/errors.ts';
import type { Stdio } from './start/output.ts';
import { checkEnvironment } from './start/environment.ts';
import { checkTarget, type Target } from './reference/named-target.ts';
import { checkStartMethod, isStartMethod, type StartMethod } from './start/method.ts';

export interface ProcessOptions<A extends unknown[] = unknown[]> {
	/**
	 * An exported function (or one from `inline`), or `{ module, name }`; may be asynchronous. The process ends when it
	 * is done and nothing else is pending.
	 */
	target?: Target<A> | undefined;
	/** What the target is called with. Values keep their meaning; shared objects are shared. @default [] */
	args?: Readonly<A> | undefined;
	/** @default `Process-1`, in a child process `Process-1:1` */
	name?: string | undefined;
	/** A daemon ends with its parent. @default that of the process that makes the object */
	daemon?: boolean | undefined;
	/** How it is started: a Context or a start method's name. @default getStartMethod() */
	context?: { readonly method: StartMethod | undefined } | StartMethod | undefined;
	/** The whole environment of the process. @default process.env at the time of `start()` */
	env?: Readonly<Record<string, string | undefined>> | undefined;
	/** @default the current working directory at the time of `start()` */
	cwd?: string | undefined;
	/** Where stdout and stderr go; stdin is always empty. @default 'inherit' */
	stdio?: Stdio | undefined;
	/** Flags of Node for this process; they need a new Node process, so the method is then `spawn`. */
	execArgv?: readonly string[] | undefined;
}

/** For the compiler: the arguments of `new Process`. A target that needs arguments must be given them. */
export type ProcessArguments<A extends unknown[]> = [] extends A
	? [options?: ProcessOptions<A>]
	: [options: ProcessOptions<A> & { args: Readonly<A> }];

/** Throws an ArgumentError that names the option. */
export function checkProcessOptions(options: unknown): void {
	if (typeof options === 'function') {
		const name = options.name === '' ? 'fn' : options.name;
		throw new ArgumentError(`Expected new Process() to be given an options object, got a function. Write new Process({ target: ${name} }).`);
	}
	checkOptions(options, { owner: 'new Process()', kinds, example: 'new Process({ target, args })' });
	const { target, env, context, execArgv } = (options ?? {}) as ProcessOptions;
	if (target !== undefined) checkTarget(target, 'target');
	if (env !== undefined) checkEnvironment(env);
	if (typeof context === 'string') checkStartMethod(context);
	const method = typeof context === 'string' ? context : context?.method;
	if (execArgv !== undefined && method !== undefined && method !== 'spawn') {
		throw new ProcessError(
			`Cannot give \`execArgv\` to a process of the start method '${method}': only a new Node process can have flags of its own. Use 'spawn'.`,
			{ code: 'ERR_NPROCS_START_METHOD' },
		);
	}
}

const anEnvironment: Kind = {
	what: 'an object of strings',
	has: (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !types.isMap(value) && !types.isSet(value),
};

const textsWithoutZero: Kind = {
	what: 'an array of strings without a zero byte',
	has: (value) => Array.isArray(value) && value.every(aTextWithoutZero.has),
};

const aContext: Kind = {
	what: 'a Context or the name of a start method',
	has: (value) => typeof value === 'string' || (isObject(value) && (value['method'] === undefined || isStartMethod(value['method']))),
};

const kinds: Readonly<Record<keyof ProcessOptions, Kind>> = {
	target: anything, // checkTarget says more
	args: anArray,
	name: aString,
	daemon: aBoolean,
	context: aContext,
	env: anEnvironment,
	cwd: aTextWithoutZero,
	stdio: oneOf('inherit', 'ignore', 'pipe'),
	execArgv: textsWithoutZero,
};

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}
