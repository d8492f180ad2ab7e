/** Waiting in the event loop for something that calls back. */
import type { Deadline } from './deadline.ts';

/** The longest time that one of Node's timers can run. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Resolves with true when `subscribe`'s callback is called, with false when the deadline has passed; rejects with the
 * signal's reason when aborted. Whatever happens, the subscription is ended.
 */
export function until(deadline: Deadline, subscribe: (onEvent: () => void) => () => void): Promise<boolean> {
	return new Promise((resolve, reject) => {
		deadline.signal?.throwIfAborted(); // no event will tell of it any more
		let timer: NodeJS.Timeout | undefined;
		const finish = (end: () => void): void => {
			clearTimeout(timer);
			deadline.signal?.removeEventListener('abort', onAbort);
			unsubscribe();
			end();
		};
		const onAbort = (): void => finish(() => reject(deadline.signal?.reason as Error));
		const arm = (): void => {
			const left = deadline.remaining();
			if (left === Infinity) return;
			if (left === 0) finish(() => resolve(false));
			else timer = setTimeout(arm, Math.min(left, longestTimerMs));
		};
		deadline.signal?.addEventListener('abort', onAbort);
		const unsubscribe = subscribe(() => finish(() => resolve(true)));
		arm();
	});
}
