/**
 * What is printed of an error that nobody caught: the process's name, and the error itself where Node's own print would come
 * too late, since Node prints only after `exit`, or never.
 */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { atExit } from '../base/at-exit.ts';
import { addon } from '../native/addon.ts';
import { currentName } from './current.ts';

/** Puts the process's name before what is printed. */
export function nameInErrors(): void {
	isNamed = true;
	watch();
}

/** When `isNeeded()` is true at the time of the error, it is printed at once, and Node ends without doing it again. */
export function printErrorsWhen(isNeeded: () => boolean): void {
	needs.add(isNeeded);
	watch();
}

const needs = new Set<() => boolean>();
let isNamed = false;
let isWatching = false;

function watch(): void {
	if (isWatching || !isMainThread) return; // those of other threads go to the thread that made them
	isWatching = true;
	process.on('uncaughtExceptionMonitor', (error) => {
		if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
		const name = isNamed ? `Process ${currentName()}:\n` : '';
		const isPrinted = [...needs].some((isNeeded) => isNeeded());
		writeToStderr(isPrinted ? `${name}${inspect(error)}\n` : name);
		if (isPrinted) atExit((code) => (process as unknown as { reallyExit: (code: number) => never }).reallyExit(code));
	});
}

function writeToStderr(text: string): void {
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length;) {
		try {
			at += writeSync(2, bytes, at);
		} catch (error) {
			if ((error as { code?: string }).code !== 'EAGAIN') return; // closed: there is nobody to tell
			addon().pollReadable([], 1);
		}
	}
}
