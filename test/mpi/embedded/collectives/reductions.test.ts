/**
 * The schedules of reductions, over channels that deliver in a random order, against what plain loops say: predefined
 * operations, functions that commute, and functions that do not, for which only the order of ranks gives the right
 * result. `NPROCS_TEST_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERR_OP, ERR_TRUNCATE } from '#nprocs/mpi/constants.js';
import { IN_PLACE_BUFFER } from '#nprocs/mpi/engine/buffers.js';
import type { OpFunction } from '#nprocs/mpi/engine/datatypes.js';
import { opHandles } from '#nprocs/mpi/handles.js';
import { randomFrom, SimulatedWorld, type Rank } from './simulated-world.js';
import { guarded, putElement, testTypes, type TestType } from '../datatypes/test-types.js';

const seed = Number(process.env.NPROCS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed}`);
const random = randomFrom(seed);
const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16];
const prime = 10_007;
const INT = 9;
const DOUBLE = 16;

/** An element as a list of integers. */
type Element = readonly number[];

interface Operation {
	readonly name: string;
	readonly types: readonly TestType[];
	/** a stands before b. */
	combine(a: Element, b: Element): Element;
	make(rank: Rank, type: TestType): number;
}

/** x → a x + b, one after the other: associative, and the order counts. */
function compose([a, b]: Element, [c, d]: Element): Element {
	return [(a! * c!) % prime, (a! * d! + b!) % prime];
}

function userOperation(combine: Operation['combine'], { commutes }: { commutes: boolean }): Operation['make'] {
	return ({ ops }, type) => {
		const fn: OpFunction = (input, inout, count) => {
			const [a, b] = [input, inout].map((bytes) => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2)) as [
				Int32Array,
				Int32Array,
			];
			for (let i = 0; i < count; i++) {
				const read = (list: Int32Array): number[] => type.places.map((place) => list[i * type.extent + place]!);
				const result = combine(read(a), read(b));
				putElement(b, type, i, (part) => result[part]!);
			}
		};
		return ops.create({ fn, commutes });
	};
}

const sum: Operation['combine'] = (a, b) => a.map((value, part) => (value + b[part]!) | 0);

const operations: readonly Operation[] = [
	{ name: 'SUM', types: [testTypes[0]!], combine: sum, make: () => opHandles.SUM },
	{ name: 'a sum', types: testTypes, combine: sum, make: userOperation(sum, { commutes: true }) },
	{ name: 'composition', types: testTypes.slice(1), combine: compose, make: userOperation(compose, { commutes: false }) },
];

interface Case {
	readonly size: number;
	readonly type: TestType;
	readonly count: number;
	readonly inPlace: boolean;
	readonly operation: Operation;
}

function* cases(): Generator<Case> {
	for (const operation of operations) {
		for (const type of operation.types) {
			for (const inPlace of [false, true]) {
				for (const size of sizes) for (const count of size <= 5 ? [0, 1, 5] : [5]) yield { size, type, count, inPlace, operation };
				for (const size of inPlace ? [4] : [2, 3, 8]) yield { size, type, count: 3000, inPlace, operation };
			}
		}
		// Several segments, the last of them empty
		if (operation === operations[0]) yield { size: 3, type: operation.types[0]!, count: 64 * 1024, inPlace: false, operation };
		yield { size: 5, type: operation.types[0]!, count: 20_000, inPlace: true, operation };
	}
}

function elementOf(rank: number, i: number): (part: number) => number {
	return (part) => (rank * 31 + i * 7 + part * 3 + 2) % prime;
}

/** The elements of a rank, in a buffer. */
function contributionOf({ type }: Case, rank: number, count: number): Int32Array {
	const buffer = guarded(type, count);
	for (let i = 0; i < count; i++) putElement(buffer, type, i, elementOf(rank, i));
	return buffer;
}

/** What the ranks from `first` up to `end` have together, elements from `at` on. */
function total({ type, operation }: Case, [first, end]: readonly [number, number], { at = 0, count }: { at?: number; count: number }): Element[] {
	return Array.from({ length: count }, (_, i) => {
		const elements = Array.from({ length: end - first }, (_, k) => type.places.map((_, part) => elementOf(first + k, at + i)(part)));
		return elements.slice(1).reduce<Element>((a, b) => operation.combine(a, b), elements[0]!);
	});
}

/** `buffer`, with these elements at its beginning. */
function withElements({ type }: Case, elements: readonly Element[], buffer: Int32Array): Int32Array {
	for (const [i, element] of elements.entries()) putElement(buffer, type, i, (part) => element[part]!);
	return buffer;
}

interface Handles {
	readonly type: number;
	readonly op: number;
}

function check(what: string, one: Case, run: { call: (rank: Rank, handles: Handles) => Int32Array; expected: (rank: number) => Int32Array }): void {
	const world = new SimulatedWorld(random);
	const ranks = world.intra(one.size);
	const got = ranks.map((rank) => run.call(rank, { type: one.type.make(rank.types), op: one.operation.make(rank, one.type) }));
	world.run();
	assert.deepEqual(world.thrown, []);
	world.assertEmpty();
	for (const [rank, buffer] of got.entries()) {
		const name = `${what} of ${one.count} ${one.type.name}, ${one.operation.name}, rank ${rank} of ${one.size}${one.inPlace ? ', in place' : ''}`;
		assert.deepEqual(ranks[rank]!.errors, [0], name);
		const expected = run.expected(rank);
		assert.ok(Buffer.compare(new Uint8Array(buffer.buffer), new Uint8Array(expected.buffer)) === 0, name);
	}
}

const none = new Int32Array(0);

test('reduce', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		for (const root of new Set(count > 100 ? [size - 1] : [0, 1 % size, size - 1])) {
			check(`reduce to ${root}`, one, {
				call(rank, handles) {
					const own = contributionOf(one, rank.rank, count);
					if (rank.rank !== root) {
						rank.reduce(own, null, count, handles.type, handles.op, root, 0);
						return none;
					}
					const result = inPlace ? own : guarded(type, count);
					rank.reduce(inPlace ? IN_PLACE_BUFFER : own, result, count, handles.type, handles.op, root, 0);
					return result;
				},
				expected: (rank) => (rank === root ? withElements(one, total(one, [0, size], { count }), guarded(type, count)) : none),
			});
		}
	}
});

test('allreduce', () => {
	for (const one of cases()) {
		const { size, type, count, inPlace } = one;
		const expected = withElements(one, total(one, [0, size], { count }), guarded(type, count));
		check('allreduce', one, {
			call(rank, handles) {
				const own = contributionOf(one, rank.rank, count);
				const result = inPlace ? own : guarded(type, count);
				rank.allreduce(inPlace ? IN_PLACE_BUFFER : own, result, count, handles.type, handles.op, 0);
				return result;
			},
			expected: () => expected,
		});
	}
});

test('reduce_scatter, with blocks of equal and of different size', () => {
	for (const one of cases()) {
		const { size, type, inPlace } = one;
		if (one.count > 3000) continue;
		for (const areEqual of [true, false]) {
			const counts = Int32Array.from({ length: size }, (_, i) => (areEqual || one.count === 0 ? one.count : (one.count + i) % (one.count + 2)));
			const at = (rank: number): number => counts.subarray(0, rank).reduce((a, b) => a + b, 0);
			check('reduce_scatter', one, {
				call(rank, handles) {
					const own = contributionOf(one, rank.rank, at(size));
					const result = inPlace ? own : guarded(type, counts[rank.rank]!);
					const sent = inPlace ? IN_PLACE_BUFFER : own;
					if (areEqual) rank.reduceScatterBlock(sent, result, one.count, handles.type, handles.op, 0);
					else rank.reduceScatter(sent, result, counts, handles.type, handles.op, 0);
					return result;
				},
				expected(rank) {
					const elements = total(one, [0, size], { at: at(rank), count: counts[rank]! });
					return withElements(one, elements, inPlace ? contributionOf(one, rank, at(size)) : guarded(type, counts[rank]!));
				},
			});
		}
	}
});

test('scan and exscan', () => {
	for (const one of cases()) {
		const { type, count, inPlace } = one;
		for (const isExclusive of [false, true]) {
			check(isExclusive ? 'exscan' : 'scan', one, {
				call(rank, handles) {
					const own = contributionOf(one, rank.rank, count);
					const result = inPlace ? own : guarded(type, count);
					const sent = inPlace ? IN_PLACE_BUFFER : own;
					if (isExclusive) rank.exscan(sent, result, count, handles.type, handles.op, 0);
					else rank.scan(sent, result, count, handles.type, handles.op, 0);
					return result;
				},
				expected(rank) {
					const result = inPlace ? contributionOf(one, rank, count) : guarded(type, count);
					if (isExclusive && rank === 0) return result;
					return withElements(one, total(one, [0, isExclusive ? rank : rank + 1], { count }), result);
				},
			});
		}
	}
});

test('an operation that is not defined for the datatype is ERR_OP everywhere, and nothing is sent', () => {
	const world = new SimulatedWorld(random);
	const ranks = world.intra(3);
	for (const rank of ranks) {
		rank.allreduce(new Float64Array(1), new Float64Array(1), 1, DOUBLE, opHandles.BAND, 0);
		rank.reduce(new Float64Array(1), new Float64Array(1), 1, DOUBLE, opHandles.LAND, 0, 0);
		rank.scan(new Float64Array(1), new Float64Array(1), 1, DOUBLE, opHandles.MAXLOC, 0);
		rank.exscan(new Float64Array(1), new Float64Array(1), 1, DOUBLE, opHandles.BXOR, 0);
		rank.reduceScatterBlock(new Float64Array(3), new Float64Array(1), 1, DOUBLE, opHandles.LXOR, 0);
	}
	world.run();
	for (const { errors } of ranks) assert.deepEqual(errors, Array(5).fill(ERR_OP));
	world.assertEmpty();
});

test('what a function throws reaches the rank where it ran; the others are not left waiting', () => {
	for (const size of [2, 3, 5, 8]) {
		for (const count of [1, 5000]) {
			for (let culprit = 0; culprit < size; culprit++) {
				const world = new SimulatedWorld(random);
				for (const rank of world.intra(size)) {
					const fail = (): void => {
						if (rank.rank === culprit) throw new TypeError(`rank ${culprit}`);
					};
					const op = rank.ops.create({ fn: fail, commutes: true });
					rank.allreduce(new Int32Array(count), new Int32Array(count), count, INT, op, 0);
					rank.reduce(new Int32Array(count), new Int32Array(count), count, INT, op, culprit, 0);
					rank.scan(new Int32Array(count), new Int32Array(count), count, INT, op, 0);
				}
				world.run();
				world.assertEmpty();
				assert.ok(world.thrown.length >= 1 && world.thrown.length <= 3, `${world.thrown.length}`);
				assert.ok(world.thrown.every((error) => (error as Error).message === `rank ${culprit}`));
			}
		}
	}
});

test('counts that differ are ERR_TRUNCATE where too much comes; nobody hangs', () => {
	for (const size of [2, 3, 5, 9]) {
		for (const [most, least] of [
			[8, 5],
			[100, 1],
		] as const) {
			for (let odd = 0; odd < size; odd++) {
				const world = new SimulatedWorld(random);
				const ranks = world.intra(size);
				for (const rank of ranks) {
					const count = rank.rank === odd ? least : most;
					rank.allreduce(new Int32Array(count), new Int32Array(count), count, INT, opHandles.SUM, 0);
					rank.scan(new Int32Array(count), new Int32Array(count), count, INT, opHandles.SUM, 0);
					rank.reduceScatterBlock(new Int32Array(count * size), new Int32Array(count), count, INT, opHandles.SUM, 0);
				}
				world.run();
				assert.equal(ranks[odd]!.errors[2], ERR_TRUNCATE);
				assert.ok(ranks.every(({ errors }) => errors.every((error) => error === 0 || error === ERR_TRUNCATE)));
			}
		}
	}
	for (const [sent, expected] of [
		[200_000, 10],
		[64 * 1024, 32 * 1024],
		[10, 200_000],
	] as const) {
		const world = new SimulatedWorld(random);
		const ranks = world.intra(6);
		for (const rank of ranks) {
			const count = rank.rank === 0 ? expected : sent;
			rank.reduce(new Int32Array(count), new Int32Array(count), count, INT, opHandles.SUM, 0, 0);
		}
		world.run();
		assert.equal(ranks[0]!.errors[0], sent > expected ? ERR_TRUNCATE : 0);
	}
});
