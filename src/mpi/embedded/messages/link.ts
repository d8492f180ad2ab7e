/**
 * What this rank has to do with another one: the ring to it, the ring from it, and what waits for room in the first.
 *
 * Sends that could not be announced wait in order, since messages may not overtake each other; what is said about other
 * messages waits apart and goes first, for its order does not matter and whoever waits for it may be what the sends
 * wait for.
 */
import type { Job } from '../job/job.ts';
import type { Operation } from './operation.ts';
import { ringBytes, RingReader, RingWriter } from './ring.ts';

/** A word about a message: a kind of message, and two numbers. */
interface Word {
	readonly kind: number;
	readonly first: number;
	readonly second: number;
}

const inboxFrom = 9;

export class Link {
	readonly rank: number;
	/** Sends that are not announced yet. */
	readonly outbox: Operation[] = [];
	reader: RingReader | undefined;
	readonly #job: Job;
	readonly #own: number;
	readonly #unsaid: Word[] = [];
	readonly #waiters: ReturnType<Job['waitersOf']>;
	/** The word of the peer's inbox with this rank's bit; -1: it looks at all rings. */
	readonly #inboxWord: number;
	readonly #inboxBit: number;
	#writer: RingWriter | undefined;
	#wantsRoom = false;

	constructor(job: Job, own: number, peer: number) {
		this.#job = job;
		this.#own = own;
		this.rank = peer;
		this.#waiters = job.waitersOf(peer);
		this.#inboxWord = job.size >= inboxFrom ? job.inboxOf(peer) + (own >>> 5) : -1;
		this.#inboxBit = 1 << (own & 31);
	}

	/** The ring to the peer; made at its first use. */
	get writer(): RingWriter {
		return this.#writer ?? this.#makeRing();
	}

	/** The ring from the peer, if there is one by now. */
	findReader(): RingReader | undefined {
		const page = this.#job.ringPage(this.rank, this.#own);
		if (page === 0) return undefined;
		return (this.reader = new RingReader(this.#job.map(page, ringBytes(this.#job.rings)), this.#job.rings));
	}

	/** After something was published for the peer. */
	signal(): void {
		if (this.#inboxWord >= 0 && (Atomics.load(this.#job.words, this.#inboxWord) & this.#inboxBit) === 0)
			Atomics.or(this.#job.words, this.#inboxWord, this.#inboxBit);
		this.wake();
	}

	wake(): void {
		if (this.#waiters.mayHaveWaiters) this.#waiters.wakeAll();
	}

	/** Says something about a message, at once or when there is room. */
	say(kind: number, first: number, second = 0): void {
		if (this.#unsaid.length === 0 && this.#writeWord({ kind, first, second })) return;
		this.#unsaid.push({ kind, first, second });
	}

	/** Whether all was said. */
	sayRest(): boolean {
		while (this.#unsaid.length > 0) {
			if (!this.#writeWord(this.#unsaid[0]!)) return false;
			this.#unsaid.shift();
		}
		return true;
	}

	/** Nobody will hear what was not said yet. */
	forgetWords(): void {
		this.#unsaid.length = 0;
	}

	/** Whether something waits for room. */
	get isWaiting(): boolean {
		return this.outbox.length > 0 || this.#unsaid.length > 0;
	}

	/** Before this rank sleeps. */
	wantRoom(): void {
		if (this.#wantsRoom) return;
		this.#wantsRoom = true;
		this.writer.want();
	}

	/** When this rank has got what it wanted. */
	wantNoRoom(): void {
		if (!this.#wantsRoom) return;
		this.#wantsRoom = false;
		this.writer.wantNothing();
	}

	#writeWord({ kind, first, second }: Word): boolean {
		if (!this.writer.writeControl(kind, 0, 0, 0, first, second)) return false;
		this.signal();
		return true;
	}

	#makeRing(): RingWriter {
		const bytes = ringBytes(this.#job.rings);
		const page = this.#job.reserve(bytes);
		this.#writer = new RingWriter(this.#job.map(page, bytes), this.#job.rings);
		this.#job.publishRing(this.#own, this.rank, page);
		return this.#writer;
	}
}

/** Whether ranks of a job of this size are told who has sent them something, instead of looking at all rings. */
export function usesInbox(size: number): boolean {
	return size >= inboxFrom;
}
