/**
 * The one hook for forks. What a process and a forked copy of it must not have in common is renewed in the copy by the
 * module whose state it is, which registers here; who forks calls `prepareFork` and, in the copy, `settleFork`, and
 * knows none of those modules.
 *
 * All copies of the library in a process have one list: a fork that one of them makes copies what all of them have. It
 * is gone through in steps, and in each of them in the order of registration.
 */
import { processWide } from './process-wide.ts';

/** What comes in an earlier step is as it should be in the later ones. */
export const forkStep = {
	/** Who this process is: its pid, its slot among the participants, its random numbers. */
	identity: 0,
	/** What the original waits for, and the contexts that it is in: nothing of that goes on in the copy. */
	waits: 1,
	/** What connects the original with its parent, its children and servers. */
	connections: 2,
	/** What it is to do for others: its children, what it keeps alive for them, its job. */
	duties: 3,
} as const;

export interface ForkHook {
	readonly step: (typeof forkStep)[keyof typeof forkStep];
	/** In the process that is going to be copied. */
	readonly before?: () => void;
	/** In the copy, before any other code runs there. */
	readonly inCopy?: () => void;
}

export function atFork(hook: ForkHook): void {
	const hooks = registered();
	const later = hooks.findIndex(({ step }) => step > hook.step);
	hooks.splice(later < 0 ? hooks.length : later, 0, hook);
}

/**
 * For state that there may never be: returns what registers the hook, at its first call. (Importing the library has no
 * side effect.)
 */
export function forkHook(hook: ForkHook): () => void {
	let isRegistered = false;
	return () => {
		if (isRegistered) return;
		isRegistered = true;
		atFork(hook);
	};
}

/** To be called by who forks this process. */
export function prepareFork(): void {
	for (const { before } of registered()) before?.();
}

/** To be called in a process that was forked, before it does anything else. */
export function settleFork(): void {
	for (const { inCopy } of registered()) inCopy?.();
}

const registered = processWide('fork-hooks/1', (): ForkHook[] => []);
