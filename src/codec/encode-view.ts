/** ArrayBuffers and the views on them: typed arrays, DataView, Buffer. */
import { types } from 'node:util';
import type { ResizableArrayBuffer } from './buffer-table.ts';
import { WrittenBuffers } from './buffer-table.ts';
import type { Encoder } from './encoder.ts';
import { ARRAY_BUFFER, TRACKS_LENGTH, VIEW, viewKinds } from './format.ts';
import { whyNot } from './refusal.ts';

export function writeArrayBuffer(encoder: Encoder, buffer: ArrayBuffer): void {
	checkBuffer(encoder, buffer);
	encoder.byte(ARRAY_BUFFER);
	encoder.varint((encoder.buffers ??= new WrittenBuffers()).addWhole(buffer));
}

export function writeView(encoder: Encoder, view: ArrayBufferView): void {
	if (!ArrayBuffer.isView(view)) encoder.refuse(whyNot(view));
	const { buffer } = view;
	checkBuffer(encoder, buffer);
	const kind = kindOf(view);
	const tracks = (buffer as ResizableArrayBuffer).resizable === true && tracksLength(view, buffer);
	encoder.byte(VIEW);
	encoder.byte(kind | (tracks ? TRACKS_LENGTH : 0));
	encoder.varint((encoder.buffers ??= new WrittenBuffers()).addView(view));
	encoder.varint(view.byteOffset);
	encoder.varint((view as Uint8Array).length ?? view.byteLength);
}

function checkBuffer(encoder: Encoder, buffer: ArrayBufferLike): asserts buffer is ArrayBuffer {
	if (types.isSharedArrayBuffer(buffer)) encoder.refuse(whyNot(buffer));
	if (!types.isArrayBuffer(buffer)) encoder.refuse(whyNot(buffer));
	if (buffer.byteLength === 0 && isDetached(buffer)) encoder.refuse('is a detached ArrayBuffer or a view on one: its memory was transferred away');
}

/** `detached` itself exists from Node 22 on. */
function isDetached(buffer: ArrayBuffer): boolean {
	try {
		return new Uint8Array(buffer).length !== 0;
	} catch {
		return true;
	}
}

function kindOf(view: ArrayBufferView): number {
	if (view instanceof Buffer) return viewKinds.indexOf('Buffer');
	const name = (view as Uint8Array)[Symbol.toStringTag] as (typeof viewKinds)[number];
	return viewKinds.indexOf(name);
}

/**
 * Whether the view's length follows its buffer's. Nothing says so; a copy of both shows it when the buffer changes its
 * size.
 */
function tracksLength(view: ArrayBufferView, buffer: ResizableArrayBuffer): boolean {
	if (view.byteOffset + view.byteLength + 8 <= buffer.byteLength) return false;
	const copy = structuredClone(view instanceof Buffer ? new Uint8Array(buffer, view.byteOffset) : view);
	const copied = copy.buffer as ArrayBuffer & { resize(size: number): void };
	const before = copy.byteLength;
	const grown = buffer.byteLength + 8;
	if (grown <= (buffer.maxByteLength as number)) {
		copied.resize(grown);
		return copy.byteLength > before;
	}
	// A view of fixed length is out of bounds, and says 0, where a tracking one only becomes shorter.
	const { BYTES_PER_ELEMENT: size = 1 } = copy as Partial<Uint8Array>;
	if (before < 2 * size) return false;
	copied.resize(buffer.byteLength - size);
	return copy.byteLength > 0;
}
