/** What a ring (ring.ts) looks like in memory, and what it asks of its surroundings. */

/** Where rings live. Extent 0 is the first ring; the others are made, mapped and given back by number. */
export interface Extents {
	/** Begins with extent 0, and may go on behind it. */
	readonly home: ArrayBuffer;
	/** Where in extent 0 the first ring begins; a multiple of 8. It reaches to the extent's end. */
	readonly homeOffset: number;
	/** 0 or `-errno`. */
	reserve(first: number, count: number): number;
	map(first: number, count: number): ArrayBuffer;
	release(first: number, count: number): void;
}

/** The calling thread's token, and whether the owner of another one is dead. */
export interface Participants {
	/** The calling thread's token: never 0, never negative. */
	current: () => number;
	isDead: (token: number) => boolean;
	/** The lock of a ring that the calling thread has. */
	held?: { giveBack(token: number): void } | undefined;
}

/** What the consumer that takes message number `sequence` wants on record before and after (see ledger.ts). */
export interface Ledger {
	intend(sequence: number): void;
	settle(): void;
}

export const Outcome = { done: 0, full: 1, empty: 2, ended: 3 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export const EXTENT_BYTES = 65536;
/** What a message may take of a ring; a larger one goes out-of-band (out-of-band.ts). */
export const MAX_ENTRY_BYTES = 131_072;
/** Bytes are counted in these units for `maxLoad`, so that 2^31 of them are enough. */
export const LOAD_BYTES = 64;
/** Size of the control words, in Int32 words. */
export const CONTROL_WORDS = 96;

// What an end writes with each message is one cache line (16 words): between processors on which producers alternate,
// or consumers, it is what moves. The line behind it is hardly ever written.
export const TAIL_LOCK = 0;
export const PUBLISHED = 1;
/** What the producers have last seen of the head's counts. An old sight is a safe one: the head only goes on. */
export const SEEN_TAKEN = 2;
export const SEEN_LOAD = 3;
export const TAIL_STATE = 4;
export const MAX_COUNT = 16;
export const MAX_LOAD = 17;
/** Not 0: a consumer has emptied a ring that is too large to be kept. A hint. */
export const DRAINED = 18;
/** The first extent that rings may take. */
export const FIRST_EXTENT = 19;
/** Not 0: nothing more may be put in (ring-end.ts). */
export const ENDED = 20;
export const HEAD_LOCK = 32;
export const TAKEN = 33;
export const HEAD_STATE = 34;

export const STATE_WORDS = 6;
// Words of a state, the tail's and the head's.
export const FIRST = 0;
export const SLOTS = 1;
export const POSITION = 2;
export const LOAD = 3;
// Words of the tail's state: the first free extent, and how far the head was in the tail's ring when it was last looked
// at.
export const END = 4;
export const SEEN_POSITION = 5;
// A word of the head's state: what was last seen of `published`.
export const SEEN_PUBLISHED = 4;

// A message is one slot with its length and flags, then its bytes. Negative flags are marks of the ring itself.
export const SLOT_BYTES = 8;
// The flags that the caller gives are in the low bits, the load of the message is above them.
export const FLAG_BITS = 3;
export const FLAG_WRAP = -1;
export const FLAG_NEXT = -2;
/** Slots that are kept free at a ring's end and before its head, for the pointer to the next ring. */
export const MARKER_SLOTS = 2;

export const MAX_RING_BYTES = 64 * 1024 * 1024;
/** A ring up to this size is kept when it has become empty. */
export const KEEP_RING_BYTES = 1024 * 1024;
export const LAST_EXTENT = 2 ** 30;
export const LOCK_SPINS = 60;
/** To ask whether a lock's owner is alive takes many times as long as it should hold the lock. */
export const ASK_EVERY_MS = 1;
