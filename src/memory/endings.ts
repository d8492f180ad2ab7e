/**
 * How the children of this process have ended: the one store of that, by pid. Who starts processes says so here
 * (process/children.ts); layers below ask when they come upon the pid of one that is gone. All copies of the library in
 * the process know the same children.
 */
import { forkStep, atFork } from '../base/at-fork.ts';
import { processWide } from '../base/process-wide.ts';

/**
 * `exitCode` is asked for the exit code, as `Process.exitCode` tells it: negative when a signal ended the child;
 * undefined while nobody knows.
 */
export function noteChild(pid: number, exitCode: () => number | undefined): void {
	const { running, ended } = state();
	ended.delete(pid); // of another process, before
	running.set(pid, exitCode);
}

export function noteEnd(pid: number, exitCode: number): void {
	const { running, ended } = state();
	running.delete(pid);
	ended.set(pid, exitCode);
	if (ended.size > remembered) ended.delete(ended.keys().next().value!);
}

/**
 * The exit code. `'unknown yet'`: a child of this process, about which the kernel or the forkserver has yet to tell.
 * undefined: nothing is known of it.
 */
export function endingOf(pid: number): number | 'unknown yet' | undefined {
	const { running, ended } = state();
	const ask = running.get(pid);
	return ask === undefined ? ended.get(pid) : (ask() ?? 'unknown yet');
}

/** How many ends are remembered: the latest ones. */
const remembered = 256;

const state = processWide('endings/1', () => {
	const made = { running: new Map<number, () => number | undefined>(), ended: new Map<number, number>() };
	atFork({
		step: forkStep.duties,
		inCopy() {
			made.running.clear();
			made.ended.clear();
		},
	});
	return made;
});
