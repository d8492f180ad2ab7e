/**
 * What a datatype is: its size, its bounds, and where its bytes lie (runs.ts).
 *
 * Bounds follow the standard's definition (MPI 4.1, 5.1.6): from the first byte to the last one, the extent rounded up
 * to what the strictest of its basic datatypes is aligned to; unless bounds were set by a resized datatype somewhere in
 * it, which then alone decide.
 */
import type { PredefinedDatatype } from '../../handles.ts';
import { appendRuns, type RunGroup } from './runs.ts';

export interface Layout {
	/** Bytes that are transferred. */
	readonly size: number;
	readonly lowerBound: number;
	readonly extent: number;
	readonly trueLowerBound: number;
	readonly trueExtent: number;
	/** Whether any number of elements is one piece of memory that begins at the buffer's address. */
	readonly isContiguous: boolean;
	readonly runs: readonly RunGroup[];
	/** Handle of the only predefined datatype in it; 0 when there are several, or none. */
	readonly basic: number;
	/** How many predefined elements it has. */
	readonly elements: number;
	/** What it consists of, in order; empty for what is an element by itself. */
	readonly parts: readonly Part[];
	/** What its address must be a multiple of. */
	readonly alignment: number;
	readonly hasSetLowerBound: boolean;
	readonly hasSetUpperBound: boolean;
}

/** `count` elements of a datatype, `stride` bytes apart. */
export interface Part {
	readonly layout: Layout;
	readonly displacement: number;
	readonly count: number;
	readonly stride: number;
}

/** The datatype that consists of these, laid beside each other. */
export function layoutOfParts(all: readonly Part[]): Layout {
	const parts = all.filter(({ layout, count }) => count > 0 && !isEmpty(layout));
	const runs: RunGroup[] = [];
	for (const { layout, displacement, count, stride } of parts) appendRuns(runs, layout.runs, displacement, count, stride);
	const size = sum(parts, ({ layout, count }) => layout.size * count);
	const alignment = parts.reduce((strictest, { layout }) => Math.max(strictest, layout.alignment), 1);
	const bases = new Set(parts.filter(({ layout }) => layout.size > 0).map(({ layout }) => layout.basic));
	return settled({
		size,
		...boundsOf(parts, alignment),
		...trueBounds(runs),
		isContiguous: true,
		runs,
		basic: bases.size === 1 ? [...bases][0]! : 0,
		elements: sum(parts, ({ layout, count }) => layout.elements * count),
		parts,
		alignment,
	});
}

export const emptyLayout: Layout = {
	size: 0,
	lowerBound: 0,
	extent: 0,
	trueLowerBound: 0,
	trueExtent: 0,
	isContiguous: true,
	runs: [],
	basic: 0,
	elements: 0,
	parts: [],
	alignment: 1,
	hasSetLowerBound: false,
	hasSetUpperBound: false,
};

/** The same with other bounds. */
export function resizedLayout(layout: Layout, lowerBound: number, extent: number): Layout {
	return { ...settled({ ...layout, lowerBound, extent }), hasSetLowerBound: true, hasSetUpperBound: true };
}

export function predefinedLayout({ handle, size, extent, kind, value }: PredefinedDatatype): Layout {
	if (kind !== 'pair') return { ...elementLayout(handle, size), alignment: kind === 'complex' ? size / 2 : size };
	const pair = layoutOfParts([
		{ layout: elementLayout(handle, value!.size), displacement: 0, count: 1, stride: value!.size },
		{ layout: elementLayout(handle, 4), displacement: Math.max(4, value!.size), count: 1, stride: 4 },
	]);
	return settled({ ...pair, extent });
}

/** How many predefined elements so many bytes of it are; undefined when the last one is cut in the middle. */
export function elementsIn(layout: Layout, bytes: number): number | undefined {
	if (layout.size === 0) return bytes === 0 ? 0 : undefined;
	let elements = Math.floor(bytes / layout.size) * layout.elements;
	let rest = bytes % layout.size;
	for (const { layout: inner, count } of rest === 0 ? [] : layout.parts) {
		const whole = Math.min(rest, inner.size * count);
		const inside = elementsIn(inner, whole);
		if (inside === undefined) return undefined;
		elements += inside;
		rest -= whole;
	}
	return rest === 0 ? elements : undefined;
}

function elementLayout(basic: number, size: number): Layout {
	return {
		size,
		lowerBound: 0,
		extent: size,
		trueLowerBound: 0,
		trueExtent: size,
		isContiguous: true,
		runs: [{ offset: 0, length: size, repeat: 1, stride: size }],
		basic,
		elements: 1,
		parts: [],
		alignment: size,
		hasSetLowerBound: false,
		hasSetUpperBound: false,
	};
}

function boundsOf(parts: readonly Part[], alignment: number): Pick<Layout, 'lowerBound' | 'extent' | 'hasSetLowerBound' | 'hasSetUpperBound'> {
	const hasSetLowerBound = parts.some(({ layout }) => layout.hasSetLowerBound);
	const hasSetUpperBound = parts.some(({ layout }) => layout.hasSetUpperBound);
	if (parts.length === 0) return { lowerBound: 0, extent: 0, hasSetLowerBound, hasSetUpperBound };
	const lowest = parts
		.filter(({ layout }) => layout.hasSetLowerBound === hasSetLowerBound)
		.map(({ layout, displacement, count, stride }) => displacement + layout.lowerBound + Math.min(0, (count - 1) * stride));
	const highest = parts
		.filter(({ layout }) => layout.hasSetUpperBound === hasSetUpperBound)
		.map(({ layout, displacement, count, stride }) => displacement + layout.lowerBound + layout.extent + Math.max(0, (count - 1) * stride));
	const lowerBound = lowest.reduce((a, b) => Math.min(a, b));
	const extent = highest.reduce((a, b) => Math.max(a, b)) - lowerBound;
	return { lowerBound, extent: hasSetUpperBound ? extent : Math.ceil(extent / alignment) * alignment, hasSetLowerBound, hasSetUpperBound };
}

function trueBounds(runs: readonly RunGroup[]): Pick<Layout, 'trueLowerBound' | 'trueExtent'> {
	if (runs.length === 0) return { trueLowerBound: 0, trueExtent: 0 };
	let low = Infinity;
	let high = -Infinity;
	for (const { offset, length, repeat, stride } of runs) {
		low = Math.min(low, offset, offset + (repeat - 1) * stride);
		high = Math.max(high, offset + length, offset + (repeat - 1) * stride + length);
	}
	return { trueLowerBound: low, trueExtent: high - low };
}

/** Nothing is in it, not even a bound that was set: it has no place. */
function isEmpty(layout: Layout): boolean {
	return layout.size === 0 && !layout.hasSetLowerBound && !layout.hasSetUpperBound;
}

/** Contiguous if there is but one run, and no gap between elements. */
function settled(layout: Layout): Layout {
	const { runs, size, extent } = layout;
	const isOnePiece = runs.length === 1 && runs[0]!.repeat === 1 && runs[0]!.offset === 0 && extent === size;
	return { ...layout, isContiguous: runs.length === 0 || isOnePiece };
}

function sum(parts: readonly Part[], of: (part: Part) => number): number {
	return parts.reduce((total, part) => total + of(part), 0);
}
