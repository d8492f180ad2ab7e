/**
 * The schedules of collective operations between two groups, over channels that deliver in a random order.
 * `NPROCS_TEST_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROC_NULL, ROOT } from '#nprocs/mpi/constants.js';
import type { OpFunction } from '#nprocs/mpi/engine/datatypes.js';
import { opHandles } from '#nprocs/mpi/handles.js';
import { randomFrom, SimulatedWorld, type Rank } from './simulated-world.js';

const seed = Number(process.env.NPROCS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed}`);
const random = randomFrom(seed);
const INT = 9;
const groupSizes = [
	[1, 1],
	[1, 2],
	[2, 1],
	[2, 3],
	[3, 2],
	[5, 3],
	[1, 8],
	[7, 20],
] as const;
const counts = [0, 4, 3000];

/** `call` for each rank: its group, and that of the others. Gives what the ranks of both groups gave. */
function between<T>(sizes: readonly [number, number], call: (rank: Rank, group: 0 | 1) => T): [T[], T[]] {
	const world = new SimulatedWorld(random);
	const groups = world.inter(sizes);
	const results = [0, 1].map((group) => groups[group]!.map((rank) => call(rank, group as 0 | 1))) as [T[], T[]];
	world.run();
	world.assertEmpty();
	assert.deepEqual(world.thrown, []);
	for (const rank of groups.flat()) assert.ok(rank.errors.every((error) => error === 0));
	return results;
}

function value(group: number, rank: number, i: number): number {
	return group * 1_000_000 + rank * 10_000 + i;
}

function dataOf(group: number, rank: number, count: number): Int32Array {
	return Int32Array.from({ length: count }, (_, i) => value(group, rank, i));
}

/** All ranks' data of a group, one after another. */
function allDataOf(group: number, size: number, count: number): Int32Array {
	return Int32Array.from({ length: size * count }, (_, i) => value(group, Math.floor(i / count), i % count));
}

function sumOf(group: number, size: number, count: number): Int32Array {
	return Int32Array.from({ length: count }, (_, i) => {
		let sum = 0;
		for (let rank = 0; rank < size; rank++) sum += value(group, rank, i);
		return sum;
	});
}

function rootFor(rank: Rank, group: number, root: number): number {
	if (group === 1) return root;
	return rank.rank === root ? ROOT : PROC_NULL;
}

test('barrier: nobody leaves before all of both groups have come', () => {
	for (const sizes of groupSizes) {
		const world = new SimulatedWorld(random);
		const ranks = world.inter(sizes).flat();
		const late = ranks[Math.floor(random() * ranks.length)]!;
		for (const rank of ranks) if (rank !== late) rank.barrier(0);
		assert.throws(() => world.run(), /wait for ever/);
		assert.ok(ranks.every(({ errors }) => errors.length === 0));
		late.barrier(0);
		world.run();
		world.assertEmpty();
	}
});

test('bcast, scatter, gather and reduce, with the root in the first group', () => {
	for (const sizes of groupSizes) {
		for (const count of counts) {
			for (let root = 0; root < sizes[0]; root++) {
				const data = dataOf(0, root, count);
				const [, got] = between(sizes, (rank, group) => {
					const buffer = rank.rank === root && group === 0 ? data.slice() : new Int32Array(count);
					rank.bcast(buffer, count, INT, rootFor(rank, group, root), 0);
					return buffer;
				});
				for (const buffer of got) assert.deepEqual(buffer, data);

				const all = allDataOf(1, sizes[1], count);
				const [, parts] = between(sizes, (rank, group) => {
					const isRoot = group === 0 && rank.rank === root;
					const buffer = new Int32Array(count);
					rank.scatter(isRoot ? all : null, count, INT, group === 0 ? null : buffer, count, INT, rootFor(rank, group, root), 0);
					return buffer;
				});
				for (const [i, part] of parts.entries()) assert.deepEqual(part, dataOf(1, i, count));

				const [gathered] = between(sizes, (rank, group) => {
					const buffer = new Int32Array(count * sizes[1]);
					rank.gather(dataOf(1, rank.rank, count), count, INT, group === 0 ? buffer : null, count, INT, rootFor(rank, group, root), 0);
					return buffer;
				});
				for (const [i, buffer] of gathered.entries()) assert.deepEqual(buffer, i === root ? all : new Int32Array(count * sizes[1]));

				const [reduced] = between(sizes, (rank, group) => {
					const buffer = new Int32Array(count);
					const sent = group === 1 ? dataOf(1, rank.rank, count) : null;
					rank.reduce(sent, group === 0 ? buffer : null, count, INT, opHandles.SUM, rootFor(rank, group, root), 0);
					return buffer;
				});
				for (const [i, buffer] of reduced.entries()) assert.deepEqual(buffer, i === root ? sumOf(1, sizes[1], count) : new Int32Array(count));
			}
		}
	}
});

test('allgather, allgatherv and alltoall: each group gets the data of the other', () => {
	for (const sizes of groupSizes) {
		for (const count of counts) {
			const results = between(sizes, (rank, group) => {
				const remote = sizes[1 - group]!;
				const [all, spread, swapped] = [0, 1, 2].map(() => new Int32Array(remote * (count + 1)));
				const own = dataOf(group, rank.rank, count);
				rank.allgather(own, count, INT, all!, count, INT, 0);
				const displacements = Int32Array.from({ length: remote }, (_, i) => i * (count + 1));
				rank.allgatherv(own, count, INT, spread!, new Int32Array(remote).fill(count), displacements, INT, 0);
				const sent = Int32Array.from({ length: remote * count }, (_, i) => value(group, rank.rank, Math.floor(i / count)));
				rank.alltoall(sent, count, INT, swapped!, count, INT, 0);
				return { all: all!, spread: spread!, swapped: swapped! };
			});
			for (const group of [0, 1]) {
				const remote = sizes[1 - group]!;
				for (const [rank, { all, spread, swapped }] of results[group]!.entries()) {
					const expected = allDataOf(1 - group, remote, count);
					assert.deepEqual(all.subarray(0, remote * count), expected);
					for (let i = 0; i < remote; i++) {
						const block = [...dataOf(1 - group, i, count), 0];
						assert.deepEqual([...spread.subarray(i * (count + 1), (i + 1) * (count + 1))], block);
						assert.ok(swapped.subarray(i * count, (i + 1) * count).every((item) => item === value(1 - group, i, rank)));
					}
				}
			}
		}
	}
});

test('allreduce and reduce_scatter: each group gets the total of the other', () => {
	for (const sizes of groupSizes) {
		for (const count of counts) {
			const results = between(sizes, (rank, group) => {
				const total = new Int32Array(count);
				rank.allreduce(dataOf(group, rank.rank, count), total, count, INT, opHandles.SUM, 0);
				const length = sizes[0] * sizes[1] * count;
				const part = new Int32Array(sizes[1 - group]! * count);
				rank.reduceScatterBlock(dataOf(group, rank.rank, length), part, part.length, INT, opHandles.SUM, 0);
				return { total, part };
			});
			for (const group of [0, 1]) {
				const remote = sizes[1 - group]!;
				const whole = sumOf(1 - group, remote, sizes[0] * sizes[1] * count);
				for (const [rank, { total, part }] of results[group]!.entries()) {
					assert.deepEqual(total, sumOf(1 - group, remote, count));
					assert.deepEqual(part, whole.subarray(rank * part.length, (rank + 1) * part.length));
				}
			}
		}
	}
});

test('an operation that does not commute takes the other group in the order of its ranks', () => {
	for (const sizes of groupSizes) {
		if (Math.max(...sizes) > 2) continue; // the operation is not associative
		const results = between(sizes, (rank, group) => {
			const fn: OpFunction = (input, inout, count) => {
				const [a, b] = [input, inout].map((bytes) => new Int32Array(bytes.buffer, bytes.byteOffset, count)) as [Int32Array, Int32Array];
				for (let i = 0; i < count; i++) b[i] = a[i]! * 7 - b[i]! * 3 + (a[i]! % 5);
			};
			const op = rank.ops.create({ fn, commutes: false });
			const result = new Int32Array(1);
			rank.allreduce(Int32Array.of(value(group, rank.rank, 1) % 1000), result, 1, INT, op, 0);
			return result;
		});
		const combine = (a: number, b: number): number => a * 7 - b * 3 + (a % 5);
		for (const group of [0, 1]) {
			const remote = Array.from({ length: sizes[1 - group]! }, (_, rank) => value(1 - group, rank, 1) % 1000);
			for (const got of results[group]!) assert.equal(got[0], remote.reduce(combine));
		}
	}
});
