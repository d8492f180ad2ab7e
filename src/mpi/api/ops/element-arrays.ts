/** Bytes as the typed array that fits a datatype: for functions of the user that work on elements. */
import type { Datatype } from '../datatypes/datatype.ts';

export interface Elements {
	readonly elements: NodeJS.TypedArray;
	/** Puts what was written into the elements where the bytes are; nothing to do unless they had to be copied. */
	readonly store: () => void;
}

/** A typed array needs an address that its elements divide: bytes that lie elsewhere are copied. */
export function elementsOf(bytes: Uint8Array, count: number, type: Datatype): Elements {
	const make = arrayTypeOf(type);
	if (make === undefined) return { elements: bytes, store: nothing };
	if (bytes.byteOffset % make.BYTES_PER_ELEMENT === 0) return { elements: new make(bytes.buffer, bytes.byteOffset, count), store: nothing };
	const copy = bytes.slice();
	return { elements: new make(copy.buffer, 0, count), store: () => bytes.set(copy) };
}

interface ArrayType {
	readonly BYTES_PER_ELEMENT: number;
	new (buffer: ArrayBufferLike, byteOffset: number, length: number): NodeJS.TypedArray;
}

/** The typed array whose elements these are; undefined for pairs, complex numbers and derived datatypes. */
function arrayTypeOf(type: Datatype): ArrayType | undefined {
	const { kind = 'pair', size = 0 } = type.predefined ?? {};
	return arrayTypes[kind]?.[size];
}

const signed = { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: BigInt64Array };
const unsigned = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array };
const arrayTypes: Readonly<Record<string, Readonly<Record<number, ArrayType>> | undefined>> = {
	int: signed,
	uint: unsigned,
	char: { 1: Int8Array, 4: Uint32Array },
	byte: unsigned,
	bool: unsigned,
	float: { 4: Float32Array, 8: Float64Array },
};

function nothing(): void {}
