/**
 * What all ranks have in their buffers before a collective operation, and what they must have after it: in plain
 * JavaScript, one element after the other.
 */
import { type Block, GUARD, type Plan, receiveSide, sendSide, type Side, countOf } from './collective-plans.ts';
import { type ElementType, type Num, readElement, writeElement } from './elements.ts';
import { randomOf } from './random.ts';

/** Of one rank: its buffers, with the bytes around them. */
export interface Memories {
	readonly send: Uint8Array | undefined;
	readonly receive: Uint8Array | undefined;
}

/** Of every rank, before. */
export function before(plan: Plan): Memories[] {
	return Array.from({ length: plan.size }, (_, rank) => ({
		send: memoryFor(plan, sendSide(plan, rank), rank * 2),
		receive: memoryFor(plan, receiveSide(plan, rank), rank * 2 + 1),
	}));
}

/** Changes the memories into what they must be after. */
export function apply(plan: Plan, memories: readonly Memories[]): void {
	const old = memories.map(({ send, receive }) => ({ send: send?.slice(), receive: receive?.slice() }));
	for (let rank = 0; rank < plan.size; rank++) {
		const side = receiveSide(plan, rank);
		const into = memories[rank]!.receive;
		if (side === undefined || into === undefined) continue;
		for (const { block, values } of results(plan, rank, side, old)) {
			values.forEach((lanes, i) => writeElement(into, start(plan) + block.at + i * block.type.extent, block.type, lanes));
		}
	}
}

interface Result {
	readonly block: Block;
	/** The lanes of each element. */
	readonly values: readonly (readonly Num[])[];
}

/** What a rank's blocks get. */
function results(plan: Plan, rank: number, side: Side, old: readonly Memories[]): Result[] {
	const { operation, root, size } = plan;
	const whole = side.blocks[0]!;
	const ranks = Array.from({ length: size }, (_, other) => other);
	switch (operation) {
		case 'bcast':
			return [{ block: whole, values: received(plan, old, root, 0) }];
		case 'gather':
		case 'gatherv':
		case 'allgather':
		case 'allgatherv':
			return ranks.map((other) => ({
				block: side.blocks[other]!,
				values: isOwnInPlace(plan, other) ? received(plan, old, other, other) : sent(plan, old, other, 0),
			}));
		case 'scatter':
		case 'scatterv':
			return [{ block: whole, values: sent(plan, old, root, rank) }];
		case 'alltoall':
		case 'alltoallv':
		case 'alltoallw':
			return ranks.map((other) => ({
				block: side.blocks[other]!,
				values: plan.inPlace ? received(plan, old, other, rank) : sent(plan, old, other, rank),
			}));
		case 'reduce':
		case 'allreduce':
			return [{ block: whole, values: combined(plan, old, ranks) }];
		case 'scan':
			return [{ block: whole, values: combined(plan, old, ranks.slice(0, rank + 1)) }];
		case 'exscan':
			return rank === 0 ? [] : [{ block: whole, values: combined(plan, old, ranks.slice(0, rank)) }];
		case 'reduceScatterBlock':
		case 'reduceScatter': {
			const all = combined(plan, old, ranks);
			const from = ranks.slice(0, rank).reduce((sum, other) => sum + countOf(plan, other), 0);
			return [{ block: whole, values: all.slice(from, from + countOf(plan, rank)) }];
		}
	}
}

function isOwnInPlace({ inPlace, operation, root }: Plan, rank: number): boolean {
	return inPlace && (operation.startsWith('all') || rank === root);
}

function combined(plan: Plan, old: readonly Memories[], ranks: readonly number[]): Num[][] {
	const [first, ...others] = ranks.map((rank) => (old[rank]!.send === undefined ? received(plan, old, rank, 0) : sent(plan, old, rank, 0)));
	return others.reduce((left, right) => left.map((lanes, i) => wrapped(plan.op!.combine(lanes, right[i]!, plan.type), plan.type)), first!);
}

/** As the numbers are held in elements: they wrap. */
function wrapped(values: readonly Num[], type: ElementType): Num[] {
	const bytes = new Uint8Array(type.extent);
	writeElement(bytes, 0, type, values);
	return readElement(bytes, 0, type);
}

/** A block of what a rank sends. */
function sent(plan: Plan, old: readonly Memories[], rank: number, block: number): Num[][] {
	return elementsOf(plan, old[rank]!.send!, sendSide(plan, rank)!.blocks[block]!);
}

/** A block of what is in the buffer that a rank receives into. */
function received(plan: Plan, old: readonly Memories[], rank: number, block: number): Num[][] {
	return elementsOf(plan, old[rank]!.receive!, receiveSide(plan, rank)!.blocks[block]!);
}

function elementsOf(plan: Plan, bytes: Uint8Array, { at, count, type }: Block): Num[][] {
	return Array.from({ length: count }, (_, i) => readElement(bytes, start(plan) + at + i * type.extent, type));
}

/** Where the buffer begins within its memory. */
export function start({ shift }: Plan): number {
	return GUARD + shift;
}

function memoryFor(plan: Plan, side: Side | undefined, salt: number): Uint8Array | undefined {
	if (side === undefined) return undefined;
	const random = randomOf(plan.seed, 1000 + salt);
	const bytes = new Uint8Array(side.bytes + 2 * GUARD + plan.shift);
	for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
	for (const { at, count, type } of side.blocks) {
		for (let i = 0; i < count; i++) {
			const lanes = type.lanes.map(({ kind }, lane) => plan.op?.draw(random, kind, lane) ?? anyOf(random.below(100), kind));
			writeElement(bytes, start(plan) + at + i * type.extent, type, lanes);
		}
	}
	return bytes;
}

function anyOf(n: number, kind: string): Num {
	return kind === 'int64' || kind === 'uint64' ? BigInt(n) : n;
}
