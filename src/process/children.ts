/**
 * The live children of this process, and what becomes of them when it ends, in the order of Python's `multiprocessing`:
 * daemons are told to terminate, and killed if they do not do so in a grace time; the others are joined.
 *
 * When the program's event loop is empty, the others are joined in it. The watches of their descriptors keep it alive,
 * and so does a timer: libuv stops a watch when the kernel tells of an error, and a loop that ends there would go on to
 * block the thread, with a signal perhaps that no handler has been called for yet.
 *
 * `process.exit()` and errors that nobody caught lead to the same steps, but block the thread. An end at once (a
 * signal, `process.reallyExit()`, `process.abort()`) does nothing: the hangup of their control sockets ends the
 * daemons, and the others live on.
 *
 * They are the process's, whichever copy of the library has started them; who adds the first one sees to their end.
 */
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { atExit, exitStep, whenIdle } from '../base/at-exit.ts';
import { atFork, forkStep } from '../base/at-fork.ts';
import { clearInterval, nowMs, setInterval, setTimeout } from '../base/clock.ts';
import { processWide } from '../base/process-wide.ts';
import { trace } from '../base/trace.ts';
import { unknownExitCode } from '../base/exit-status.ts';
import { noteChild, noteEnd } from '../memory/endings.ts';
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

const state = processWide('children/1', () => ({
	/** Until their ends are known. */
	live: new Set<Child>(),
	/** Then segments may be left that nobody but that child held. */
	wasAnyKilled: false,
	/** The Process objects of the daemons that were told to terminate because the program ends. */
	told: new WeakSet<object>(),
	/** Whether their end is seen to. */
	isHooked: false,
}));
/** Daemons get this long to end by themselves. */
const graceMs = 1000;

export function addChild(child: Child): void {
	const { handle } = child;
	const own = state();
	if (!own.isHooked) hookEnds();
	own.live.add(child);
	noteChild(handle.pid, () => handle.poll());
	handle.onExit(() => {
		own.live.delete(child);
		const exitCode = handle.poll() ?? unknownExitCode;
		noteEnd(handle.pid, exitCode);
		if (exitCode >= 0) return;
		own.wasAnyKilled = true;
		sweepSoon();
	});
}

function hookEnds(): void {
	state().isHooked = true;
	whenIdle(joinInLoop);
	atExit(exitStep.children, joinAndEnd);
	hookFatalErrors();
	atFork({
		step: forkStep.duties,
		inCopy() {
			state().live.clear();
			state().wasAnyKilled = false;
			stopLooking();
		},
	});
}

/** The Process objects of children that have not ended. */
export function liveChildren(): object[] {
	return [...state().live].filter(({ handle }) => !handle.hasEnded()).map(({ process }) => process);
}

/**
 * Whether that daemon was told to terminate because this program has nothing left to do. Nobody is to start another in
 * its place.
 */
export function endsWithProgram(process: object): boolean {
	return state().told.has(process);
}

function running(which: 'daemons' | 'others'): Child[] {
	return [...state().live].filter(({ isDaemon, handle }) => isDaemon === (which === 'daemons') && handle.poll() === undefined);
}

/** Whether there is anything to wait for. Called again when the loop has nothing left to do once more. */
function joinInLoop(): boolean {
	const children = running('others');
	if (children.length === 0) return false;
	for (const daemon of terminateDaemons()) setTimeout(() => killIfRunning(daemon.handle), graceMs).unref();
	for (const child of children) {
		if (child.isJoined === true) continue;
		child.isJoined = true;
		child.handle.hold();
		child.handle.onExit(stopLooking);
	}
	looking ??= setInterval(stopLooking, lookEveryMs);
	return true;
}

/** While they are joined in the event loop. */
let looking: NodeJS.Timeout | undefined;
const lookEveryMs = 1000;

/** When none of them is left. Asks the kernel. */
function stopLooking(): void {
	if (looking === undefined || running('others').length > 0) return;
	clearInterval(looking);
	looking = undefined;
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
	for (const { handle } of children) state().wasAnyKilled = (handle.waitSync(Infinity) ?? 0) < 0 || state().wasAnyKilled;
	if (state().wasAnyKilled) collectGarbage();
}

/** Returns those that have not been told before. */
function terminateDaemons(): Child[] {
	const daemons = running('daemons').filter(({ toldAt }) => toldAt === undefined);
	state().wasAnyKilled ||= daemons.length > 0;
	for (const daemon of daemons) {
		daemon.toldAt = nowMs();
		state().told.add(daemon.process);
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
