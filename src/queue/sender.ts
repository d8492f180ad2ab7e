/** The side of a queue of those who put: all forms of putting something in. */
import { anIterable, checkArgument } from '../base/arguments.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { Full, SerializationError } from '../base/errors.ts';
import { encode } from '../codec/encode.ts';
import { isWaitedForHere, waitFor, waitForSync } from '../wait/waiter.ts';
import { discard, own, pack, type Outgoing } from '../stream/message.ts';
import type { QueueAccess } from './access.ts';
import { QueueSide, type Life } from './side.ts';
import { isTurnDue, turn } from '../wait/turn.ts';

export class QueueSender<T = unknown> extends QueueSide {
	/** @internal */
	constructor(access: QueueAccess, life: Life) {
		super(access, 'sender', life);
	}

	/**
	 * Puts a value in, and waits while the queue is full. Values of one process come out in the order in which it put
	 * them.
	 *
	 * @throws Full when the time is up, ClosedError after `close()` here or `end()` anywhere, ERR_NPROCS_NO_READER when
	 * nobody is left to take it, SerializationError (at once, and no place is taken) when the value cannot cross,
	 * ERR_NPROCS_NO_SPACE when there is no memory for it
	 */
	async put(value: T, wait?: Wait): Promise<void> {
		const deadline = Deadline.from(wait);
		const message = this.#pack(value);
		if (!isWaitedForHere(this.access.stream.room) && this.#tryPut(message)) return isTurnDue() ? turn() : undefined;
		await this.#putLater(new Putting([own(message)]), deadline);
	}

	/** As `put`, but blocks this thread. */
	putSync(value: T, wait?: Wait): void {
		const deadline = Deadline.from(wait);
		const message = this.#pack(value);
		if (this.#tryPut(message)) return;
		this.#putBlocking(new Putting([own(message)]), deadline);
	}

	/** Puts a value in if there is room now, else throws Full. */
	putNowait(value: T): void {
		this.putSync(value, 0);
	}

	/**
	 * Puts all values in, in order, waiting for room where it must; cheaper than one by one. They are all serialized
	 * first: when one of them cannot cross, none is put in. Whatever ends it half-way (its time, its signal, no memory,
	 * the end of the queue), `count` of the error says how many are in.
	 */
	async putMany(values: Iterable<T>, wait?: Wait): Promise<void> {
		const put = new Putting([]);
		try {
			const deadline = Deadline.from(wait);
			this.#packMany(values, put.messages);
			await this.#putLater(put, deadline);
		} catch (error) {
			throw put.counted(error);
		}
	}

	/** As `putMany`, but blocks this thread. */
	putManySync(values: Iterable<T>, wait?: Wait): void {
		const put = new Putting([]);
		try {
			const deadline = Deadline.from(wait);
			this.#packMany(values, put.messages);
			this.#putBlocking(put, deadline);
		} catch (error) {
			throw put.counted(error);
		}
	}

	/**
	 * Says for all, in every process, that nothing more comes: what is inside can still be taken, then `get` is an
	 * EOFError. Idempotent.
	 */
	end(): void {
		this.checkOpen();
		this.access.stream.end();
	}

	#pack(value: T): Outgoing {
		this.checkOpen();
		this.access.checkReceivers();
		return pack(value, this.access.stream.segment);
	}

	#packMany(values: Iterable<T>, messages: Outgoing[]): void {
		checkArgument('the values to put', values, anIterable);
		try {
			this.checkOpen();
			for (const value of values) messages.push(own(this.#packOne(value, messages.length)));
		} catch (error) {
			messages.splice(0).forEach(discard);
			throw error;
		}
	}

	#packOne(value: T, index: number): Outgoing {
		try {
			return this.#pack(value);
		} catch (error) {
			// The value is encoded once more, so that the error names the place among the values.
			if (error instanceof SerializationError) encode(value, { path: `values[${index}]` });
			throw error;
		}
	}

	#tryPut(message: Outgoing): boolean {
		try {
			return this.access.stream.tryPut(message);
		} catch (error) {
			discard(message);
			throw error;
		}
	}

	async #putLater(put: Putting, deadline: Deadline): Promise<void> {
		const { room, putting } = this.access.stream;
		try {
			if ((await waitFor(room, () => this.#attempt(put), deadline, putting)) === undefined) throw put.full();
		} catch (error) {
			put.discard();
			throw error;
		}
	}

	#putBlocking(put: Putting, deadline: Deadline): void {
		const { room, putting } = this.access.stream;
		try {
			if (waitForSync(room, () => this.#attempt(put), deadline, putting) === undefined) throw put.full();
		} catch (error) {
			put.discard();
			throw error;
		}
	}

	#attempt(put: Putting): true | undefined {
		const { stream } = this.access;
		const { messages } = put;
		this.checkOpen();
		this.access.checkReceivers();
		if (messages.length === 1) put.done = stream.tryPut(messages[0]!) ? 1 : 0;
		else if (messages.length > 1) put.done += stream.tryPutMany(messages, put.done);
		return put.done === messages.length || undefined;
	}
}

/** Messages on their way into a stream. */
class Putting {
	readonly messages: Outgoing[];
	done = 0;

	constructor(messages: Outgoing[]) {
		this.messages = messages;
	}

	full(): Full {
		const many = this.messages.length > 1 ? ` ${this.done} of ${this.messages.length} items were put in.` : '';
		return new Full(`The queue is full: there was no room for another item in time.${many}`);
	}

	discard(): void {
		this.messages.slice(this.done).forEach(discard);
	}

	/**
	 * The same error, which says how many are in, if it is one that can be written to: a signal's reason may be
	 * anything.
	 */
	counted(error: unknown): unknown {
		if (error instanceof Error && Object.isExtensible(error)) Object.assign(error, { count: this.done });
		return error;
	}
}
