/** The side of a queue of those who take: all forms of taking something out. */
import { checkArgument, type Kind } from '../base/arguments.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { Empty, EOFError } from '../base/errors.ts';
import type { Asking } from '../memory/holders.ts';
import { isWaitedForHere, waitFor, waitForSync } from '../wait/waiter.ts';
import { waitSource, type Waitable, type WaitSource } from '../wait/waitable.ts';
import type { QueueAccess } from './access.ts';
import { QueueSide, type Life } from './side.ts';
import type { Taken } from '../stream/stream.ts';
import { isTurnDue, turn } from '../wait/turn.ts';
import { sourceOf } from '../stream/watching.ts';

export class QueueReceiver<T = unknown> extends QueueSide implements Waitable, AsyncIterable<T> {
	/** @internal */
	constructor(access: QueueAccess, life: Life) {
		super(access, 'receiver', life);
	}

	/**
	 * Takes the next item out; waits for one if there is none.
	 *
	 * @throws Empty when the time is up, ClosedError after `close()` here, EOFError when nothing is inside and nothing
	 * more can come: `end()` was called somewhere, or nobody is left who could put anything in
	 */
	async get(wait?: Wait): Promise<T> {
		const deadline = Deadline.from(wait);
		this.checkOpen();
		const { stream } = this.access;
		if (!isWaitedForHere(stream.items)) {
			const taken = stream.tryTake();
			if (taken !== undefined) {
				if (isTurnDue()) await turn();
				return taken.value as T;
			}
		}
		const taken = await waitFor(stream.items, deadline.isImmediate ? this.#takeNow : this.#take, deadline, stream.getting);
		if (taken === undefined) throw empty();
		return taken.value as T;
	}

	/** As `get`, but blocks this thread. */
	getSync(wait?: Wait): T {
		const deadline = Deadline.from(wait);
		this.checkOpen();
		const { stream } = this.access;
		const taken = stream.tryTake() ?? waitForSync(stream.items, deadline.isImmediate ? this.#takeNow : this.#take, deadline, stream.getting);
		if (taken === undefined) throw empty();
		return taken.value as T;
	}

	/** Takes an item out if there is one now, else throws Empty. */
	getNowait(): T {
		return this.getSync(0);
	}

	/**
	 * Takes between 1 and `max` items out, as many as are there; waits only while there is none. Cheaper than one by
	 * one.
	 *
	 * @throws as `get`
	 */
	async getMany(max: number = Infinity, wait?: Wait): Promise<T[]> {
		const deadline = Deadline.from(wait);
		const { items, getting } = this.access.stream;
		const taken = await waitFor(items, this.#takingMany(max, deadline.isImmediate ? 'once' : 'again and again'), deadline, getting);
		if (taken === undefined) throw empty();
		if (isTurnDue()) await turn();
		return taken;
	}

	/** As `getMany`, but blocks this thread. */
	getManySync(max: number = Infinity, wait?: Wait): T[] {
		const deadline = Deadline.from(wait);
		const { items, getting } = this.access.stream;
		const taken = waitForSync(items, this.#takingMany(max, deadline.isImmediate ? 'once' : 'again and again'), deadline, getting);
		if (taken === undefined) throw empty();
		return taken;
	}

	/** How many items are inside now. Exact, but others may change it at once. */
	qsize(): number {
		this.checkOpen();
		return this.access.stream.ring.count();
	}

	empty(): boolean {
		this.checkOpen();
		return !this.access.stream.hasItems();
	}

	/** Takes items until nothing more can come, or this process closes it. */
	async *[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		while (!this.closed) {
			let item: T;
			try {
				item = await this.get();
			} catch (error) {
				if (this.closed || error instanceof EOFError) return;
				throw error;
			}
			yield item;
		}
	}

	/** Ready when there is an item, and when nothing more can come. */
	[waitSource](): WaitSource {
		this.checkOpen();
		const { access } = this;
		return sourceOf(access.stream, () => this.closed || access.stream.hasItems() || access.isAtEnd('once'));
	}

	readonly #take = (): Taken | undefined => this.#tryTake('again and again');
	readonly #takeNow = (): Taken | undefined => this.#tryTake('once');

	#tryTake(asking: Asking): Taken | undefined {
		this.checkOpen();
		const taken = this.access.stream.tryTake();
		if (taken === undefined) this.access.checkMoreComes(asking);
		return taken;
	}

	#takingMany(max: number, asking: Asking): () => T[] | undefined {
		checkArgument('the most items to take', max, aMaximum);
		this.checkOpen();
		return () => {
			this.checkOpen();
			const taken = this.access.stream.tryTakeMany(max) as T[] | undefined;
			if (taken === undefined) this.access.checkMoreComes(asking);
			return taken;
		};
	}
}

const aMaximum: Kind = {
	what: 'a whole number from 1 on, or Infinity',
	has: (value) => (Number.isSafeInteger(value) && (value as number) >= 1) || value === Infinity,
};

function empty(): Empty {
	return new Empty('The queue is empty: no item came in time.');
}
