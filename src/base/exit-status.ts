/**
 * Exit codes as Python's `Process.exitcode`: what the process gave, or minus the number of the signal that ended it.
 */
import { constants } from 'node:os';

/** Reported when a process is known to have ended and nobody can tell how; as Python's forkserver does. */
export const unknownExitCode = 255;

/** Node's own, for a top-level await that is never settled. */
export const unsettledExitCode = 13;

/** `'SIGKILL'` for -9; undefined for codes that no signal stands for. */
export function signalName(exitCode: number): string | undefined {
	if (exitCode >= 0) return undefined;
	return Object.entries(constants.signals).find(([, number]) => number === -exitCode)?.[0];
}

/** In words: `was killed by SIGKILL`, `ended with exit code 3`; `died` when nobody can tell. */
export function howItEnded(exitCode: number | null): string {
	if (exitCode === null) return 'died';
	return exitCode < 0 ? `was killed by ${signalName(exitCode) ?? `signal ${-exitCode}`}` : `ended with exit code ${exitCode}`;
}

/** As it stands in a process's `inspect` form: `0`, `3`, `-SIGTERM`. */
export function exitCodeText(exitCode: number): string {
	const name = signalName(exitCode);
	return name === undefined ? String(exitCode) : `-${name}`;
}
