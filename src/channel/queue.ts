/**
 * Queue: a stream with both ends in one object. As Python's `multiprocessing.Queue` (argument for argument), but a value is in shared memory
 * when `put` returns: no feeder thread, so nothing is lost when the process ends right afterwards, and nobody has to drain a
 * queue before joining who filled it.
 */
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError, Empty, Full } from '../base/errors.ts';
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { isWaitedForHere, waitFor, waitForSync } from '../sync/waiter.ts';
import { waitSource, type Waitable, type WaitSource } from '../sync/waitable.ts';
import { discard, own, pack, type Outgoing } from './message.ts';
import { Stream, type Taken } from './stream.ts';
import { isTurnDue, turn } from './turn.ts';

const kind = 'Queue';

export class Queue<T = unknown> implements Shareable, Waitable, Disposable, AsyncDisposable, AsyncIterable<T> {
	/** @internal */
	protected readonly stream: Stream;

	/**
	 * @param maxsize - how many items it may hold; 0 or less: as many as memory has room for
	 */
	constructor(maxsize?: number);
	/** @internal */
	constructor(maxsize: number, stream: Stream);
	constructor(maxsize: number = 0, stream?: Stream) {
		this.stream = stream ?? Stream.create(kind, { maxCount: checkMaxsize(maxsize) });
	}

	/** The most items it may hold; 0 for no limit. */
	get maxsize(): number {
		return this.stream.ring.maxCount;
	}

	/**
	 * Puts a value in, and waits while the queue is full. Values of one process come out in the order in which it put them.
	 *
	 * @throws Full when the time is up, ClosedError after `close()`, SerializationError (at once, and no place is taken) when the value cannot
	 * cross, ERR_NPROCS_NO_SPACE when there is no memory for it
	 */
	async put(value: T, wait?: Wait): Promise<void> {
		const deadline = Deadline.from(wait);
		const message = this.#pack(value);
		if (!isWaitedForHere(this.stream.room) && this.#tryPut(message)) return isTurnDue() ? turn() : undefined;
		await this.#putLater([own(message)], deadline);
	}

	/** As `put`, but blocks this thread. */
	putSync(value: T, wait?: Wait): void {
		const deadline = Deadline.from(wait);
		const message = this.#pack(value);
		if (this.#tryPut(message)) return;
		this.#putBlocking([own(message)], deadline);
	}

	/** Puts a value in if there is room now, else throws Full. */
	putNowait(value: T): void {
		this.putSync(value, 0);
	}

	/**
	 * Puts all values in, in order, waiting for room where it must; cheaper than one by one. When the time is up, some of them are in: `error.count`
	 * of the Full says how many.
	 */
	async putMany(values: Iterable<T>, wait?: Wait): Promise<void> {
		const deadline = Deadline.from(wait);
		const messages = this.#packMany(values);
		await this.#putLater(messages, deadline);
	}

	/** As `putMany`, but blocks this thread. */
	putManySync(values: Iterable<T>, wait?: Wait): void {
		const deadline = Deadline.from(wait);
		this.#putBlocking(this.#packMany(values), deadline);
	}

	/**
	 * Takes the next item out; waits for one if there is none.
	 *
	 * @throws Empty when the time is up, ClosedError after `close()`
	 */
	async get(wait?: Wait): Promise<T> {
		const deadline = Deadline.from(wait);
		this.stream.checkOpen();
		if (!isWaitedForHere(this.stream.items)) {
			const taken = this.stream.tryTake();
			if (taken !== undefined) {
				if (isTurnDue()) await turn();
				return taken.value as T;
			}
		}
		const taken = await waitFor(this.stream.items, this.#take, deadline, this.stream.getting);
		if (taken === undefined) throw empty();
		return taken.value as T;
	}

	/** As `get`, but blocks this thread. */
	getSync(wait?: Wait): T {
		const deadline = Deadline.from(wait);
		this.stream.checkOpen();
		const taken = this.stream.tryTake() ?? waitForSync(this.stream.items, this.#take, deadline, this.stream.getting);
		if (taken === undefined) throw empty();
		return taken.value as T;
	}

	/** Takes an item out if there is one now, else throws Empty. */
	getNowait(): T {
		return this.getSync(0);
	}

	/**
	 * Takes between 1 and `max` items out, as many as are there; waits only while there is none. Cheaper than one by one.
	 *
	 * @throws Empty when the time is up
	 */
	async getMany(max: number = Infinity, wait?: Wait): Promise<T[]> {
		const deadline = Deadline.from(wait);
		this.stream.checkOpen();
		const attempt = this.#takeMany(max);
		const taken = await waitFor(this.stream.items, attempt, deadline, this.stream.getting);
		if (taken === undefined) throw empty();
		if (isTurnDue()) await turn();
		return taken;
	}

	/** As `getMany`, but blocks this thread. */
	getManySync(max: number = Infinity, wait?: Wait): T[] {
		const deadline = Deadline.from(wait);
		this.stream.checkOpen();
		const taken = waitForSync(this.stream.items, this.#takeMany(max), deadline, this.stream.getting);
		if (taken === undefined) throw empty();
		return taken;
	}

	/** How many items are inside now. Exact, but others may change it at once. */
	qsize(): number {
		this.stream.checkOpen();
		return this.stream.ring.count();
	}

	empty(): boolean {
		this.stream.checkOpen();
		return !this.stream.hasItems();
	}

	full(): boolean {
		this.stream.checkOpen();
		return !this.stream.ring.hasRoom();
	}

	get closed(): boolean {
		return this.stream.closed;
	}

	/** This process is done with it: its pending calls end with a ClosedError. The queue lives while another process has it. Idempotent. */
	close(): void {
		this.stream.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	/** Takes items for ever; ends when this process closes the queue. */
	async *[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		while (!this.closed) {
			let item: T;
			try {
				item = await this.get();
			} catch (error) {
				if (this.closed) return;
				throw error;
			}
			yield item;
		}
	}

	/** Ready when there is an item. */
	[waitSource](): WaitSource {
		this.stream.checkOpen();
		return this.stream.sourceOf(() => this.stream.hasItems());
	}

	[toHandle](): Handle {
		this.stream.checkOpen();
		const { name, kind: ownKind } = this.stream.segment;
		return { kind: ownKind, data: name, segments: [name] };
	}

	[Symbol.for('nodejs.util.inspect.custom')](): string {
		const state = this.closed ? 'closed' : `size=${this.qsize()}${this.maxsize > 0 ? ` maxsize=${this.maxsize}` : ''}`;
		return `<${this.constructor.name} ${state}>`;
	}

	#take = (): Taken | undefined => {
		this.stream.checkOpen();
		return this.stream.tryTake();
	};

	#takeMany(max: number): () => T[] | undefined {
		if (!(max >= 1)) throw new ArgumentError(`Expected the most items to take to be a number from 1 on, got ${String(max)}.`);
		return () => {
			this.stream.checkOpen();
			return this.stream.tryTakeMany(max) as T[] | undefined;
		};
	}

	#pack(value: T): Outgoing {
		this.stream.checkOpen();
		return pack(value, this.stream.segment);
	}

	#packMany(values: Iterable<T>): Outgoing[] {
		const messages: Outgoing[] = [];
		try {
			for (const value of values) {
				messages.push(own(this.#pack(value)));
			}
		} catch (error) {
			messages.forEach(discard);
			throw error;
		}
		return messages;
	}

	#tryPut(message: Outgoing): boolean {
		try {
			return this.stream.tryPut(message);
		} catch (error) {
			discard(message);
			throw error;
		}
	}

	async #putLater(messages: Outgoing[], deadline: Deadline): Promise<void> {
		const put = new Putting(this.stream, messages);
		try {
			if ((await waitFor(this.stream.room, put.attempt, deadline, this.stream.putting)) === undefined) throw put.full();
		} catch (error) {
			put.discard();
			throw error;
		}
	}

	#putBlocking(messages: Outgoing[], deadline: Deadline): void {
		const put = new Putting(this.stream, messages);
		try {
			if (waitForSync(this.stream.room, put.attempt, deadline, this.stream.putting) === undefined) throw put.full();
		} catch (error) {
			put.discard();
			throw error;
		}
	}
}

/** Messages on their way into a stream. */
class Putting {
	readonly #stream: Stream;
	readonly #messages: Outgoing[];
	#done = 0;

	constructor(stream: Stream, messages: Outgoing[]) {
		this.#stream = stream;
		this.#messages = messages;
	}

	readonly attempt = (): true | undefined => {
		const messages = this.#messages;
		this.#stream.checkOpen();
		if (messages.length === 1) this.#done = this.#stream.tryPut(messages[0]!) ? 1 : 0;
		else this.#done += this.#stream.tryPutMany(messages, this.#done);
		return this.#done === messages.length || undefined;
	};

	full(): Full {
		const many = this.#messages.length > 1 ? ` ${this.#done} of ${this.#messages.length} items were put in.` : '';
		return Object.assign(new Full(`The queue is full: there was no room for another item in time.${many}`), { count: this.#done });
	}

	discard(): void {
		this.#messages.slice(this.#done).forEach(discard);
	}
}

function empty(): Empty {
	return new Empty('The queue is empty: no item came in time.');
}

export function checkMaxsize(maxsize: unknown): number {
	if (typeof maxsize !== 'number' || !Number.isInteger(maxsize) || maxsize > 2 ** 31 - 1) {
		throw new ArgumentError(`Expected the size of a queue to be a whole number up to 2147483647 (0: no limit), got ${String(maxsize)}.`);
	}
	return Math.max(0, maxsize);
}

registerKind(kind, (name: string) => new Queue(0, Stream.open(kind, name)));
