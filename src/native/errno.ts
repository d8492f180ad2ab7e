/**
 * Errors of system calls. A function of the addon that can fail returns a number below 0, which is minus the error's
 * number; it never throws. An `Errno` is the error itself, and no number for the compiler: it can neither be negated,
 * nor compared with such a result, nor be taken for one. Both become each other here.
 */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

declare const brand: unique symbol;

export interface Errno {
	readonly [brand]: 'errno';
}

/** The errors by their names in POSIX. */
export const errno = constants.errno as unknown as Readonly<Record<keyof typeof constants.errno, Errno>>;

/** Of a result below 0. Errors of Node's own calls have such a number, too. */
export function errnoOf(result: number): Errno {
	return -result as unknown as Errno;
}

/** Whether it is what a call returns that has failed with this error. */
export function failedBy(result: unknown, error: Errno): boolean {
	return result === resultOf(error);
}

/** What a call returns that has failed with this error. */
export function resultOf(error: Errno): number {
	return -(error as unknown as number);
}

/** 'ENOENT' */
export function nameOf(error: Errno): string {
	return getSystemErrorName(resultOf(error));
}
