/**
 * Runs it when what is at work now is done, before the event loop goes on. A promise's reaction costs less than
 * `queueMicrotask`, which makes an asynchronous context of its own for each.
 */
export function afterwards(run: () => void): void {
	void Promise.resolve().then(run);
}
