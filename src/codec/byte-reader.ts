/** Reads what ByteWriter wrote. Nothing that the bytes say is believed: each read is checked against the end. */
import { SerializationError } from '../base/errors.ts';

const number = new DataView(new ArrayBuffer(8));
const numberBytes = new Uint8Array(number.buffer);

const noBytes = new Uint8Array(0);
/** Memory up to this size is kept until the next message, which may be in the same. */
const KEPT_BYTES = 1 << 18;

export class ByteReader {
	bytes: Uint8Array = noBytes;
	pos = 0;
	end = 0;
	#text: Buffer | undefined;
	#isKept = true;

	/** To read the bytes from `start` to `end`. */
	begin(bytes: Uint8Array, start: number, end: number): void {
		if (this.bytes !== bytes) {
			this.bytes = bytes;
			this.#text = undefined;
			this.#isKept = bytes.buffer.byteLength <= KEPT_BYTES;
		}
		this.pos = start;
		this.end = end;
	}

	/** Forgets the bytes, unless they are few. */
	reset(): void {
		if (this.#isKept) return;
		this.bytes = noBytes;
		this.#text = undefined;
	}

	fail(what: string, cause?: unknown): never {
		throw malformed(`${what} (at byte ${this.pos})`, cause);
	}

	/** Returns where the next `size` bytes start, and passes them. */
	take(size: number): number {
		const { pos } = this;
		if (size > this.end - pos) this.fail(`${size} bytes are announced where ${this.end - pos} are left`);
		this.pos = pos + size;
		return pos;
	}

	byte(): number {
		if (this.pos >= this.end) this.fail('it ends too early');
		return this.bytes[this.pos++] as number;
	}

	int8(): number {
		return (this.byte() << 24) >> 24;
	}

	int16(): number {
		const at = this.take(2);
		return (((this.bytes[at] as number) << 16) | ((this.bytes[at + 1] as number) << 24)) >> 16;
	}

	int32(): number {
		const at = this.take(4);
		const { bytes } = this;
		return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
	}

	float64(): number {
		this.#eight();
		return number.getFloat64(0, true);
	}

	bigint64(): bigint {
		this.#eight();
		return number.getBigInt64(0, true);
	}

	#eight(): void {
		const at = this.take(8);
		for (let i = 0; i < 8; i++) numberBytes[i] = this.bytes[at + i] as number;
	}

	varint(): number {
		let value = this.byte();
		if (value < 0x80) return value;
		value -= 0x80;
		for (let scale = 0x80; scale < 2 ** 53; scale *= 0x80) {
			const byte = this.byte();
			value += (byte & 0x7f) * scale;
			if (byte < 0x80) {
				if (value > Number.MAX_SAFE_INTEGER) break;
				return value;
			}
		}
		this.fail('a number is too large');
	}

	/**
	 * A varint that counts things of at least `size` bytes each, so that a lie is found before anything is allocated.
	 */
	count(size = 1): number {
		return this.#checkedCount(this.varint(), size);
	}

	uint32Count(size: number): number {
		return this.#checkedCount(this.int32() >>> 0, size);
	}

	#checkedCount(count: number, size: number): number {
		if (count * size > this.end - this.pos) this.fail(`${count} items are announced where ${this.end - this.pos} bytes are left`);
		return count;
	}

	latin1(length: number): string {
		const at = this.take(length);
		const build = shortStrings[length];
		return build === undefined ? this.#buffer().toString('latin1', at, at + length) : build(this.bytes as Bytes, at);
	}

	utf16(units: number): string {
		const at = this.take(units * 2);
		return this.#buffer().toString('utf16le', at, at + units * 2);
	}

	#buffer(): Buffer {
		const { bytes } = this;
		return (this.#text ??= Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength));
	}

	/** A copy, in memory of its own. */
	copy(size: number): ArrayBuffer {
		const at = this.take(size);
		const copy = new Uint8Array(size);
		copy.set(this.bytes.subarray(at, at + size));
		return copy.buffer;
	}
}

export function malformed(what: string, cause?: unknown): SerializationError {
	return new SerializationError(`Cannot decode the message: ${what}. The bytes were not written by nprocs, or were damaged on their way.`, '', {
		code: 'ERR_NPROCS_MALFORMED_MESSAGE',
		...(cause === undefined ? {} : { cause }),
	});
}

/** In-range reads are numbers; the caller has checked the range. */
type Bytes = { readonly [index: number]: number };
const chars = String.fromCharCode;

/** By length. A call into C++ costs more than twelve characters do. */
const shortStrings: ReadonlyArray<(b: Bytes, p: number) => string> = [
	() => '',
	(b, p) => chars(b[p]!),
	(b, p) => chars(b[p]!, b[p + 1]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!, b[p + 5]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!, b[p + 5]!, b[p + 6]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!, b[p + 5]!, b[p + 6]!, b[p + 7]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!, b[p + 5]!, b[p + 6]!, b[p + 7]!, b[p + 8]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!, b[p + 5]!, b[p + 6]!, b[p + 7]!, b[p + 8]!, b[p + 9]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!, b[p + 5]!, b[p + 6]!, b[p + 7]!, b[p + 8]!, b[p + 9]!, b[p + 10]!),
	(b, p) => chars(b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!, b[p + 4]!, b[p + 5]!, b[p + 6]!, b[p + 7]!, b[p + 8]!, b[p + 9]!, b[p + 10]!, b[p + 11]!),
];
