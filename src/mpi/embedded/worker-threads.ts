/**
 * How many of the worker threads that this one has begun are still running: a message of theirs may make it go on. Node
 * lists them nowhere among what keeps an event loop alive, but says of each that it has begun.
 */
export function runningWorkers(): number {
	return running;
}

let running = 0;

process.on('worker', (worker) => {
	running++;
	worker.once('exit', () => running--);
});
