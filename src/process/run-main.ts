/**
 * Runs a program as this process's main module, as if `node program.js args` had been typed, in a process that is
 * running already.
 *
 * Node itself does it, but for one thing: only at the end of a process that it has started with that module, it looks
 * whether a top-level await has never been settled. Here that is asked of the module: importing it again waits for the
 * same evaluation.
 */
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { atNaturalEnd, whenIdle } from '../base/at-exit.ts';
import { setImmediate } from '../base/clock.ts';
import { unsettledExitCode } from '../base/exit-status.ts';
import { writeToStderr } from './start/uncaught.ts';

/** `file` is absolute, and stays in `process.argv` as it is. Returns when the program has begun. */
export function runMainModule(file: string, args: readonly string[]): void {
	process.argv = [process.execPath, file, ...args];
	const { runMain } = process.getBuiltinModule('node:module') as unknown as { runMain(this: void, main?: string): void };
	const path = realpathSync(file); // as Node does, unless it is told not to, as forked processes are
	runMain(path);
	if (process.mainModule?.filename !== path) watchEvaluation(pathToFileURL(path).href);
}

function watchEvaluation(url: string): void {
	let isPending = true;
	let isAsked = false;
	const settle = (): void => void (isPending = false);
	// Not before: with a loader, who imports a module first says whether it is the main one.
	whenIdle(() => {
		if (isAsked) return false;
		isAsked = true;
		import(url).then(settle, settle); // what it throws is Node's business
		setImmediate(() => {}); // so that the loop turns
		return true;
	});
	atNaturalEnd(() => {
		if (!isPending) return undefined;
		writeToStderr(`Warning: Detected unsettled top-level await at ${url}\n`);
		return unsettledExitCode;
	});
}
