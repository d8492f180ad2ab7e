/** One ring as it is mapped here, and how messages get into it and out of it. */
import { EXTENT_BYTES, KEEP_RING_BYTES, MARKER_SLOTS, SLOT_BYTES } from './ring-layout.ts';
import type { Scratch } from './scratch.ts';

/** A ring as this process has it mapped. */
export class Span {
	readonly first: number;
	readonly slots: number;
	readonly words: Int32Array;
	readonly bytes: Uint8Array;

	constructor(first: number, slots: number, buffer: ArrayBuffer, offset: number) {
		this.first = first;
		this.slots = slots;
		this.words = new Int32Array(buffer, offset, slots * 2);
		this.bytes = new Uint8Array(buffer, offset, slots * SLOT_BYTES);
	}
}

export function extentCount(slots: number): number {
	return Math.ceil((slots * SLOT_BYTES) / EXTENT_BYTES);
}

/** Whether a ring of so many slots is not kept when it has become empty. */
export function isTooLarge(slots: number): boolean {
	return slots * SLOT_BYTES > KEEP_RING_BYTES;
}

/**
 * Where a message of so many slots goes in a ring of `size`, between the tail at `from` and the head; -1 when it does
 * not fit.
 */
export function placeFor(from: number, head: number, size: number, slots: number): number {
	const need = slots + MARKER_SLOTS;
	if (from >= head) {
		if (from + need <= size) return from;
		return need < head ? 0 : -1;
	}
	return from + need < head ? from : -1;
}

// Below this a loop is faster than the call of a built-in.
const LOOP_BYTES = 64;

export function writeMessage(span: Span, at: number, flags: number, message: Uint8Array, length: number): void {
	span.words[at * 2] = length;
	span.words[at * 2 + 1] = flags;
	const offset = (at + 1) * SLOT_BYTES;
	if (length > LOOP_BYTES) {
		span.bytes.set(length === message.length ? message : message.subarray(0, length), offset);
		return;
	}
	const bytes = span.bytes;
	for (let i = 0; i < length; i++) bytes[offset + i] = message[i]!;
}

export function readMessage(span: Span, at: number, length: number, into: Scratch, offset: number): void {
	if (offset + length > into.bytes.length) into.grow(offset + length);
	const from = (at + 1) * SLOT_BYTES;
	if (length > 4 * LOOP_BYTES || (offset & 3) !== 0) {
		into.bytes.set(span.bytes.subarray(from, from + length), offset);
		return;
	}
	const source = span.words;
	const target = into.words;
	const count = (length + 3) >>> 2;
	for (let i = 0; i < count; i++) target[(offset >>> 2) + i] = source[(from >>> 2) + i]!;
}
