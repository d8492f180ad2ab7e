/**
 * Kinds of elements for programs that compare collective operations with what they must give, byte for byte: each
 * datatype as a list of lanes, the numbers in one element, with gaps between them where there are some. Nothing here
 * looks at how the library sees datatypes.
 */
import { MPI } from 'nprocs/mpi';

export type Num = number | bigint;

/** One number in an element. */
export interface Lane {
	readonly offset: number;
	readonly kind: LaneKind;
}

export type LaneKind = keyof typeof lanes;

export interface ElementType {
	readonly name: string;
	readonly type: MPI.Datatype;
	/** From one element to the next, in bytes. */
	readonly extent: number;
	readonly lanes: readonly Lane[];
	/** A typed array of such elements, where there is one. */
	readonly array?: new (buffer: ArrayBuffer, offset: number, length: number) => NodeJS.TypedArray;
	/** All lanes one behind the other, as elements of a predefined datatype. */
	readonly flat?: { readonly type: MPI.Datatype; readonly size: number };
}

const lanes = {
	int8: { size: 1, get: (view, at) => view.getInt8(at), set: (view, at, n) => view.setInt8(at, Number(n)) },
	uint8: { size: 1, get: (view, at) => view.getUint8(at), set: (view, at, n) => view.setUint8(at, Number(n)) },
	int16: { size: 2, get: (view, at) => view.getInt16(at, true), set: (view, at, n) => view.setInt16(at, Number(n), true) },
	uint16: { size: 2, get: (view, at) => view.getUint16(at, true), set: (view, at, n) => view.setUint16(at, Number(n), true) },
	int32: { size: 4, get: (view, at) => view.getInt32(at, true), set: (view, at, n) => view.setInt32(at, Number(n), true) },
	uint32: { size: 4, get: (view, at) => view.getUint32(at, true), set: (view, at, n) => view.setUint32(at, Number(n), true) },
	int64: { size: 8, get: (view, at) => view.getBigInt64(at, true), set: (view, at, n) => view.setBigInt64(at, BigInt(n), true) },
	uint64: { size: 8, get: (view, at) => view.getBigUint64(at, true), set: (view, at, n) => view.setBigUint64(at, BigInt(n), true) },
	float32: { size: 4, get: (view, at) => view.getFloat32(at, true), set: (view, at, n) => view.setFloat32(at, Number(n), true) },
	float64: { size: 8, get: (view, at) => view.getFloat64(at, true), set: (view, at, n) => view.setFloat64(at, Number(n), true) },
} satisfies Record<string, { size: number; get: (view: DataView, at: number) => Num; set: (view: DataView, at: number, n: Num) => void }>;

export function laneSize(kind: LaneKind): number {
	return lanes[kind].size;
}

export function isBig(kind: LaneKind): boolean {
	return kind === 'int64' || kind === 'uint64';
}

export function readElement(bytes: Uint8Array, at: number, { lanes: list }: ElementType): Num[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	return list.map(({ offset, kind }) => lanes[kind].get(view, at + offset));
}

export function writeElement(bytes: Uint8Array, at: number, { lanes: list }: ElementType, values: readonly Num[]): void {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	list.forEach(({ offset, kind }, i) => lanes[kind].set(view, at + offset, values[i]!));
}

/** Which bytes of an element are data. */
export function dataBytes({ extent, lanes: list }: ElementType): boolean[] {
	const isData = new Array<boolean>(extent).fill(false);
	for (const { offset, kind } of list) isData.fill(true, offset, offset + lanes[kind].size);
	return isData;
}

function plain(name: string, type: MPI.Datatype, kind: LaneKind, array?: ElementType['array']): ElementType {
	const lane = { offset: 0, kind };
	const base = { name, type, extent: lanes[kind].size, lanes: [lane], flat: { type, size: lanes[kind].size } };
	return array === undefined ? base : { ...base, array };
}

/** The eleven typed arrays. */
export const typedArrays: readonly ElementType[] = [
	plain('Int8Array', MPI.INT8_T, 'int8', Int8Array),
	plain('Uint8Array', MPI.UINT8_T, 'uint8', Uint8Array),
	plain('Uint8ClampedArray', MPI.UINT8_T, 'uint8', Uint8ClampedArray),
	plain('Int16Array', MPI.INT16_T, 'int16', Int16Array),
	plain('Uint16Array', MPI.UINT16_T, 'uint16', Uint16Array),
	plain('Int32Array', MPI.INT32_T, 'int32', Int32Array),
	plain('Uint32Array', MPI.UINT32_T, 'uint32', Uint32Array),
	plain('BigInt64Array', MPI.INT64_T, 'int64', BigInt64Array),
	plain('BigUint64Array', MPI.UINT64_T, 'uint64', BigUint64Array),
	plain('Float32Array', MPI.FLOAT, 'float32', Float32Array),
	plain('Float64Array', MPI.DOUBLE, 'float64', Float64Array),
];

/** Datatypes of C that reductions know, besides those of the typed arrays. */
export const otherTypes: readonly ElementType[] = [
	plain('C_BOOL', MPI.C_BOOL, 'uint8'),
	plain('BYTE', MPI.BYTE, 'uint8'),
	plain('LONG', MPI.LONG, 'int64'),
	plain('UNSIGNED', MPI.UNSIGNED, 'uint32'),
	complex('C_FLOAT_COMPLEX', MPI.C_FLOAT_COMPLEX, 'float32'),
	complex('C_DOUBLE_COMPLEX', MPI.C_DOUBLE_COMPLEX, 'float64'),
];

export const pairs: readonly ElementType[] = [
	pair('SHORT_INT', MPI.SHORT_INT, 'int16', { index: 4, extent: 8 }),
	pair('INT_INT', MPI.INT_INT, 'int32', { index: 4, extent: 8 }),
	pair('LONG_INT', MPI.LONG_INT, 'int64', { index: 8, extent: 16 }),
	pair('FLOAT_INT', MPI.FLOAT_INT, 'float32', { index: 4, extent: 8 }),
	pair('DOUBLE_INT', MPI.DOUBLE_INT, 'float64', { index: 8, extent: 16 }),
];

function complex(name: string, type: MPI.Datatype, kind: LaneKind): ElementType {
	const size = lanes[kind].size;
	const both = [
		{ offset: 0, kind },
		{ offset: size, kind },
	];
	return { name, type, extent: 2 * size, lanes: both, flat: { type, size: 2 * size } };
}

function pair(name: string, type: MPI.Datatype, kind: LaneKind, { index, extent }: { index: number; extent: number }): ElementType {
	return {
		name,
		type,
		extent,
		lanes: [
			{ offset: 0, kind },
			{ offset: index, kind: 'int32' },
		],
	};
}

/**
 * Derived datatypes, with gaps between the numbers and behind them. Made anew at each call: theirs are the engine's
 * handles.
 */
export function derivedTypes(): ElementType[] {
	const vector = MPI.DOUBLE.Create_vector(2, 1, 3).Commit();
	const struct = MPI.Datatype.Create_struct([1, 2, 1], [0, 4, 16], [MPI.INT8_T, MPI.INT16_T, MPI.DOUBLE]);
	const resized = struct.Create_resized(0, 40).Commit();
	struct.Free();
	const backwards = MPI.INT32_T.Create_hindexed([1, 2], [12, 0]).Commit();
	return [
		{
			name: 'vector',
			type: vector,
			extent: 32,
			lanes: [
				{ offset: 0, kind: 'float64' },
				{ offset: 24, kind: 'float64' },
			],
			flat: { type: MPI.DOUBLE, size: 16 },
		},
		{
			name: 'resized struct',
			type: resized,
			extent: 40,
			lanes: [
				{ offset: 0, kind: 'int8' },
				{ offset: 4, kind: 'int16' },
				{ offset: 6, kind: 'int16' },
				{ offset: 16, kind: 'float64' },
			],
		},
		{
			name: 'backwards hindexed',
			type: backwards,
			extent: 16,
			lanes: [
				{ offset: 12, kind: 'int32' },
				{ offset: 0, kind: 'int32' },
				{ offset: 4, kind: 'int32' },
			],
			flat: { type: MPI.INT32_T, size: 12 },
		},
	];
}
