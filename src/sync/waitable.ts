/**
 * What `wait()` can wait for: anything with a method under the symbol `waitSource`.
 *
 * A source is asked, never trusted: `isReady` looks at the thing itself, has no effect and is cheap. A subscription only
 * says "it may be ready now, look"; it may say so without need, and whoever subscribes looks again at each slice of time
 * too, so that the death of the one who should have said it is noticed. Subscribe first, look second, then sleep.
 */

export const waitSource: unique symbol = Symbol.for('nprocs.waitSource') as never;

export interface WaitSource {
	/** Whether the next call that could wait would not have to (the end of file and an error count as ready). */
	isReady(): boolean;
	/** Calls `onChange` in this thread's event loop when the source may have become ready. Returns how to end that. */
	subscribe(onChange: () => void): () => void;
	/**
	 * For the blocking form, a descriptor that becomes readable when the source may be ready. A source without one is one that
	 * `parkSync` prepares for a sleep on the thread's wake word.
	 */
	readonly fd?: number;
	/** Says in shared memory that this thread sleeps for the source, so that it is woken. Returns how to take it back. */
	parkSync?(): () => void;
}

/** Connections, listeners, queues and a Process's `sentinel` are Waitable; so are Node's sockets, for `wait()`. */
export interface Waitable {
	[waitSource](): WaitSource;
}

export function isWaitable(value: unknown): value is Waitable {
	return typeof value === 'object' && value !== null && typeof (value as Partial<Waitable>)[waitSource] === 'function';
}
