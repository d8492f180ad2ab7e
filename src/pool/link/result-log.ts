/**
 * The results of a chunk's items that its worker has not sent yet, in memory that outlives it. So thousands of small
 * results go in one message, and yet an item that has returned never runs again: when the worker has died, the pool
 * reads here what had ended. It also looks here when it has heard nothing for a while, since the results of quick items
 * may lie before one that takes long.
 *
 *   words: epoch, the call's number in the stream, the first item, how many items
 *   then a number for each item, a tag for each item, and the bytes of values that are neither numbers nor constants;
 *   the number of such an item says where its bytes end
 *
 * An item is there when it is counted, which is one store behind all others. The worker empties the log *after* it has
 * put a message with what is inside, so a death between the two leaves items that were sent too: whoever reads it knows
 * how many items of the call it has, and leaves those out. Emptying sets the count to 0, then adds 1 to the epoch; who
 * reads the log of a living worker believes what he has read when the epoch is still the same.
 *
 * The worker may die between any two of its stores: before the count, the item has not returned, and is the one that
 * was lost; between the store of 0 and those that follow, the log is empty. test/model/pool.test.ts has it in every
 * order.
 *
 * A message is a copy: first item, count, the microseconds of all together, then numbers, tags, bytes.
 */
import { decodeRange } from '../../codec/decode.ts';
import { encodeBorrowed, type BorrowedEncoded } from '../../codec/encode.ts';

const entries = 4096;
/** All together are less than what would need a file of its own as a message. */
const valueBytes = 16384;
/** From this on, a value travels by itself. */
const largeBytes = 4096;
const word = { epoch: 0, sequence: 1, first: 2, count: 3 } as const;
const numbersByte = 16;
const tagsByte = numbersByte + entries * 8;
const valuesByte = tagsByte + entries;
const headerBytes = 16;

const tag = { number: 0, undefined: 1, null: 2, false: 3, true: 4, encoded: 5 } as const;
/** By their tags. */
const constants: readonly unknown[] = [undefined, undefined, null, false, true];

export const logWords: number = (valuesByte + valueBytes) / 4;

interface Parts {
	readonly words: Int32Array;
	readonly numbers: Float64Array;
	readonly tags: Uint8Array;
	readonly values: Uint8Array;
}

function partsOf(words: Int32Array): Parts {
	const { buffer, byteOffset } = words;
	return {
		words,
		numbers: new Float64Array(buffer, byteOffset + numbersByte, entries),
		tags: new Uint8Array(buffer, byteOffset + tagsByte, entries),
		values: new Uint8Array(buffer, byteOffset + valuesByte, valueBytes),
	};
}

/** The worker's side. */
export class ResultLog {
	count = 0;
	readonly #parts: Parts;
	#usedBytes = 0;
	/** So many values more are not tried: the last one was too large, and to encode one takes its time. */
	#untried = 0;

	constructor(words: Int32Array) {
		this.#parts = partsOf(words);
	}

	/** An empty log for a call's items from this one on. */
	begin(sequence: number, first: number): void {
		const { words } = this.#parts;
		Atomics.store(words, word.count, 0);
		Atomics.add(words, word.epoch, 1);
		Atomics.store(words, word.sequence, sequence);
		Atomics.store(words, word.first, first);
		this.count = this.#usedBytes = 0;
	}

	get isFull(): boolean {
		return this.count === entries;
	}

	/**
	 * The next item's result. False when there is no room for it, or it must travel by itself. Throws when it cannot be
	 * sent at all.
	 */
	add(value: unknown): boolean {
		const { words, numbers, tags } = this.#parts;
		if (typeof value === 'number') {
			numbers[this.count] = value;
			tags[this.count] = tag.number;
		} else if (value === undefined || value === null) tags[this.count] = value === undefined ? tag.undefined : tag.null;
		else if (typeof value === 'boolean') tags[this.count] = value ? tag.true : tag.false;
		else if (!this.#addEncoded(value)) return false;
		Atomics.store(words, word.count, ++this.count);
		return true;
	}

	/** Encoding may run the program's code, which may send what is inside: what is inside is looked at behind it. */
	#addEncoded(value: unknown): boolean {
		if (this.#untried > 0) {
			this.#untried--;
			return false;
		}
		const { numbers, tags, values } = this.#parts;
		const encoded = encodeBorrowed(value, encodeOptions);
		const { length, handles, buffers } = encoded;
		if (handles.length > 0 || buffers.length > 0 || length > largeBytes) {
			this.#untried = untriedAfterLarge;
			return false;
		}
		const end = this.#usedBytes + length;
		if (end > valueBytes) return false;
		copy(encoded, values, this.#usedBytes);
		numbers[this.count] = this.#usedBytes = end;
		tags[this.count] = tag.encoded;
		return true;
	}

	/** The item behind the last one. */
	get next(): number {
		return this.#parts.words[word.first]! + this.count;
	}

	/** What is inside, as a message; `begin` comes when it has been put. */
	message(microseconds: number): Uint8Array {
		return messageOf(this.#parts, { count: this.count, microseconds });
	}
}

const encodeOptions = { path: 'result', outOfBandFrom: largeBytes };
const untriedAfterLarge = 16;

function copy({ bytes, length }: BorrowedEncoded, to: Uint8Array, at: number): void {
	if (length > 64) to.set(bytes.subarray(0, length), at);
	else for (let i = 0; i < length; i++) to[at + i] = bytes[i]!;
}

function messageOf({ words, numbers, tags, values }: Parts, { count, microseconds }: { count: number; microseconds: number }): Uint8Array {
	let used = 0;
	for (let i = count - 1; i >= 0 && used === 0; i--) if (tags[i] === tag.encoded) used = numbers[i]!;
	const bytes = new Uint8Array(headerBytes + count * 9 + used);
	const header = new DataView(bytes.buffer);
	header.setInt32(0, words[word.first]!, true);
	header.setInt32(4, count, true);
	header.setFloat64(8, microseconds, true);
	new Float64Array(bytes.buffer, headerBytes, count).set(numbers.subarray(0, count));
	bytes.set(tags.subarray(0, count), headerBytes + count * 8);
	bytes.set(values.subarray(0, used), headerBytes + count * 9);
	return bytes;
}

/**
 * The pool's side: what the worker has in its log of this call; undefined when it is empty, or was emptied meanwhile,
 * which a message tells of.
 */
export function readLog(words: Int32Array, sequence: number): Uint8Array | undefined {
	const epoch = Atomics.load(words, word.epoch);
	const count = Atomics.load(words, word.count);
	if (count <= 0 || count > entries || Atomics.load(words, word.sequence) !== sequence) return undefined;
	const message = messageOf(partsOf(words), { count, microseconds: NaN });
	return Atomics.compareExchange(words, word.epoch, epoch, epoch) === epoch ? message : undefined;
}

/** What a message tells: results of items one behind the other. */
export class Results {
	readonly first: number;
	readonly count: number;
	/** Of all together; NaN when it is not known. */
	readonly microseconds: number;
	readonly #bytes: Uint8Array;
	readonly #numbers: Float64Array;
	readonly #tags: Uint8Array;

	constructor(bytes: Uint8Array) {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.first = view.getInt32(0, true);
		this.count = view.getInt32(4, true);
		this.microseconds = view.getFloat64(8, true);
		const tags = headerBytes + this.count * 8;
		this.#numbers = new Float64Array(this.count);
		new Uint8Array(this.#numbers.buffer).set(bytes.subarray(headerBytes, tags));
		this.#tags = bytes.subarray(tags, tags + this.count);
		this.#bytes = bytes.subarray(tags + this.count);
	}

	/** Those from this place on up to the first that cannot be opened here. */
	from(place: number): { values: unknown[]; error?: { cause: unknown } } {
		const { count } = this;
		const numbers = this.#numbers;
		const tags = this.#tags;
		const values: unknown[] = [];
		try {
			for (let i = place; i < count; i++) values.push(tags[i] === tag.number ? numbers[i] : this.#other(i));
		} catch (cause) {
			return { values, error: { cause } };
		}
		return { values };
	}

	#other(place: number): unknown {
		const kind = this.#tags[place]!;
		return kind === tag.encoded ? decodeRange(this.#bytes, this.#endBefore(place), this.#numbers[place]!) : constants[kind];
	}

	#endBefore(place: number): number {
		for (let i = place - 1; i >= 0; i--) if (this.#tags[i] === tag.encoded) return this.#numbers[i]!;
		return 0;
	}
}
