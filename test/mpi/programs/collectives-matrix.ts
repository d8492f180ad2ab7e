/**
 * Every collective operation, with every datatype, operation, root, layout, in place or not: what is in all buffers
 * afterwards is compared byte for byte with what an oracle says. Arguments: `movements` or `reductions`; of how many
 * plans one is tried (1: all); the seed. Prints how many plans it has tried.
 */
import { MPI } from 'nprocs/mpi';
import { apply, before, type Memories, start } from '../helpers/collective-oracle.ts';
import { GUARD, movements, type Plan, receiveSide, reductions, sendSide, type Side, countOf } from '../helpers/collective-plans.ts';
import { dataBytes, derivedTypes, type ElementType, otherTypes, pairs, readElement, typedArrays, writeElement } from '../helpers/elements.ts';
import { randomOf } from '../helpers/random.ts';
import { predefinedOps, userOps } from '../helpers/reference-ops.ts';

const [what = 'movements', every = '1', seedText = '1'] = process.argv.slice(2);
const seed = Number(seedText);
const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const [vendor] = MPI.get_vendor();

const derived = derivedTypes();
const own = userOps((type) => dataBytes(derived.find((known) => known.type.handle === type.handle)!));
const ops = [...predefinedOps, ...own.ops];

/** Its Ialltoallw in place fails an assertion of its own when datatypes differ. */
const isMpich40 = MPI.get_vendor()[0] === 'MPICH' && MPI.get_vendor()[1].join('.').startsWith('4.0');

let tried = 0;
let drawn = 0;
for (const plan of what === 'movements' ? movementPlans() : reductionPlans()) {
	if (randomOf(seed, 5, drawn++).below(Number(every)) !== 0 || isKnownToFail(plan) || losesCount(plan)) continue;
	tried++;
	await tryOut(plan);
}
own.free();
for (const { type } of derived) type.Free();
if (rank === 0) console.log(`${tried} plans`);

/**
 * MPICH 4.0 finds messages truncated, or fails an assertion of its own, where many elements of a structure with gaps
 * are received (seen with the same Scatter in C, too), and where elements with gaps are exchanged in place.
 */
function isKnownToFail({ operation, type, count, inPlace }: Plan): boolean {
	const isStructure = type.name === 'resized struct' && count > 100;
	return (
		vendor === 'MPICH' && (isStructure || (inPlace && /^alltoall[vw]/.test(operation) && (operation === 'alltoallw' || type.array === undefined)))
	);
}

/**
 * In Open MPI 4.1, a rank all of whose counts are 0 does not number a nonblocking exchange in place, and others do: all
 * that follow wait for ever (seen with mpi4py, too).
 */
function losesCount(plan: Plan): boolean {
	if (vendor !== 'Open MPI' || !plan.inPlace || !plan.isNonblocking || !/^alltoall[vw]$/.test(plan.operation)) return false;
	return Array.from({ length: size }, (_, of) => receiveSide(plan, of)!.counts).some((counts) => counts.every((count) => count === 0));
}

function* movementPlans(): Generator<Plan> {
	const types = [...typedArrays, ...derived];
	for (const operation of movements) {
		const isRooted = !operation.startsWith('all');
		const layouts = /[vw]$/.test(operation) ? (['packed', 'gaps', 'some empty'] as const) : (['packed'] as const);
		for (const type of operation === 'alltoallw' ? types.slice(0, 2) : types) {
			for (const root of isRooted ? Array.from({ length: size }, (_, i) => i) : [0]) {
				for (const inPlace of operation === 'bcast' || (operation === 'alltoallw' && isMpich40) ? [false] : [false, true]) {
					for (const layout of layouts) {
						for (const count of [0, 1, 5, 700]) yield plan({ operation, type, root, inPlace, layout, count });
					}
				}
			}
		}
	}
}

function* reductionPlans(): Generator<Plan> {
	const types = [...typedArrays, ...otherTypes, ...pairs, ...derived];
	for (const operation of reductions) {
		for (const op of ops) {
			for (const type of types.filter((candidate) => op.fits(candidate))) {
				for (const root of operation === 'reduce' ? Array.from({ length: size }, (_, i) => i) : [0]) {
					for (const inPlace of [false, true]) {
						const layouts = operation === 'reduceScatter' ? (['packed', 'some empty'] as const) : (['packed'] as const);
						for (const layout of layouts)
							for (const count of [0, 1, 6, 700]) yield { ...plan({ operation, type, root, inPlace, layout, count }), op };
					}
				}
			}
		}
	}
}

function plan(given: Pick<Plan, 'operation' | 'type' | 'root' | 'inPlace' | 'layout' | 'count'>): Plan {
	const random = randomOf(seed, drawn);
	return {
		...given,
		seed: seed * 100_003 + drawn,
		size,
		types: [...typedArrays, ...derived].filter((_, i) => i % 3 === drawn % 3),
		isFlat: given.type.flat !== undefined && given.type.array === undefined && random.below(2) === 0,
		shift: given.type.array === undefined && random.below(2) === 0 ? 1 : 0,
		isNonblocking: random.below(2) === 0,
	};
}

async function tryOut(plan: Plan): Promise<void> {
	const memories = before(plan);
	const mine = { send: memories[rank]!.send?.slice(), receive: memories[rank]!.receive?.slice() };
	apply(plan, memories);
	try {
		await call(plan, mine);
	} catch (error) {
		console.error(describe(plan), error);
		throw error;
	}
	const [actual, expected] = [mine.receive, memories[rank]!.receive].map((memory) => withoutSignOfZero(plan, scratched(plan, memory)));
	compare(plan, 'receive', actual, expected);
	compare(plan, 'send', mine.send, memories[rank]!.send);
}

async function call(plan: Plan, { send, receive }: Memories): Promise<void> {
	const { operation, root, op, isNonblocking } = plan;
	const [from, to] = [sendSide(plan, rank), receiveSide(plan, rank)];
	const sendbuf = from === undefined ? null : specOf(plan, send!, from);
	const recvbuf = to === undefined ? null : specOf(plan, receive!, to);
	const inPlaceSend = from === undefined && plan.inPlace ? MPI.IN_PLACE : sendbuf;
	const inPlaceReceive = to === undefined && plan.inPlace && rank === root ? MPI.IN_PLACE : recvbuf;
	const counts = Array.from({ length: size }, (_, other) => countOf(plan, other));
	const calls = {
		bcast: [recvbuf, root],
		gather: [inPlaceSend, recvbuf, root],
		gatherv: [inPlaceSend, recvbuf, root],
		scatter: [sendbuf, inPlaceReceive, root],
		scatterv: [sendbuf, inPlaceReceive, root],
		allgather: [inPlaceSend, recvbuf],
		allgatherv: [inPlaceSend, recvbuf],
		alltoall: [inPlaceSend, recvbuf],
		alltoallv: [inPlaceSend, recvbuf],
		alltoallw: [inPlaceSend, recvbuf],
		reduce: [inPlaceSend, recvbuf, op?.op, root],
		allreduce: [inPlaceSend, recvbuf, op?.op],
		reduceScatterBlock: [inPlaceSend, recvbuf, op?.op],
		reduceScatter: [inPlaceSend, recvbuf, counts, op?.op],
		scan: [inPlaceSend, recvbuf, op?.op],
		exscan: [inPlaceSend, recvbuf, op?.op],
	};
	const name = operation.replace('Scatter', '_scatter').replace('Block', '_block');
	const method = isNonblocking ? `I${name}` : `${name[0]!.toUpperCase()}${name.slice(1)}`;
	const methods = comm as unknown as Record<string, (...args: unknown[]) => PromiseLike<void> | undefined>;
	await methods[method]!(...calls[operation]);
}

/** A buffer as a program passes it: typed arrays as they are, where that is enough. */
function specOf(plan: Plan, memory: Uint8Array, { blocks, counts, displacements, bytes, isMany }: Side): unknown {
	const [first] = blocks;
	const data = new Uint8Array(memory.buffer, memory.byteOffset + start(plan), bytes);
	const { operation, layout } = plan;
	if (operation === 'alltoallw') return [data, counts, displacements, blocks.map(({ type }) => type.type)];
	const array = arrayOf(first!.type, memory, { at: start(plan), bytes });
	if (operation.endsWith('v') && isMany) {
		const hasOwnPlaces = layout === 'gaps';
		if (array !== undefined) return hasOwnPlaces ? [array, [counts, displacements], first!.type.type] : [array, counts];
		return [data, counts, hasOwnPlaces ? displacements : null, first!.type.type];
	}
	if (array !== undefined && (!isMany || plan.seed % 2 === 0)) return array;
	const inOne = first!.type.extent / first!.type.type.extent;
	const perBlock = operation === 'reduceScatterBlock' && bytes > plan.count * first!.type.extent ? plan.count : first!.count;
	return [data, perBlock * inOne, first!.type.type];
}

function arrayOf(type: ElementType, memory: Uint8Array, { at, bytes }: { at: number; bytes: number }): NodeJS.TypedArray | undefined {
	if (type.array === undefined) return undefined;
	return new type.array(memory.buffer as ArrayBuffer, memory.byteOffset + at, bytes / type.extent);
}

/** Real engines compute in the rest of a buffer that was both input and output: what it has is not said. */
function scratched(plan: Plan, memory: Uint8Array | undefined): Uint8Array | undefined {
	if (memory === undefined || !plan.inPlace || !plan.operation.startsWith('reduceScatter') || vendor === 'nprocs') return memory;
	const own = countOf(plan, rank) * plan.type.extent;
	return memory.slice().fill(0, start(plan) + own, memory.length - GUARD);
}

/** Products of complex numbers are zero with either sign, depending on the order. */
function withoutSignOfZero(plan: Plan, memory: Uint8Array | undefined): Uint8Array | undefined {
	if (memory === undefined || plan.op?.name !== 'PROD' || !plan.type.name.endsWith('COMPLEX')) return memory;
	const copy = memory.slice();
	for (let at = start(plan); at + plan.type.extent <= copy.length - GUARD; at += plan.type.extent) {
		writeElement(
			copy,
			at,
			plan.type,
			(readElement(copy, at, plan.type) as number[]).map((number) => number + 0),
		);
	}
	return copy;
}

function compare(plan: Plan, name: string, actual: Uint8Array | undefined, expected: Uint8Array | undefined): void {
	if (actual === undefined || expected === undefined) return;
	const isPadding = paddingOf(plan);
	for (let i = 0; i < actual.length; i++) {
		if (actual[i] === expected[i] || isPadding(i)) continue;
		const place = i < start(plan) ? 'before the buffer' : i >= actual.length - GUARD ? 'behind the buffer' : `at byte ${i - start(plan)}`;
		throw new Error(`${describe(plan)}: rank ${rank}'s buffer (${name}) differs ${place}: ${actual[i]} instead of ${expected[i]}`);
	}
}

/** Whoever computes with pairs may write into their padding. */
function paddingOf(plan: Plan): (i: number) => boolean {
	if (!pairs.includes(plan.type)) return () => false;
	const isData = dataBytes(plan.type);
	return (i) => i >= start(plan) && !isData[(i - start(plan)) % isData.length];
}

function describe(plan: Plan): string {
	const { operation, type, op, root, inPlace, layout, count, isFlat, shift, isNonblocking } = plan;
	return JSON.stringify({ seed, operation, type: type.name, op: op?.name, size, root, inPlace, layout, count, isFlat, shift, isNonblocking });
}
