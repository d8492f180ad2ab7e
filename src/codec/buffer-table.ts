/**
 * The ArrayBuffers of a message. Views refer to them by number, so that views which share one still share it on the
 * other side. They stand behind the value, because only at the end it is known which bytes of each are seen by some
 * view: only those are sent (a Buffer of ten bytes does not drag Node's pool along), unless the ArrayBuffer itself is
 * part of the value. Bytes between two views that no view shows are sent as zeros.
 *
 * A large one can go out-of-band: it is left out of the bytes, and sent beside them.
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { BUFFER_OUT_OF_BAND, BUFFER_RESIZABLE } from './format.ts';

/** TypeScript's library for Node 20 does not know these. */
export type ResizableArrayBuffer = ArrayBuffer & { readonly resizable?: boolean; readonly maxByteLength?: number };
const BufferOf = ArrayBuffer as new (size: number, options: { maxByteLength: number | undefined }) => ArrayBuffer;

interface Entry {
	readonly buffer: ResizableArrayBuffer;
	readonly index: number;
	/** What is sent: the bytes from `low` to `high`. */
	low: number;
	high: number;
	/** Start and end of each view; empty when all bytes count. */
	spans: Array<readonly [number, number]>;
	isWhole: boolean;
	/** The largest element size of the views: `low` is a multiple of it, so that all of them find their places. */
	alignment: number;
}

export class WrittenBuffers {
	readonly #entries = new Map<ArrayBuffer, Entry>();

	get size(): number {
		return this.#entries.size;
	}

	/** Returns the number of the view's buffer. */
	addView(view: ArrayBufferView): number {
		const { byteOffset: start, byteLength: size } = view;
		const buffer = view.buffer as ResizableArrayBuffer;
		if (buffer.resizable === true) return this.addWhole(buffer);
		const entry = this.#entry(buffer, start, start + size);
		entry.low = Math.min(entry.low, start);
		entry.high = Math.max(entry.high, start + size);
		entry.spans.push([start, start + size]);
		entry.alignment = Math.max(entry.alignment, (view as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1);
		return entry.index;
	}

	/** Returns the number of the buffer. */
	addWhole(buffer: ArrayBuffer): number {
		const entry = this.#entry(buffer, 0, buffer.byteLength);
		entry.low = 0;
		entry.high = buffer.byteLength;
		entry.isWhole = true;
		return entry.index;
	}

	#entry(buffer: ResizableArrayBuffer, low: number, high: number): Entry {
		let entry = this.#entries.get(buffer);
		if (entry === undefined) {
			entry = { buffer, index: this.#entries.size, low, high, spans: [], isWhole: false, alignment: 1 };
			this.#entries.set(buffer, entry);
		}
		return entry;
	}

	/** Returns the views that go out-of-band, because they have `outOfBandFrom` bytes or more. */
	write(writer: ByteWriter, outOfBandFrom: number): Uint8Array[] {
		const outOfBand: Uint8Array[] = [];
		const start = writer.pos;
		for (const entry of this.#entries.values()) entry.low -= entry.low % entry.alignment;
		writer.ensure(this.#inlineBytes(outOfBandFrom)); // too much is refused before anything is copied
		writer.varint(this.#entries.size);
		for (const entry of this.#entries.values()) {
			const size = entry.high - entry.low;
			const isResizable = entry.buffer.resizable === true;
			const isOutOfBand = isLeftOut(entry, outOfBandFrom);
			writer.byte((isOutOfBand ? BUFFER_OUT_OF_BAND : 0) | (isResizable ? BUFFER_RESIZABLE : 0));
			writer.varint(entry.low);
			writer.varint(size);
			if (isResizable) writer.varint(entry.buffer.maxByteLength as number);
			if (isOutOfBand) outOfBand.push(shownBytes(entry));
			else writeShownBytes(writer, entry);
		}
		writer.float64(start);
		return outOfBand;
	}

	#inlineBytes(outOfBandFrom: number): number {
		let bytes = 0;
		for (const entry of this.#entries.values()) if (!isLeftOut(entry, outOfBandFrom)) bytes += entry.high - entry.low;
		return bytes;
	}
}

function isLeftOut({ buffer, low, high }: Entry, outOfBandFrom: number): boolean {
	return high - low >= outOfBandFrom && buffer.resizable !== true;
}

function writeShownBytes(writer: ByteWriter, entry: Entry): void {
	let pos = entry.low;
	for (const [start, end] of shownSpans(entry)) {
		writer.zeros(start - pos);
		writer.raw(new Uint8Array(entry.buffer, start, end - start));
		pos = end;
	}
	writer.zeros(entry.high - pos);
}

/** The memory itself when all of it is shown, else a copy with zeros. */
function shownBytes(entry: Entry): Uint8Array {
	const spans = shownSpans(entry);
	const bytes = new Uint8Array(entry.buffer, entry.low, entry.high - entry.low);
	if (spans.length === 1 && spans[0]?.[0] === entry.low) return bytes;
	const copy = new Uint8Array(bytes.length);
	for (const [start, end] of spans) copy.set(bytes.subarray(start - entry.low, end - entry.low), start - entry.low);
	return copy;
}

/** The spans in order, overlapping and touching ones as one. */
function shownSpans(entry: Entry): Array<readonly [number, number]> {
	if (entry.isWhole) return [[entry.low, entry.high]];
	if (entry.spans.length === 1) return entry.spans;
	const merged: Array<[number, number]> = [];
	for (const [start, end] of entry.spans.toSorted((a, b) => a[0] - b[0])) {
		const last = merged.at(-1);
		if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
		else merged.push([start, end]);
	}
	return merged;
}

/** A buffer as it has arrived: its first byte was byte `low` of the sender's. */
export interface ArrivedBuffer {
	readonly buffer: ArrayBuffer;
	readonly low: number;
	/** What the value needs; a buffer that came out-of-band may be longer. */
	readonly size: number;
}

/** Moves the reader's end to where the table starts. */
export function readBuffers(reader: ByteReader, outOfBand: readonly ArrayBuffer[]): ArrivedBuffer[] {
	const { pos, end } = reader;
	if (end - pos < 8) reader.fail('the table of buffers is missing');
	reader.pos = end - 8;
	const start = reader.float64() + pos - 2;
	if (!Number.isInteger(start) || start < pos || start > end - 8) reader.fail('the table of buffers is not where it should be');
	reader.pos = start;
	reader.end = end - 8;
	const count = reader.count(3);
	const buffers: ArrivedBuffer[] = [];
	let given = 0;
	for (let i = 0; i < count; i++) {
		const flags = reader.byte();
		buffers.push((flags & BUFFER_OUT_OF_BAND) !== 0 ? outOfBandBuffer(reader, outOfBand[given++]) : inlineBuffer(reader, flags));
	}
	if (given !== outOfBand.length) reader.fail(`${outOfBand.length} buffers were given to decode where ${given} belong to the message`);
	reader.pos = pos;
	reader.end = start;
	return buffers;
}

function outOfBandBuffer(reader: ByteReader, buffer: ArrayBuffer | undefined): ArrivedBuffer {
	const low = reader.varint();
	const size = reader.varint();
	if (buffer === undefined) reader.fail('a buffer that travels beside the message was not given to decode');
	if (buffer.byteLength < size) reader.fail(`a buffer beside the message has ${buffer.byteLength} bytes where ${size} were sent`);
	return { buffer, low, size };
}

function inlineBuffer(reader: ByteReader, flags: number): ArrivedBuffer {
	const low = reader.varint();
	const size = reader.varint();
	if ((flags & BUFFER_RESIZABLE) === 0) return { buffer: reader.copy(size), low, size };
	const maxByteLength = reader.varint();
	const at = reader.take(size);
	const buffer = new BufferOf(size, { maxByteLength });
	new Uint8Array(buffer).set(reader.bytes.subarray(at, at + size));
	return { buffer, low, size };
}
