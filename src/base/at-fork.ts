/**
 * For modules with state that a process and a forked copy of it must not have in common. They hear of the fork at once;
 * what only concerns shared objects waits for the copy's first use of one (`onFork` of registry.ts).
 */

interface ForkHandler {
	/** In the process that is going to be copied. */
	readonly before?: () => void;
	/** In the copy. */
	readonly inChild?: () => void;
}

const handlers: ForkHandler[] = [];

export function atFork(handler: ForkHandler): void {
	handlers.push(handler);
}

/** To be called by who forks this process. */
export function prepareFork(): void {
	for (const { before } of handlers) before?.();
}

/** To be called in a process that was forked, before it does anything else. */
export function settleForkedChild(): void {
	for (const { inChild } of handlers) inChild?.();
}
