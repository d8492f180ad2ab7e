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
import type { Peer } from './peer.ts';
import { hookFatalErrors } from './start/uncaught.ts';

export interface StartedChild {
	readonly peer: Peer;
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
	child.peer.onExit(() => {
		live.delete(child);
		remember(child.peer);
		if ((child.peer.poll() ?? 0) >= 0) return;
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

function remember(peer: Peer): void {
	ended.delete(peer.pid);
	ended.set(peer.pid, { exitCode: peer.poll() ?? unknownExitCode });
	if (ended.size > remembered) ended.delete(ended.keys().next().value!);
}

function endingOfChild(pid: number): ReturnType<typeof endingOf> {
	for (const { peer } of live) {
		if (peer.pid !== pid) continue;
		const exitCode = peer.poll();
		return exitCode === undefined ? 'unknown yet' : { exitCode };
	}
	return ended.get(pid);
}

/** The Process objects of children that have not ended. */
export function liveChildren(): object[] {
	return [...live].filter(({ peer }) => !peer.hasEnded()).map(({ process }) => process);
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
	return [...live].filter(({ isDaemon, peer }) => isDaemon === (which === 'daemons') && peer.poll() === undefined);
}

/** Whether there is anything to wait for. Called again when the loop has nothing left to do once more. */
function joinInLoop(): boolean {
	const children = running('others');
	if (children.length === 0) return false;
	for (const daemon of terminateDaemons()) setTimeout(() => killIfRunning(daemon.peer), graceMs).unref();
	for (const child of children) {
		if (child.isJoined !== true) child.peer.hold();
		child.isJoined = true;
	}
	return true;
}

function joinAndEnd(): void {
	terminateDaemons();
	const children = running('others');
	if (children.length > 0) stopListening(children);
	for (const { peer, toldAt = 0 } of running('daemons')) {
		if (peer.waitSync(Math.max(0, toldAt + graceMs - nowMs())) !== undefined) continue;
		killIfRunning(peer);
		peer.waitSync(graceMs);
	}
	if (children.length > 0) trace('%d processes are joined before the end', children.length);
	for (const { peer } of children) wasAnyKilled = (peer.waitSync(Infinity) ?? 0) < 0 || wasAnyKilled;
	if (wasAnyKilled) collectGarbage();
}

/** Returns those that have not been told before. */
function terminateDaemons(): Child[] {
	const daemons = running('daemons').filter(({ toldAt }) => toldAt === undefined);
	wasAnyKilled ||= daemons.length > 0;
	for (const daemon of daemons) {
		daemon.toldAt = nowMs();
		told.add(daemon.process);
		tryTo(() => daemon.peer.signal(constants.signals.SIGTERM));
	}
	return daemons;
}

function killIfRunning(peer: Peer): void {
	if (peer.poll() === undefined) tryTo(() => peer.signal(constants.signals.SIGKILL));
}

/**
 * The event loop will not turn again: nobody would read what they write, and no handler of a signal would be called.
 */
function stopListening(children: readonly Child[]): void {
	for (const { stdout, stderr } of children) for (const stream of [stdout, stderr]) stream?.destroy();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.removeAllListeners(signal);
}
