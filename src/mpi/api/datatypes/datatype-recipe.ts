/**
 * How a derived datatype was made: what `MPI_Type_get_contents` tells, and what the seam's `typeCreate` takes. Kept
 * here, so that `Get_envelope()`, `Get_contents()` and `decode()` need no engine, and a datatype may outlive those that
 * it was made of.
 */
import * as constants from '../../constants.ts';
import { ownedElements, shapeOf } from './darray.ts';

export interface DatatypeRecipe {
	/** COMBINER_*. */
	readonly combiner: number;
	readonly integers: readonly number[];
	readonly addresses: readonly number[];
	/** What it was made of: the handle of a predefined datatype, or how that was made in turn. */
	readonly parts: readonly (number | DatatypeRecipe)[];
}

/** The combiner's name without `COMBINER_`, as mpi4py's `decode()` gives it. */
export function combinerName(combiner: number): string {
	const [name] = Object.entries(constants).find(([key, value]) => key.startsWith('COMBINER_') && value === combiner)!;
	return name.slice('COMBINER_'.length);
}

/** How often each of the parts is in one element. */
export function repeatsOf({ combiner, integers, parts }: DatatypeRecipe): number[] {
	const [first = 0, second = 0] = integers;
	switch (combiner) {
		case constants.COMBINER_CONTIGUOUS:
			return [first];
		case constants.COMBINER_VECTOR:
		case constants.COMBINER_HVECTOR:
		case constants.COMBINER_INDEXED_BLOCK:
		case constants.COMBINER_HINDEXED_BLOCK:
			return [first * second];
		case constants.COMBINER_INDEXED:
		case constants.COMBINER_HINDEXED:
			return [integers.slice(1, first + 1).reduce((sum, length) => sum + length, 0)];
		case constants.COMBINER_STRUCT:
			return integers.slice(1);
		case constants.COMBINER_SUBARRAY:
			return [integers.slice(1 + first, 1 + 2 * first).reduce((product, size) => product * size, 1)];
		case constants.COMBINER_DARRAY:
			return [ownedElements(shapeOf(integers))];
		default:
			return parts.map(() => 1);
	}
}

/** The handle of the predefined datatype of which all is made; undefined when there are several. */
export function onlyLeafOf({ parts }: DatatypeRecipe): number | undefined {
	const [first, ...others] = parts.map((part) => (typeof part === 'number' ? part : onlyLeafOf(part)));
	return others.every((leaf) => leaf === first) ? first : undefined;
}

/**
 * The arguments of the `Create_…` method that makes this datatype, by mpi4py's names; `datatypes` of a struct is not
 * among them.
 */
export function argumentsOf({ combiner, integers, addresses }: DatatypeRecipe): Record<string, number | number[]> {
	const [first = 0, second = 0, third = 0] = integers;
	switch (combiner) {
		case constants.COMBINER_CONTIGUOUS:
			return { count: first };
		case constants.COMBINER_VECTOR:
			return { count: first, blocklength: second, stride: third };
		case constants.COMBINER_HVECTOR:
			return { count: first, blocklength: second, stride: addresses[0]! };
		case constants.COMBINER_INDEXED:
			return { blocklengths: integers.slice(1, first + 1), displacements: integers.slice(first + 1) };
		case constants.COMBINER_HINDEXED:
		case constants.COMBINER_STRUCT:
			return { blocklengths: integers.slice(1), displacements: [...addresses] };
		case constants.COMBINER_INDEXED_BLOCK:
			return { blocklength: second, displacements: integers.slice(2) };
		case constants.COMBINER_HINDEXED_BLOCK:
			return { blocklength: second, displacements: [...addresses] };
		case constants.COMBINER_SUBARRAY: {
			const part = (i: number): number[] => integers.slice(1 + i * first, 1 + (i + 1) * first);
			return { sizes: part(0), subsizes: part(1), starts: part(2), order: integers.at(-1)! };
		}
		case constants.COMBINER_DARRAY: {
			const { size, rank, gsizes, distribs, dargs, psizes, order } = shapeOf(integers);
			return { size, rank, gsizes: [...gsizes], distribs: [...distribs], dargs: [...dargs], psizes: [...psizes], order };
		}
		case constants.COMBINER_RESIZED:
			return { lb: addresses[0]!, extent: addresses[1]! };
		default:
			return {};
	}
}
