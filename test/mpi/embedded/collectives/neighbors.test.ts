/**
 * Neighbourhood collectives on Cartesian grids, tori and graphs, over channels that deliver in a random order.
 * `NPROCS_TEST_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROC_NULL } from '#nprocs/mpi/constants.js';
import type { Neighborhood } from '#nprocs/mpi/embedded/schedules/schedule.js';
import { randomFrom, SimulatedWorld } from './simulated-world.js';

const seed = Number(process.env.NPROCS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed}`);
const random = randomFrom(seed);
const INT = 9;

/** For each rank of a grid: its neighbours, the negative one of each dimension first. */
function grid(dims: readonly number[], periods: readonly boolean[]): Neighborhood[] {
	const size = dims.reduce((a, b) => a * b, 1);
	return Array.from({ length: size }, (_, rank) => {
		const neighbors: number[] = [];
		let stride = size;
		for (const [dimension, length] of dims.entries()) {
			stride /= length;
			const own = Math.floor(rank / stride) % length;
			for (const step of [-1, 1]) {
				const place = own + step;
				const inside = place >= 0 && place < length;
				if (!inside && !periods[dimension]) neighbors.push(PROC_NULL);
				else neighbors.push(rank + (((place + length) % length) - own) * stride);
			}
		}
		return { sources: neighbors, destinations: neighbors, isCartesian: true };
	});
}

/** What each rank sends to its i-th destination is rank * 100 + i; gives what each receives. */
function exchange(neighborhoods: readonly Neighborhood[]): { alltoall: number[][]; allgather: number[][] } {
	const world = new SimulatedWorld(random);
	const rooms = world.intra(neighborhoods.length, neighborhoods).map((rank) => {
		const { sources, destinations } = neighborhoods[rank.rank]!;
		const [alltoall, allgather] = [new Int32Array(sources.length).fill(-1), new Int32Array(sources.length).fill(-1)];
		rank.neighborAlltoall(
			Int32Array.from(destinations, (_, i) => rank.rank * 100 + i),
			1,
			INT,
			alltoall,
			1,
			INT,
			0,
		);
		rank.neighborAllgather(Int32Array.of(rank.rank), 1, INT, allgather, 1, INT, 0);
		return { alltoall, allgather };
	});
	world.run();
	world.assertEmpty();
	return { alltoall: rooms.map(({ alltoall }) => [...alltoall]), allgather: rooms.map(({ allgather }) => [...allgather]) };
}

test('grids and tori: what goes in one direction arrives from the other, also where both neighbours are one rank or oneself', () => {
	for (const dims of [[1], [2], [3], [5], [1, 1], [2, 2], [2, 3], [3, 1, 2], [2, 2, 2]]) {
		for (let bits = 0; bits < 2 ** dims.length; bits++) {
			const neighborhoods = grid(
				dims,
				dims.map((_, i) => ((bits >> i) & 1) === 1),
			);
			const { alltoall, allgather } = exchange(neighborhoods);
			for (const [rank, { sources }] of neighborhoods.entries()) {
				const expected = sources.map((source, i) => (source === PROC_NULL ? -1 : source * 100 + (i ^ 1)));
				assert.deepEqual(alltoall[rank], expected, `${dims} ${bits}, rank ${rank}`);
				assert.deepEqual(
					allgather[rank],
					sources.map((source) => (source === PROC_NULL ? -1 : source)),
				);
			}
		}
	}
});

test('graphs, with edges that occur more than once, and edges to oneself', () => {
	for (let pass = 0; pass < 100; pass++) {
		const size = 1 + Math.floor(random() * 6);
		const edges = Array.from({ length: Math.floor(random() * 20) }, () => [Math.floor(random() * size), Math.floor(random() * size)] as const);
		const neighborhoods = Array.from({ length: size }, (_, rank) => ({
			sources: edges.filter(([, to]) => to === rank).map(([from]) => from),
			destinations: edges.filter(([from]) => from === rank).map(([, to]) => to),
			isCartesian: false,
		}));
		const { alltoall, allgather } = exchange(neighborhoods);
		for (const [rank, { sources }] of neighborhoods.entries()) {
			assert.deepEqual(allgather[rank], sources);
			const seen = new Map<number, number>();
			const expected = sources.map((source) => {
				// Of several edges between the same two, the k-th one sent is the k-th one received
				const k = seen.get(source) ?? 0;
				seen.set(source, k + 1);
				const places = neighborhoods[source]!.destinations.flatMap((to, i) => (to === rank ? [i] : []));
				return source * 100 + places[k]!;
			});
			assert.deepEqual(alltoall[rank], expected);
		}
	}
});

test('blocks of different size and place: allgatherv, alltoallv, alltoallw', () => {
	const neighborhoods = grid([2, 3], [true, false]);
	const world = new SimulatedWorld(random);
	const count = (rank: number): number => (rank % 3) + 1;
	const got = world.intra(6, neighborhoods).map((rank) => {
		const { sources, destinations } = neighborhoods[rank.rank]!;
		const own = new Int32Array(count(rank.rank)).fill(rank.rank);
		const counts = Int32Array.from(sources, (source) => (source === PROC_NULL ? 0 : count(source)));
		const displacements = Int32Array.from(sources, (_, i) => (sources.length - 1 - i) * 4);
		const [v, w, gathered] = [0, 1, 2].map(() => new Int32Array(sources.length * 4).fill(-1)) as [Int32Array, Int32Array, Int32Array];
		const send = new Int32Array(destinations.length * 3).fill(rank.rank);
		const sendCounts = Int32Array.from(destinations, (dest) => (dest === PROC_NULL ? 0 : own.length));
		const sendDisplacements = Int32Array.from(destinations, (_, i) => i * 3);
		rank.neighborAllgatherv(own, own.length, INT, gathered, counts, displacements, INT, 0);
		rank.neighborAlltoallv(send, sendCounts, sendDisplacements, INT, v, counts, displacements, INT, 0);
		const types = new Float64Array(sources.length).fill(INT);
		const inBytes = (list: Int32Array): Float64Array => Float64Array.from(list, (displacement) => displacement * 4);
		rank.neighborAlltoallw(send, sendCounts, inBytes(sendDisplacements), types, w, counts, inBytes(displacements), types, 0);
		return { v, w, gathered };
	});
	world.run();
	world.assertEmpty();
	for (const [rank, { sources }] of neighborhoods.entries()) {
		const expected = new Int32Array(sources.length * 4).fill(-1);
		for (const [i, source] of sources.entries()) {
			if (source !== PROC_NULL) expected.fill(source, (sources.length - 1 - i) * 4, (sources.length - 1 - i) * 4 + count(source));
		}
		for (const buffer of Object.values(got[rank]!)) assert.deepEqual(buffer, expected);
	}
});
