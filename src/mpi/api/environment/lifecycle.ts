/**
 * From the first use of MPI to its end.
 *
 * Importing the library starts nothing: MPI begins with the first call that needs an engine, or with `MPI.Init()`. Its
 * end is that of the process: success finalizes, failure tells the engine, since the others must not wait for a rank
 * that will never come (base/at-exit.ts says when: after the program's own handlers, and after Node has printed an
 * error that nobody caught). The main thread alone may use MPI. A copy of a rank (start method fork) is no rank: it
 * begins anew, as a world of its own.
 */
import { atExit, atNaturalEnd, exitStep } from '../../../base/at-exit.ts';
import { atFork, forkStep } from '../../../base/at-fork.ts';
import { unsettledExitCode } from '../../../base/exit-status.ts';
import { isMainThread } from '../../../native/main-thread.ts';
import { hookFatalErrors, writeToStderr } from '../../../process/start/uncaught.ts';
import { startEngine } from '../../choose-engine.ts';
import { ERR_OTHER, THREAD_FUNNELED, THREAD_SINGLE } from '../../constants.ts';
import type { Engine } from '../../engine.ts';
import { leaveJobPlace } from '../../job-place.ts';
import { Exception } from '../errors/exception.ts';
import { observed } from './observed.ts';

/** The engine; MPI begins with the first call. Throws after `Finalize()` and in worker threads. */
export function engine(): Engine {
	return current ?? begin();
}

/** Calls back when MPI ends, before the engine does: with success, the last given first. Once. */
export function beforeFinalize(handler: () => void): void {
	finalizers.unshift(handler);
}

/** Calls back in a process that was forked from a rank: what it has of MPI is its parent's. */
export function whenLeft(handler: () => void): void {
	leavers.push(handler);
}

/** Another engine takes the place of the one that was chosen, in front of it. Returns that one. */
export function substitute(other: Engine): void {
	current = other;
}

/**
 * Begins MPI now, instead of with its first use. Never needed, but a second `Init()` is an error, as in MPI.
 */
export function Init(): void {
	if (state.isInitCalled) throw misuse('Cannot begin MPI twice: Init() was called before.');
	observed('Init', engine);
	state.isInitCalled = true;
}

/**
 * As Init; threads other than the main one never call MPI.
 *
 * @param required - MPI.THREAD_*
 * @returns the level that was granted: at least THREAD_FUNNELED
 */
export function Init_thread(_required: number = THREAD_FUNNELED): number {
	Init();
	return Query_thread();
}

/** Collective: ends MPI for this process. Done by itself when the process ends with success. */
export function Finalize(): void {
	if (state.isFinalized) throw misuse('Cannot finalize MPI twice: Finalize() was called before.');
	observed('Finalize', finalize);
}

function finalize(): void {
	engine();
	for (const handler of finalizers.splice(0)) handler();
	const ending = engine();
	state.isFinalized = true;
	current = undefined;
	ending.finalize();
}

/** Whether MPI has begun; true after `Finalize()`, too. */
export function Is_initialized(): boolean {
	return current !== undefined || state.isFinalized;
}

export function Is_finalized(): boolean {
	return state.isFinalized;
}

/** The level of thread support: MPI.THREAD_*. */
export function Query_thread(): number {
	return Math.max(engine().threadLevel, THREAD_SINGLE);
}

/** Whether this is the thread that may call MPI. */
export function Is_thread_main(): boolean {
	return isMainThread();
}

/** Ends the job with this code, by the engine or, where MPI has not begun or has ended, by ending this process. */
export function abortJob(comm: number, code: number): never {
	if (current !== undefined) current.abort(comm, code);
	return process.exit(code);
}

let current: Engine | undefined;
const finalizers: (() => void)[] = [];
const leavers: (() => void)[] = [];
const state = { isInitCalled: false, isFinalized: false, isHooked: false, isCopy: false, endsByItself: false };

function begin(): Engine {
	if (!isMainThread()) {
		throw misuse(
			'Cannot use MPI in a worker thread: only the main thread of a rank may call it (MPI.THREAD_FUNNELED). Hand the work to the main thread.',
		);
	}
	if (state.isFinalized) throw misuse('Cannot use MPI after Finalize(): it was the end of MPI in this process. Call it last.');
	current = state.isCopy ? startEngine({ choice: 'embedded', because: 'it is a copy of a rank' }) : startEngine();
	if (!state.isHooked) hookEnds();
	state.isHooked = true;
	return current;
}

function hookEnds(): void {
	hookFatalErrors();
	atExit(exitStep.leave, endWith);
	atNaturalEnd(() => void (state.endsByItself = true));
	atFork({
		step: forkStep.duties,
		inCopy: () => {
			leaveJobPlace();
			state.isCopy = true;
			if (current === undefined) return;
			current = undefined;
			finalizers.length = 0;
			state.isInitCalled = false;
			for (const handler of leavers) handler();
		},
	});
}

function endWith(code: number): void {
	if (current === undefined) return;
	// Node would say so only after the others were told, and an installed MPI ends this process then.
	if (code === unsettledExitCode && state.endsByItself && !current.sharesMemory)
		writeToStderr(`Warning: Detected unsettled top-level await in ${process.argv[1]}: nothing is left that it could wait for\n`);
	if (code !== 0) return current.leave(code);
	try {
		Finalize();
	} catch (error) {
		writeToStderr(`MPI could not be finalized: ${String(error)}\n`);
	}
}

function misuse(text: string): Exception {
	return new Exception(ERR_OTHER, { text });
}
