/**
 * One direction of messages between any number of processes: a ring in a segment, and who waits for it.
 *
 * Payload of the segment: the ring's control words, three sets of waiters, words for the kind that uses the stream
 * (`extraWords`), and the ring itself to the end of the first extent.
 *
 *   items      wait for a message, to take it
 *   watchers   wait for a message (or for the end), and leave it there: `poll`, `wait()`
 *   room       wait to put one in
 *
 * A call that finds an end's lock taken by another one waits like one that finds no message or no room; so whoever
 * unlocks an end wakes one of its waiters if that one could go on. Of an ended stream all who take wait for the tail,
 * too, since they must have had it before they believe that nothing comes. Everybody wakes only when somebody is there
 * to be woken.
 *
 * Ordering. What a wake-up rests on, "the change, then the look for waiters" here and "the waiter's bit, then the look
 * for the change" there, begins with an atomic access on each side: the store of the count or of the lock, and the
 * first look after it (`room.mayHaveWaiters`; the count in `mayHaveMessages`). What is looked at behind that first look
 * is read plainly: a load does not come before an atomic load that precedes it.
 */
import { ClosedError } from '../base/errors.ts';
import { isAlive, self } from '../memory/registry.ts';
import { Segment } from '../memory/segment.ts';
import { waiterSetWords } from '../memory/word-counts.ts';
import { lookAgain, type WaitOptions } from '../wait/waiter.ts';
import { WaiterSet } from '../wait/waiter-set.ts';
import { closeOutOfBandOf } from './out-of-band.ts';
import { unpack, type Decode, type Outgoing } from './message.ts';
import { Departures, type Side } from './departures.ts';
import { Ring } from './ring.ts';
import { endRing, isRingDrained, isRingEnded } from './ring-end.ts';
import { CONTROL_WORDS, EXTENT_BYTES, Outcome, type Ledger, type Participants } from './ring-layout.ts';
import { extentsOf, forgetPrivate, makePrivate } from './ring-memory.ts';
import { borrowScratch, returnScratch, type Scratch } from './scratch.ts';
import { WakePolicy } from './wake-policy.ts';

// Among the words that the ring leaves unused.
export const ITEMS_POLICY = 64;
export const ROOM_POLICY = 80;
const ITEMS = CONTROL_WORDS;
const WATCHERS = ITEMS + waiterSetWords;
const ROOM = WATCHERS + waiterSetWords;
const EXTRA = (ROOM + waiterSetWords + 15) & ~15;

export interface StreamOptions {
	/** @default 0, no limit */
	maxCount?: number;
	/** The most bytes inside, those out-of-band included. @default 0, no limit */
	maxLoadBytes?: number;
	extraWords?: number;
	/** Extents of the file behind the first one that are for the kind. @default 0 */
	extraExtents?: number;
	/** For one that only this process will ever have: nothing of it is in /dev/shm. */
	isPrivate?: boolean;
}

/** What `take` found: the message's value may be undefined, so it is wrapped. */
export interface Taken {
	readonly value: unknown;
}

export const ringParticipants: Participants = {
	current: () => self().token,
	isDead: (token) => !isAlive(token),
	held: undefined,
};

export class Stream {
	readonly segment: Segment;
	readonly ring: Ring;
	readonly items: WaiterSet;
	readonly watchers: WaiterSet;
	readonly room: WaiterSet;
	readonly departures: Departures;
	/** Word offset of the extra words in `segment.int32`. */
	readonly extra: number = EXTRA;
	/** Puts on record who has taken what; see ledger.ts. */
	ledger: Ledger | undefined;
	/** How `tryTake` decodes values. @default decodeRange */
	decodeValue: Decode | undefined;
	/** Sets of waiters among the extra words. */
	readonly otherSets: WaiterSet[] = [];
	/** Among them, of those who want the head for another purpose than taking; one is woken when it was unlocked. */
	headSet: WaiterSet | undefined;
	/** Messages that were taken together with one that could not be decoded. */
	readonly #left: (() => unknown)[] = [];
	#closed = false;
	/** How to wait for `items`, and for `room`. */
	readonly getting: WaitOptions;
	readonly putting: WaitOptions;
	readonly #consumers: WakePolicy;
	readonly #producers: WakePolicy;
	/** What to say to those who use it after its `close()`. */
	readonly #what: string;

	private constructor(segment: Segment, extraWords: number, what: string) {
		this.segment = segment;
		this.#what = what;
		const homeOffset = Segment.payload + (EXTRA + extraWords) * 4;
		this.ring = new Ring(segment.int32.subarray(0, CONTROL_WORDS), extentsOf(segment, homeOffset), ringParticipants);
		this.items = new WaiterSet(segment, ITEMS);
		this.watchers = new WaiterSet(segment, WATCHERS);
		this.room = new WaiterSet(segment, ROOM);
		this.departures = new Departures(segment.int32);
		const [words, token] = [segment.int32, ringParticipants.current];
		this.#consumers = new WakePolicy({ words, base: ITEMS_POLICY, set: this.items, token, passOn: () => this.#passItems() });
		this.#producers = new WakePolicy({ words, base: ROOM_POLICY, set: this.room, token, passOn: () => this.#passRoom() });
		this.getting = { lookout: this.#consumers, spinsInLoop: true };
		this.putting = { lookout: this.#producers, spinsInLoop: true };
	}

	static create(kind: string, options: StreamOptions): Stream {
		const { isPrivate = false } = options;
		let made: Stream | undefined;
		const init = (segment: Segment): void => {
			if (isPrivate) makePrivate(segment);
			made = new Stream(segment, options.extraWords ?? 0, kind);
			made.ring.format(options.maxCount ?? 0, options.maxLoadBytes ?? 0, 1 + (options.extraExtents ?? 0));
		};
		Segment.create({ kind, size: EXTENT_BYTES - Segment.payload, init, isPrivate });
		return made!;
	}

	static open(kind: string, name: string, extraWords = 0): Stream {
		ringParticipants.current(); // who opens it will use it; in the midst of that, V8 would have to compile anew
		return new Stream(Segment.open(name, kind), extraWords, kind);
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** Idempotent. Pending waits of this thread end with a ClosedError. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		forgetPrivate(this.segment);
		this.lookAgain();
		this.segment.close();
		closeOutOfBandOf(this.segment.name);
	}

	/** Lets this thread's waits for it try again: something has changed here. */
	lookAgain(): void {
		for (const set of [this.items, this.watchers, this.room, ...this.otherSets]) lookAgain(set);
	}

	checkOpen(): void {
		if (this.#closed) throw new ClosedError(`This ${this.#what} is closed: this process has closed it before.`);
	}

	// --- putting in ---

	/** False when there is no room, or when somebody else has the tail's lock. */
	tryPut(message: Outgoing): boolean {
		const { ring } = this;
		this.#producers.arrive();
		if (!ring.lockTail()) return false;
		let outcome: Outcome = Outcome.full;
		try {
			outcome = ring.append(message.flags, message.bytes, message.length, message.loadBytes);
		} finally {
			ring.unlockTail();
			this.#passRoom();
			this.#passEnd();
		}
		if (outcome === Outcome.done) this.#tell(1);
		else if (outcome === Outcome.ended) this.#refuse();
		return outcome === Outcome.done;
	}

	/**
	 * Puts as many as there is room for, with one taking of the lock. Returns how many, and throws only when there are
	 * none.
	 */
	tryPutMany(messages: readonly Outgoing[], from: number): number {
		const { ring } = this;
		this.#producers.arrive();
		if (!ring.lockTail()) return 0;
		let put = 0;
		let outcome: Outcome = Outcome.done;
		try {
			for (let i = from; i < messages.length; i++) {
				const { flags, bytes, length, loadBytes } = messages[i]!;
				outcome = ring.append(flags, bytes, length, loadBytes);
				if (outcome !== Outcome.done) break;
				put++;
			}
		} catch (error) {
			if (put === 0) throw error; // else the next call meets it again, and this one says what is in
		} finally {
			ring.unlockTail();
			this.#passRoom();
			this.#passEnd();
			if (put > 0) this.#tell(put);
		}
		if (outcome === Outcome.ended && put === 0) this.#refuse();
		return put;
	}

	#refuse(): never {
		throw new ClosedError(`Cannot put anything into this ${this.#what}: it was ended, which holds for everybody.`);
	}

	/** Tells those who wait that so many more messages are there to take. Comes after `#passRoom`. */
	#tell(put: number): void {
		const consumers = this.#consumers;
		if (this.items.mayAlsoHaveWaiters) {
			if (!consumers.hasDozer) consumers.wakeFirst();
			// The count is asked for only when it matters: that of what was taken lies in the consumers' cache line.
			else if (consumers.isLookAwaited && this.ring.count() <= put) consumers.wakeFirst();
		}
		if (this.watchers.mayAlsoHaveWaiters) this.watchers.wakeAll();
	}

	/** After the tail was unlocked: others may have found it locked, and there may be room for more. */
	#passRoom(): void {
		if (this.room.mayHaveWaiters && this.ring.hasRoom()) this.#producers.wakeNext();
	}

	#passItems(): void {
		if (this.items.mayHaveWaiters && this.ring.mayHaveMessages()) this.#consumers.wakeNext();
	}

	// --- its end ---

	/** Nothing more comes, from anybody. Idempotent. */
	end(): void {
		endRing(this.segment.int32);
		this.#wakeTakers();
		this.room.wakeAll();
	}

	get isEnded(): boolean {
		return isRingEnded(this.segment.int32);
	}

	/** Whether it was ended, and there is nothing left to take. */
	isOver(): boolean {
		if (!this.isEnded || this.hasItems()) return false;
		this.#producers.arrive();
		const isDrained = isRingDrained(this.ring);
		if (isDrained === undefined) return false;
		this.#passRoom();
		this.#passEnd();
		return isDrained;
	}

	/** After the tail was unlocked, behind `#passRoom`: who waits for the end may have found it locked. */
	#passEnd(): void {
		if ((this.items.mayAlsoHaveWaiters || this.watchers.mayAlsoHaveWaiters) && this.isEnded) this.#wakeTakers();
	}

	#wakeTakers(): void {
		this.items.wakeAll();
		this.watchers.wakeAll();
	}

	/**
	 * This one could use that side, and does not hold it any more: those on the other side look whether anybody is
	 * left.
	 */
	depart(side: Side): void {
		if (!this.departures.add(side)) return;
		if (side === 'sender') this.#wakeTakers();
		else this.room.wakeAll();
	}

	// --- taking out ---

	/** Whether a take would find something, as far as can be said without the lock. */
	hasItems(): boolean {
		return this.#left.length > 0 || this.ring.count() !== 0;
	}

	/**
	 * Whether a try to take may find something, as far as can be said without the lock. Counts as a look, as `tryTake`
	 * does: for those who look all the time.
	 */
	mayTake(): boolean {
		if (this.#left.length > 0) return true;
		this.#consumers.arrive();
		return this.ring.mayHaveMessages();
	}

	/**
	 * The next message, decoded; undefined when there is none, or when another one is at it. When `accept` throws about
	 * the message's flags, it stays where it is.
	 */
	tryTake(accept?: (flags: number) => void): Taken | undefined {
		const { ring } = this;
		if (this.#left.length > 0) return { value: this.#left.shift()!() };
		if (!this.mayTake() || !ring.lockHead()) return undefined;
		const scratch = borrowScratch();
		try {
			if (this.#takeOne(scratch, accept) === Outcome.empty) return undefined;
			const { flags, length } = ring;
			return { value: unpack(flags, scratch.bytes, 0, length, this.segment.name, this.decodeValue) };
		} finally {
			returnScratch(scratch);
		}
	}

	#takeOne(scratch: Scratch, accept: ((flags: number) => void) | undefined): Outcome {
		try {
			if (accept !== undefined && this.ring.peek() === Outcome.done) accept(this.ring.flags);
			return this.ring.take(scratch, 0, this.ledger);
		} finally {
			this.ring.unlockHead();
			this.passOn();
		}
	}

	/**
	 * At most `max` messages, with one taking of the lock; undefined as with `tryTake`. When one cannot be decoded, the
	 * call returns those before it; the next call throws, and the one after that goes on behind it.
	 */
	tryTakeMany(max: number): unknown[] | undefined {
		const { ring } = this;
		if (this.#left.length > 0) return [this.#left.shift()!()];
		if (!this.mayTake() || !ring.lockHead()) return undefined;
		const scratch = borrowScratch();
		const ends: number[] = [];
		const flags: number[] = [];
		try {
			this.#takeMany(max, scratch, ends, flags);
			if (ends.length === 0) return undefined;
			return this.#unpackMany(scratch.bytes, ends, flags);
		} finally {
			returnScratch(scratch);
		}
	}

	#unpackMany(bytes: Uint8Array, ends: number[], flags: number[]): unknown[] {
		const { name } = this.segment;
		const values: unknown[] = [];
		const start = (i: number): number => (i === 0 ? 0 : align(ends[i - 1]!));
		try {
			for (let i = 0; i < ends.length; i++) values.push(unpack(flags[i]!, bytes, start(i), ends[i]!, name));
		} catch (error) {
			const failed = values.length;
			const rest = ends.slice(failed + 1).map((end, i) => {
				const own = bytes.slice(start(failed + 1 + i), end);
				return () => unpack(flags[failed + 1 + i]!, own, 0, own.length, name);
			});
			const fail = (): never => {
				throw error;
			};
			this.#left.push(...(failed === 0 ? rest : [fail, ...rest]));
			if (failed === 0) throw error;
		}
		return values;
	}

	#takeMany(max: number, scratch: Scratch, ends: number[], flags: number[]): void {
		const { ring } = this;
		let at = 0;
		try {
			while (ends.length < max && at < MAX_BATCH_BYTES && ring.take(scratch, at, this.ledger) === Outcome.done) {
				ends.push(at + ring.length);
				flags.push(ring.flags);
				at = align(at + ring.length);
			}
		} finally {
			ring.unlockHead();
			this.passOn();
		}
	}

	/** Before a try to lock the head for another purpose than taking. */
	tryHead(): boolean {
		this.#consumers.arrive();
		return this.ring.lockHead();
	}

	/** After the head was unlocked: there may be room, and others may have found the head locked. */
	passOn(): void {
		if (this.room.mayHaveWaiters) {
			if (this.ring.isLimited) this.#producers.wakeFirst();
			else this.#producers.wakeNext();
		}
		if (this.items.mayAlsoHaveWaiters && this.ring.mayHaveMessages()) this.#consumers.wakeNext();
		if (this.headSet?.mayAlsoHaveWaiters === true) this.headSet.wakeOne();
	}
}

/** A batch ends with the message that passes this. */
const MAX_BATCH_BYTES = 1024 * 1024;

function align(offset: number): number {
	return (offset + 7) & ~7;
}
