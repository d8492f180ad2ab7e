/**
 * One direction of messages between any number of processes: a ring in a segment, and who waits for it.
 *
 * Payload of the segment: the ring's control words, three sets of waiters, words for the kind that uses the stream (`extraWords`), and
 * the ring itself to the end of the first extent.
 *
 *   items      wait for a message, to take it
 *   watchers   wait for a message (or for the end), and leave it there: `poll`, `wait()`
 *   room       wait to put one in
 *
 * A call that finds an end's lock taken by another one waits like one that finds no message or no room; so whoever unlocks an end wakes one of
 * its waiters if that one could go on. Everybody wakes only when somebody is there to be woken.
 *
 * Ordering. What a wake-up rests on, "the change, then the look for waiters" here and "the waiter's bit, then the look for the change" there, begins with
 * an atomic access on each side: the store of the count or of the lock, and the first look after it (`room.mayHaveWaiters`; the count in
 * `mayHaveMessages`). What is looked at behind that first look is read plainly: a load does not come before an atomic load that precedes it.
 */
import { Deadline } from '../base/deadline.ts';
import { ClosedError } from '../base/errors.ts';
import { pathOf } from '../memory/names.ts';
import { isAlive, self } from '../memory/registry.ts';
import { Segment } from '../memory/segment.ts';
import { addon } from '../native/addon.ts';
import { check, systemError } from '../native/raise.ts';
import { lookAgain, waitFor, waitForSync, type WaitOptions } from '../sync/waiter.ts';
import { WaiterSet } from '../sync/waiter-set.ts';
import type { WaitSource } from '../sync/waitable.ts';
import { closeCargoOf } from './cargo.ts';
import { unpack, type Decode, type Outgoing } from './message.ts';
import { Ring } from './ring.ts';
import { CONTROL_WORDS, EXTENT_BYTES, Outcome, type Extents, type Ledger } from './ring-layout.ts';
import { Scratch } from './ring-span.ts';
import { WakePolicy } from './wake-policy.ts';

// Among the words that the ring leaves unused.
export const ITEMS_POLICY = 64;
export const ROOM_POLICY = 80;
const ITEMS = CONTROL_WORDS;
const WATCHERS = ITEMS + WaiterSet.words;
const ROOM = WATCHERS + WaiterSet.words;
const EXTRA = (ROOM + WaiterSet.words + 15) & ~15;

export interface StreamOptions {
	/** @default 0, no limit */
	maxCount?: number;
	/** Bytes inside, those in cargo included. @default 0, no limit */
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

export const participants = { current: (): number => self().token, isDead: (token: number): boolean => !isAlive(token) };

export class Stream {
	readonly segment: Segment;
	readonly ring: Ring;
	readonly items: WaiterSet;
	readonly watchers: WaiterSet;
	readonly room: WaiterSet;
	/** Word offset of the extra words in `segment.int32`. */
	readonly extra: number = EXTRA;
	/** On record about who has taken what; see ledger.ts. */
	ledger: Ledger | undefined;
	/** How `tryTake` decodes values. @default decodeRange */
	decodeValue: Decode | undefined;
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
		this.ring = new Ring(segment.int32.subarray(0, CONTROL_WORDS), extentsOf(segment, homeOffset), participants);
		this.items = new WaiterSet(segment, ITEMS);
		this.watchers = new WaiterSet(segment, WATCHERS);
		this.room = new WaiterSet(segment, ROOM);
		const { current } = participants;
		this.#consumers = new WakePolicy(segment.int32, ITEMS_POLICY, this.items, current, () => this.#passItems());
		this.#producers = new WakePolicy(segment.int32, ROOM_POLICY, this.room, current, () => this.#passRoom());
		this.getting = { lookout: this.#consumers, spinsInLoop: true };
		this.putting = { lookout: this.#producers, spinsInLoop: true };
	}

	static create(kind: string, options: StreamOptions): Stream {
		const { isPrivate = false } = options;
		let made: Stream | undefined;
		const init = (segment: Segment): void => {
			if (isPrivate) privateRings.set(segment.name, new Map());
			made = new Stream(segment, options.extraWords ?? 0, kind);
			made.ring.format(options.maxCount ?? 0, options.maxLoadBytes ?? 0, 1 + (options.extraExtents ?? 0));
		};
		Segment.create({ kind, size: EXTENT_BYTES - Segment.payload, init, isPrivate });
		return made!;
	}

	static open(kind: string, name: string, extraWords = 0): Stream {
		participants.current(); // who opens it will use it; in the midst of that, V8 would have to compile anew
		return new Stream(Segment.open(name, kind), extraWords, kind);
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** Idempotent. Pending waits of this thread end with a ClosedError. */
	close(): void {
		this.closeAnd();
	}

	/** Also ends this thread's waits for other sets in the segment. */
	closeAnd(...others: WaiterSet[]): void {
		if (this.#closed) return;
		this.#closed = true;
		privateRings.delete(this.segment.name);
		for (const set of [this.items, this.watchers, this.room, ...others]) lookAgain(set);
		this.segment.close();
		closeCargoOf(this.segment.name);
	}

	checkOpen(): void {
		if (this.#closed) throw new ClosedError(`This ${this.#what} is closed: this process has closed it before.`);
	}

	// --- putting in ---

	/** False when there is no room, or when another one is at it. */
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
		}
		if (outcome === Outcome.full) return false;
		this.#tell(1);
		return true;
	}

	/** Puts as many as there is room for, with one taking of the lock. Returns how many. */
	tryPutMany(messages: readonly Outgoing[], from: number): number {
		const { ring } = this;
		this.#producers.arrive();
		if (!ring.lockTail()) return 0;
		let put = 0;
		try {
			for (let i = from; i < messages.length; i++) {
				const { flags, bytes, length, loadBytes } = messages[i]!;
				if (ring.append(flags, bytes, length, loadBytes) === Outcome.full) break;
				put++;
			}
		} finally {
			ring.unlockTail();
			this.#passRoom();
			if (put > 0) this.#tell(put);
		}
		return put;
	}

	/** After `#passRoom`: so many more are there to take. */
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

	// --- taking out ---

	/** Whether a take would find something, as far as can be said without the lock. */
	hasItems(): boolean {
		return this.#left.length > 0 || this.ring.count() !== 0;
	}

	/**
	 * The next message, decoded; undefined when there is none, or when another one is at it. When `accept` throws about the message's flags, it
	 * stays where it is.
	 */
	tryTake(accept?: (flags: number) => void): Taken | undefined {
		const { ring } = this;
		if (this.#left.length > 0) return { value: this.#left.shift()!() };
		this.#consumers.arrive();
		if (!ring.mayHaveMessages() || !ring.lockHead()) return undefined;
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
	 * At most `max` messages, with one taking of the lock; undefined as with `tryTake`. When one cannot be decoded, the call returns those before
	 * it; the next call throws, and the one after that goes on behind it.
	 */
	tryTakeMany(max: number): unknown[] | undefined {
		const { ring } = this;
		if (this.#left.length > 0) return [this.#left.shift()!()];
		this.#consumers.arrive();
		if (!ring.mayHaveMessages() || !ring.lockHead()) return undefined;
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
	}

	/** For `wait()` and `poll`: `isReady` says whether a call would not have to wait. */
	sourceOf(isReady: () => boolean): WaitSource {
		return {
			isReady,
			set: this.watchers,
			subscribe: (onChange) => {
				const ended = new AbortController();
				const attempt = (): true | undefined => this.#closed || isReady() || undefined;
				waitFor(this.watchers, attempt, Deadline.from(ended.signal), { independent: true }).then(onChange, () => {
					if (!ended.signal.aborted) onChange();
				});
				return () => ended.abort();
			},
		};
	}
}

/** Waits until there may be something to take, and leaves it there. */
export function watch(stream: Stream, isReady: () => boolean, deadline: Deadline): Promise<boolean> {
	return waitFor(stream.watchers, watching(stream, isReady), deadline, { independent: true }).then((ready) => ready === true);
}

/** As `watch`, but blocks this thread. */
export function watchSync(stream: Stream, isReady: () => boolean, deadline: Deadline): boolean {
	return waitForSync(stream.watchers, watching(stream, isReady), deadline) === true;
}

function watching(stream: Stream, isReady: () => boolean): () => true | undefined {
	return () => {
		stream.checkOpen();
		return isReady() || undefined;
	};
}

/** A batch ends with the message that passes this. */
const MAX_BATCH_BYTES = 1024 * 1024;

function align(offset: number): number {
	return (offset + 7) & ~7;
}

let idleScratch: Scratch | undefined;

/** Decoding may run code of the user's that takes messages too, so what is in use is not there for others. */
function borrowScratch(): Scratch {
	const scratch = idleScratch ?? new Scratch(2 * EXTENT_BYTES);
	idleScratch = undefined;
	return scratch;
}

function returnScratch(scratch: Scratch): void {
	if (scratch.bytes.length <= 2 * MAX_BATCH_BYTES) idleScratch = scratch;
}

/** One literal for both: V8 would have to compile the ring for each shape. */
function extentsOf(segment: Segment, homeOffset: number): Extents {
	const rings = privateRings.get(segment.name);
	const { reserve, map, release } = rings === undefined ? inFile(pathOf(segment.name)) : inHeap(rings);
	return { home: segment.buffer, homeOffset, reserve, map, release };
}

type Memory = Pick<Extents, 'reserve' | 'map' | 'release'>;

function inFile(path: string): Memory {
	return {
		reserve: (first, count) => addon().reserveExtent(path, first * EXTENT_BYTES, count * EXTENT_BYTES),
		map(first, count) {
			const mapped = addon().mapExtent(path, first * EXTENT_BYTES, count * EXTENT_BYTES);
			if (typeof mapped === 'number') throw systemError(-mapped, 'map the memory of a channel');
			return mapped;
		},
		release(first, count) {
			check(addon().releaseExtent(path, first * EXTENT_BYTES, count * EXTENT_BYTES), 'give back the memory of a channel');
		},
	};
}

/** Of private streams, by their segments' names. */
const privateRings = new Map<string, Map<number, ArrayBuffer>>();

function inHeap(rings: Map<number, ArrayBuffer>): Memory {
	return {
		reserve(first, count) {
			rings.set(first, new ArrayBuffer(count * EXTENT_BYTES));
			return 0;
		},
		map: (first) => rings.get(first)!,
		release: (first) => rings.delete(first),
	};
}
