/**
 * Runs it when what is at work now is done, before the event loop goes on. Not by `queueMicrotask`: a process that
 * forks in the midst of that cannot go on as its child.
 */
export function afterwards(run: () => void): void {
	void Promise.resolve().then(run);
}
