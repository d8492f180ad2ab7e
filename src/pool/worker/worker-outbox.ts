/**
 * What a worker says. Results of a chunk's items gather in the log (result-log.ts) and are sent together; whatever else
 * is said comes behind them, so all comes in the order in which it has happened.
 */
import { nowMs } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import { discard, own, pack, packBytes, type Outgoing } from '../../stream/message.ts';
import { waitForSync } from '../../wait/waiter.ts';
import type { PoolLink } from '../link/link.ts';
import { reply } from '../link/messages.ts';
import { ResultLog } from '../link/result-log.ts';

export type Message = [kind: number, ...rest: unknown[]];

/** Results of a chunk wait for each other no longer, if no item takes longer. */
const logMs = 1;

export class WorkerOutbox {
	readonly #link: PoolLink;
	/** Undefined until the first chunk, and when there is no memory for it. */
	#log: ResultLog | undefined;
	#sequence = 0;
	/** Whether a chunk is at work, and results may be kept. */
	isInChunk = false;
	/** When the first item began whose result is in the log. */
	#begunMs = 0;
	/** When the clock was last looked at in a chunk, which is when the item at work began. */
	lookedMs = 0;

	constructor(link: PoolLink) {
		this.#link = link;
	}

	// ---- chunks ----

	beginChunk(sequence: number, item: number): void {
		if (this.#log === undefined) {
			const words = this.#link.makeLog();
			if (words !== undefined) this.#log = new ResultLog(words);
		}
		this.#sequence = sequence;
		this.isInChunk = true;
		this.beginItem(item);
	}

	/** All before it was sent, or told by itself. */
	beginItem(item: number): void {
		this.#log?.begin(this.#sequence, item);
		this.#begunMs = this.lookedMs = nowMs();
	}

	/**
	 * Whether the result of a chunk's item needs no message of its own. Those before it are sent when it does, or when
	 * it is time.
	 */
	keep(result: unknown): boolean {
		const log = this.#log;
		if (log === undefined) return false;
		try {
			if (!log.add(result)) {
				if (log.count === 0) return false;
				this.#sendLog();
				if (!log.add(result)) return false;
			}
		} catch {
			return false; // what is wrong with it comes out once more
		}
		this.lookedMs = nowMs();
		if (log.isFull || this.lookedMs - this.#begunMs > logMs) this.#sendLog();
		return true;
	}

	endChunk(): void {
		this.isInChunk = false;
		const log = this.#log;
		const ended = pack([reply.ended], this.#link.replies.segment);
		this.#putAll(log === undefined || log.count === 0 ? [ended] : [this.#logged(log), ended]);
		log?.begin(this.#sequence, log.next);
	}

	#sendLog(): void {
		const log = this.#log;
		if (log === undefined || log.count === 0) return;
		this.#putAll([this.#logged(log)]);
		this.beginItem(log.next);
	}

	#logged(log: ResultLog): Outgoing {
		return packBytes(log.message((nowMs() - this.#begunMs) * 1000), this.#link.replies.segment);
	}

	// ---- the rest ----

	/** For messages that can be encoded for certain. */
	say(message: Message): void {
		if (!this.#link.replies.closed) this.send(message);
	}

	/** Throws a SerializationError. */
	send(message: Message): void {
		const packed = pack(message, this.#link.replies.segment);
		const log = this.#log;
		if (log === undefined || log.count === 0) return this.#putAll([packed]);
		this.#putAll([this.#logged(log), packed]);
		this.beginItem(log.next);
	}

	#putAll(messages: readonly Outgoing[]): void {
		const { replies } = this.#link;
		let at = replies.tryPutMany(messages, 0);
		if (at === messages.length) return;
		const owned = messages.map(own);
		try {
			const put = (): true | undefined => {
				at += replies.tryPutMany(owned, at);
				return at === owned.length || undefined;
			};
			waitForSync(replies.room, put, Deadline.never, replies.putting);
		} catch (error) {
			for (const message of owned.slice(at)) discard(message);
			throw error;
		}
	}
}
