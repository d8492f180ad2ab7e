/**
 * A view of a file: from a byte on, the file is elements of a datatype (the file type), one after the other, and what
 * is seen of it are the bytes that lie in them: a stream, whose bytes are counted here from 0 on.
 */
import type { Layout } from '../datatypes/layout.ts';

/** A piece of the file that a part of the stream is. */
export interface FilePiece {
	readonly offset: number;
	readonly length: number;
}

export class FileView {
	/** Bytes of what offsets count. */
	readonly elementSize: number;
	readonly #displacement: number;
	readonly #layout: Layout;

	constructor(displacement: number, elementSize: number, layout: Layout) {
		this.#displacement = displacement;
		this.elementSize = elementSize;
		this.#layout = layout;
	}

	/**
	 * Where `length` bytes of the stream from `start` on lie in the file, in their order; pieces that touch are one.
	 */
	*pieces(start: number, length: number): Generator<FilePiece> {
		const { size, extent, isContiguous } = this.#layout;
		if (isContiguous) {
			if (length > 0) yield { offset: this.#displacement + start, length };
			return;
		}
		let [position, rest] = [start, length];
		let last: { offset: number; length: number } | undefined;
		while (rest > 0) {
			const tile = Math.floor(position / size);
			let skipped = position - tile * size;
			for (const run of this.#runs()) {
				if (rest === 0) break;
				if (skipped >= run.length) {
					skipped -= run.length;
					continue;
				}
				const piece = Math.min(run.length - skipped, rest);
				const offset = this.#displacement + tile * extent + run.offset + skipped;
				if (last !== undefined && last.offset + last.length === offset) last.length += piece;
				else {
					if (last !== undefined) yield last;
					last = { offset, length: piece };
				}
				skipped = 0;
				position += piece;
				rest -= piece;
			}
		}
		if (last !== undefined) yield last;
	}

	/** Where a byte of the stream lies in the file. */
	byteOffset(position: number): number {
		for (const { offset } of this.pieces(position, 1)) return offset;
		return this.#displacement;
	}

	/** How many bytes of the stream lie in the first `bytes` bytes of the file. */
	lengthWithin(bytes: number): number {
		const { size, extent, isContiguous } = this.#layout;
		const inside = bytes - this.#displacement;
		if (inside <= 0) return 0;
		if (isContiguous) return inside;
		const { trueLowerBound, trueExtent } = this.#layout;
		// Those that lie inside altogether: data of an element may lie beyond its extent
		const tiles = Math.max(0, Math.floor((inside - trueLowerBound - trueExtent) / extent) + 1);
		let length = tiles * size;
		for (let tile = tiles; tile * extent + trueLowerBound < inside; tile++) {
			for (const run of this.#runs()) length += Math.min(run.length, Math.max(0, inside - tile * extent - run.offset));
		}
		return length;
	}

	*#runs(): Generator<FilePiece> {
		for (const { offset, length, repeat, stride } of this.#layout.runs) {
			for (let i = 0; i < repeat; i++) yield { offset: offset + i * stride, length };
		}
	}
}
