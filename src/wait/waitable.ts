/**
 * What `wait()` can wait for: anything with a method under the symbol `waitSource`.
 *
 * A source is asked, never trusted: `isReady` looks at the thing itself, has no effect and is cheap. A subscription
 * only says "it may be ready now, look"; it may say so without need, and whoever subscribes looks again at each slice
 * of time too, so that the death of the one who should have said it is noticed. Subscribe first, look second, then
 * sleep.
 */
import { isOf, type Kind } from '../base/arguments.ts';
import type { WaiterSet } from './waiter-set.ts';

export const waitSource: unique symbol = Symbol.for('nprocs.waitSource') as never;

export interface WaitSource {
	/** Whether the next call that could wait would not have to (the end of file and an error count as ready). */
	isReady(): boolean;
	/** Calls `onChange` in this thread's event loop when the source may have become ready. Returns how to end that. */
	subscribe(onChange: () => void): () => void;
	/** For the blocking form: a descriptor that becomes readable when the source may be ready … */
	readonly fd?: number;
	/** … or the set of waiters in shared memory to sleep in. A source with neither is looked at from time to time. */
	readonly set?: WaiterSet;
}

/** Connections, listeners, queues and a Process's `sentinel` are Waitable; so are Node's sockets, for `wait()`. */
export interface Waitable {
	[waitSource](): WaitSource;
}

export function isWaitable(value: unknown): value is Waitable {
	return isOf(aWaitable, value);
}

const aWaitable: Kind = {
	what: 'something to wait for',
	has: (value) => typeof value === 'object' && value !== null && typeof (value as Partial<Waitable>)[waitSource] === 'function',
};
