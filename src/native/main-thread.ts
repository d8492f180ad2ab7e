import { addon } from './addon.ts';

/**
 * Whether this is the process's main thread. `node:worker_threads` tells it, too, but loading that brings
 * streams with it, which each start would pay for. Where there is no addon it is asked all the same, so that a program
 * comes as far as its first use of one, which says what is the matter.
 */
export function isMainThread(): boolean {
	if (process.platform !== 'linux') return process.getBuiltinModule('node:worker_threads').isMainThread;
	return addon().threadId() === addon().processId();
}
