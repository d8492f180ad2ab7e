/**
 * Accesses to a member's memory, by a process that has it mapped: this one's origin, or the target itself for others.
 */
import { ERR_ARG, ERR_OP, ERR_RMA_RANGE, SUCCESS } from '../../constants.ts';
import { opHandles, predefinedDatatypes } from '../../handles.ts';
import type { Layout } from '../datatypes/layout.ts';
import { packInto, unpackFrom } from '../datatypes/pack.ts';
import { kernelOf } from '../ops/reduce.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';

export const accessKind = { put: 0, get: 1, accumulate: 2, swap: 3 } as const;

/** What a layout must tell of a target's elements. */
export type TargetLayout = Pick<Layout, 'size' | 'extent' | 'isContiguous' | 'runs' | 'basic' | 'trueLowerBound' | 'trueExtent'>;

export interface Access {
	readonly kind: number;
	/** Of accumulate. */
	readonly op: number;
	/** In bytes, from the beginning of the target's memory. */
	readonly offset: number;
	readonly count: number;
	readonly layout: TargetLayout;
	/** What is written or combined; of swap: the new value. As messages carry it. */
	readonly data: Uint8Array;
	/** Of swap: the value that must be there. */
	readonly compare?: Uint8Array;
}

/** `result` is filled with what was there before, of get, accumulate and swap, unless it is empty. */
export function perform(memory: Uint8Array, access: Access, result: Uint8Array): number {
	const { kind, offset, count, data } = access;
	const layout = access.layout as Layout;
	if (!lies(access, memory.length)) return ERR_RMA_RANGE;
	const place = { view: memory, byteOffset: offset };
	if (kind !== accessKind.put && result.length > 0) packInto(result, place, count, layout);
	if (kind === accessKind.put) unpackFrom(data, place, count, layout);
	if (kind === accessKind.swap && isSame(memory, access)) unpackFrom(data, place, count, layout);
	return kind === accessKind.accumulate ? combine(memory, access) : SUCCESS;
}

/** All bytes of all its elements are within the window. */
function lies({ offset, count, layout }: Access, length: number): boolean {
	const { trueLowerBound, trueExtent, extent, size } = layout;
	if (size * count === 0) return true;
	const reach = (count - 1) * extent;
	return offset + trueLowerBound + Math.min(0, reach) >= 0 && offset + trueLowerBound + trueExtent + Math.max(0, reach) <= length;
}

function combine(memory: Uint8Array, { op, offset, count, layout, data }: Access): number {
	if (op === opHandles.NO_OP) return SUCCESS;
	const kernel = layout.basic === 0 ? undefined : kernelOf(op, layout.basic);
	if (kernel === undefined) return ERR_OP;
	const bytes = count * layout.size;
	if (data.length < bytes) return ERR_ARG;
	const elements = bytes / elementBytes(layout.basic);
	if (layout.isContiguous) {
		kernel(data, memory.subarray(offset, offset + bytes), elements);
		return SUCCESS;
	}
	const place = { view: memory, byteOffset: offset };
	const inout = borrow(bytes);
	packInto(inout, place, count, layout as Layout);
	kernel(data, inout, elements);
	unpackFrom(inout, place, count, layout as Layout);
	giveBack(inout);
	return SUCCESS;
}

const sizes = new Map(predefinedDatatypes.map(({ handle, size }) => [handle, size]));

function elementBytes(basic: number): number {
	return sizes.get(basic)!;
}

function isSame(memory: Uint8Array, { offset, compare, data }: Access): boolean {
	for (let i = 0; i < data.length; i++) if (memory[offset + i] !== compare![i]) return false;
	return true;
}
