/** What the library does when the process ends. In one place, so that a forked process can tell it from its parent's handlers. */

const ours = new Set<() => void>();

/** Runs `handler` at the `exit` event, after the program's own handlers that were installed before. */
export function atExit(handler: () => void): void {
	ours.add(handler);
	process.on('exit', handler);
}

/** In a process that was forked from a running program: what its parent wanted to do at its end is the parent's to do. */
export function keepOwnExitHandlers(): void {
	for (const event of ['exit', 'beforeExit'] as const) process.removeAllListeners(event);
	for (const handler of ours) process.on('exit', handler);
}
