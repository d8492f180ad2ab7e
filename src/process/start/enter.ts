/**
 * How a child runs the program's part, whatever the start method: where it is, and what becomes of what its code
 * throws, or never finishes.
 */
import { atNaturalEnd } from '../../base/at-exit.ts';
import { unsettledExitCode } from '../../base/exit-status.ts';
import { addon } from '../../native/addon.ts';
import { fileSystemError } from '../../native/raise.ts';
import { currentName } from '../current.ts';
import { unfinishedImport } from '../reference/target.ts';
import { hookFatalErrors, writeToStderr } from './uncaught.ts';

/** A child may be in a directory to which its user has no path any more. */
export function enterDirectory(path: string): void {
	try {
		process.chdir(path);
	} catch (error) {
		if (whereabouts() !== path) throw fileSystemError(error, `start in the directory ${path}`);
	}
}

/** The current directory; undefined when it has been removed. */
export function whereabouts(): string | undefined {
	try {
		return process.cwd();
	} catch {
		return undefined;
	}
}

/**
 * Runs the program's part, which stands in the place of the main module of a program: what it throws is an uncaught
 * error, and when it is not finished though the event loop has nothing left to do, the process ends with Node's exit
 * code for an unsettled top-level await.
 */
export async function runToEnd(run: () => unknown): Promise<void> {
	let isPending = true;
	hookFatalErrors();
	atNaturalEnd(() => (isPending ? warnUnsettled() : undefined));
	try {
		await run();
		isPending = false;
	} catch (error) {
		isPending = false;
		addon().reportUncaught(error);
	}
}

function warnUnsettled(): number {
	const module = unfinishedImport();
	const where = module === undefined ? 'in the target: its promise was never settled' : `at ${module}`;
	writeToStderr(`Process ${currentName()}:\nWarning: Detected unsettled top-level await ${where}\n`);
	return unsettledExitCode;
}
