/**
 * Buffers of the collective operations in which each rank has a part of its own: the `v` forms, and the `w` forms,
 * whose parts have datatypes of their own.
 *
 *   v:  data, or [data, counts], [data, counts, displacements, datatype], [data, [counts, displacements], datatype],
 *       [data, datatype]
 *   w:  [data, counts, displacements, datatypes], [data, [counts, displacements], datatypes], [data, datatypes]
 *
 * Without counts the parts are equal, the first ones an element longer where that does not come out even, without
 * displacements they lie one behind the other; a number in the place of a list is the same for all, or the distance
 * from one to the next. In `w` forms displacements are in bytes.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG, ERR_BUFFER } from '../../constants.ts';
import type { EngineBuffer } from '../../engine/buffers.ts';
import { BOTTOM, IN_PLACE, typeOfData, viewOf, type Bottom, type BufferData } from './buffer-data.ts';
import { checkedCount, checkRoom, countIn, isTypeSpec, noAddresses, usableType, type Counts, type TypeSpec } from './buffer-spec.ts';
import { fail, type ErrorOwner } from '../arguments/check.ts';
import { predefined, type Datatype } from '../datatypes/datatype.ts';

export type BufSpecV =
	| BufferData
	| readonly [data: BufferData]
	| readonly [data: BufferData, datatype: TypeSpec]
	| readonly [data: BufferData, counts: Counts | number]
	| readonly [data: BufferData, counts: Counts | number | readonly [counts: Counts, displacements: Counts] | null, datatype: TypeSpec]
	| readonly [data: BufferData, counts: Counts | number, displacements: Counts | number | null]
	| readonly [data: BufferData, counts: Counts | number, displacements: Counts | number | null, datatype: TypeSpec];

export type BufSpecW =
	| readonly [data: BufferData | Bottom, datatypes: readonly TypeSpec[]]
	| readonly [data: BufferData | Bottom, counts: Counts | readonly [counts: Counts, displacements: Counts], datatypes: readonly TypeSpec[]]
	| readonly [data: BufferData | Bottom, counts: Counts, displacements: Counts, datatypes: readonly TypeSpec[]];

/** What an engine is told of a buffer of a `v` form. */
export interface VectorSpec {
	readonly view: EngineBuffer;
	readonly counts: Int32Array;
	/** In elements. */
	readonly displacements: Int32Array;
	/** The datatype's handle. */
	readonly type: number;
	readonly datatype: Datatype;
}

/** What an engine is told of a buffer of a `w` form. */
export interface ManyTypesSpec {
	readonly view: EngineBuffer;
	readonly counts: Int32Array;
	/** In bytes. */
	readonly displacements: Int32Array;
	/** Handles. */
	readonly types: Float64Array;
}

/** @param ranks - how many parts there are */
export function readVector(buf: unknown, ranks: number, owner?: ErrorOwner): VectorSpec {
	if (buf === null || buf === undefined) return emptyVector(ranks);
	refuseInPlace(buf, owner);
	const { data, counts: countSpec, displacements: displacementSpec, type } = vectorParts(Array.isArray(buf) ? buf : [buf]);
	if (data === null || data === undefined) return emptyVector(ranks);
	const view = viewOf(data, owner);
	const datatype = type === undefined ? typeOfData(data, owner) : usableType(type, owner);
	const counts = countSpec === undefined ? equalCounts(view.byteLength, datatype, { ranks, owner }) : countList(countSpec, ranks, owner);
	const displacements = displacementList(displacementSpec, counts, owner);
	counts.forEach((count, i) => checkRoom(view.byteLength, datatype, { count, displacement: displacements[i]!, owner }));
	return { view, counts, displacements, type: datatype.handle, datatype };
}

/** @param ranks - how many parts there are */
export function readManyTypes(buf: unknown, ranks: number, owner?: ErrorOwner): ManyTypesSpec {
	if (buf === null || buf === undefined) return { ...emptyVector(ranks), types: new Float64Array(ranks).fill(predefined['BYTE']!.handle) };
	refuseInPlace(buf, owner);
	if (!Array.isArray(buf))
		throw new ArgumentError(
			`Expected a buffer with a datatype for each rank: \`[data, counts, displacements, datatypes]\`, got ${describe(buf)}.`,
		);
	const { data, counts: countSpec, displacements: displacementSpec, types } = manyTypesParts(buf);
	const view = data === BOTTOM || data === null ? null : viewOf(data, owner);
	const datatypes = listOf(types, 'datatypes', { ranks, owner }).map((type) => usableType(type, owner));
	const counts = countSpec === undefined ? new Int32Array(ranks).fill(1) : countList(countSpec, ranks, owner);
	const displacements = displacementSpec === undefined ? new Int32Array(ranks) : displacementList(displacementSpec, counts, owner);
	if (view === null && counts.some((count, i) => count > 0 && datatypes[i]!.size > 0)) fail(ERR_BUFFER, noAddresses, owner);
	if (view !== null) counts.forEach((count, i) => checkRoomAt(view.byteLength, datatypes[i]!, { count, at: displacements[i]!, owner }));
	return { view, counts, displacements, types: Float64Array.from(datatypes, ({ handle }) => handle) };
}

/** As the seam takes one. */
export function seamVector({ view, counts, displacements, type }: VectorSpec): [EngineBuffer, Int32Array, Int32Array, number] {
	return [view, counts, displacements, type];
}

/** The same of one with a datatype for each part. */
export function seamManyTypes({ view, counts, displacements, types }: ManyTypesSpec): [EngineBuffer, Int32Array, Int32Array, Float64Array] {
	return [view, counts, displacements, types];
}

function emptyVector(ranks: number): VectorSpec {
	const datatype = predefined['BYTE']!;
	return { view: null, counts: new Int32Array(ranks), displacements: new Int32Array(ranks), type: datatype.handle, datatype };
}

function vectorParts(list: readonly unknown[]): { data: unknown; counts: unknown; displacements: unknown; type: unknown } {
	const [data, second, third, fourth] = list;
	if (list.length > 4)
		throw new ArgumentError(`Expected a buffer in a list to be \`[data, counts, displacements, datatype]\`, got a list of ${list.length} items.`);
	if (isTypeSpec(second)) return { data, counts: undefined, displacements: undefined, type: second };
	const isPair = Array.isArray(second) && second.length === 2 && isList(second[0]);
	const [counts, displacements] = isPair ? (second as unknown[]) : [second ?? undefined, isTypeSpec(third) ? undefined : (third ?? undefined)];
	return { data, counts, displacements: displacements ?? undefined, type: isTypeSpec(third) ? third : (fourth ?? undefined) };
}

function manyTypesParts(list: readonly unknown[]): { data: unknown; counts: unknown; displacements: unknown; types: unknown } {
	const [data, second, third, fourth] = list;
	if (list.length === 2) return { data, counts: undefined, displacements: undefined, types: second };
	if (list.length === 4) return { data, counts: second, displacements: third ?? undefined, types: fourth };
	if (list.length !== 3)
		throw new ArgumentError(
			`Expected a buffer in a list to be \`[data, counts, displacements, datatypes]\`, got a list of ${list.length} items.`,
		);
	const isPair = Array.isArray(second) && second.length === 2 && isList(second[0]);
	const [counts, displacements] = isPair ? (second as unknown[]) : [second, undefined];
	return { data, counts, displacements, types: third };
}

function equalCounts(bytes: number, datatype: Datatype, { ranks, owner }: { ranks: number; owner: ErrorOwner | undefined }): Int32Array {
	const all = countIn(bytes, datatype, { owner });
	return Int32Array.from({ length: ranks }, (_, i) => Math.floor(all / ranks) + (i < all % ranks ? 1 : 0));
}

function countList(spec: unknown, ranks: number, owner: ErrorOwner | undefined): Int32Array {
	if (typeof spec === 'number') return new Int32Array(ranks).fill(checkedCount(spec, owner));
	return Int32Array.from(listOf(spec, 'counts', { ranks, owner }), (count) => checkedCount(count, owner));
}

function displacementList(spec: unknown, counts: Int32Array, owner: ErrorOwner | undefined): Int32Array {
	if (spec === undefined || spec === null) return oneBehindTheOther(counts);
	if (typeof spec === 'number') return Int32Array.from(counts, (_, i) => aDisplacement(i * spec));
	return Int32Array.from(listOf(spec, 'displacements', { ranks: counts.length, owner }), aDisplacement);
}

function oneBehindTheOther(counts: Int32Array): Int32Array {
	const displacements = new Int32Array(counts.length);
	for (let i = 1; i < counts.length; i++) displacements[i] = displacements[i - 1]! + counts[i - 1]!;
	return displacements;
}

function aDisplacement(value: unknown): number {
	if (Number.isInteger(value) && Math.abs(value as number) <= 0x7fff_ffff) return value as number;
	throw new ArgumentError(`Expected a displacement of a buffer to be a whole number that an int can hold, got ${describe(value)}.`);
}

function isList(value: unknown): boolean {
	return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function listOf(value: unknown, name: string, { ranks, owner }: { ranks: number; owner: ErrorOwner | undefined }): unknown[] {
	if (!isList(value)) throw new ArgumentError(`Expected the ${name} of a buffer to be a list with an item for each rank, got ${describe(value)}.`);
	const list = Array.from(value as ArrayLike<unknown>);
	if (list.length < ranks) fail(ERR_ARG, `The ${name} of a buffer are ${list.length}: ${ranks} are needed, one for each rank.`, owner);
	return list.slice(0, ranks);
}

function checkRoomAt(bytes: number, datatype: Datatype, { count, at, owner }: { count: number; at: number; owner: ErrorOwner | undefined }): void {
	if (at < 0) fail(ERR_BUFFER, `The displacement ${at} lies before the beginning of the buffer.`, owner);
	checkRoom(bytes - at, datatype, { count, displacement: 0, owner });
}

function refuseInPlace(buf: unknown, owner: ErrorOwner | undefined): void {
	if (buf === IN_PLACE) fail(ERR_BUFFER, 'MPI.IN_PLACE cannot stand here: it is for the one buffer of the operation that is not used.', owner);
}
