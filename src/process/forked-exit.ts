/**
 * How a forked process ends. Node's own tear-down joins threads that a forked process does not have, so it must never run, nor what Node
 * does when the event loop is empty: the natural end is noticed before Node would, and after the `exit` event the process ends at once.
 * (Standard streams are written synchronously on Linux, so nothing is lost.)
 */
import { endBy, rehearseEnd } from '../base/at-exit.ts';
import { releaseEverything } from '../memory/segment.ts';
import { addon } from '../native/addon.ts';
import { placeInTree } from './current.ts';

/** To be called in a process that is going to be forked; changes nothing for it. */
export function prepareExit(): void {
	isForked = true;
	takeOverExit(); // which it believes to have done, so that it is only compiled
	isForked = false;
	rehearseEnd(() => onIdle(true), end);
}

/** To be called in a forked process. In a copy of one that has called it, it has been called. */
export function takeOverExit(): void {
	if (isForked) return;
	isForked = true;
	endBy(end); // the natural end, process.exit() and a fatal error all come by there
	addon().onIdleLoop(onIdle);
}

let isForked = false;

function onIdle(isLast: boolean): void {
	if (isLast) process.exit();
	else process.emit('beforeExit', Number(process.exitCode ?? 0));
}

/** What Node's tear-down would have done for the library is done here: shared objects are given up. */
function end(code: number, stop?: () => never): never {
	releaseEverything();
	placeInTree().parent?.link.reportExit(code);
	return stop === undefined ? addon().exitNow(code) : stop();
}
