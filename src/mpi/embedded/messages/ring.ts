/**
 * A ring of messages from one rank to another: one producer, one consumer, no lock.
 *
 * Memory: 64 words of control (word 0: how many cells the reader has freed, ever; word 16: whether the writer wants to
 * be woken when there are more), then the cells, a cache line each, then the data of messages that do not fit into
 * their cell. A cell:
 *
 *   0 sequence   1 length, low 32 bits   2 tag   3 context   4 kind and flags, length above
 *   5 where its data begins   6-15 40 bytes inside
 *
 * A synchronous message has its number in word 5 when its data lie in the cell, and else in word 6.
 *
 * **Writing.** Message number p (from 0, counted modulo 2^32) goes into cell p mod cells, when fewer than `cells` are
 * not freed. The writer fills data and cell, and then stores p + 1 as the cell's sequence: that one store publishes it.
 * **Reading.** The reader at message p looks whether the sequence of its cell is p + 1; uses it in place; goes to
 * p + 1, which only it knows; and tells from time to time how far it is, by one store, after which it does not touch
 * what it has freed. The writer knows from notes of its own how much data is free then.
 *
 * So what a side writes, the other one does not read before the one store that hands it over. A writer killed before it
 * leaves a cell that was never published; a reader killed before it leaves room that nobody gets back, in a ring that
 * nobody will read. Nothing needs a repair.
 *
 * **Waking.** The writer wakes the reader after each message, if it sleeps. A writer without room says that it wants
 * some, looks once more, and sleeps; the reader frees, and then looks whether some is wanted. All four are sequentially
 * consistent, so one of both sees the other.
 */

/**
 * What a cell announces: a message whose data are in the ring; one in a block (page, number of the send); one whose
 * sender has no block yet (number of the send). And what is said about such messages: it was matched (number of the
 * send); it was, and wants a block (numbers of the send and of the receive); it lies in this block (number of the
 * receive, page).
 */
export const messageKind = { data: 0, block: 1, request: 2, matched: 3, wanted: 4, granted: 5 } as const;
export const kindMask = 0xff;
/** The sender waits until the message is matched; the cell has the number by which it is told. */
export const synchronousFlag = 0x100;
const lengthShift = 16;

const freedWord = 0;
const wantedWord = 16;
const controlWords = 64;
const cellWords = 16;
const cellShift = 4;
const insideWord = 6;
const cellBytes = cellWords * 4;
/** What fits into a cell. */
const insideBytes = 40;
const alignment = 64;
/**
 * After a message as large as that its room is told to be free at once, so that the next one is written to the same
 * place, which is in the caches.
 */
const largeBytes = 2048;

export interface RingSize {
	/** A power of two. */
	readonly cells: number;
	/** A multiple of 64. */
	readonly dataBytes: number;
}

export function ringBytes({ cells, dataBytes }: RingSize): number {
	return controlWords * 4 + cells * cellBytes + dataBytes;
}

/** The sender's end. */
export class RingWriter {
	/** Longer messages do not go through the ring. */
	readonly mostBytes: number;
	readonly #words: Int32Array;
	readonly #bytes: Uint8Array;
	readonly #cells: number;
	readonly #dataAt: number;
	readonly #dataBytes: number;
	#tail = 0;
	/** As last seen. */
	#freed = 0;
	/** Data that is in use lies from `#dataHead` to `#dataTail`, around the end; none when they are equal. */
	#dataTail = 0;
	#dataHead = 0;
	/** Where data ended after each of the last messages, for when they are freed. */
	readonly #ends: Int32Array;
	readonly #endsMask: number;

	constructor(memory: ArrayBuffer, { cells, dataBytes }: RingSize) {
		this.#words = new Int32Array(memory, 0, controlWords + cells * cellWords);
		this.#bytes = new Uint8Array(memory);
		this.#cells = cells;
		this.#dataAt = controlWords * 4 + cells * cellBytes;
		this.#dataBytes = dataBytes;
		this.mostBytes = Math.max(insideBytes, Math.floor(dataBytes / 3));
		this.#ends = new Int32Array(2 * cells);
		this.#endsMask = 2 * cells - 1;
	}

	/**
	 * Puts a message in; false when there is no room for it. `bytes` may be longer than the message. `number` is for a
	 * synchronous one.
	 */
	write(flags: number, bytes: Uint8Array, length: number, tag: number, context: number, number: number): boolean {
		const words = this.#words;
		const tail = this.#tail;
		if (((tail - this.#freed) | 0) >= this.#cells && !this.#look()) return false;
		const cell = controlWords + ((tail & (this.#cells - 1)) << cellShift);
		if (length <= insideBytes) {
			const target = this.#bytes;
			const at = (cell + insideWord) << 2;
			for (let i = 0; i < length; i++) target[at + i] = bytes[i]!;
			words[cell + 5] = number;
		} else {
			const at = this.#place(length);
			if (at < 0) return false;
			words[cell + 5] = at;
			words[cell + insideWord] = number;
			this.#bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length), this.#dataAt + at);
		}
		words[cell + 1] = length;
		this.#publish(cell, flags, tag, context);
		return true;
	}

	/** Puts in what announces a message, or answers one: two numbers instead of data. False without room. */
	writeControl(flags: number, length: number, tag: number, context: number, first: number, second: number): boolean {
		const words = this.#words;
		if (((this.#tail - this.#freed) | 0) >= this.#cells && !this.#look()) return false;
		const cell = controlWords + ((this.#tail & (this.#cells - 1)) << cellShift);
		words[cell + 1] = length | 0;
		words[cell + insideWord] = first;
		words[cell + insideWord + 1] = second;
		this.#publish(cell, flags | (Math.floor(length / 2 ** 32) << lengthShift), tag, context);
		return true;
	}

	/** Has the reader wake this rank when there is room again, until `wantNothing`. */
	want(): void {
		Atomics.store(this.#words, wantedWord, 1);
	}

	wantNothing(): void {
		Atomics.store(this.#words, wantedWord, 0);
	}

	#publish(cell: number, flags: number, tag: number, context: number): void {
		const words = this.#words;
		const next = (this.#tail + 1) | 0;
		words[cell + 2] = tag;
		words[cell + 3] = context;
		words[cell + 4] = flags;
		this.#ends[this.#tail & this.#endsMask] = this.#dataTail;
		this.#tail = next;
		Atomics.store(words, cell, next);
	}

	/** Whether cells are free; brings what is known of the reader up to date. */
	#look(): boolean {
		const freed = Atomics.load(this.#words, freedWord);
		if (freed !== this.#freed) {
			this.#freed = freed;
			this.#dataHead = this.#ends[(freed - 1) & this.#endsMask]!;
		}
		// All is read: from the beginning, which is in the caches.
		if (freed === this.#tail) this.#dataHead = this.#dataTail = 0;
		return ((this.#tail - freed) | 0) < this.#cells;
	}

	/** Takes room for data; -1 when there is none. */
	#place(length: number): number {
		const need = (length + alignment - 1) & -alignment;
		if (length >= largeBytes) this.#look();
		let at = this.#findPlace(need);
		if (at < 0 && this.#look()) at = this.#findPlace(need);
		if (at >= 0) this.#dataTail = at + need;
		return at;
	}

	/** What is in use never becomes all, since equal ends mean that nothing is. */
	#findPlace(need: number): number {
		const [tail, head] = [this.#dataTail, this.#dataHead];
		if (tail >= head) return tail + need <= this.#dataBytes ? tail : need < head ? 0 : -1;
		return tail + need < head ? tail : -1;
	}
}

/** The receiver's end. After `hasNext` the fields of the message can be read, until `advance`. */
export class RingReader {
	readonly #words: Int32Array;
	readonly #bytes: Uint8Array;
	readonly #cells: number;
	readonly #dataAt: number;
	/** Views of data, by where it begins: messages of one length come again and again. */
	readonly #views: (Uint8Array | undefined)[] = [];
	readonly #mostUntold: number;
	#cell: number = controlWords;
	#next = 1;
	#untold = 0;

	constructor(memory: ArrayBuffer, { cells, dataBytes }: RingSize) {
		this.#words = new Int32Array(memory, 0, controlWords + cells * cellWords);
		this.#bytes = new Uint8Array(memory);
		this.#cells = cells;
		this.#dataAt = controlWords * 4 + cells * cellBytes;
		this.#mostUntold = Math.max(1, Math.min(32, cells >> 2));
		for (let i = 0; i < dataBytes / alignment; i++) this.#views.push(undefined);
	}

	hasNext(): boolean {
		return Atomics.load(this.#words, this.#cell) === this.#next;
	}

	get flags(): number {
		return this.#words[this.#cell + 4]! & 0xffff;
	}

	get length(): number {
		return (this.#words[this.#cell + 1]! >>> 0) + (this.#words[this.#cell + 4]! >>> lengthShift) * 2 ** 32;
	}

	get tag(): number {
		return this.#words[this.#cell + 2]!;
	}

	get context(): number {
		return this.#words[this.#cell + 3]!;
	}

	/** Of a message with numbers instead of data. */
	get first(): number {
		return this.#words[this.#cell + insideWord]!;
	}

	get second(): number {
		return this.#words[this.#cell + insideWord + 1]!;
	}

	/** Of a synchronous message with its data in the ring. */
	get number(): number {
		return this.#words[this.#cell + (this.#words[this.#cell + 1]! <= insideBytes ? 5 : insideWord)]!;
	}

	/** Copies the first `length` bytes of a message's data, which has more than that or as many. */
	copyTo(target: Uint8Array, length: number): void {
		const total = this.#words[this.#cell + 1]!;
		if (total <= insideBytes) {
			const source = this.#bytes;
			const at = (this.#cell + insideWord) << 2;
			for (let i = 0; i < length; i++) target[i] = source[at + i]!;
			return;
		}
		if (length > 0) target.set(this.#view(length));
	}

	/** Goes to the next message. True when the writer waits for the room that was told to be free now. */
	advance(): boolean {
		const length = this.#words[this.#cell + 1]!;
		this.#next = (this.#next + 1) | 0;
		this.#cell = controlWords + (((this.#next - 1) & (this.#cells - 1)) << cellShift);
		return (++this.#untold >= this.#mostUntold || length >= largeBytes) && this.tell();
	}

	/** Tells how far it has read, if it has not yet. True when the writer waits for that. */
	tell(): boolean {
		if (this.#untold === 0) return false;
		this.#untold = 0;
		Atomics.store(this.#words, freedWord, (this.#next - 1) | 0);
		return Atomics.load(this.#words, wantedWord) === 1;
	}

	#view(length: number): Uint8Array {
		const at = this.#words[this.#cell + 5]!;
		const index = at / alignment;
		const known = this.#views[index];
		if (known !== undefined && known.length === length) return known;
		const begin = this.#dataAt + at;
		return (this.#views[index] = this.#bytes.subarray(begin, begin + length));
	}
}
