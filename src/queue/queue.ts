/**
 * Queue: a stream with both ends in one object. As Python's `multiprocessing.Queue` (argument for argument), but a
 * value is in shared memory when `put` returns: no feeder thread, so nothing is lost when the process ends right
 * afterwards, and nobody has to drain a queue before joining who filled it.
 *
 * All its calls are those of its two sides (queue/sender.ts, queue/receiver.ts), which can be handed to other processes
 * one by one, too.
 */
import { inspect } from 'node:util';
import { checkArgument, type Kind } from '../base/arguments.ts';
import type { Wait } from '../base/deadline.ts';
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { waitSource, type Waitable, type WaitSource } from '../wait/waitable.ts';
import { QueueAccess } from './access.ts';
import { kindOfSide } from './side-kind.ts';
import { QueueReceiver } from './receiver.ts';
import { QueueSender } from './sender.ts';
import type { Stream } from '../stream/stream.ts';

const kind = 'Queue';

export class Queue<T = unknown> implements Shareable, Waitable, Disposable, AsyncDisposable, AsyncIterable<T> {
	/** @internal */
	protected readonly access: QueueAccess;
	readonly #in: QueueSender<T>;
	readonly #out: QueueReceiver<T>;

	/**
	 * @param maxsize - how many items it may hold; 0 or less: as many as memory has room for
	 */
	constructor(maxsize?: number);
	/** @internal */
	constructor(maxsize: number, access: QueueAccess);
	constructor(maxsize: number = 0, access?: QueueAccess) {
		this.access = access ?? QueueAccess.create(kind, { maxCount: checkMaxsize(maxsize) });
		this.#in = new QueueSender(this.access, 'view');
		this.#out = new QueueReceiver(this.access, 'view');
	}

	/** @internal */
	protected get stream(): Stream {
		return this.access.stream;
	}

	/** The most items it may hold; 0 for no limit. */
	get maxsize(): number {
		return this.stream.ring.maxCount;
	}

	/**
	 * Puts a value in, and waits while the queue is full. Values of one process come out in the order in which it put
	 * them.
	 *
	 * @throws Full when the time is up, ClosedError after `close()` here or `end()` anywhere, SerializationError (at
	 * once, and no place is taken) when the value cannot cross, ERR_NPROCS_NO_SPACE when there is no memory for it
	 */
	put(value: T, wait?: Wait): Promise<void> {
		return this.#in.put(value, wait);
	}

	/** As `put`, but blocks this thread. */
	putSync(value: T, wait?: Wait): void {
		this.#in.putSync(value, wait);
	}

	/** Puts a value in if there is room now, else throws Full. */
	putNowait(value: T): void {
		this.#in.putSync(value, 0);
	}

	/**
	 * Puts all values in, in order, waiting for room where it must; cheaper than one by one. They are all serialized
	 * first: when one of them cannot cross, none is put in. Whatever ends it half-way (its time, its signal, no memory,
	 * the end of the queue), `count` of the error says how many are in.
	 */
	putMany(values: Iterable<T>, wait?: Wait): Promise<void> {
		return this.#in.putMany(values, wait);
	}

	/** As `putMany`, but blocks this thread. */
	putManySync(values: Iterable<T>, wait?: Wait): void {
		this.#in.putManySync(values, wait);
	}

	/**
	 * Takes the next item out; waits for one if there is none.
	 *
	 * @throws Empty when the time is up, ClosedError after `close()` here, EOFError when nothing is inside and `end()`
	 * was called somewhere
	 */
	get(wait?: Wait): Promise<T> {
		return this.#out.get(wait);
	}

	/** As `get`, but blocks this thread. */
	getSync(wait?: Wait): T {
		return this.#out.getSync(wait);
	}

	/** Takes an item out if there is one now, else throws Empty. */
	getNowait(): T {
		return this.#out.getSync(0);
	}

	/**
	 * Takes between 1 and `max` items out, as many as are there; waits only while there is none. Cheaper than one by
	 * one.
	 *
	 * @throws as `get`
	 */
	getMany(max?: number, wait?: Wait): Promise<T[]> {
		return this.#out.getMany(max, wait);
	}

	/** As `getMany`, but blocks this thread. */
	getManySync(max?: number, wait?: Wait): T[] {
		return this.#out.getManySync(max, wait);
	}

	/** How many items are inside now. Exact, but others may change it at once. */
	qsize(): number {
		return this.#out.qsize();
	}

	empty(): boolean {
		return this.#out.empty();
	}

	full(): boolean {
		this.stream.checkOpen();
		return !this.stream.ring.hasRoom();
	}

	/**
	 * Says for all, in every process, that nothing more comes: what is inside can still be taken, then `get` is an
	 * EOFError and iteration ends; `put` is a ClosedError from now on. Idempotent.
	 */
	end(): void {
		this.#in.end();
	}

	/**
	 * The side of those who put, for processes that do nothing else with the queue. A process that gets it as an
	 * argument or in a message holds only this side: who takes finds the end of file (EOFError) when nothing is inside
	 * and no process is left that holds such a side or the whole queue. Here it is a view that holds nothing, and is
	 * closed with the queue.
	 */
	sender(): QueueSender<T> {
		this.stream.checkOpen();
		return new QueueSender(this.access, 'view');
	}

	/**
	 * The side of those who take. A process that gets it as an argument or in a message holds only this side: who puts
	 * by a `sender()` gets ERR_NPROCS_NO_READER when no process is left that holds such a side or the whole queue. Here
	 * it is a view that holds nothing, and is closed with the queue.
	 */
	receiver(): QueueReceiver<T> {
		this.stream.checkOpen();
		return new QueueReceiver(this.access, 'view');
	}

	get closed(): boolean {
		return this.stream.closed;
	}

	/**
	 * This process is done with it: its pending calls end with a ClosedError. The queue lives while another process has
	 * it. Idempotent.
	 */
	close(): void {
		this.access.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	/** Takes items until nothing more can come (`end`), or this process closes the queue. */
	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		return this.#out[Symbol.asyncIterator]();
	}

	/** Ready when there is an item, and when nothing more can come. */
	[waitSource](): WaitSource {
		return this.#out[waitSource]();
	}

	[toHandle](): Handle {
		this.stream.checkOpen();
		return this.access.handle();
	}

	[inspect.custom](): string {
		return `<${this.constructor.name} ${this.closed ? 'closed' : this.#describe()}>`;
	}

	#describe(): string {
		const limit = this.maxsize > 0 ? ` maxsize=${this.maxsize}` : '';
		return `size=${this.qsize()}${limit}${this.stream.isEnded ? ' ended' : ''}`;
	}
}

export function checkMaxsize(maxsize: unknown): number {
	checkArgument('the size of a queue', maxsize, aMaxsize);
	return Math.max(0, maxsize as number);
}

const aMaxsize: Kind = {
	what: 'a whole number up to 2147483647 (0: no limit)',
	has: (value) => Number.isInteger(value) && (value as number) < 2 ** 31,
};

registerKind(kind, (name: string) => new Queue(0, QueueAccess.open(kind, name)));
registerKind(kindOfSide(kind, 'sender'), (name: string) => new QueueSender(QueueAccess.open(kind, name, { side: 'sender' }), 'own'));
registerKind(kindOfSide(kind, 'receiver'), (name: string) => new QueueReceiver(QueueAccess.open(kind, name, { side: 'receiver' }), 'own'));
