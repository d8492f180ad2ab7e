/**
 * What all rooms do with descriptors: wait for them, blocking this thread (for the event loop there is watch.ts), and
 * close them.
 */
import { addon } from './addon.ts';
import { check } from './raise.ts';

/**
 * Whether there is something to read, or its peer has closed it. Blocks until then, at most this long; Infinity: for
 * ever.
 */
export function isReadable(fd: number, timeoutMs = 0): boolean {
	return readableOf([fd], timeoutMs).length > 0;
}

/** The same of several: indexes of those that are. */
export function readableOf(fds: readonly number[], timeoutMs = 0): number[] {
	return check(addon().pollReadable(fds, timeoutMs === Infinity ? -1 : timeoutMs), 'wait for descriptors');
}

/** Blocks this thread. */
export function sleepSync(ms: number): void {
	addon().pollReadable([], ms);
}

export function closeAll(fds: Iterable<number>): void {
	for (const fd of fds) addon().closeFd(fd);
}
