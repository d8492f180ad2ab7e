/**
 * The live children of this process, and what becomes of them when it ends, in the order of Python's `multiprocessing`:
 * daemons are told to terminate, and killed if they do not do so in a grace time; the others are joined.
 *
 * When the program's event loop is empty, the others are joined in it. `process.exit()` and errors that nobody caught
 * lead to the same steps, but block the thread. An end at once (a signal, `process.reallyExit()`, `process.abort()`)
 * does nothing: the hangup of their control sockets ends the daemons, and the others live on.
 */
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { atExit, whenIdle } from '../base/at-exit.ts';
import { setTimeout, nowMs } from '../base/clock.ts';
import { trace } from '../base/trace.ts';
import { unknownExitCode } from '../base/exit-status.ts';
import { endingOf, registerEndings } from '../memory/endings.ts';
import { collectGarbage, sweepSoon } from '../memory/janitor.ts';
import { tryTo } from './start/kill.ts';
import type { ProcessHandle } from './process-handle.ts';
import { hookFatalErrors } from './start/uncaught.ts';

export interface StartedChild {
	readonly handle: ProcessHandle;
	/** What it writes, with `stdio: 'pipe'`. */
	readonly stdout: Readable | null;
	readonly stderr: Readable | null;
}

export interface Child extends StartedChild {
	/** The Process object. */
	readonly process: object;
	readonly isDaemon: boolean;
	/** When it was told to terminate, by `nowMs`. */
	toldAt?: number;
	isJoined?: boolean;
}

const live = new Set<Child>();
let hooked = false;
/** Then segments may be left that nobody but that child held. */
let wasAnyKilled = false;
/** The Process objects of the daemons that were told to terminate because the program ends. */
const told = new WeakSet<object>();
/** Daemons get this long to end by themselves. */
const graceMs = 1000;

export function addChild(child: Child): void {
	live.add(child);
	child.handle.onExit(() => {
		live.delete(child);
		remember(child.handle);
		if ((child.handle.poll() ?? 0) >= 0) return;
		wasAnyKilled = true;
		sweepSoon();
	});
	if (hooked) return;
	hooked = true;
	registerEndings(endingOfChild);
	whenIdle(joinInLoop);
	atExit(joinAndEnd);
	hookFatalErrors();
}

/** The last that have ended, by pid. */
const ended = new Map<number, { readonly exitCode: number }>();
const remembered = 256;

function remember(handle: ProcessHandle): void {
	ended.delete(handle.pid);
	ended.set(handle.pid, { exitCode: handle.poll() ?? unknownExitCode });
	if (ended.size > remembered) ended.delete(ended.keys().next().value!);
}

function endingOfChild(pid: number): ReturnType<typeof endingOf> {
	for (const { handle } of live) {
		if (handle.pid !== pid) continue;
		const exitCode = handle.poll();
		return exitCode === undefined ? 'unknown yet' : { exitCode };
	}
	return ended.get(pid);
}

/** The Process objects of children that have not ended. */
export function liveChildren(): object[] {
	return [...live].filter(({ handle }) => !handle.hasEnded()).map(({ process }) => process);
}

/**
 * Whether that daemon was told to terminate because this program has nothing left to do. Nobody is to start another in
 * its place.
 */
export function endsWithProgram(process: object): boolean {
	return told.has(process);
}

/** In a process that was forked by itself: the children are its parent's. */
export function forgetChildren(): void {
	live.clear();
	ended.clear();
	wasAnyKilled = false;
}

function running(which: 'daemons' | 'others'): Child[] {
	return [...live].filter(({ isDaemon, handle }) => isDaemon === (which === 'daemons') && handle.poll() === undefined);
}

/** Whether there is anything to wait for. Called again when the loop has nothing left to do once more. */
function joinInLoop(): boolean {
	const children = running('others');
	if (children.length === 0) return false;
	for (const daemon of terminateDaemons()) setTimeout(() => killIfRunning(daemon.handle), graceMs).unref();
	for (const child of children) {
		if (child.isJoined !== true) child.handle.hold();
		child.isJoined = true;
	}
	return true;
}

function joinAndEnd(): void {
	terminateDaemons();
	const children = running('others');
	if (children.length > 0) stopListening(children);
	for (const { handle, toldAt = 0 } of running('daemons')) {
		if (handle.waitSync(Math.max(0, toldAt + graceMs - nowMs())) !== undefined) continue;
		killIfRunning(handle);
		handle.waitSync(graceMs);
	}
	if (children.length > 0) trace('%d processes are joined before the end', children.length);
	for (const { handle } of children) wasAnyKilled = (handle.waitSync(Infinity) ?? 0) < 0 || wasAnyKilled;
	if (wasAnyKilled) collectGarbage();
}

/** Returns those that have not been told before. */
function terminateDaemons(): Child[] {
	const daemons = running('daemons').filter(({ toldAt }) => toldAt === undefined);
	wasAnyKilled ||= daemons.length > 0;
	for (const daemon of daemons) {
		daemon.toldAt = nowMs();
		told.add(daemon.process);
		tryTo(() => daemon.handle.signal(constants.signals.SIGTERM));
	}
	return daemons;
}

function killIfRunning(handle: ProcessHandle): void {
	if (handle.poll() === undefined) tryTo(() => handle.signal(constants.signals.SIGKILL));
}

/**
 * The event loop will not turn again: nobody would read what they write, and no handler of a signal would be called.
 */
function stopListening(children: readonly Child[]): void {
	for (const { stdout, stderr } of children) for (const stream of [stdout, stderr]) stream?.destroy();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.removeAllListeners(signal);
}
