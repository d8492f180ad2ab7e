/**
 * Errors that nobody has caught are Node's business: it asks the program's handlers, prints, ends with the codes that
 * it has for each case. Here is what comes with that: the name of the process stands above the error, and the library's
 * own end (children are joined, …) comes when it has been printed.
 *
 * Node does it in two steps: `process._fatalException` is JavaScript, asks the handlers and emits `exit`; the rest is
 * C++. So the first is wrapped, and the very last step calls back. An error inside of a handler (exit code 7) leaves
 * the first by an exception, and comes to the same end.
 */
import { writeSync } from 'node:fs';
import { finishExit, makeHooksDue, postponeHooks } from '../../base/at-exit.ts';
import { processWide } from '../../base/process-wide.ts';
import { addon } from '../../native/addon.ts';
import { sleepSync } from '../../native/descriptor.ts';
import { isMainThread } from '../../native/main-thread.ts';
import { currentName, role } from '../current.ts';

/**
 * Has the library's end come after the print. False where this Node does not let us: then it comes before. A copy of
 * this process has it too.
 */
export function hookFatalErrors(): boolean {
	const own = state();
	if (own.isHooked === undefined && isMainThread()) {
		own.isHooked = addon().onProcessExit(finishExit) === 0;
		wrapFatalException();
	}
	return own.isHooked === true;
}

/** Undefined: not yet. Errors of other threads go to the thread that made them. */
const state = processWide('fatal-errors/1', () => ({ isHooked: undefined as boolean | undefined }));

interface Node {
	_fatalException: (this: unknown, error: unknown, isFromPromise: boolean) => boolean;
}

function wrapFatalException(): void {
	const node = process as unknown as Node;
	const original = node._fatalException;
	node._fatalException = function (error, isFromPromise) {
		const undo = state().isHooked === true ? postponeHooks() : undefined;
		let isHandled = false;
		try {
			isHandled = original.call(this, error, isFromPromise);
			return isHandled;
		} finally {
			if (isHandled) undo?.();
			else beforePrint();
		}
	};
}

function beforePrint(): void {
	if (state().isHooked === true) makeHooksDue();
	if (role() === 'child') writeToStderr(`Process ${currentName()}:\n`);
}

/** At once, whatever has become of `process.stderr`. */
export function writeToStderr(text: string): void {
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length;) {
		try {
			at += writeSync(2, bytes, at);
		} catch (error) {
			if ((error as { code?: string }).code !== 'EAGAIN') return; // closed: there is nobody to tell
			sleepSync(1);
		}
	}
}
