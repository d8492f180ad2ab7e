/** Collective operations among neighbours, of all three kinds of topologies; blocks of PROC_NULL stay as they are. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { withEachComm } from '../helpers/cases.js';

/** A grid with and without edges, a graph, and one that has several edges between two ranks. */
function* topologies(comm: MPI.Intracomm): Generator<MPI.Topocomm> {
	const { rank, size } = comm;
	for (const periods of [true, false]) yield comm.Create_cart(MPI.Compute_dims(size, 2), periods);
	const everyone = Array.from({ length: size }, (_, other) => other);
	yield comm.Create_graph(
		everyone.map((other) => (other + 1) * size),
		everyone.flatMap(() => everyone),
	);
	yield comm.Create_dist_graph_adjacent([(rank + size - 1) % size, (rank + size - 1) % size], [(rank + 1) % size, (rank + 1) % size]);
}

/**
 * Where one rank is a neighbour twice, engines do not agree which of the two blocks that come from it is which: the
 * standard has been made clearer since they were written. The embedded one does as it says now.
 */
function isClear({ inoutedges }: MPI.Topocomm): boolean {
	const areOnce = inoutedges.map((edges) => edges.filter((rank) => rank !== MPI.PROC_NULL)).every((ranks) => new Set(ranks).size === ranks.length);
	return areOnce || MPI.get_vendor()[0] === 'nprocs';
}

/** What rank `from` sends as its item of this place. */
function item(from: number, place: number): number {
	return 1000 + from * 10 + place;
}

/**
 * Of each block that comes: from whom, and as which of his items. In a grid what one sends forwards arrives from
 * backwards; elsewhere the n-th edge from a rank is its n-th edge to here.
 */
function incoming(topology: MPI.Topocomm): { from: number; place: number }[] {
	const { inedges, rank } = topology;
	const all = topology.allgather(topology.outedges);
	return inedges.map((from, i) => {
		if (from === MPI.PROC_NULL) return { from, place: 0 };
		if (topology instanceof MPI.Cartcomm) return { from, place: i % 2 === 0 ? i + 1 : i - 1 };
		const before = inedges.slice(0, i).filter((other) => other === from).length;
		return { from, place: all[from]!.flatMap((to, place) => (to === rank ? [place] : []))[before]! };
	});
}

await withEachComm({
	async 'the same to all neighbours'(comm) {
		for (const topology of topologies(comm)) {
			const expected = incoming(topology).map(({ from }) => (from === MPI.PROC_NULL ? -1 : item(from, 0)));
			const own = Int32Array.of(item(topology.rank, 0));
			for (const isAwaited of [false, true]) {
				const room = new Int32Array(expected.length).fill(-1);
				if (isAwaited) await topology.Ineighbor_allgather(own, room);
				else topology.Neighbor_allgather(own, room);
				assert.deepEqual([...room], expected);
				const gaps = new Int32Array(2 * expected.length).fill(-1);
				const counts = expected.map(() => 1);
				const displacements = expected.map((_, i) => 2 * i);
				if (isAwaited) await topology.Ineighbor_allgatherv(own, [gaps, counts, displacements, MPI.INT32_T]);
				else topology.Neighbor_allgatherv(own, [gaps, counts, displacements, MPI.INT32_T]);
				assert.deepEqual(
					[...gaps],
					expected.flatMap((value) => [value, -1]),
				);
			}
			assert.deepEqual(
				topology.neighbor_allgather({ from: topology.rank }),
				incoming(topology).map(({ from }) => (from === MPI.PROC_NULL ? null : { from })),
			);
			topology.Free();
		}
	},
	async 'to each neighbour something else'(comm) {
		for (const topology of topologies(comm)) {
			const expected = incoming(topology).map(({ from, place }) => (from === MPI.PROC_NULL ? -1 : item(from, place)));
			if (!isClear(topology)) continue;
			const own = Int32Array.from(topology.outedges, (_, place) => item(topology.rank, place));
			const [incounts, outcounts] = [expected.map(() => 1), [...own].map(() => 1)];
			for (const isAwaited of [false, true]) {
				const room = new Int32Array(expected.length).fill(-1);
				if (isAwaited) await topology.Ineighbor_alltoall(own, room);
				else topology.Neighbor_alltoall(own, room);
				assert.deepEqual([...room], expected);
				const vector = new Int32Array(expected.length).fill(-1);
				if (isAwaited) await topology.Ineighbor_alltoallv([own, outcounts], [vector, incounts]);
				else topology.Neighbor_alltoallv([own, outcounts], [vector, incounts]);
				assert.deepEqual([...vector], expected);
				const many = new Int32Array(expected.length).fill(-1);
				const send = [own, [outcounts, outcounts.map((_, i) => 4 * i)], outcounts.map(() => MPI.INT32_T)] as const;
				const receive = [many, [incounts, incounts.map((_, i) => 4 * i)], incounts.map(() => MPI.INT32_T)] as const;
				if (isAwaited) await topology.Ineighbor_alltoallw(send, receive);
				else topology.Neighbor_alltoallw(send, receive);
				assert.deepEqual([...many], expected);
			}
			assert.deepEqual(
				topology.neighbor_alltoall([...own]),
				expected.map((value) => (value === -1 ? null : value)),
			);
			assert.throws(() => topology.neighbor_alltoall([...own, 1]), /items/);
			topology.Free();
		}
	},
});
