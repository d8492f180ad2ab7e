/** Which ways of starting a process work here, and which one is the default. */
import { existsSync } from 'node:fs';
import { aBoolean, checkOptions, describe } from '../../base/arguments.ts';
import { ArgumentError, ProcessError } from '../../base/errors.ts';
import { isMainThread } from '../../native/main-thread.ts';
import { processState, type StartMethod } from '../current.ts';
import { isWatched } from './instruments.ts';
import { flagsOfNode } from './program-flags.ts';

export type { StartMethod };

const all: readonly StartMethod[] = ['forkserver', 'spawn', 'fork'];

let forkserverFault: string | undefined;
let hasProc: boolean | undefined;

export function isStartMethod(value: unknown): value is StartMethod {
	return all.includes(value as StartMethod);
}

/** Throws for names that are no start method, and for methods that cannot work here, saying why. */
export function checkStartMethod(method: unknown): StartMethod {
	if (!isStartMethod(method)) {
		throw new ArgumentError(
			`Cannot find the start method ${typeof method === 'string' ? method : describe(method)}: there are 'forkserver', 'spawn' and 'fork'.`,
		);
	}
	const obstacle = obstacleTo(method);
	if (obstacle !== undefined)
		throw new ProcessError(`The start method '${method}' is not available here: ${obstacle}`, { code: 'ERR_NPROCS_START_METHOD' });
	return method;
}

/** The methods that work in this process, the default one first. */
export function getAllStartMethods(): StartMethod[] {
	return all.filter((method) => obstacleTo(method) === undefined);
}

/**
 * The method that processes are started with unless told otherwise: what was set, else `forkserver` where it works,
 * else `spawn`.
 */
export function getStartMethod(): StartMethod {
	// What a child has inherited may not work there: a new Node process of a program that forks has threads.
	const chosen = processState().startMethod;
	if (chosen !== undefined && obstacleTo(chosen) === undefined) return chosen;
	return obstacleTo('forkserver') === undefined && !isWatched() ? 'forkserver' : 'spawn';
}

/**
 * Sets the default for this program and all that its processes start. A second call is an error unless `force` is
 * given, as Python's; `undefined` with `force` goes back to the built-in choice.
 */
export function setStartMethod(method: StartMethod | undefined, options: { force?: boolean } = {}): void {
	checkOptions(options, { owner: 'setStartMethod()', kinds: { force: aBoolean }, example: "setStartMethod('spawn', { force: true })" });
	const { force = false } = options;
	const state = processState();
	if (state.startMethod !== undefined && !force) {
		throw new ProcessError(
			`The start method has already been set, to '${state.startMethod}'. Set it once, at the program's start, or give { force: true }.`,
			{
				code: 'ERR_NPROCS_START_METHOD',
			},
		);
	}
	state.startMethod = method === undefined && force ? undefined : checkStartMethod(method);
}

/** Told by the launcher when the forkserver failed its own test at start. */
export function reportForkserverFault(fault: string): void {
	forkserverFault = fault;
}

/** Told by whoever knows that this process has one thread only, and may fork. */
export function allowFork(): void {
	processState().mayFork = true;
}

function obstacleTo(method: StartMethod): string | undefined {
	if (method === 'forkserver') return forkserverFault ?? procObstacle() ?? frozenObstacle() ?? loaderObstacle();
	if (method === 'fork' && !(processState().mayFork && isMainThread())) {
		return 'this Node process has threads that a fork would lose. Start the program with `npx nprocs run program.js`.';
	}
	return undefined;
}

/** Forked processes are given random numbers of their own, in the place of V8's. */
function frozenObstacle(): string | undefined {
	return flagsOfNode().includes('--frozen-intrinsics') ? "--frozen-intrinsics lets nobody replace Math.random. Use 'spawn'." : undefined;
}

/** The kernel tells only there which of its memory a process can hand on. */
function procObstacle(): string | undefined {
	hasProc ??= existsSync('/proc/self/maps');
	return hasProc ? undefined : '/proc is not mounted, without which no process can fork itself. Mount it: `mount -t proc proc /proc`.';
}

/**
 * Before `module.registerHooks` (Node 22.15), a loader such as tsx runs in a thread of its own, which no forked process
 * would have.
 */
function loaderObstacle(): string | undefined {
	if (hasSynchronousHooks) return undefined;
	const loader = flagsOfNode().find((flag) => /^--(import|loader|experimental-loader)(=|$)/.test(flag));
	return loader === undefined
		? undefined
		: `on Node ${process.version} a module loader (${loader}) runs in a thread, which cannot be forked. Use 'spawn', or Node 22.15 or newer.`;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasSynchronousHooks = major > 22 || (major === 22 && minor >= 15);
