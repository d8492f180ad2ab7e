/**
 * Arithmetic of grids: how ranks are shared out among dimensions, and where in a grid a rank stands. No engine is
 * needed for it.
 */
import { ERR_ARG, ERR_DIMS, PROC_NULL } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import { anInt, intList } from '../arguments/numbers.ts';

/**
 * Shares `nnodes` ranks out among dimensions, as evenly as it can, the larger ones first. `dims`: how many dimensions,
 * or a list in which 0 stands for those that are to be found.
 */
export function Compute_dims(nnodes: number, dims: number | ArrayLike<number>): number[] {
	const nodes = anInt(nnodes, { name: 'nnodes', least: 1 });
	const wanted =
		typeof dims === 'number'
			? new Array<number>(anInt(dims, { name: 'dims', least: 0, errorClass: ERR_DIMS })).fill(0)
			: intList(dims, { name: 'dims', least: 0, errorClass: ERR_DIMS });
	const fixed = wanted.reduce((product, size) => (size === 0 ? product : product * size), 1);
	const free = wanted.filter((size) => size === 0).length;
	if (nodes % fixed !== 0 || (free === 0 && wanted.length > 0 && fixed !== nodes)) {
		fail(ERR_DIMS, `${nodes} ranks cannot be shared out among the dimensions [${wanted.join(', ')}]: those that are given make ${fixed}.`);
	}
	const found = evenFactors(nodes / fixed, free, Infinity)!;
	return wanted.map((size) => (size === 0 ? found.shift()! : size));
}

/**
 * The factors of which the largest is the smallest possible, then the next; undefined when they would be larger than
 * `most`.
 */
function evenFactors(product: number, count: number, most: number): number[] | undefined {
	if (count === 0) return product === 1 ? [] : most === Infinity ? [] : undefined;
	if (count === 1) return product <= most ? [product] : undefined;
	for (let factor = 1; factor <= Math.min(product, most); factor++) {
		if (product % factor !== 0 || factor ** count < product) continue;
		const rest = evenFactors(product / factor, count - 1, factor);
		if (rest !== undefined) return [factor, ...rest];
	}
	return undefined;
}

/** A grid of ranks; the last dimension varies fastest. */
export interface Grid {
	readonly dims: readonly number[];
	/** Whether the last of each dimension is followed by the first. */
	readonly periods: readonly boolean[];
}

export function gridSize({ dims }: Grid): number {
	return dims.reduce((product, size) => product * size, 1);
}

export function coordsOf({ dims }: Grid, rank: number): number[] {
	let rest = rank;
	return dims
		.toReversed()
		.map((size) => {
			const coord = rest % size;
			rest = (rest - coord) / size;
			return coord;
		})
		.reverse();
}

/** PROC_NULL when the coordinates lie beyond the edge of a dimension that is not periodic. */
export function rankAt({ dims, periods }: Grid, coords: readonly number[]): number {
	let rank = 0;
	for (let i = 0; i < dims.length; i++) {
		const size = dims[i]!;
		const isInside = coords[i]! >= 0 && coords[i]! < size;
		if (!isInside && !periods[i]) return PROC_NULL;
		rank = rank * size + (((coords[i]! % size) + size) % size);
	}
	return rank;
}

/** The rank so many steps away in a dimension. */
export function rankBeside(grid: Grid, rank: number, { direction, steps }: { direction: number; steps: number }): number {
	const coords = coordsOf(grid, rank);
	coords[direction]! += steps;
	return rankAt(grid, coords);
}

/** What a program has given for a grid. `periods`: one for all dimensions, or a list. */
export function gridFrom(dims: unknown, periods: unknown): Grid {
	const sizes = intList(dims, { name: 'dims', least: 1, errorClass: ERR_DIMS });
	if (periods === undefined || periods === null || typeof periods === 'boolean') return { dims: sizes, periods: sizes.map(() => periods === true) };
	const each = Array.from(periods as ArrayLike<unknown>, Boolean);
	if (each.length !== sizes.length)
		fail(ERR_ARG, `\`periods\` has ${each.length} items, \`dims\` has ${sizes.length}: one is needed for each dimension.`);
	return { dims: sizes, periods: each };
}
