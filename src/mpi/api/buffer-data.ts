/**
 * The memory that programs pass as buffers: typed arrays, ArrayBuffers and DataViews.
 *
 * A typed array says itself which datatype its elements are; the path for those allocates nothing. What MPI could not hold on to is refused: memory that was
 * handed to another thread, and memory that may shrink under MPI's hands.
 */
import { describe } from '../../base/arguments.ts';
import { ArgumentError } from '../../base/errors.ts';
import { ERR_BUFFER, ERR_TYPE } from '../constants.ts';
import type { BufferView } from '../engine/buffers.ts';
import { NULL_HANDLE } from '../handles.ts';
import { fail, type ErrorOwner } from './check.ts';
import { predefined, type Datatype } from './datatype.ts';

export type BufferData = NodeJS.TypedArray | ArrayBuffer | SharedArrayBuffer | DataView;

/** MPI.IN_PLACE: in a collective operation, "the data lie in the other buffer already". A type of its own, so that it is not taken for a buffer elsewhere. */
export class InPlace {
	/** @internal */
	private readonly isInPlace = true;

	toString(): string {
		return this.isInPlace ? 'MPI.IN_PLACE' : '';
	}
}

/** MPI.BOTTOM: the address 0, for datatypes whose displacements are addresses. */
export class Bottom {
	/** @internal */
	private readonly isBottom = true;

	toString(): string {
		return this.isBottom ? 'MPI.BOTTOM' : '';
	}
}

export const IN_PLACE: InPlace = new InPlace();
export const BOTTOM: Bottom = new Bottom();

/** The handle of the datatype of a typed array that can be passed on as it is; 0 for anything else, which `viewOf` looks at. */
export function plainType(data: unknown): number {
	const type = handles.get((data as object | null | undefined)?.constructor);
	if (type === undefined || !ArrayBuffer.isView(data)) return NULL_HANDLE;
	const { buffer, byteLength } = data as { buffer: ArrayBufferLike; byteLength: number };
	return byteLength === 0 || (buffer as { resizable?: boolean }).resizable === true ? NULL_HANDLE : type;
}

/** The memory as an array whose first byte is its address. Throws where it is none that can be used. */
export function viewOf(data: unknown, owner?: ErrorOwner): BufferView {
	const view = asView(data);
	if (view === undefined) throw notABuffer(data);
	if (view.byteLength === 0 && isDetached(view.buffer)) {
		fail(
			ERR_BUFFER,
			'The memory of the buffer is gone: its ArrayBuffer was transferred, to another thread or another ArrayBuffer. Pass what it was transferred to.',
			owner,
		);
	}
	if ((view.buffer as { resizable?: boolean }).resizable === true) {
		fail(
			ERR_BUFFER,
			'The memory of the buffer is a resizable ArrayBuffer, which may shrink while MPI uses it. Copy it into one of a fixed length: `array.slice()`.',
			owner,
		);
	}
	return view;
}

/** What the elements are, where nothing else is said: MPI.BYTE in an ArrayBuffer or a DataView. */
export function typeOfData(data: unknown, owner?: ErrorOwner): Datatype {
	const tag = tagOf(data);
	const name = typeNames[tag ?? ''];
	if (name !== undefined) return predefined[name]!;
	if (tag === undefined) return predefined['BYTE']!;
	return fail(ERR_TYPE, `MPI has no datatype for the elements of a ${tag}. Say which one to use: \`[array, count, datatype]\`.`, owner);
}

function asView(data: unknown): BufferView | undefined {
	if (ArrayBuffer.isView(data)) return tagOf(data) === undefined ? bytesOf(data) : (data as BufferView);
	return isMemory(data) ? new Uint8Array(data) : undefined;
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
function tagOf(data: unknown): string | undefined {
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

function notABuffer(data: unknown): ArgumentError {
	const hint = Array.isArray(data)
		? ' Make a typed array of it (`Float64Array.from(list)`), or use the lower-case method, which takes any value.'
		: ' For other values there are the lower-case methods.';
	return new ArgumentError(
		`Expected a buffer (a typed array, ArrayBuffer, DataView, or \`[data, count, datatype]\`), got ${describe(data)}.${hint}`,
	);
}

const typeNames: Readonly<Record<string, string>> = {
	Int8Array: 'INT8_T',
	Uint8Array: 'UINT8_T',
	Uint8ClampedArray: 'UINT8_T',
	Int16Array: 'INT16_T',
	Uint16Array: 'UINT16_T',
	Int32Array: 'INT32_T',
	Uint32Array: 'UINT32_T',
	BigInt64Array: 'INT64_T',
	BigUint64Array: 'UINT64_T',
	Float32Array: 'FLOAT',
	Float64Array: 'DOUBLE',
};

/** By constructor: a look at a property, where asking for the tag is a call. Other realms' arrays take the longer way. */
const handles = new Map<unknown, number>([
	[Buffer, predefined['UINT8_T']!.handle],
	...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map(ofConstructor),
	...[BigInt64Array, BigUint64Array, Float32Array, Float64Array].map(ofConstructor),
]);

function ofConstructor(constructor: { readonly name: string }): [unknown, number] {
	return [constructor, predefined[typeNames[constructor.name]!]!.handle];
}
