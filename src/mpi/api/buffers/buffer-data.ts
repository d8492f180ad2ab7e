/**
 * The memory that programs pass as buffers: typed arrays, ArrayBuffers and DataViews. A typed array says itself which
 * datatype its elements are; the path for those allocates nothing. Which memory can be used at all memory-view.ts
 * knows.
 */
import { ERR_TYPE } from '../../constants.ts';
import { NULL_HANDLE } from '../../handles.ts';
import { fail, type ErrorOwner } from '../arguments/check.ts';
import { predefined, type Datatype } from '../datatypes/datatype.ts';
import { tagOf } from './memory-view.ts';

export { viewOf, type BufferData } from './memory-view.ts';

/**
 * MPI.IN_PLACE: in a collective operation, "the data lie in the other buffer already". A type of its own, so that it is
 * not taken for a buffer elsewhere.
 */
export class InPlace {
	/** @internal */
	private readonly isInPlace = true;

	toString(): string {
		return this.isInPlace ? 'MPI.IN_PLACE' : '';
	}
}

/** MPI.BOTTOM: the address 0, with which nothing can be sent but nothing: in JavaScript memory is named by arrays. */
export class Bottom {
	/** @internal */
	private readonly isBottom = true;

	toString(): string {
		return this.isBottom ? 'MPI.BOTTOM' : '';
	}
}

export const IN_PLACE: InPlace = new InPlace();
export const BOTTOM: Bottom = new Bottom();

/**
 * The handle of the datatype of a typed array that can be passed on as it is; 0 for anything else, which `viewOf` looks
 * at.
 *
 * To ask an array for its buffer is a call of its own in V8, and the answer never changes but by the memory being
 * transferred, which the length tells. So the two small arrays that were passed last are known: a `Send` to nobody on a
 * real engine takes 47 ns instead of 67.
 */
export function plainType(data: unknown): number {
	if (data === recent && recent.byteLength !== 0) return recentType;
	if (data === older && older.byteLength !== 0) return olderType;
	const type = handles.get((data as object | null | undefined)?.constructor);
	if (type === undefined || !ArrayBuffer.isView(data)) return NULL_HANDLE;
	const { buffer, byteLength } = data as { buffer: ArrayBufferLike; byteLength: number };
	if (byteLength === 0 || (buffer as { resizable?: boolean }).resizable === true) return NULL_HANDLE;
	if (buffer.byteLength <= rememberedBytes) {
		older = recent;
		olderType = recentType;
		recent = data as NodeJS.TypedArray;
		recentType = type;
	}
	return type;
}

/** Larger ones are not kept from being collected. */
const rememberedBytes = 4096;
let recent: NodeJS.TypedArray = new Uint8Array(0);
let older: NodeJS.TypedArray = recent;
let recentType = NULL_HANDLE;
let olderType = NULL_HANDLE;

/** What the elements are, where nothing else is said: MPI.BYTE in an ArrayBuffer or a DataView. */
export function typeOfData(data: unknown, owner?: ErrorOwner): Datatype {
	const tag = tagOf(data);
	const name = typeNames[tag ?? ''];
	if (name !== undefined) return predefined[name]!;
	if (tag === undefined) return predefined['BYTE']!;
	return fail(ERR_TYPE, `MPI has no datatype for the elements of a ${tag}. Say which one to use: \`[array, count, datatype]\`.`, owner);
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

/**
 * By constructor: a look at a property, where asking for the tag is a call. Other realms' arrays take the longer way.
 */
const handles = new Map<unknown, number>([
	[Buffer, predefined['UINT8_T']!.handle],
	...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map(ofConstructor),
	...[BigInt64Array, BigUint64Array, Float32Array, Float64Array].map(ofConstructor),
]);

function ofConstructor(constructor: { readonly name: string }): [unknown, number] {
	return [constructor, predefined[typeNames[constructor.name]!]!.handle];
}
