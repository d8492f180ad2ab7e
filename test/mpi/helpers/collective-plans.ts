/**
 * Calls of collective operations, described in full: so that each rank can tell what every rank has in its buffers
 * before, and must have after. A plan is made of numbers alone; two engines that are given the same plans must leave
 * the same bytes.
 */
import type { ElementType } from './elements.ts';
import { randomOf } from './random.ts';
import type { ReferenceOp } from './reference-ops.ts';

export const movements = [
	'bcast',
	'gather',
	'gatherv',
	'scatter',
	'scatterv',
	'allgather',
	'allgatherv',
	'alltoall',
	'alltoallv',
	'alltoallw',
] as const;
export const reductions = ['reduce', 'allreduce', 'reduceScatterBlock', 'reduceScatter', 'scan', 'exscan'] as const;
export type Operation = (typeof movements)[number] | (typeof reductions)[number];

export interface Plan {
	readonly seed: number;
	readonly operation: Operation;
	readonly size: number;
	readonly root: number;
	readonly inPlace: boolean;
	/** Elements in a block, before the layout changes it. */
	readonly count: number;
	/** Of `v` forms: blocks one behind the other; in falling order, with gaps; some empty. */
	readonly layout: 'packed' | 'gaps' | 'some empty';
	readonly type: ElementType;
	/** Of `w` forms: which of these a block is of. */
	readonly types: readonly ElementType[];
	readonly op?: ReferenceOp;
	/** The side with one block has the same numbers one behind the other, as elements of a predefined datatype. */
	readonly isFlat: boolean;
	/** Bytes by which the buffers miss an address that all numbers divide. */
	readonly shift: number;
	readonly isNonblocking: boolean;
}

export interface Block {
	readonly at: number;
	readonly count: number;
	readonly type: ElementType;
}

/** The blocks of a buffer, from its beginning on; in elements where all are of one type. */
export interface Side {
	readonly blocks: readonly Block[];
	readonly counts: readonly number[];
	readonly displacements: readonly number[];
	readonly bytes: number;
	/** One for each rank. */
	readonly isMany: boolean;
}

/** Bytes around each buffer, that nobody may touch. */
export const GUARD = 64;

/** How many elements go from one rank to another; the same in both directions, so that it may be done in place. */
export function countBetween({ operation, count, layout, seed }: Plan, from: number, to: number): number {
	if (!operation.endsWith('v') && !operation.endsWith('w')) return count;
	const drawn = randomOf(seed, Math.min(from, to), Math.max(from, to)).below(3);
	return layout === 'some empty' && drawn === 0 ? 0 : count + drawn;
}

/** Of operations in which each rank has one number of elements. */
export function countOf(plan: Plan, rank: number): number {
	if (!/[^l]v$/.test(plan.operation) && plan.operation !== 'reduceScatter') return plan.count;
	const drawn = randomOf(plan.seed, 77, rank).below(3);
	return plan.layout === 'some empty' && drawn === 0 ? 0 : plan.count + drawn;
}

function typeBetween({ operation, types, type }: Plan, from: number, to: number): ElementType {
	return operation === 'alltoallw' ? types[(from + to) % types.length]! : type;
}

/** The same numbers without gaps, in the order in which they are sent. */
export function flattened(type: ElementType): ElementType {
	let offset = 0;
	const lanes = type.lanes.map(({ kind }) => {
		const lane = { offset, kind };
		offset += kind.endsWith('64') ? 8 : kind.endsWith('32') ? 4 : kind.endsWith('16') ? 2 : 1;
		return lane;
	});
	return { name: `flat ${type.name}`, type: type.flat!.type, extent: type.flat!.size, lanes };
}

export function oneBlock(type: ElementType, count: number): Side {
	return { blocks: [{ at: 0, count, type }], counts: [count], displacements: [0], bytes: count * type.extent, isMany: false };
}

/** A block for each rank. */
export function manyBlocks(plan: Plan, countFor: (rank: number) => number, typeFor: (rank: number) => ElementType = () => plan.type): Side {
	const ranks = Array.from({ length: plan.size }, (_, rank) => rank);
	const counts = ranks.map(countFor);
	const isByBytes = plan.operation === 'alltoallw';
	const hasGaps = plan.layout === 'gaps' && (plan.operation.endsWith('v') || isByBytes);
	const displacements = new Array<number>(plan.size).fill(0);
	let end = 0;
	for (const rank of hasGaps ? ranks.toReversed() : ranks) {
		if (hasGaps) end += isByBytes ? 8 : 1;
		displacements[rank] = end;
		end += isByBytes ? counts[rank]! * typeFor(rank).extent : counts[rank]!;
	}
	const unit = isByBytes ? 1 : plan.type.extent;
	const blocks = ranks.map((rank) => ({ at: displacements[rank]! * unit, count: counts[rank]!, type: typeFor(rank) }));
	return { blocks, counts, displacements, bytes: end * unit, isMany: true };
}

/** What a rank sends from; undefined where it sends nothing, or what it sends lies in the other buffer. */
export function sendSide(plan: Plan, rank: number): Side | undefined {
	const { operation, type, count, root, inPlace } = plan;
	const isRoot = rank === root;
	const single = plan.isFlat ? flattened(type) : type;
	switch (operation) {
		case 'bcast':
			return undefined;
		case 'gather':
		case 'gatherv':
			return inPlace && isRoot ? undefined : oneBlock(single, countOf(plan, rank));
		case 'scatter':
		case 'scatterv':
			return isRoot ? manyBlocks(plan, (other) => countOf(plan, other)) : undefined;
		case 'allgather':
		case 'allgatherv':
			return inPlace ? undefined : oneBlock(single, countOf(plan, rank));
		case 'alltoall':
		case 'alltoallv':
		case 'alltoallw':
			return inPlace
				? undefined
				: manyBlocks(
						plan,
						(other) => countBetween(plan, rank, other),
						(other) => typeBetween(plan, rank, other),
					);
		case 'reduceScatterBlock':
		case 'reduceScatter':
			return inPlace ? undefined : oneBlock(type, sumOfCounts(plan));
		case 'reduce':
			return inPlace && isRoot ? undefined : oneBlock(type, count);
		default:
			return inPlace ? undefined : oneBlock(type, count);
	}
}

/** What a rank receives into; undefined where it receives nothing. */
export function receiveSide(plan: Plan, rank: number): Side | undefined {
	const { operation, type, count, root, inPlace } = plan;
	const isRoot = rank === root;
	const single = plan.isFlat ? flattened(type) : type;
	switch (operation) {
		case 'bcast':
			return oneBlock(isRoot ? type : single, count);
		case 'gather':
		case 'gatherv':
			return isRoot ? manyBlocks(plan, (other) => countOf(plan, other)) : undefined;
		case 'scatter':
		case 'scatterv':
			return inPlace && isRoot ? undefined : oneBlock(single, countOf(plan, rank));
		case 'allgather':
		case 'allgatherv':
			return manyBlocks(plan, (other) => countOf(plan, other));
		case 'alltoall':
		case 'alltoallv':
		case 'alltoallw':
			return manyBlocks(
				plan,
				(other) => countBetween(plan, rank, other),
				(other) => typeBetween(plan, rank, other),
			);
		case 'reduceScatterBlock':
		case 'reduceScatter':
			return oneBlock(type, inPlace ? sumOfCounts(plan) : countOf(plan, rank));
		case 'reduce':
			return isRoot ? oneBlock(type, count) : undefined;
		default:
			return oneBlock(type, count);
	}
}

export function sumOfCounts(plan: Plan): number {
	let sum = 0;
	for (let rank = 0; rank < plan.size; rank++) sum += countOf(plan, rank);
	return sum;
}
