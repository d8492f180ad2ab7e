/**
 * How a forked process ends. Node's own tear-down joins threads that a forked process does not have, so it must never run, nor what Node
 * does when the event loop is empty: the natural end is noticed before Node would, and after the `exit` event the process ends at once.
 * (Standard streams are written synchronously on Linux, so nothing is lost.)
 */
import { releaseEverything } from '../memory/segment.ts';
import { addon } from '../native/addon.ts';

/** To be called in a process that is going to be forked; changes nothing for it. */
export function prepareExit(): void {
	const node = process as unknown as { emit: (event: string, ...args: unknown[]) => boolean; reallyExit: (code?: number) => never };
	const { emit, reallyExit } = node;
	node.reallyExit = function (code) {
		return isForked ? end(code ?? 0) : reallyExit.call(this, code);
	};
	// The natural end, process.exit() and a fatal error all come by here, in this order: the program's handlers, then the end.
	node.emit = function (event, ...args) {
		const result = emit.call(this, event, ...args);
		if (isForked && event === 'exit') end(Number(process.exitCode ?? args[0] ?? 0));
		return result;
	};
}

/** To be called in a forked process. In a copy of one that has called it, it has been called. */
export function takeOverExit(): void {
	if (isForked) return;
	isForked = true;
	addon().onIdleLoop((isLast) => {
		if (isLast) process.exit();
		else process.emit('beforeExit', Number(process.exitCode ?? 0));
	});
}

let isForked = false;

/** What Node's tear-down would have done for the library is done here: shared objects are given up. */
function end(code: number): never {
	releaseEverything();
	return addon().exitNow(code);
}
