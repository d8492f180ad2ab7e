/**
 * How many of the worker threads that this one has begun are still running: a message of theirs may make it go on. Node
 * lists them nowhere among what keeps an event loop alive, but says of each that it has begun.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';

export function runningWorkers(): number {
	return running;
}

let running = 0;

subscribe('worker_threads', (message) => {
	running++;
	(message as { worker: Worker }).worker.once('exit', () => running--);
});
