import { addon } from './addon.ts';

/**
 * Whether this is the process's main thread. `node:worker_threads` tells it, too, but loading that takes a program, and
 * its forkserver, two percent of their start: it brings streams with it.
 */
export function isMainThread(): boolean {
	return addon().threadId() === addon().processId();
}
