/**
 * The binomial tree in which data goes out from a root, or comes together there. Ranks are counted from the root on; a
 * rank's parent is what remains when its lowest bit is cleared, and a subtree is a range of ranks that begins with its
 * own root.
 */
export interface TreePlace {
	/** Undefined at the root. */
	readonly parent: number | undefined;
	/** The nearest first, whose subtree is the smallest. */
	readonly children: readonly number[];
	readonly farthestFirst: readonly number[];
}

/** Programs have the same root and the same communicator again and again. */
export function binomialPlace(rank: number, size: number, root: number): TreePlace {
	if (last.rank !== rank || last.size !== size || last.root !== root) last = { rank, size, root, place: findPlace(rank, size, root) };
	return last.place;
}

let last = { rank: 0, size: 1, root: 0, place: findPlace(0, 1, 0) };

function findPlace(rank: number, size: number, root: number): TreePlace {
	const relative = (rank - root + size) % size;
	const lowestBit = relative === 0 ? size : relative & -relative;
	const children: number[] = [];
	for (let mask = 1; mask < lowestBit && relative + mask < size; mask *= 2) children.push((relative + mask + root) % size);
	return { parent: relative === 0 ? undefined : (relative - lowestBit + root) % size, children, farthestFirst: children.toReversed() };
}

/**
 * Large data goes through the tree in segments, so that all levels work at once. The last one is shorter than the
 * others, maybe empty: who expected another length than is sent still sees the end. Between two ranks there are no
 * levels.
 */
export function segmentBytes(size: number): number {
	return size <= 2 ? Infinity : 128 * 1024;
}
