/** `currentTask()`: what a task can know of itself, in the worker that runs it. */
import { forkHook, forkStep } from '../base/at-fork.ts';

export interface CurrentTask {
	/**
	 * Aborts when nobody wants the result any more, or its time is over. `aborted` turns true also in a task that never
	 * lets the event loop run.
	 */
	readonly signal: AbortSignal;
	/** 1, or more when workers have died that ran the task before. */
	readonly attempt: number;
	/** Which item of a `map`, 0 for the first; 0 for a single call. */
	readonly index: number;
	/** Which worker of the pool this is: 0 … size - 1. Also in the environment, as NPROCS_WORKER. */
	readonly worker: number;
	/** Calls `onProgress` of the caller with a copy of the value. */
	progress(value: unknown): void;
}

let current: CurrentTask | undefined;
/** A process that the task has forked runs none. */
const forgetAtFork = forkHook({ step: forkStep.duties, inCopy: () => void (current = undefined) });

/**
 * The task that this process is running; undefined outside of one. Ask at the task's beginning, and keep it: a worker
 * runs one task at a time.
 */
export function currentTask(): CurrentTask | undefined {
	return current;
}

/** For those who run tasks. */
export function setCurrentTask(task: CurrentTask | undefined): void {
	forgetAtFork();
	current = task;
}
