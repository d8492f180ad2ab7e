/**
 * A stream of messages in shared memory for any number of producers and consumers, of which any may be killed at any
 * instruction without a repair being needed.
 *
 * Shape. Messages lie one behind the other in a ring; each end has a lock word that holds its owner's token, and a
 * count: `published` messages were put in, `taken` were taken out, ever. What else an end must know (which ring it is
 * in, where, …) is its *state*, and there are two copies of it: the valid one is number `count & 1`. Whoever owns an
 * end's lock prepares everything in the other copy and in memory that nobody reads, and then adds 1 to the count. That
 * one store is the whole change: before it nothing has happened, after it all has. So the lock of a dead owner is
 * simply taken over, and what the dead had prepared is overwritten by the next one.
 *
 *   put   lock tail · find room · write message, next state · published + 1 · unlock
 *   take  lock head · copy message out · write next state · taken + 1 · unlock
 *
 * The two ends share nothing but the counts, a hint (below) and, when a producer looks how far the head has come, the
 * head's state: it reads count, state, count again, and believes the state if the counts are equal (the copy that it
 * read is written only after the count has moved on). Counts and lock words are changed, and read where it matters,
 * with sequentially consistent operations; all else is plain, and ordered by them.
 *
 * Growth. When a message has no room, the producer reserves a larger ring in the same file (so it lives as long as the
 * channel does), ends the old one with a pointer to it, and goes on there; it is published by the same one store. The
 * consumer that follows the pointer gives the old ring's memory back. A consumer that has emptied a large ring says so
 * in a hint, and the next producer returns to the first one if that is still true; a hint lost with its writer leaves
 * the large ring until the next one. Ring numbers are file offsets and only grow, so a late consumer never frees what
 * has been used again. All numbers are counted modulo 2^32 and compared by their difference.
 */
import {
	DRAINED,
	END,
	ENDED,
	EXTENT_BYTES,
	FIRST,
	FIRST_EXTENT,
	FLAG_BITS,
	FLAG_NEXT,
	FLAG_WRAP,
	HEAD_LOCK,
	HEAD_STATE,
	LAST_EXTENT,
	LOAD,
	LOAD_BYTES,
	MARKER_SLOTS,
	MAX_COUNT,
	MAX_LOAD,
	MAX_RING_BYTES,
	Outcome,
	POSITION,
	PUBLISHED,
	SEEN_LOAD,
	SEEN_POSITION,
	SEEN_PUBLISHED,
	SEEN_TAKEN,
	SLOTS,
	SLOT_BYTES,
	STATE_WORDS,
	TAIL_LOCK,
	TAIL_STATE,
	TAKEN,
	type Extents,
	type Participants,
	type Ledger,
} from './ring-layout.ts';
import { RingLock } from './ring-lock.ts';
import { extentCount, isTooLarge, placeFor, readMessage, Span, writeMessage } from './ring-span.ts';
import type { Scratch } from './scratch.ts';
import { step } from './step.ts';
import { errno, errnoOf, failedBy } from '../native/errno.ts';
import { systemError } from '../native/raise.ts';

export class Ring {
	/** Flags and length of the message that `take` or `peek` has found. */
	flags = 0;
	length = 0;
	/** The number of the message that `take` has taken here last, from 1. */
	sequence = 0;

	readonly #words: Int32Array;
	readonly #extents: Extents;
	readonly #tailLock: RingLock;
	readonly #headLock: RingLock;
	readonly #home: Span;
	#tail: Span;
	#head: Span;
	/** Extents that the head has left and nobody has freed yet: first and count, in pairs. */
	#left: number[] = [];

	/** `words` are the control words, all 0 when the memory is new (then call `format`). */
	constructor(words: Int32Array, extents: Extents, participants: Participants) {
		this.#words = words;
		this.#extents = extents;
		this.#tailLock = new RingLock(words, TAIL_LOCK, participants);
		this.#headLock = new RingLock(words, HEAD_LOCK, participants);
		const slots = Math.floor((EXTENT_BYTES - extents.homeOffset) / SLOT_BYTES);
		this.#home = this.#tail = this.#head = new Span(0, slots, extents.home, extents.homeOffset);
	}

	/**
	 * Prepares new memory. `maxCount` messages and `maxLoad` bytes at most; 0 for no limit. Rings leave the extents
	 * before `firstExtent` alone.
	 */
	format(maxCount: number, maxLoadBytes: number, firstExtent = 1): void {
		const words = this.#words;
		words.fill(0);
		words[TAIL_STATE + SLOTS] = words[HEAD_STATE + SLOTS] = this.#home.slots;
		words[TAIL_STATE + END] = words[FIRST_EXTENT] = firstExtent;
		words[MAX_COUNT] = maxCount;
		words[MAX_LOAD] = Math.ceil(maxLoadBytes / LOAD_BYTES);
	}

	get maxCount(): number {
		return this.#words[MAX_COUNT]!;
	}

	/** Whether producers may have to wait for room. */
	get isLimited(): boolean {
		return this.#words[MAX_COUNT] !== 0 || this.#words[MAX_LOAD] !== 0;
	}

	/** How many messages are inside, counted at once by every process. */
	count(): number {
		const taken = Atomics.load(this.#words, TAKEN);
		return (Atomics.load(this.#words, PUBLISHED) - taken) | 0;
	}

	/**
	 * Whether a take is worth a try. Unlike `count`, it leaves the producers' cache line alone as long as consumers
	 * know of messages (a state that is being rewritten just then says yes, which costs a try in vain).
	 */
	mayHaveMessages(): boolean {
		const words = this.#words;
		const taken = Atomics.load(words, TAKEN);
		return words[HEAD_STATE + (taken & 1) * STATE_WORDS + SEEN_PUBLISHED] !== taken || words[PUBLISHED] !== taken;
	}

	published(): number {
		return Atomics.load(this.#words, PUBLISHED);
	}

	taken(): number {
		return Atomics.load(this.#words, TAKEN);
	}

	/** Whether a message of this load would find room, as far as can be said without the lock. */
	hasRoom(): boolean {
		const words = this.#words;
		const maxCount = words[MAX_COUNT]!;
		if (maxCount > 0 && this.count() >= maxCount) return false;
		const maxLoad = words[MAX_LOAD]!;
		return maxLoad === 0 || this.#loadInside() < maxLoad;
	}

	#loadInside(): number {
		const words = this.#words;
		for (;;) {
			const published = Atomics.load(words, PUBLISHED);
			const taken = Atomics.load(words, TAKEN);
			const inside = words[TAIL_STATE + (published & 1) * STATE_WORDS + LOAD]! - words[HEAD_STATE + (taken & 1) * STATE_WORDS + LOAD]!;
			if (Atomics.load(words, PUBLISHED) === published && Atomics.load(words, TAKEN) === taken) return inside | 0;
		}
	}

	// --- the tail ---

	/** False when another owner has it and keeps it. */
	lockTail(): boolean {
		return this.#tailLock.tryLock();
	}

	unlockTail(): void {
		this.#tailLock.unlock();
	}

	/**
	 * Under the tail's lock: puts a message in, or says that it has no room, or that the channel was ended. Throws when
	 * there is no memory. `flags` are 3 bits for the caller; the first `length` bytes of `message` are sent;
	 * `loadBytes` is what it counts for `maxLoad`.
	 */
	append(flags: number, message: Uint8Array, length: number, loadBytes: number): Outcome {
		const words = this.#words;
		const published = words[PUBLISHED]!;
		const now = TAIL_STATE + (published & 1) * STATE_WORDS;
		const next = TAIL_STATE + (~published & 1) * STATE_WORDS;
		const load = Math.ceil(loadBytes / LOAD_BYTES);
		if (words[ENDED] !== 0) return Outcome.ended;
		if (!this.#isAdmitted(now, published, load)) return Outcome.full;

		const slots = 1 + ((length + SLOT_BYTES - 1) >>> 3);
		let first = words[now + FIRST]!;
		let size = words[now + SLOTS]!;
		let end = words[now + END]!;
		const from = words[now + POSITION]!;
		let span = this.#tail;
		if (span.first !== first || span.slots !== size) span = this.#tail = this.#spanOf(first, size);

		let at = this.#goesBack(first, size, slots, published) ? -1 : this.#placeIn(now, from, size, slots, span);
		step('append: placed');
		// Not written to the valid state: of the old ring it would not be true.
		let seenPosition = words[now + SEEN_POSITION]!;
		if (at < 0) {
			span = this.#tail = this.#nextSpan(span, from, slots, end, published);
			({ first, slots: size } = span);
			if (first !== 0) end = first + extentCount(size);
			at = seenPosition = 0;
		}
		writeMessage(span, at, flags | (load << FLAG_BITS), message, length);
		step('append: written');
		words[next + FIRST] = first;
		words[next + SLOTS] = size;
		words[next + POSITION] = at + slots;
		words[next + LOAD] = words[now + LOAD]! + load;
		words[next + END] = end;
		words[next + SEEN_POSITION] = seenPosition;
		step('append: prepared');
		Atomics.store(words, PUBLISHED, published + 1);
		step('append: published');
		return Outcome.done;
	}

	/** Whether an empty channel should go back to its first ring. */
	#goesBack(first: number, size: number, slots: number, published: number): boolean {
		const words = this.#words;
		if (first === 0 || words[DRAINED] === 0 || slots + MARKER_SLOTS > this.#home.slots) return false;
		words[DRAINED] = 0;
		return isTooLarge(size) && Atomics.load(words, TAKEN) === published;
	}

	/** Whether the limits let another message in; looks at the head only when what is known of it does not suffice. */
	#isAdmitted(now: number, published: number, load: number): boolean {
		const words = this.#words;
		const maxCount = words[MAX_COUNT]!;
		const maxLoad = words[MAX_LOAD]!;
		if (maxCount > 0 && ((published - words[SEEN_TAKEN]!) | 0) >= maxCount) {
			const taken = (words[SEEN_TAKEN] = Atomics.load(words, TAKEN));
			if (((published - taken) | 0) >= maxCount) return false;
		}
		if (maxLoad > 0 && ((words[now + LOAD]! - words[SEEN_LOAD]!) | 0) + load > maxLoad) {
			this.#lookAtHead(now);
			const inside = (words[now + LOAD]! - words[SEEN_LOAD]!) | 0;
			// A message that is alone may always be put in: it could never go otherwise.
			if (inside > 0 && inside + load > maxLoad) return false;
		}
		return true;
	}

	/** The slot for a message of so many slots in the current ring, or -1. */
	#placeIn(now: number, from: number, size: number, slots: number, span: Span): number {
		let at = placeFor(from, this.#words[now + SEEN_POSITION]!, size, slots);
		if (at < 0) {
			this.#lookAtHead(now);
			at = placeFor(from, this.#words[now + SEEN_POSITION]!, size, slots);
		}
		if (at === 0 && from !== 0) {
			span.words[from * 2] = 0;
			span.words[from * 2 + 1] = FLAG_WRAP;
		}
		return at;
	}

	/** Brings what the tail's valid state knows of the head up to date. */
	#lookAtHead(now: number): void {
		const words = this.#words;
		for (;;) {
			const taken = Atomics.load(words, TAKEN);
			const state = HEAD_STATE + (taken & 1) * STATE_WORDS;
			const first = Atomics.load(words, state + FIRST);
			const position = Atomics.load(words, state + POSITION);
			const load = Atomics.load(words, state + LOAD);
			if (Atomics.load(words, TAKEN) !== taken) continue;
			// A head that is still in an older ring has taken nothing from this one.
			words[now + SEEN_POSITION] = first === words[now + FIRST] ? position : 0;
			words[SEEN_LOAD] = load;
			words[SEEN_TAKEN] = taken;
			return;
		}
	}

	/** A ring with room for the message, and the pointer to it at the end of the old one. */
	#nextSpan(old: Span, at: number, slots: number, end: number, published: number): Span {
		const isEmpty = Atomics.load(this.#words, TAKEN) === published;
		const fits = slots + MARKER_SLOTS <= this.#home.slots;
		const span =
			isEmpty && fits && old.first !== 0 ? this.#home : this.#grow(old, slots, isEmpty && end > LAST_EXTENT ? this.#words[FIRST_EXTENT]! : end);
		old.words[at * 2] = SLOT_BYTES;
		old.words[at * 2 + 1] = FLAG_NEXT;
		old.words[at * 2 + 2] = span.first;
		old.words[at * 2 + 3] = span.slots;
		step('append: linked');
		return span;
	}

	#grow(old: Span, slots: number, first: number): Span {
		const least = extentCount(slots + MARKER_SLOTS);
		let count = Math.max(least, extentCount(Math.min(MAX_RING_BYTES, old.bytes.length * 4) / SLOT_BYTES));
		for (;;) {
			const result = this.#extents.reserve(first, count);
			if (result >= 0) break;
			// No memory for so much: perhaps for less.
			if (!failedBy(result, errno.ENOSPC) || count === least) throw systemError(errnoOf(result), 'put a message into a channel');
			count = Math.max(least, count >>> 2);
		}
		step('append: reserved');
		return this.#spanOf(first, (count * EXTENT_BYTES) / SLOT_BYTES);
	}

	// --- the head ---

	/** False when another owner has it and keeps it. */
	lockHead(): boolean {
		return this.#headLock.tryLock();
	}

	unlockHead(): void {
		this.#headLock.unlock();
		if (this.#left.length > 0) this.#free();
	}

	/** Under the head's lock: the next message's `flags` and `length`, and nothing is changed. */
	peek(): Outcome {
		return this.#find() < 0 ? Outcome.empty : Outcome.done;
	}

	/**
	 * Under the head's lock: copies the next message to `into.bytes` at `offset` (it grows when it must), and takes it
	 * out.
	 */
	take(into: Scratch, offset: number, ledger?: Ledger): Outcome {
		const at = this.#find();
		if (at < 0) return Outcome.empty;
		const span = this.#head;
		const length = this.length;
		readMessage(span, at, length, into, offset);
		step('take: copied');

		const words = this.#words;
		const taken = words[TAKEN]!;
		const now = HEAD_STATE + (taken & 1) * STATE_WORDS;
		const next = HEAD_STATE + (~taken & 1) * STATE_WORDS;
		const left = words[now + FIRST]!;
		const leftSlots = words[now + SLOTS]!;
		words[next + FIRST] = span.first;
		words[next + SLOTS] = span.slots;
		words[next + POSITION] = at + 1 + ((length + SLOT_BYTES - 1) >>> 3);
		words[next + LOAD] = words[now + LOAD]! + this.#load;
		words[next + SEEN_PUBLISHED] = words[now + SEEN_PUBLISHED]!;
		const sequence = (this.sequence = (taken + 1) | 0);
		ledger?.intend(sequence);
		step('take: prepared');
		Atomics.store(words, TAKEN, sequence);
		step('take: taken');
		if (words[next + SEEN_PUBLISHED] === sequence && isTooLarge(span.slots) && this.published() === sequence) words[DRAINED] = 1;
		ledger?.settle();
		if (left !== span.first && left !== 0) this.#left.push(left, extentCount(leftSlots));
		return Outcome.done;
	}

	#load = 0; // what the found message counts for `maxLoad`

	/** The slot of the next message, or -1; follows wraps and pointers. */
	#find(): number {
		const words = this.#words;
		const taken = words[TAKEN]!;
		const now = HEAD_STATE + (taken & 1) * STATE_WORDS;
		if (words[now + SEEN_PUBLISHED] === taken) {
			const published = (words[now + SEEN_PUBLISHED] = Atomics.load(words, PUBLISHED));
			if (published === taken) return -1;
		}
		const first = words[now + FIRST]!;
		const slots = words[now + SLOTS]!;
		let span = this.#head;
		if (span.first !== first || span.slots !== slots) span = this.#head = this.#spanOf(first, slots);
		let at = words[now + POSITION]!;
		for (;;) {
			const flags = span.words[at * 2 + 1]!;
			if (flags >= 0) {
				this.length = span.words[at * 2]!;
				this.flags = flags & ((1 << FLAG_BITS) - 1);
				this.#load = flags >>> FLAG_BITS;
				return at;
			}
			if (flags === FLAG_NEXT) span = this.#head = this.#spanOf(span.words[at * 2 + 2]!, span.words[at * 2 + 3]!);
			at = 0;
		}
	}

	/** Gives back the rings that the head has left. A kill before this costs their memory until the channel ends. */
	#free(): void {
		const left = this.#left;
		this.#left = [];
		for (let i = 0; i < left.length; i += 2) this.#extents.release(left[i]!, left[i + 1]!);
	}

	// --- both ---

	#spanOf(first: number, slots: number): Span {
		if (first === 0) return this.#home;
		if (this.#tail.first === first && this.#tail.slots === slots) return this.#tail;
		if (this.#head.first === first && this.#head.slots === slots) return this.#head;
		return new Span(first, slots, this.#extents.map(first, extentCount(slots)), 0);
	}
}
