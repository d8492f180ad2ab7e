/** SimpleQueue: a queue without limits of any kind. As Python's `multiprocessing.SimpleQueue`. */
import type { Wait } from '../base/deadline.ts';
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { waitSource, type Waitable, type WaitSource } from '../sync/waitable.ts';
import { Queue } from './queue.ts';
import { Stream } from './stream.ts';

const kind = 'SimpleQueue';

export class SimpleQueue<T = unknown> implements Shareable, Waitable, Disposable {
	readonly #queue: Queue<T>;

	constructor();
	/** @internal */
	constructor(stream: Stream);
	constructor(stream?: Stream) {
		this.#queue = new Queue<T>(0, stream ?? Stream.create(kind, {}));
	}

	/** Puts a value in. Never waits. */
	put(value: T): Promise<void> {
		return this.#queue.put(value);
	}

	/** As `put`. */
	putSync(value: T): void {
		this.#queue.putSync(value);
	}

	/** Takes the next item out; waits for one if there is none. */
	get(wait?: Wait): Promise<T> {
		return this.#queue.get(wait);
	}

	/** As `get`, but blocks this thread. */
	getSync(wait?: Wait): T {
		return this.#queue.getSync(wait);
	}

	empty(): boolean {
		return this.#queue.empty();
	}

	get closed(): boolean {
		return this.#queue.closed;
	}

	/** This process is done with it. Idempotent. */
	close(): void {
		this.#queue.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		return this.#queue[Symbol.asyncIterator]();
	}

	/** Ready when there is an item. */
	[waitSource](): WaitSource {
		return this.#queue[waitSource]();
	}

	[toHandle](): Handle {
		return this.#queue[toHandle]();
	}
}

registerKind(kind, (name: string) => new SimpleQueue(Stream.open(kind, name)));
