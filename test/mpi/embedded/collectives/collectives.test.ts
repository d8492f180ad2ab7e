/**
 * The schedules of collective operations that move data, over channels that deliver in a random order, against what
 * plain loops say. All of every buffer is compared, guards and gaps too. `NPROCS_TEST_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERR_TRUNCATE } from '#nprocs/mpi/constants.js';
import { IN_PLACE_BUFFER } from '#nprocs/mpi/engine/buffers.js';
import { randomFrom, SimulatedWorld, type Rank } from './simulated-world.js';
import { fill, guarded, testTypes, type TestType } from '../datatypes/test-types.js';

const seed = Number(process.env.NPROCS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed}`);
const random = randomFrom(seed);
const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16];
const manyInts = 50_000;

interface Case {
	readonly size: number;
	readonly type: TestType;
	readonly count: number;
	readonly inPlace: boolean;
}

/** Every size and type, in place and not; counts of none, some, and so many that other algorithms are chosen. */
function* cases(): Generator<Case> {
	for (const size of sizes) {
		for (const type of size <= 5 ? testTypes : [testTypes[0]!, testTypes[2]!]) {
			for (const inPlace of [false, true]) for (const count of size <= 9 ? [0, 3, 700] : [1, 700]) yield { size, type, count, inPlace };
		}
	}
	for (const size of [2, 3, 5, 9]) yield { size, type: testTypes[0]!, count: manyInts, inPlace: false };
	yield { size: 5, type: testTypes[2]!, count: manyInts, inPlace: false };
	yield { size: 4, type: testTypes[0]!, count: 3 * 32 * 1024, inPlace: true };
}

/** Runs `call` on every rank, and compares the buffer that it gave with `expected`. */
function check(
	what: string,
	{ size, type }: Case,
	run: { call: (rank: Rank, type: number) => Int32Array; expected: (rank: number) => Int32Array },
): void {
	const world = new SimulatedWorld(random);
	const ranks = world.intra(size);
	const got = ranks.map((rank) => run.call(rank, type.make(rank.types)));
	world.run();
	assert.deepEqual(world.thrown, []);
	world.assertEmpty();
	for (const [rank, buffer] of got.entries()) {
		assert.deepEqual(ranks[rank]!.errors, [0], `${what}, rank ${rank} of ${size}`);
		assert.ok(equal(buffer, run.expected(rank)), `${what}, ${type.name}, rank ${rank} of ${size}`);
	}
}

function equal(a: Int32Array, b: Int32Array): boolean {
	return Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0;
}

/** A buffer with such blocks: element where it begins, number of elements, whose they are. */
function blocksOf(type: TestType, elements: number, blocks: readonly (readonly [at: number, count: number, from: number])[]): Int32Array {
	const buffer = guarded(type, elements);
	for (const [at, count, from] of blocks) fill(buffer, type, { at, count, from });
	return buffer;
}

function ranksOf(size: number): number[] {
	return Array.from({ length: size }, (_, rank) => rank);
}

/** Different for each rank, and the displacements of blocks with gaps, in another order than the ranks. */
function unequal(size: number, count: number): { counts: Int32Array; displacements: Int32Array; elements: number } {
	const counts = Int32Array.from(ranksOf(size), (rank) => (count === 0 ? 0 : (count + rank) % (count + 3)));
	const displacements = new Int32Array(size);
	let elements = 1;
	for (const rank of ranksOf(size).reverse()) {
		displacements[rank] = elements;
		elements += counts[rank]! + 2;
	}
	return { counts, displacements, elements };
}

function rootsOf(size: number): number[] {
	return size <= 5 ? ranksOf(size) : [0, 1, size - 1];
}

test('barrier', () => {
	for (const size of sizes)
		check('barrier', { size, type: testTypes[0]!, count: 0, inPlace: false }, { call: barrierOf, expected: () => new Int32Array(0) });
});

function barrierOf(rank: Rank): Int32Array {
	rank.barrier(0);
	return new Int32Array(0);
}

test('nobody leaves a barrier before all have come', () => {
	for (const size of sizes) {
		for (const late of rootsOf(size)) {
			const world = new SimulatedWorld(random);
			const ranks = world.intra(size);
			for (const rank of ranks) if (rank.rank !== late) rank.barrier(0);
			if (size > 1) assert.throws(() => world.run(), /wait for ever/);
			assert.ok(ranks.every(({ errors }) => errors.length === 0));
			ranks[late]!.barrier(0);
			world.run();
			world.assertEmpty();
		}
	}
});

test('bcast', () => {
	for (const one of cases()) {
		const { size, type, count } = one;
		if (one.inPlace && count < manyInts) continue;
		for (const root of count > 1000 ? [size - 1] : rootsOf(size)) {
			const full = blocksOf(type, count, [[0, count, root]]);
			check(`bcast of ${count} from ${root}`, one, {
				call(rank, handle) {
					const buffer = rank.rank === root ? full.slice() : guarded(type, count);
					rank.bcast(buffer, count, handle, root, 0);
					return buffer;
				},
				expected: () => full,
			});
		}
	}
});

/** Elements of all ranks at their displacements. */
function unequalBlocks(type: TestType, { counts, displacements, elements }: ReturnType<typeof unequal>, from: (i: number) => number): Int32Array {
	return blocksOf(
		type,
		elements,
		[...counts].map((count, i) => [displacements[i]!, count, from(i)] as const),
	);
}

function equalBlocks(type: TestType, size: number, count: number, from: (i: number) => number): Int32Array {
	return blocksOf(
		type,
		size * count,
		ranksOf(size).map((i) => [i * count, count, from(i)] as const),
	);
}

const none = new Int32Array(0);

test('gather', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		for (const root of count > 100 ? [size - 1] : rootsOf(size)) {
			check(`gather of ${count} to ${root}`, one, {
				call(rank, handle) {
					const own = blocksOf(type, count, [[0, count, rank.rank]]);
					if (rank.rank !== root) {
						rank.gather(own, count, handle, null, 0, 0, root, 0);
						return none;
					}
					const all = inPlace ? blocksOf(type, size * count, [[root * count, count, root]]) : guarded(type, size * count);
					rank.gather(inPlace ? IN_PLACE_BUFFER : own, inPlace ? 0 : count, inPlace ? 0 : handle, all, count, handle, root, 0);
					return all;
				},
				expected: (rank) => (rank === root ? equalBlocks(type, size, count, (i) => i) : none),
			});
		}
	}
});

test('gatherv', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		const shape = unequal(size, count);
		const { counts, displacements, elements } = shape;
		for (const root of count > 100 ? [0] : rootsOf(size)) {
			check(`gatherv of ${count} to ${root}`, one, {
				call(rank, handle) {
					const ownCount = counts[rank.rank]!;
					const own = blocksOf(type, ownCount, [[0, ownCount, rank.rank]]);
					if (rank.rank !== root) {
						rank.gatherv(own, ownCount, handle, null, none, none, 0, root, 0);
						return none;
					}
					const all = blocksOf(type, elements, inPlace ? [[displacements[root]!, ownCount, root]] : []);
					rank.gatherv(inPlace ? IN_PLACE_BUFFER : own, ownCount, handle, all, counts, displacements, handle, root, 0);
					return all;
				},
				expected: (rank) => (rank === root ? unequalBlocks(type, shape, (i) => i) : none),
			});
		}
	}
});

test('scatter', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		for (const root of count > 100 ? [size - 1] : rootsOf(size)) {
			check(`scatter of ${count} from ${root}`, one, {
				call(rank, handle) {
					const own = guarded(type, count);
					if (rank.rank !== root) {
						rank.scatter(null, 0, 0, own, count, handle, root, 0);
						return own;
					}
					const all = equalBlocks(type, size, count, (i) => i);
					rank.scatter(all, count, handle, inPlace ? IN_PLACE_BUFFER : own, count, handle, root, 0);
					return inPlace ? blocksOf(type, count, [[0, count, rank.rank]]) : own;
				},
				expected: (rank) => blocksOf(type, count, [[0, count, rank]]),
			});
		}
	}
});

test('scatterv', () => {
	for (const one of cases()) {
		const { size, type, count } = one;
		const shape = unequal(size, count);
		for (const root of count > 100 ? [0] : rootsOf(size)) {
			check(`scatterv of ${count} from ${root}`, one, {
				call(rank, handle) {
					const own = guarded(type, shape.counts[rank.rank]!);
					const isRoot = rank.rank === root;
					const all = isRoot ? unequalBlocks(type, shape, (i) => i) : null;
					const { counts, displacements } = isRoot ? shape : { counts: none, displacements: none };
					rank.scatterv(all, counts, displacements, isRoot ? handle : 0, own, shape.counts[rank.rank]!, handle, root, 0);
					return own;
				},
				expected: (rank) => blocksOf(type, shape.counts[rank]!, [[0, shape.counts[rank]!, rank]]),
			});
		}
	}
});

test('allgather', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		check(`allgather of ${count}`, one, {
			call(rank, handle) {
				const own = blocksOf(type, count, [[0, count, rank.rank]]);
				const all = blocksOf(type, size * count, inPlace ? [[rank.rank * count, count, rank.rank]] : []);
				rank.allgather(inPlace ? IN_PLACE_BUFFER : own, inPlace ? 0 : count, inPlace ? 0 : handle, all, count, handle, 0);
				return all;
			},
			expected: () => equalBlocks(type, size, count, (i) => i),
		});
	}
});

test('allgatherv', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		const shape = unequal(size, count);
		const { counts, displacements, elements } = shape;
		check(`allgatherv of ${count}`, one, {
			call(rank, handle) {
				const ownCount = counts[rank.rank]!;
				const own = blocksOf(type, ownCount, [[0, ownCount, rank.rank]]);
				const all = blocksOf(type, elements, inPlace ? [[displacements[rank.rank]!, ownCount, rank.rank]] : []);
				rank.allgatherv(inPlace ? IN_PLACE_BUFFER : own, ownCount, handle, all, counts, displacements, handle, 0);
				return all;
			},
			expected: () => unequalBlocks(type, shape, (i) => i),
		});
	}
});

/** Whose block it is, and for whom. */
function pair(from: number, to: number): number {
	return from * 20 + to;
}

test('alltoall', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		check(`alltoall of ${count}`, one, {
			call(rank, handle) {
				const send = equalBlocks(type, size, count, (i) => pair(rank.rank, i));
				const receive = inPlace ? send : guarded(type, size * count);
				rank.alltoall(inPlace ? IN_PLACE_BUFFER : send, inPlace ? 0 : count, inPlace ? 0 : handle, receive, count, handle, 0);
				return receive;
			},
			expected: (rank) => equalBlocks(type, size, count, (i) => pair(i, rank)),
		});
	}
});

/** How many elements one rank has for another; in place as many as the other way. */
function countFor(from: number, to: number, { count, inPlace }: Case): number {
	if (count === 0) return 0;
	const [low, high] = inPlace ? [Math.min(from, to), Math.max(from, to)] : [from, to];
	return (count + 3 * low + high) % (count + 2);
}

function shapeOf(size: number, countAt: (i: number) => number): ReturnType<typeof unequal> {
	const counts = Int32Array.from(ranksOf(size), countAt);
	const displacements = new Int32Array(size);
	let elements = 0;
	for (const i of ranksOf(size).reverse()) {
		displacements[i] = elements;
		elements += counts[i]! + 1;
	}
	return { counts, displacements, elements };
}

test('alltoallv and alltoallw', () => {
	for (const one of cases()) {
		const { size, type, inPlace } = one;
		for (const inBytes of [false, true]) {
			check(`alltoall${inBytes ? 'w' : 'v'} of ${one.count}`, one, {
				call(rank, handle) {
					const out = shapeOf(size, (i) => countFor(rank.rank, i, one));
					const into = shapeOf(size, (i) => countFor(i, rank.rank, one));
					const send = unequalBlocks(type, out, (i) => pair(rank.rank, i));
					const receive = inPlace ? send : guarded(type, into.elements);
					const sent = inPlace ? IN_PLACE_BUFFER : send;
					if (inBytes) {
						const types = new Float64Array(size).fill(handle);
						const bytes = (list: Int32Array): Int32Array => list.map((displacement) => displacement * type.extent * 4);
						rank.alltoallw(sent, out.counts, bytes(out.displacements), types, receive, into.counts, bytes(into.displacements), types, 0);
					} else rank.alltoallv(sent, out.counts, out.displacements, handle, receive, into.counts, into.displacements, handle, 0);
					return receive;
				},
				expected: (rank) =>
					unequalBlocks(
						type,
						shapeOf(size, (i) => countFor(i, rank, one)),
						(i) => pair(i, rank),
					),
			});
		}
	}
});

test('many operations at once, begun in the same order everywhere', () => {
	for (let pass = 0; pass < 20; pass++) {
		const size = 2 + Math.floor(random() * 6);
		const world = new SimulatedWorld(random);
		const ranks = world.intra(size);
		const gathered = ranks.map(() => Array.from({ length: 10 }, () => new Int32Array(size)));
		for (const rank of ranks) {
			for (let i = 0; i < 10; i++) rank.allgather(Int32Array.of(rank.rank * 100 + i), 1, 9, gathered[rank.rank]![i]!, 1, 9, 0);
		}
		world.run();
		world.assertEmpty();
		for (const lists of gathered)
			for (const [i, list] of lists.entries())
				assert.deepEqual(
					[...list],
					ranksOf(size).map((rank) => rank * 100 + i),
				);
	}
});

test('who expects less than is sent gets what fits, and ERR_TRUNCATE; nobody hangs', () => {
	for (const size of [2, 3, 5, 9]) {
		for (const [sent, expected] of [
			[10, 5],
			[40_000, 7],
			[40_000, 33_000],
			[64 * 1024, 32 * 1024],
		] as const) {
			const last = size - 1;
			const run = (call: (rank: Rank, receive: Int32Array, count: number) => void): { errors: number[]; receive: Int32Array } => {
				const world = new SimulatedWorld(random);
				const ranks = world.intra(size);
				const rooms = ranks.map((rank) => new Int32Array(rank.rank === last ? expected * size : sent * size));
				for (const rank of ranks) call(rank, rooms[rank.rank]!, rank.rank === last ? expected : sent);
				world.run();
				return { errors: ranks.map(({ errors }) => errors[0]!), receive: rooms[last]! };
			};
			const onlyLast = [...Array<number>(last).fill(0), ERR_TRUNCATE];
			const data = Int32Array.from({ length: sent }, (_, i) => i + 1);

			const bcast = run((rank, receive, count) => rank.bcast(rank.rank === 0 ? data : receive, count, 9, 0, 0));
			assert.equal(bcast.errors[last], ERR_TRUNCATE);
			assert.deepEqual(bcast.receive.subarray(0, Math.min(5, expected)), data.subarray(0, Math.min(5, expected)));

			const scatter = run((rank, receive, count) =>
				rank.scatter(rank.rank === 0 ? new Int32Array(sent * size) : null, sent, 9, receive, count, 9, 0, 0),
			);
			assert.deepEqual(scatter.errors, onlyLast);

			const gather = run((rank, receive, count) => rank.gather(new Int32Array(sent), sent, 9, receive, count, 9, last, 0));
			assert.deepEqual(gather.errors, onlyLast);

			if (size <= 8) {
				const allgather = run((rank, receive, count) => rank.allgather(new Int32Array(sent), sent, 9, receive, count, 9, 0));
				assert.deepEqual(allgather.errors, onlyLast);
			}
			const alltoall = run((rank, receive, count) => rank.alltoall(new Int32Array(sent * size), sent, 9, receive, count, 9, 0));
			assert.deepEqual(alltoall.errors, onlyLast);

			const reduce = run((rank, receive, count) => rank.reduce(new Int32Array(count), receive, count, 9, 3, last, 0));
			assert.deepEqual(reduce.errors, onlyLast);
		}
	}
});
