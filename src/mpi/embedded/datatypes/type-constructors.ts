/**
 * Layouts of derived datatypes, from what `MPI_Type_get_contents` tells of them: its integers, addresses and datatypes,
 * in its order for each combiner. An address is a number of bytes, other displacements are in units of the old
 * datatype's extent.
 */
import {
	COMBINER_CONTIGUOUS,
	COMBINER_DUP,
	COMBINER_HINDEXED,
	COMBINER_HINDEXED_BLOCK,
	COMBINER_HVECTOR,
	COMBINER_INDEXED,
	COMBINER_INDEXED_BLOCK,
	COMBINER_RESIZED,
	COMBINER_STRUCT,
	COMBINER_SUBARRAY,
	COMBINER_VECTOR,
	ORDER_C,
} from '../../constants.ts';
import { layoutOfParts, resizedLayout, type Layout } from './layout.ts';

export interface TypeContents {
	readonly integers: readonly number[];
	readonly addresses: readonly number[];
	readonly types: readonly Layout[];
}

/** Undefined when there is no such combiner. */
export function derivedLayout(combiner: number, contents: TypeContents): Layout | undefined {
	return constructors[combiner]?.(contents);
}

const constructors: Readonly<Record<number, (contents: TypeContents) => Layout>> = {
	[COMBINER_DUP]: ({ types }) => types[0]!,
	[COMBINER_CONTIGUOUS]: ({ integers, types }) => repeated(types[0]!, integers[0]!, types[0]!.extent),
	[COMBINER_VECTOR]: ({ integers: [count, blockLength, stride], types }) => {
		return repeated(block(types[0]!, blockLength!), count!, stride! * types[0]!.extent);
	},
	[COMBINER_HVECTOR]: ({ integers: [count, blockLength], addresses, types }) => repeated(block(types[0]!, blockLength!), count!, addresses[0]!),
	[COMBINER_INDEXED]: ({ integers: [count, ...rest], types }) => {
		return indexed(types[0]!, rest.slice(0, count), inExtents(types[0]!, rest.slice(count)));
	},
	[COMBINER_HINDEXED]: ({ integers: [count, ...lengths], addresses, types }) => indexed(types[0]!, lengths.slice(0, count), addresses),
	[COMBINER_INDEXED_BLOCK]: ({ integers: [, blockLength, ...displacements], types }) => {
		return indexedBlock(types[0]!, blockLength!, inExtents(types[0]!, displacements));
	},
	[COMBINER_HINDEXED_BLOCK]: ({ integers, addresses, types }) => indexedBlock(types[0]!, integers[1]!, addresses),
	[COMBINER_STRUCT]: ({ integers: [, ...lengths], addresses, types }) => {
		return layoutOfParts(types.map((layout, i) => ({ layout, displacement: addresses[i]!, count: lengths[i]!, stride: layout.extent })));
	},
	[COMBINER_SUBARRAY]: ({ integers, types }) => subarray(types[0]!, integers),
	[COMBINER_RESIZED]: ({ addresses: [lowerBound, extent], types }) => resizedLayout(types[0]!, lowerBound!, extent!),
};

function repeated(layout: Layout, count: number, stride: number): Layout {
	return layoutOfParts([{ layout, displacement: 0, count, stride }]);
}

/** A block: elements one after another. */
function block(layout: Layout, length: number): Layout {
	return length === 1 ? layout : repeated(layout, length, layout.extent);
}

function indexed(layout: Layout, lengths: readonly number[], displacements: readonly number[]): Layout {
	return layoutOfParts(lengths.map((count, i) => ({ layout, displacement: displacements[i]!, count, stride: layout.extent })));
}

function indexedBlock(layout: Layout, length: number, displacements: readonly number[]): Layout {
	return layoutOfParts(displacements.map((displacement) => ({ layout, displacement, count: length, stride: layout.extent })));
}

function inExtents(layout: Layout, displacements: readonly number[]): number[] {
	return displacements.map((displacement) => displacement * layout.extent);
}

/** A part of an array; its bounds are those of the whole one. */
function subarray(old: Layout, [dimensions, ...rest]: readonly number[]): Layout {
	const n = dimensions!;
	const inOrder = rest[3 * n] === ORDER_C ? (list: number[]): number[] => list.toReversed() : (list: number[]): number[] => list;
	const [sizes, subsizes, starts] = [0, 1, 2].map((i) => inOrder(rest.slice(i * n, (i + 1) * n))) as [number[], number[], number[]];
	let layout = old;
	let stride = old.extent;
	let displacement = 0;
	for (let i = 0; i < n; i++) {
		layout = repeated(layout, subsizes[i]!, stride);
		displacement += starts[i]! * stride;
		stride *= sizes[i]!;
	}
	return resizedLayout(layoutOfParts([{ layout, displacement, count: 1, stride }]), 0, stride);
}
