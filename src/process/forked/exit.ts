/**
 * How a forked process ends. Node's own tear-down joins threads that a forked process does not have, so it must never
 * run, nor what Node does when the event loop is empty: the natural end is noticed before Node would, and after the
 * `exit` event the process ends at once. Errors and `process.exit()` are Node's own business up to its very last step,
 * in whose place stands one of ours. (Standard streams are written synchronously on Linux, so nothing is lost.)
 */
import { emitNaturalExit, endBy, endNow, isEndTaken } from '../../base/at-exit.ts';
import { ProcessError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { placeInTree } from '../current.ts';
import { hookFatalErrors } from '../start/uncaught.ts';

/**
 * To be called in a forked process. In a copy of one that has called it, it has been called. `last` is called when all
 * else is done.
 */
export function takeOverExit(last?: () => void): void {
	if (isEndTaken()) return;
	callLast = last;
	endBy(end);
	if (!hookFatalErrors())
		throw new ProcessError('Cannot fork this process: its Node.js does not let its end be taken over.', { code: 'ERR_NPROCS_START_METHOD' });
	addon().onIdleLoop(onIdle);
}

let callLast: (() => void) | undefined;

/** As Node does it at the end of its event loop, with the same exit codes. */
function onIdle(step: 0 | 1 | 2): void {
	const code = Number(process.exitCode ?? 0);
	if (step === 0) process.emit('beforeExit', code);
	else if (step === 1) {
		(process as unknown as { _exiting: boolean })._exiting = true;
		emitNaturalExit(code);
	} else endNow(code);
}

/** What Node's tear-down would have done for the library, its hooks have done (base/at-exit.ts). */
function end(code: number): never {
	placeInTree().parent?.link.reportExit(code);
	callLast?.();
	return addon().exitNow(code);
}
