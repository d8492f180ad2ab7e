/** Bytes that grow: numbers and strings are appended at `pos`. Made once and used for many messages. */
import * as format from './format.ts';

const { LATIN1, UTF16, SHORT_STRING, INT8, INT16, INT32, FLOAT64 } = format;

const INITIAL_SIZE = 4096;
/**
 * More than this is refused: Node 20's buffers have at most 4 GiB, and what frames the message needs some room too.
 * Large typed arrays in queues and pipes do not count, since they cross beside the message.
 */
export const LARGEST_MESSAGE = 2 ** 32 - 2 ** 24;
/** More than this is given back after a message instead of being kept for the next. */
const LARGEST_KEPT = 1 << 20;

/**
 * Characters beyond Latin-1. Against a string that V8 holds in one byte per character it fails at once, whatever the
 * length.
 */
const wide = /[^\0-\xff]/;

export abstract class ByteWriter {
	bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
	pos = 0;
	/** Over the same memory as `bytes`. */
	#text: Buffer = Buffer.alloc(0);
	#view: DataView = new DataView(this.bytes.buffer);

	/** Makes room for `size` more bytes. */
	ensure(size: number): void {
		if (this.pos + size > this.bytes.length) this.#grow(size);
	}

	/** Throws: so many bytes are more than a message may have, or than there is memory for, which is then the cause. */
	protected abstract refuseSize(size: number, cause?: unknown): never;

	#grow(size: number): void {
		const needed = this.pos + size;
		if (needed > LARGEST_MESSAGE) this.refuseSize(needed);
		const memory = this.#allocate(Math.max(INITIAL_SIZE, Math.min(this.bytes.length * 2, LARGEST_MESSAGE), needed));
		const bytes = new Uint8Array(memory.buffer);
		bytes.set(this.bytes.subarray(0, this.pos));
		this.bytes = bytes;
		this.#text = memory;
		this.#view = new DataView(memory.buffer);
	}

	#allocate(size: number): Buffer<ArrayBuffer> {
		try {
			return Buffer.allocUnsafeSlow(size);
		} catch (error) {
			this.refuseSize(size, error);
		}
	}

	rewind(): void {
		this.pos = 0;
		if (this.bytes.length > LARGEST_KEPT) this.forget();
	}

	/** Gives the memory away: whoever holds `bytes` has it now. */
	forget(): void {
		this.pos = 0;
		this.bytes = new Uint8Array(0);
		this.#text = Buffer.alloc(0);
	}

	byte(value: number): void {
		if (this.pos === this.bytes.length) this.#grow(1);
		this.bytes[this.pos++] = value;
	}

	int32(value: number): void {
		this.ensure(4);
		this.#view.setInt32(this.pos, value, true);
		this.pos += 4;
	}

	float64(value: number): void {
		this.ensure(8);
		this.#view.setFloat64(this.pos, value, true);
		this.pos += 8;
	}

	bigint64(value: bigint): void {
		this.ensure(8);
		this.#view.setBigInt64(this.pos, value, true);
		this.pos += 8;
	}

	/** Any integer from 0 to 2^53 - 1. */
	varint(value: number): void {
		this.ensure(8);
		while (value >= 0x80) {
			this.bytes[this.pos++] = (value % 0x80) | 0x80;
			value = Math.floor(value / 0x80);
		}
		this.bytes[this.pos++] = value;
	}

	/** Overwrites four bytes written before. */
	patchUint32(at: number, value: number): void {
		this.#view.setUint32(at, value, true);
	}

	raw(bytes: Uint8Array): void {
		this.ensure(bytes.length);
		this.bytes.set(bytes, this.pos);
		this.pos += bytes.length;
	}

	zeros(count: number): void {
		this.ensure(count);
		this.bytes.fill(0, this.pos, this.pos + count);
		this.pos += count;
	}

	/** A number with its tag. */
	number(value: number): void {
		this.ensure(9);
		const { bytes, pos } = this;
		const integer = value | 0;
		if (integer !== value || (value === 0 && 1 / value < 0)) {
			bytes[pos] = FLOAT64;
			this.#view.setFloat64(pos + 1, value, true);
			this.pos = pos + 9;
		} else if (integer >= 0 && integer < 0x80) {
			bytes[pos] = integer;
			this.pos = pos + 1;
		} else this.#largeInteger(integer, bytes, pos);
	}

	#largeInteger(integer: number, bytes: Uint8Array, pos: number): void {
		bytes[pos + 1] = integer;
		if (integer >= -0x80 && integer < 0) {
			bytes[pos] = INT8;
			this.pos = pos + 2;
			return;
		}
		bytes[pos + 2] = integer >> 8;
		if (integer >= -0x8000 && integer < 0x8000) {
			bytes[pos] = INT16;
			this.pos = pos + 3;
			return;
		}
		bytes[pos] = INT32;
		bytes[pos + 3] = integer >> 16;
		bytes[pos + 4] = integer >> 24;
		this.pos = pos + 5;
	}

	/** A string with its tag. */
	text(value: string): void {
		const { length } = value;
		if (length >= 32 || !this.#short(value)) this.#long(value);
	}

	/** Writes nothing and returns false when a character needs two bytes. */
	#short(value: string): boolean {
		const { length } = value;
		this.ensure(length + 1);
		const { bytes, pos } = this;
		let all = 0;
		for (let i = 0; i < length; i++) {
			const code = value.charCodeAt(i);
			all |= code;
			bytes[pos + 1 + i] = code;
		}
		if (all > 0xff) return false;
		bytes[pos] = SHORT_STRING + length;
		this.pos = pos + 1 + length;
		return true;
	}

	#long(value: string): void {
		const { length } = value;
		const isWide = wide.test(value);
		this.byte(isWide ? UTF16 : LATIN1);
		this.varint(length);
		this.ensure(isWide ? length * 2 : length);
		this.pos += this.#text.write(value, this.pos, isWide ? 'utf16le' : 'latin1');
	}
}
