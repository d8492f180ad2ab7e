/**
 * Waiting for something to take, and leaving it there: `poll` and `wait()`. `isReady` says whether a call that takes
 * would not have to wait.
 */
import { Deadline } from '../base/deadline.ts';
import { waitFor, waitForSync } from '../wait/waiter.ts';
import type { WaitSource } from '../wait/waitable.ts';
import type { Stream } from './stream.ts';

/** Waits until there may be something to take, and leaves it there. */
export function watch(stream: Stream, isReady: () => boolean, deadline: Deadline): Promise<boolean> {
	return waitFor(stream.watchers, watching(stream, isReady), deadline, { independent: true }).then((ready) => ready === true);
}

/** As `watch`, but blocks this thread. */
export function watchSync(stream: Stream, isReady: () => boolean, deadline: Deadline): boolean {
	return waitForSync(stream.watchers, watching(stream, isReady), deadline) === true;
}

function watching(stream: Stream, isReady: () => boolean): () => true | undefined {
	return () => {
		stream.checkOpen();
		return isReady() || undefined;
	};
}

export function sourceOf(stream: Stream, isReady: () => boolean): WaitSource {
	return {
		isReady,
		set: stream.watchers,
		subscribe(onChange) {
			const ended = new AbortController();
			const attempt = (): true | undefined => stream.closed || isReady() || undefined;
			waitFor(stream.watchers, attempt, Deadline.from(ended.signal), { independent: true }).then(onChange, () => {
				if (!ended.signal.aborted) onChange();
			});
			return () => ended.abort();
		},
	};
}
