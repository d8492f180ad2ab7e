/**
 * A forked process has none of its parent's threads, though it has the objects that stand for them. Who asks such a
 * thread for something and waits for the answer would wait for ever, and often blocks meanwhile: Node does for a module
 * loader that runs in a thread, esbuild for what it compiles. All of them begin with a message to a `Worker`, which is
 * an error here.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { ProcessError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { isLoaded } from './stocks.ts';

/**
 * To be called in a process that is going to be forked, before the program's code runs.
 *
 * The event `worker` would come too late: Node emits it a tick after the thread was made, and a program whose modules
 * are loaded without one in between may have forked by then.
 */
export function watchThreads(): void {
	subscribe('worker_threads', (message) => noteWorker((message as { worker: Worker }).worker));
	if (isLoaded('worker')) watchMessages();
}

/** Not before there is a thread: what they come from takes long to load. */
function watchMessages(): void {
	if (isWatching) return;
	isWatching = true;
	const { prototype } = process.getBuiltinModule('node:worker_threads').Worker;
	const { postMessage } = prototype as unknown as Record<string, (this: Worker, ...args: unknown[]) => void>;
	prototype.postMessage = function (...args: unknown[]) {
		const pid = addon().processId();
		const owner = owners.get(this) ?? pid;
		owners.set(this, owner);
		if (owner !== pid) throw lostThread(owner);
		postMessage!.apply(this, args);
	};
}

/** To be called in a forked process: it does not live for its parent's threads. */
export function forgetThreads(): void {
	for (const worker of running) worker.unref();
	running.clear();
}

let isWatching = false;

/** In a process that does nothing more with its threads. */
export function endThreads(): void {
	for (const worker of running) void worker.terminate();
}

/** Those that the program has started, and that perhaps have ended since. */
const running = new Set<Worker>();

function noteWorker(made: Worker): void {
	watchMessages();
	owners.set(made, addon().processId());
	for (const worker of running) if (worker.threadId === -1) running.delete(worker);
	running.add(made);
}

/** Worker → pid of the process that has made it, or has first sent something to it. */
const owners = new WeakMap<object, number>();

function lostThread(owner: number): ProcessError {
	return new ProcessError(
		`Cannot use a thread of process ${owner}: this process was forked from it, and a forked process has none of its parent's threads.` +
			" If this happens while a module is imported: the program's module loader (such as tsx) runs in a thread. Import the module before the process is started, and use what that import gave," +
			" or start the process by 'spawn'.",
		{ code: 'ERR_NPROCS_LOST_THREAD' },
	);
}
