/**
 * What may be passed as a buffer, as mpi4py takes it: the data alone, or a list of the data and what is to be
 * transferred of it.
 *
 *   data                                 all of it
 *   [data, count]                        so many elements
 *   [data, datatype]                     all of it, in elements of the datatype
 *   [data, count, datatype]              (the count may be `[count, displacement]`)
 *   [data, count, displacement, datatype]
 *
 * A datatype is an MPI.Datatype or one of mpi4py's codes (`'d'`, `'f8'`). Counts and displacements are in elements of
 * the datatype. What does not lie within the data is refused: an engine would write over other memory.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_BUFFER, ERR_COUNT, ERR_TYPE } from '../../constants.ts';
import type { BufferView, EngineBuffer } from '../../engine/buffers.ts';
import { NULL_HANDLE } from '../../handles.ts';
import { BOTTOM, IN_PLACE, plainType, typeOfData, viewOf, type Bottom, type BufferData } from './buffer-data.ts';
import { notABuffer } from './memory-view.ts';
import { fail, type ErrorOwner } from '../arguments/check.ts';
import { Datatype, datatypeOf, predefined } from '../datatypes/datatype.ts';

export type TypeSpec = Datatype | string;
export type Counts = readonly number[] | Int32Array;

/** A buffer of point-to-point messages and of most collective operations. */
export type BufSpec =
	| BufferData
	| readonly [data: BufferData]
	| readonly [data: BufferData, datatype: TypeSpec]
	| readonly [data: BufferData, count: number | readonly [count: number, displacement: number]]
	| readonly [data: BufferData | Bottom, count: number | readonly [count: number, displacement: number] | null, datatype: TypeSpec]
	| readonly [data: BufferData, count: number, displacement: number, datatype: TypeSpec];

/** A buffer that is there, or is not used here. */
export type MaybeBufSpec = BufSpec | null;

/** What an engine is told of a buffer. One is used for many calls. */
export class BufferSpec {
	view: EngineBuffer = null;
	count = 0;
	/** The datatype's handle. */
	type = 0;
	datatype: Datatype = predefined['BYTE']!;

	/**
	 * @param blocks - into how many equal parts what is not counted by the program is divided; `count` is then that of
	 * one part
	 * @throws MPI.Exception for a buffer that cannot be used; ArgumentError for what is none
	 */
	read(buf: unknown, owner?: ErrorOwner, blocks: number = 1): this {
		const plain = blocks === 1 ? plainType(buf) : NULL_HANDLE;
		if (plain !== NULL_HANDLE) return this.#set(buf as BufferView, (buf as Uint8Array).length, datatypeOf(plain)!);
		if (buf === null || buf === undefined) return this.#set(null, 0, predefined['BYTE']!);
		if (buf === IN_PLACE)
			fail(
				ERR_BUFFER,
				'MPI.IN_PLACE cannot stand here: it is for collective operations, in the place of the one buffer that is not used.',
				owner,
			);
		if (!Array.isArray(buf)) return this.#all(buf, typeOfData(buf, owner), { blocks, owner });
		const { data, count, displacement, type } = partsOf(buf);
		if (data === BOTTOM || data === null) return this.#bottom(type, count, owner);
		const datatype = type === undefined ? typeOfData(data, owner) : usableType(type, owner);
		if (count === undefined && displacement === 0) return this.#all(data, datatype, { blocks, owner });
		return this.#part(viewOf(data, owner), datatype, { count, displacement, blocks, owner });
	}

	/** So that what was passed can be collected. */
	clear(): void {
		this.view = null;
	}

	#set(view: EngineBuffer, count: number, datatype: Datatype): this {
		this.view = view;
		this.count = count;
		this.datatype = datatype;
		this.type = datatype.handle;
		return this;
	}

	#all(data: unknown, datatype: Datatype, { blocks, owner }: { blocks: number; owner: ErrorOwner | undefined }): this {
		const view = viewOf(data, owner);
		return this.#set(view, countIn(view.byteLength, datatype, { blocks, owner }), datatype);
	}

	#part(view: BufferView, datatype: Datatype, { count, displacement, blocks, owner }: Part): this {
		const shift = displacement * datatype.extent;
		if (shift < 0 || shift > view.byteLength)
			fail(ERR_BUFFER, `The displacement ${displacement} lies outside of the buffer, which has ${view.byteLength} bytes.`, owner);
		const rest = shift === 0 ? view : new Uint8Array(view.buffer, view.byteOffset + shift, view.byteLength - shift);
		const counted = count ?? countIn(rest.byteLength, datatype, { blocks, owner });
		checkRoom(rest.byteLength, datatype, { count: counted * blocks, displacement: 0, owner });
		return this.#set(rest, counted, datatype);
	}

	#bottom(type: unknown, count: number | undefined, owner: ErrorOwner | undefined): this {
		const datatype = type === undefined ? predefined['BYTE']! : usableType(type, owner);
		if ((count ?? 0) > 0 && datatype.size > 0) fail(ERR_BUFFER, noAddresses, owner);
		return this.#set(null, count ?? 0, datatype);
	}
}

/** An engine would take addresses that a program has made up for memory. */
export const noAddresses: string =
	'MPI.BOTTOM names no memory: arrays have no addresses that would hold. Pass the memory, and count displacements from its beginning: a datatype may ' +
	'reach over several arrays of one ArrayBuffer.';

interface Part {
	readonly count: number | undefined;
	readonly displacement: number;
	readonly blocks: number;
	readonly owner: ErrorOwner | undefined;
}

/** How many whole elements so many bytes are, in each of the blocks. Refuses what does not come out even. */
export function countIn(bytes: number, datatype: Datatype, { blocks = 1, owner }: { blocks?: number; owner?: ErrorOwner | undefined }): number {
	if (bytes === 0) return 0;
	const { extent } = datatype;
	if (extent <= 0)
		fail(ERR_TYPE, `Cannot tell how many elements of ${named(datatype)} the buffer has, since its extent is ${extent}: give the count.`, owner);
	if (bytes % extent !== 0) {
		fail(
			ERR_COUNT,
			`The buffer has ${bytes} bytes: that is no whole number of elements of ${named(datatype)}, each of ${extent} bytes. Give the count.`,
			owner,
		);
	}
	const items = bytes / extent;
	if (items % blocks !== 0) {
		fail(
			ERR_COUNT,
			`The buffer has ${items} elements: that is no multiple of ${blocks}, the number of ranks. Make it larger or smaller, or give the count for each.`,
			owner,
		);
	}
	return checkedCount(items / blocks, owner);
}

/** Refuses elements that do not all lie within so many bytes. */
export function checkRoom(
	bytes: number,
	datatype: Datatype,
	{ count, displacement, owner }: { count: number; displacement: number; owner?: ErrorOwner | undefined },
): void {
	if (count === 0) return;
	const { extent, true_lb: lb, true_extent: trueExtent } = datatype;
	const first = displacement * extent + lb;
	const last = first + (count - 1) * extent;
	const [from, to] = [Math.min(first, last), Math.max(first, last) + trueExtent];
	if (from < 0) fail(ERR_BUFFER, `The buffer would be used from ${-from} bytes before its beginning on: ${countText(count, datatype)}.`, owner);
	if (to > bytes) fail(ERR_BUFFER, `The buffer is too small: it has ${bytes} bytes, ${to} are needed for ${countText(count, datatype)}.`, owner);
}

export function checkedCount(count: unknown, owner?: ErrorOwner): number {
	if (!Number.isInteger(count)) throw new ArgumentError(`Expected the count of a buffer to be a whole number, got ${describe(count)}.`);
	const number = count as number;
	if (number < 0) fail(ERR_COUNT, `The count of a buffer is ${number}: it must be no negative number.`, owner);
	if (number > 0x7fff_ffff) {
		fail(
			ERR_COUNT,
			`The count of a buffer is ${number}, MPI takes ${0x7fff_ffff} at most. Use a larger datatype (\`type.Create_contiguous(n).Commit()\`).`,
			owner,
		);
	}
	return number;
}

/** A datatype with which something can be transferred. */
export function usableType(type: unknown, owner?: ErrorOwner): Datatype {
	const datatype = typeof type === 'string' ? Datatype.fromcode(type) : type;
	if (!(datatype instanceof Datatype))
		throw new ArgumentError(`Expected the datatype of a buffer to be an MPI.Datatype, such as MPI.DOUBLE, got ${describe(type)}.`);
	if (datatype.handle === 0) fail(ERR_TYPE, 'The datatype is MPI.DATATYPE_NULL, or was freed.', owner);
	if (!datatype.isCommitted) fail(ERR_TYPE, `The datatype ${named(datatype)} was not committed: call its Commit() before the first use.`, owner);
	return datatype;
}

function partsOf(list: readonly unknown[]): { data: unknown; count: number | undefined; displacement: number; type: unknown } {
	const [data, second, third, fourth] = list;
	if (typeof data === 'number') throw notABuffer(list);
	switch (list.length) {
		case 1:
			return { data, ...counted(undefined), type: undefined };
		case 2:
			return isTypeSpec(second) ? { data, ...counted(undefined), type: second } : { data, ...counted(second), type: undefined };
		case 3:
			return { data, ...counted(second), type: third };
		case 4:
			return { data, ...counted([second, third]), type: fourth };
		default:
			throw new ArgumentError(`Expected a buffer in a list to be \`[data, count, datatype]\`, got a list of ${list.length} items.`);
	}
}

export function isTypeSpec(value: unknown): value is TypeSpec {
	return typeof value === 'string' || value instanceof Datatype;
}

function counted(spec: unknown): { count: number | undefined; displacement: number } {
	if (spec === undefined || spec === null) return { count: undefined, displacement: 0 };
	if (!Array.isArray(spec)) return { count: checkedCount(spec), displacement: 0 };
	const [count, displacement = 0] = spec as unknown[];
	if (!Number.isInteger(displacement))
		throw new ArgumentError(`Expected the displacement of a buffer to be a whole number, got ${describe(displacement)}.`);
	return { count: count === undefined || count === null ? undefined : checkedCount(count), displacement: displacement as number };
}

export function named(datatype: Datatype): string {
	return datatype.name === '' ? 'the datatype' : datatype.name;
}

function countText(count: number, datatype: Datatype): string {
	return `${count} ${count === 1 ? 'element' : 'elements'} of ${named(datatype)}`;
}
