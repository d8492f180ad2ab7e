/** Signals to processes that may have ended meanwhile, and been reaped. */
import { constants } from 'node:os';
import { trace } from '../../base/trace.ts';
import { errno, errnoOf, failedBy } from '../../native/errno.ts';
import { systemError } from '../../native/raise.ts';

/** SIGKILL. */
export function kill(pid: number): void {
	tryTo(() => signalTo(pid, constants.signals.SIGKILL));
}

/** Throws when this process may not signal that one. */
export function signalTo(pid: number, signum: number): void {
	try {
		process.kill(pid, signum);
	} catch (error) {
		const { errno: result } = error as { errno: number };
		if (!failedBy(result, errno.ESRCH)) throw systemError(errnoOf(result), `signal process ${pid}`);
	}
}

/** For an end, which must go on: who may not be signalled is left alone. */
export function tryTo(signal: () => void): void {
	try {
		signal();
	} catch (error) {
		trace('%s', error);
	}
}
