import { readSync } from 'node:fs';

/** More than the kernel reads in one call anyway. */
const mostPerCall = 2 ** 30;

/**
 * Fills `into` from the file, beginning at `position`. Returns how many bytes there were: fewer only where the file
 * ends.
 */
export function readFully(fd: number, into: Uint8Array, position: number): number {
	for (let at = 0; at < into.length;) {
		const count = readSync(fd, into, at, Math.min(into.length - at, mostPerCall), position + at);
		if (count === 0) return at;
		at += count;
	}
	return into.length;
}
