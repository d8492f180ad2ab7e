/** SimpleQueue: a queue without limits of any kind. As Python's `multiprocessing.SimpleQueue`. */
import type { Wait } from '../base/deadline.ts';
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { waitSource, type Waitable, type WaitSource } from '../wait/waitable.ts';
import { Queue } from './queue.ts';
import { QueueAccess } from './access.ts';
import { kindOfSide } from './side-kind.ts';
import { QueueReceiver } from './receiver.ts';
import { QueueSender } from './sender.ts';

const kind = 'SimpleQueue';

export class SimpleQueue<T = unknown> implements Shareable, Waitable, Disposable {
	readonly #queue: Queue<T>;

	constructor();
	/** @internal */
	constructor(access: QueueAccess);
	constructor(access?: QueueAccess) {
		this.#queue = new Queue<T>(0, access ?? QueueAccess.create(kind, {}));
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

	/** As a Queue's: nothing more comes, from anybody. */
	end(): void {
		this.#queue.end();
	}

	/** As a Queue's: the side of those who put. */
	sender(): QueueSender<T> {
		return this.#queue.sender();
	}

	/** As a Queue's: the side of those who take. */
	receiver(): QueueReceiver<T> {
		return this.#queue.receiver();
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

registerKind(kind, (name: string) => new SimpleQueue(QueueAccess.open(kind, name)));
registerKind(kindOfSide(kind, 'sender'), (name: string) => new QueueSender(QueueAccess.open(kind, name, { side: 'sender' }), 'own'));
registerKind(kindOfSide(kind, 'receiver'), (name: string) => new QueueReceiver(QueueAccess.open(kind, name, { side: 'receiver' }), 'own'));
