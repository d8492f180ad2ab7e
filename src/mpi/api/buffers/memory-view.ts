/**
 * Memory that programs pass, as an array whose first byte is its address. What MPI could not hold on to is refused:
 * memory that was handed to another thread, and memory that may shrink under MPI's hands.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_BUFFER } from '../../constants.ts';
import type { BufferView } from '../../engine/buffers.ts';
import { type ErrorOwner, fail } from '../arguments/check.ts';

export type BufferData = NodeJS.TypedArray | ArrayBuffer | SharedArrayBuffer | DataView;

/** The memory as an array whose first byte is its address. Throws where it is none that can be used. */
export function viewOf(data: unknown, owner?: ErrorOwner): BufferView {
	const memory = ArrayBuffer.isView(data) ? data.buffer : data;
	if (!isMemory(memory)) throw notABuffer(data);
	if (memory.byteLength === 0 && isDetached(memory)) {
		fail(
			ERR_BUFFER,
			'The memory of the buffer is gone: its ArrayBuffer was transferred, to another thread or another ArrayBuffer. Pass what it was transferred to.',
			owner,
		);
	}
	if ((memory as { resizable?: boolean }).resizable === true) {
		fail(
			ERR_BUFFER,
			'The memory of the buffer is a resizable ArrayBuffer, which may shrink while MPI uses it. Copy it into one of a fixed length: `array.slice()`.',
			owner,
		);
	}
	if (!ArrayBuffer.isView(data)) return new Uint8Array(memory);
	return tagOf(data) === undefined ? bytesOf(data) : (data as BufferView);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
	return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Of other realms (vm contexts, test runners), too. */
function isMemory(data: unknown): data is ArrayBufferLike {
	if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return true;
	const tag = typeof data === 'object' && data !== null ? Object.prototype.toString.call(data) : '';
	return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

/** `Float64Array` and the like; undefined for what is no typed array. */
export function tagOf(data: unknown): string | undefined {
	return ArrayBuffer.isView(data) && !(data instanceof DataView)
		? (Reflect.get(typedArrayPrototype, Symbol.toStringTag, data) as string | undefined)
		: undefined;
}

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

function isDetached(buffer: ArrayBufferLike): boolean {
	try {
		return new Uint8Array(buffer).length < 0;
	} catch {
		return true;
	}
}

export function notABuffer(data: unknown): ArgumentError {
	return new ArgumentError(
		`Expected a buffer (a typed array, ArrayBuffer, DataView, or \`[data, count, datatype]\`), got ${describe(data)}. Numbers in a list become a buffer by \`Float64Array.from(list)\`; the lower-case methods take any value.`,
	);
}
