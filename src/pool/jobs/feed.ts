/**
 * Reads the input of a map and makes units of it: as many items in a message as fill some milliseconds, and only so far
 * ahead as the workers and the consumer need. So an input may be endless, and it is closed when nobody wants more of
 * it.
 */
import { setImmediate } from '../../base/clock.ts';
import { AsyncResource } from 'node:async_hooks';
import { ArgumentError } from '../../base/errors.ts';
import { maxChunk } from '../link/claim.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { Payload, unitOf, type Job, type Unit } from '../scheduling/unit.ts';

export type Input<T> = Iterable<T> | AsyncIterable<T>;

export interface FeedOptions {
	readonly isStar: boolean;
	/** Fixed, or adapted to what the items take. */
	readonly chunksize: number | undefined;
	/** How many items may have been read and not been consumed. */
	readonly window: number | undefined;
	/** Is called at the end of the input, with what it has thrown if it has. */
	readonly onEnd: (outcome: { error?: unknown }) => void;
	/** Is called when it has read on as far as it may now. */
	readonly onPause?: () => void;
}

/** What a chunk is to take. */
const chunkUs = 4000;
/** Of a function that has been measured before: to begin carefully, this map's items may take longer. */
const firstChunk = 32;
/** What is made ready for each worker. */
const aheadUs = 8000;

export class Feed {
	readonly #scheduler: Scheduler;
	readonly #job: Job;
	readonly #options: FeedOptions;
	readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
	readonly isAsync: boolean;
	/** In the context of the call, since the program's code is run. */
	readonly #resource = new AsyncResource('nprocs.Pool.map');
	/** An array is read without its iterator, and item by item all the same: it may change meanwhile. */
	readonly #array: readonly unknown[] | undefined;
	#lengthLeft: number;
	#buffer: unknown[] = [];
	#read = 0;
	#settled = 0;
	#consumed = 0;
	#lastChunk = 1;
	#hasEnded = false;
	#isReading = false;
	#isScheduled = false;
	/** The input is being asked for its next item: if something is thrown now, it is the input's. */
	#isAsking = false;

	constructor(scheduler: Scheduler, job: Job, { input, ...options }: FeedOptions & { input: Input<unknown> }) {
		const given = input as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
		const method = given?.[Symbol.asyncIterator] ?? given?.[Symbol.iterator];
		if (typeof method !== 'function') throw new ArgumentError(`Expected the items to be iterable, got ${describe(input)}.`);
		this.#scheduler = scheduler;
		this.#job = job;
		this.#options = options;
		this.isAsync = given![Symbol.asyncIterator] !== undefined;
		if (Array.isArray(input) && method === Array.prototype[Symbol.iterator]) this.#array = input;
		this.#iterator = (method as () => Iterator<unknown>).call(input);
		const { length, size } = input as { length?: unknown; size?: unknown };
		this.#lengthLeft = typeof length === 'number' ? length : typeof size === 'number' ? size : Infinity;
	}

	/** How many items were read, when there are no more. */
	get total(): number | undefined {
		return this.#hasEnded ? this.#read : undefined;
	}

	/** Whether items that were read have no outcome yet. */
	get isAtWork(): boolean {
		return this.#settled < this.#read;
	}

	itemsSettled(count: number): void {
		this.#settled += count;
		this.wake();
	}

	itemsConsumed(count: number): void {
		this.#consumed += count;
		this.wake();
	}

	/** Reads on soon; not at once, since the caller is in the midst of something. */
	readonly wake = (): void => {
		if (this.#isScheduled || this.#hasEnded) return;
		this.#isScheduled = true;
		this.#scheduler.soon(() => {
			this.#isScheduled = false;
			this.pull();
			this.#options.onPause?.();
		});
	};

	start(): void {
		this.#scheduler.onRoom.add(this.wake);
		this.pull();
	}

	/** Reads as much as there is room for. */
	pull(): void {
		if (this.#hasEnded || this.#job.isOver) return;
		if (this.isAsync) void this.#readLater();
		else this.#readNow();
	}

	/** Nobody wants more. */
	close(): void {
		if (this.#hasEnded) return;
		this.#stop();
		this.#resource.runInAsyncScope(() => {
			try {
				const closing = this.#iterator.return?.() as unknown;
				if (closing instanceof Promise) closing.catch(() => {}); // there is an outcome already
			} catch {}
		});
	}

	#stop(): void {
		this.#hasEnded = true;
		this.#scheduler.onRoom.delete(this.wake);
	}

	#readNow(): void {
		if (this.#isReading) return; // the input asks its own pool for something, and waits
		this.#isReading = true;
		try {
			for (let size = this.#chunkToRead(); size > 0 && !this.#hasEnded; size = this.#chunkToRead()) {
				const hasEnded = this.#resource.runInAsyncScope(() => this.#readUpTo(size));
				this.#flush();
				if (hasEnded) this.#endWith({});
			}
		} catch (error) {
			this.#endWith({ error });
		} finally {
			this.#isReading = false;
		}
	}

	/**
	 * Runs the program's code and nothing else. True at the end.
	 */
	#readUpTo(size: number): boolean {
		if (this.#array !== undefined && !this.#options.isStar) return this.#copyUpTo(size, this.#array);
		while (this.#buffer.length < size && !this.#hasEnded) {
			this.#isAsking = true;
			const next = (this.#iterator as Iterator<unknown>).next();
			this.#isAsking = false;
			if (!this.#takeNext(next)) return true;
		}
		return false;
	}

	#copyUpTo(size: number, array: readonly unknown[]): boolean {
		const count = Math.min(size - this.#buffer.length, array.length - this.#read);
		for (let i = 0; i < count; i++) this.#buffer.push(array[this.#read + i]);
		if (count > 0) {
			this.#read += count;
			this.#lengthLeft -= count;
		}
		return this.#read >= array.length;
	}

	async #readLater(): Promise<void> {
		if (this.#isReading) return;
		this.#isReading = true;
		try {
			while (!this.#hasEnded && !this.#job.isOver && this.#chunkToRead() > this.#buffer.length) {
				this.#isAsking = true;
				const next = await this.#resource.runInAsyncScope(() => (this.#iterator as AsyncIterator<unknown>).next());
				this.#isAsking = false;
				if (this.#hasEnded) break;
				if (!this.#takeNext(next)) {
					this.#flush();
					this.#endWith({});
					break;
				}
				if (this.#buffer.length >= this.#chunkToRead()) this.#flush();
				else if (this.#buffer.length === 1) setImmediate(() => this.#flushBuffered()); // the next may come late
			}
			this.#flush();
		} catch (error) {
			if (!this.#hasEnded) this.#endWith({ error });
		} finally {
			this.#isReading = false;
		}
	}

	#flushBuffered(): void {
		try {
			this.#flush();
		} catch (error) {
			this.#endWith({ error });
		}
	}

	/** False at the end. */
	#takeNext({ done, value }: IteratorResult<unknown>): boolean {
		if (done === true) return false;
		if (this.#options.isStar && !isArgumentList(value)) {
			throw new ArgumentError(`Expected each item to be a list of arguments, got ${describe(value)} as item ${this.#read}.`);
		}
		this.#buffer.push(this.#options.isStar ? [...(value as Iterable<unknown>)] : value);
		this.#read++;
		this.#lengthLeft--;
		return true;
	}

	#endWith(outcome: { error?: unknown }): void {
		if (this.#hasEnded) return;
		if ('error' in outcome && !this.#isAsking) this.close(); // it was not the input that has thrown
		else this.#stop();
		this.#options.onEnd(outcome);
	}

	#flush(): void {
		const items = this.#buffer;
		if (items.length === 0) return;
		this.#buffer = [];
		this.#lastChunk = Math.max(this.#lastChunk, items.length);
		const first = this.#read - items.length;
		const refused = this.#trySubmit(items, first);
		if (refused === undefined) return;
		if (items.length === 1) return this.#refuse(first, refused.error);
		// One of them cannot be sent, which concerns no other.
		for (let i = 0; i < items.length && !this.#hasEnded; i++) {
			const single = this.#trySubmit([items[i]], first + i);
			if (single !== undefined) this.#refuse(first + i, single.error);
		}
	}

	#refuse(item: number, error: unknown): void {
		this.#scheduler.statistics.ended(0, 'failed');
		this.#job.onError(item, error);
	}

	/** What is wrong when one of them cannot be encoded. */
	#trySubmit(items: readonly unknown[], first: number): { error: unknown } | undefined {
		let payload: Payload;
		try {
			payload = Payload.chunk(this.#job, items, { first, isStar: this.#options.isStar });
		} catch (error) {
			return { error };
		}
		const unit: Unit = unitOf(payload);
		this.#scheduler.submit(unit);
		return undefined;
	}

	/** How many items to read now; 0: none. */
	#chunkToRead(): number {
		const { crew } = this.#scheduler;
		const inWork = this.#read - this.#settled;
		const size = this.#chunksize();
		const { meanUs = chunkUs } = this.#job.fn;
		const isEnough = inWork * meanUs > aheadUs * crew.size ? inWork >= 2 * crew.size : inWork >= Math.max(2 * size, 60) * crew.size;
		if (isEnough) return 0;
		const window = this.#options.window ?? Math.max(4, 2 * size) * crew.size;
		return Math.max(0, Math.min(size, window - (this.#read - this.#consumed) + this.#buffer.length, this.#scheduler.room + this.#buffer.length));
	}

	#chunksize(): number {
		const { maxTasksPerChild } = this.#scheduler.options;
		const { chunksize } = this.#options;
		if (chunksize !== undefined) return Math.min(chunksize, maxChunk, maxTasksPerChild);
		const { meanUs } = this.#job.fn;
		if (meanUs === undefined) return 1;
		this.#lastChunk = Math.max(this.#lastChunk, firstChunk);
		const fair = Math.ceil((this.#lengthLeft + this.#buffer.length) / (3 * this.#scheduler.crew.size));
		return Math.max(1, Math.min(Math.floor(chunkUs / Math.max(0.1, meanUs)), this.#lastChunk * 8, fair, maxChunk, maxTasksPerChild));
	}
}

function isArgumentList(value: unknown): boolean {
	return typeof value === 'object' && value !== null && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

function describe(value: unknown): string {
	return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
}
