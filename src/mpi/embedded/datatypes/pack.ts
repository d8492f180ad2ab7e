/**
 * Between memory that is laid out by a datatype and bytes one after another, as messages carry them.
 *
 * Memory is named by a view, whose first byte is the address; a datatype may reach beyond the view within its
 * ArrayBuffer, since displacements may be negative. Elements of one group of runs (runs.ts) are copied in a single
 * loop; short runs as words, longer ones by `set`.
 */
import type { BufferView } from '../../engine/buffers.ts';
import type { Layout } from './layout.ts';

/** A piece of memory as bytes, in place. */
export function bytesAt(view: BufferView, byteOffset: number, length: number): Uint8Array {
	return new Uint8Array(view.buffer, view.byteOffset + byteOffset, length);
}

/** `count` elements that begin `byteOffset` bytes behind the view's first one, into the beginning of `bytes`. */
export function packInto(bytes: Uint8Array, memory: { view: BufferView; byteOffset: number }, count: number, layout: Layout): void {
	const { view, byteOffset } = memory;
	if (layout.isContiguous) {
		bytes.set(bytesAt(view, byteOffset, count * layout.size));
		return;
	}
	forEachGroup(layout, count, count * layout.size, (at, position, run) => {
		copyRuns(
			{ bytes: wholeOf(view), offset: view.byteOffset + byteOffset + at, stride: run.stride },
			{ bytes, offset: position, stride: run.length },
			run,
		);
	});
}

/** The other way; as many bytes as there are, at most those of `count` elements. */
export function unpackFrom(bytes: Uint8Array, memory: { view: BufferView; byteOffset: number }, count: number, layout: Layout): void {
	const { view, byteOffset } = memory;
	const total = Math.min(bytes.length, count * layout.size);
	if (layout.isContiguous) {
		bytesAt(view, byteOffset, total).set(total === bytes.length ? bytes : bytes.subarray(0, total));
		return;
	}
	forEachGroup(layout, count, total, (at, position, run) => {
		copyRuns(
			{ bytes, offset: position, stride: run.length },
			{ bytes: wholeOf(view), offset: view.byteOffset + byteOffset + at, stride: run.stride },
			run,
		);
	});
}

interface Run {
	readonly length: number;
	readonly repeat: number;
	readonly stride: number;
}

interface Place {
	readonly bytes: Uint8Array;
	readonly offset: number;
	readonly stride: number;
}

type Visit = (at: number, position: number, run: Run) => void;

/**
 * Groups of runs of `count` elements: where each lies, and its place among the packed bytes, of which there are
 * `total`.
 */
function forEachGroup(layout: Layout, count: number, total: number, visit: Visit): void {
	const { runs, extent } = layout;
	const only = runs.length === 1 ? runs[0]! : undefined;
	if (only !== undefined && (only.repeat === 1 || only.repeat * only.stride === extent)) {
		visitPart(
			only.offset,
			0,
			{ length: only.length, repeat: only.repeat * count, stride: only.repeat === 1 ? extent : only.stride },
			total,
			visit,
		);
		return;
	}
	let position = 0;
	for (let i = 0; i < count && position < total; i++) {
		for (let j = 0; j < runs.length && position < total; j++) {
			const run = runs[j]!;
			visitPart(i * extent + run.offset, position, run, total, visit);
			position += run.length * run.repeat;
		}
	}
}

/** The last run may be cut. */
function visitPart(at: number, position: number, run: Run, total: number, visit: Visit): void {
	const rest = total - position;
	if (rest >= run.length * run.repeat) {
		visit(at, position, run);
		return;
	}
	const whole = Math.floor(rest / run.length);
	if (whole > 0) visit(at, position, { ...run, repeat: whole });
	const cut = rest - whole * run.length;
	if (cut > 0) visit(at + whole * run.stride, position + whole * run.length, { length: cut, repeat: 1, stride: cut });
}

const longRun = 64;

function copyRuns(from: Place, to: Place, { length, repeat }: Run): void {
	const isOfWords = ((length | from.stride | to.stride | (from.offset + from.bytes.byteOffset) | (to.offset + to.bytes.byteOffset)) & 3) === 0;
	if (length > longRun || (repeat === 1 && length > 16)) copyLong(from, to, length, repeat);
	else if (isOfWords) copyWords(from, to, length >>> 2, repeat);
	else copyBytes(from, to, length, repeat);
}

function copyLong(from: Place, to: Place, length: number, repeat: number): void {
	for (let i = 0; i < repeat; i++) {
		const at = from.offset + i * from.stride;
		to.bytes.set(from.bytes.subarray(at, at + length), to.offset + i * to.stride);
	}
}

function copyWords(from: Place, to: Place, words: number, repeat: number): void {
	const source = wordsOf(from.bytes);
	const target = wordsOf(to.bytes);
	const [fromStride, toStride] = [from.stride / 4, to.stride / 4];
	let at = (from.offset + from.bytes.byteOffset) / 4;
	let put = (to.offset + to.bytes.byteOffset) / 4;
	for (let i = 0; i < repeat; i++, at += fromStride, put += toStride) {
		for (let j = 0; j < words; j++) target[put + j] = source[at + j]!;
	}
}

function copyBytes(from: Place, to: Place, length: number, repeat: number): void {
	const [source, target] = [from.bytes, to.bytes];
	let at = from.offset;
	let put = to.offset;
	for (let i = 0; i < repeat; i++, at += from.stride, put += to.stride) {
		for (let j = 0; j < length; j++) target[put + j] = source[at + j]!;
	}
}

/** All whole words of the memory in which these bytes lie. */
function wordsOf(bytes: Uint8Array): Int32Array {
	return new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >>> 2);
}

function wholeOf(view: BufferView): Uint8Array {
	return new Uint8Array(view.buffer);
}
