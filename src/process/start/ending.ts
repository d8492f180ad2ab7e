/**
 * How a process has ended, by whatever method it was started: the one path through all who may know it, the best first.
 *
 * 1. Its parent, who reaps it: this process itself, or the forkserver, whose word is on its way then.
 * 2. The process itself: the last that it says by its control socket. Not when a signal has ended it.
 * 3. The kernel: it keeps the exit code in the pidfd of a process that has been reaped (Linux 6.15), and tells that of
 *    one that nobody has reaped yet to those who may trace it.
 *
 * When none of them knows, it ended with `unknownExitCode`. Waiting for the forkserver's word is
 * `forkserver/forked-child.ts`.
 */
import { unknownExitCode } from '../../base/exit-status.ts';
import { addon } from '../../native/addon.ts';

export interface Ended {
	readonly pid: number;
	readonly pidfd: number;
	/** What it has said itself. */
	readonly reportedExit?: () => number | undefined;
}

/** For its parent: reaps it, if it has ended. undefined: it runs. */
export function exitCodeOfChild(child: Ended): number | undefined {
	const reaped = addon().reap(child.pid, false);
	if (reaped === null) return undefined;
	// Somebody else (a waitpid(-1) in this process) may have been faster.
	return Array.isArray(reaped) ? reaped[1] : (exitCodeByOthers(child) ?? unknownExitCode);
}

/** For its parent: waits for its end, and reaps it. undefined: somebody else has. */
export function awaitChild(pid: number): number | undefined {
	const reaped = addon().reap(pid, true);
	return Array.isArray(reaped) ? reaped[1] : undefined;
}

/** Without its parent's word. */
export function exitCodeByOthers({ pid, pidfd, reportedExit }: Ended): number | undefined {
	return reportedExit?.() ?? addon().queryExit(pidfd, pid) ?? undefined;
}
