/**
 * Distributed arrays: the part of a global array that one process of a grid has, when each dimension is dealt out in
 * blocks. It is made of other datatypes, so every engine has it: for each dimension, from the one whose elements lie
 * side by side on, the blocks of indices that the process owns (MPI 4.1, 5.1.4).
 */
import * as constants from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import { intList, sameLength, anInt } from '../arguments/numbers.ts';

export interface DarrayShape {
	readonly size: number;
	readonly rank: number;
	readonly gsizes: readonly number[];
	readonly distribs: readonly number[];
	readonly dargs: readonly number[];
	readonly psizes: readonly number[];
	/** MPI.ORDER_* */
	readonly order: number;
}

/** Indices that lie side by side. */
export interface OwnedBlock {
	readonly start: number;
	readonly length: number;
}

/** What a dimension is to the process: its size, and the blocks of indices that it owns. */
export interface OwnedDimension {
	readonly size: number;
	readonly blocks: readonly OwnedBlock[];
}

/** The arguments of `Create_darray()`, checked. */
export function darrayShape(given: { readonly [Name in keyof DarrayShape]: unknown }): DarrayShape {
	const size = anInt(given.size, { name: 'size', least: 1 });
	const rank = anInt(given.rank, { name: 'rank', least: 0 });
	if (rank >= size) fail(constants.ERR_RANK, `\`rank\` is ${rank}: it must be one of the ${size} processes (\`size\`), from 0 on.`);
	const gsizes = intList(given.gsizes, { name: 'gsizes', least: 1 });
	if (gsizes.length === 0) fail(constants.ERR_ARG, 'A distributed array needs at least one dimension: `gsizes` is empty.');
	const distribs = intList(given.distribs, { name: 'distribs' });
	const dargs = intList(given.dargs, { name: 'dargs' });
	const psizes = intList(given.psizes, { name: 'psizes', least: 1 });
	sameLength('distribs', distribs, { of: 'gsizes', length: gsizes.length });
	sameLength('dargs', dargs, { of: 'gsizes', length: gsizes.length });
	sameLength('psizes', psizes, { of: 'gsizes', length: gsizes.length });
	const places = psizes.reduce((product, count) => product * count, 1);
	if (places !== size) fail(constants.ERR_ARG, `\`psizes\` [${psizes.join(', ')}] is a grid of ${places} processes, but \`size\` is ${size}.`);
	const order = anInt(given.order, { name: 'order' });
	if (order !== constants.ORDER_C && order !== constants.ORDER_FORTRAN)
		fail(constants.ERR_ARG, '`order` must be MPI.ORDER_C or MPI.ORDER_FORTRAN.');
	const shape = { size, rank, gsizes, distribs, dargs, psizes, order };
	gsizes.forEach((_, i) => blockSize(shape, i));
	return shape;
}

export function recipeIntegers({ size, rank, gsizes, distribs, dargs, psizes, order }: DarrayShape): number[] {
	return [size, rank, gsizes.length, ...gsizes, ...distribs, ...dargs, ...psizes, order];
}

/** As `recipeIntegers()` has put them together. */
export function shapeOf(integers: readonly number[]): DarrayShape {
	const [size, rank, n] = integers as [number, number, number];
	const [gsizes, distribs, dargs, psizes] = [0, 1, 2, 3].map((i) => integers.slice(3 + i * n, 3 + (i + 1) * n)) as [
		number[],
		number[],
		number[],
		number[],
	];
	return { size, rank, gsizes, distribs, dargs, psizes, order: integers.at(-1)! };
}

/** From the dimension whose elements lie side by side on. */
export function ownedDimensions(shape: DarrayShape): OwnedDimension[] {
	const coords = coordsIn(shape);
	const all = shape.gsizes.map((size, i) => ({ size, blocks: ownedBlocks(shape, i, coords[i]!) }));
	return shape.order === constants.ORDER_C ? all.toReversed() : all;
}

/** How many elements the process owns. */
export function ownedElements(shape: DarrayShape): number {
	return ownedDimensions(shape).reduce((product, { blocks }) => product * blocks.reduce((sum, { length }) => sum + length, 0), 1);
}

/** The grid of processes is in C's order, whatever that of the array is. */
function coordsIn({ rank, psizes }: DarrayShape): number[] {
	const coords: number[] = [];
	let rest = rank;
	for (const count of psizes.toReversed()) {
		coords.unshift(rest % count);
		rest = Math.floor(rest / count);
	}
	return coords;
}

/** How many indices are dealt out at a time. */
function blockSize({ gsizes, distribs, dargs, psizes }: DarrayShape, i: number): number {
	const [size, darg, count] = [gsizes[i]!, dargs[i]!, psizes[i]!];
	const isDefault = darg === constants.DISTRIBUTE_DFLT_DARG;
	switch (distribs[i]) {
		case constants.DISTRIBUTE_NONE:
			if (count !== 1)
				fail(
					constants.ERR_ARG,
					`Dimension ${i} is not distributed (MPI.DISTRIBUTE_NONE), but \`psizes\` has ${count} processes for it: it must be 1.`,
				);
			return size;
		case constants.DISTRIBUTE_BLOCK:
			if (!isDefault && (darg < 1 || darg * count < size))
				fail(
					constants.ERR_ARG,
					`\`dargs[${i}]\` is ${darg}: blocks of that size on ${count} processes do not cover the ${size} indices of dimension ${i}.`,
				);
			return isDefault ? Math.ceil(size / count) : darg;
		case constants.DISTRIBUTE_CYCLIC:
			if (!isDefault && darg < 1) fail(constants.ERR_ARG, `\`dargs[${i}]\` is ${darg}: blocks need at least one index.`);
			return isDefault ? 1 : darg;
		default:
			return fail(constants.ERR_ARG, `\`distribs[${i}]\` must be MPI.DISTRIBUTE_BLOCK, DISTRIBUTE_CYCLIC or DISTRIBUTE_NONE.`);
	}
}

function ownedBlocks(shape: DarrayShape, i: number, coord: number): OwnedBlock[] {
	const size = shape.gsizes[i]!;
	const length = blockSize(shape, i);
	const blocks: OwnedBlock[] = [];
	for (let start = coord * length; start < size; start += shape.psizes[i]! * length) {
		blocks.push({ start, length: Math.min(length, size - start) });
	}
	return blocks;
}
