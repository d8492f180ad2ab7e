/** What `new Process` takes, and the checks at that edge. */
import { ArgumentError, ProcessError } from '../base/errors.ts';
import type { Stdio } from './child-output.ts';
import { checkTarget, type Target } from './named-target.ts';
import { checkStartMethod, isStartMethod, type StartMethod } from './start-method.ts';

export interface ProcessOptions<A extends unknown[] = unknown[]> {
	/**
	 * An exported function (or one from `inline`), or `{ module, name }`; may be asynchronous. The process ends when it is done and nothing else
	 * is pending.
	 */
	target?: Target<A> | undefined;
	/** What the target is called with. Values keep their meaning; shared objects are shared. @default [] */
	args?: A | undefined;
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

/** Throws an ArgumentError that names the option. */
export function checkOptions(options: ProcessOptions): void {
	if (typeof options !== 'object' || options === null)
		throw new ArgumentError(`Expected new Process() to be given an options object, got ${describe(options)}.`);
	const { target, args, name, daemon, context, env, cwd, stdio, execArgv } = options;
	if (target !== undefined) checkTarget(target, 'target');
	expect(args === undefined || Array.isArray(args), 'args', 'an array', args);
	expect(name === undefined || typeof name === 'string', 'name', 'a string', name);
	expect(daemon === undefined || typeof daemon === 'boolean', 'daemon', 'a boolean', daemon);
	expect(env === undefined || (typeof env === 'object' && env !== null), 'env', 'an object of strings', env);
	for (const value of Object.values(env ?? {})) expect(value === undefined || typeof value === 'string', 'env', 'an object of strings', value);
	expect(cwd === undefined || typeof cwd === 'string', 'cwd', 'a string', cwd);
	expect(stdio === undefined || stdio === 'inherit' || stdio === 'ignore' || stdio === 'pipe', 'stdio', "'inherit', 'ignore' or 'pipe'", stdio);
	expect(
		execArgv === undefined || (Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string')),
		'execArgv',
		'an array of strings',
		execArgv,
	);
	if (typeof context === 'string') checkStartMethod(context);
	else
		expect(
			context === undefined ||
				(typeof context === 'object' && (context?.method === undefined ? context !== null : isStartMethod(context.method))),
			'context',
			'a Context or the name of a start method',
			context,
		);
	const method = typeof context === 'string' ? context : context?.method;
	if (execArgv !== undefined && method !== undefined && method !== 'spawn') {
		throw new ProcessError(
			`Cannot give \`execArgv\` to a process of the start method '${method}': only a new Node process can have flags of its own. Use 'spawn'.`,
			{ code: 'ERR_NPROCS_START_METHOD' },
		);
	}
}

function expect(condition: boolean, option: string, what: string, value: unknown): void {
	if (!condition) throw new ArgumentError(`Expected \`${option}\` of a Process to be ${what}, got ${describe(value)}.`);
}

function describe(value: unknown): string {
	return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
}
