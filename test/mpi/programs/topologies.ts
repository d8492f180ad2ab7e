/** Grids and graphs of ranks. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

await withEachComm({
	grids(comm) {
		for (const ndim of [1, 2, 3, 4, 5]) {
			const dims = MPI.Compute_dims(comm.size, ndim);
			const periods = dims.map(() => true);
			const grid = comm.Create_cart(dims, periods);
			assert.ok(grid instanceof MPI.Cartcomm && grid instanceof MPI.Topocomm && grid instanceof MPI.Intracomm);
			assert.ok(grid.is_topo && grid.topology === MPI.CART);
			assert.deepEqual([grid.dim, grid.ndim, grid.Get_dim()], [ndim, ndim, ndim]);
			assert.deepEqual(grid.coords, grid.Get_coords(grid.rank));
			assert.deepEqual(grid.topo, [dims, periods, grid.coords]);
			const neighbors = dims.flatMap((size, i) =>
				[-1, 1].map((step) => {
					const coords = grid.coords;
					coords[i] = (coords[i]! + step + size) % size;
					const rank = grid.Get_cart_rank(coords);
					assert.deepEqual(grid.Get_coords(rank), coords);
					assert.equal(grid.Shift(i, step)[1], rank);
					return rank;
				}),
			);
			assert.deepEqual(grid.inoutedges, [neighbors, neighbors]);
			assert.deepEqual(
				[grid.indegree, grid.outdegree, grid.degrees],
				[neighbors.length, neighbors.length, [neighbors.length, neighbors.length]],
			);
			assert.deepEqual([grid.inedges, grid.outedges], [neighbors, neighbors]);
			for (let i = 0; ndim > 1 && i < ndim; i++) {
				const part = grid.Sub(dims.map((_, j) => j !== i));
				assert.equal(part.dim, ndim - 1);
				assert.deepEqual(part.dims, dims.toSpliced(i, 1));
				assert.deepEqual(part.coords, grid.coords.toSpliced(i, 1));
				part.Free();
			}
			const copy = grid.Dup();
			assert.ok(copy instanceof MPI.Cartcomm);
			assert.deepEqual(copy.topo, grid.topo);
			copy.Free();
			grid.Free();
			throwsClass(MPI.ERR_COMM, () => grid.coords);
		}
	},
	'a mesh ends at its edges'(comm) {
		const mesh = comm.Create_cart([comm.size], { periods: false });
		const [previous, next] = mesh.Shift(0, 1);
		assert.equal(previous, mesh.rank === 0 ? MPI.PROC_NULL : mesh.rank - 1);
		assert.equal(next, mesh.rank === mesh.size - 1 ? MPI.PROC_NULL : mesh.rank + 1);
		assert.deepEqual(mesh.Shift(0, comm.size), [MPI.PROC_NULL, MPI.PROC_NULL]);
		throwsClass(MPI.ERR_ARG, () => mesh.Get_cart_rank([comm.size]));
		throwsClass(MPI.ERR_ARG, () => mesh.Get_cart_rank([0, 0]));
		throwsClass(MPI.ERR_RANK, () => mesh.Get_coords(comm.size));
		throwsClass(MPI.ERR_DIMS, () => mesh.Shift(1, 1));
		throwsClass(MPI.ERR_ARG, () => mesh.Sub([]));
		mesh.Free();
	},
	'a grid without dimensions has one rank'(comm) {
		const grid = comm.Create_cart([]);
		assert.equal(grid === MPI.COMM_NULL, comm.rank > 0);
		if (grid === MPI.COMM_NULL) return throwsClass(MPI.ERR_COMM, () => grid.rank);
		assert.deepEqual([grid.dim, grid.topo, grid.Get_cart_rank([]), grid.inoutedges], [0, [[], [], []], 0, [[], []]]);
		grid.Free();
	},
	'ranks for which there is no place'(comm) {
		if (comm.size === 1) return;
		const grid = comm.Create_cart([comm.size - 1], true, true);
		assert.equal(grid === MPI.COMM_NULL, comm.rank === comm.size - 1);
		if (grid !== MPI.COMM_NULL) grid.Free();
	},
	'grids that cannot be'(comm) {
		throwsClass(MPI.ERR_DIMS, () => comm.Create_cart([comm.size + 1]));
		throwsClass(MPI.ERR_DIMS, () => comm.Create_cart([-1]));
		throwsClass(MPI.ERR_ARG, () => comm.Create_cart([comm.size], []));
		throwsClass(MPI.ERR_ARG, () => comm.Create_cart([comm.size], [false, false]));
		assert.throws(() => comm.Create_cart('2' as unknown as number[]), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	graphs(comm) {
		const { size, rank } = comm;
		const ends = [0];
		const edges: number[] = [];
		for (let i = 0; i < size; i++) {
			ends.push(ends[i]! + 2);
			edges.push((i + size - 1) % size, (i + 1) % size);
		}
		for (const index of [ends, ends.slice(1)]) {
			const graph = comm.Create_graph(index, edges);
			assert.ok(graph instanceof MPI.Graphcomm && graph.topology === MPI.GRAPH);
			assert.deepEqual([graph.dims, graph.nnodes, graph.nedges], [[size, edges.length], size, edges.length]);
			assert.deepEqual([graph.index, graph.edges, graph.topo], [ends.slice(1), edges, [ends.slice(1), edges]]);
			const own = edges.slice(ends[rank], ends[rank + 1]);
			assert.deepEqual([graph.neighbors, graph.nneighbors, graph.inoutedges], [own, own.length, [own, own]]);
			for (let other = 0; other < size; other++) {
				assert.deepEqual(graph.Get_neighbors(other), [(other + size - 1) % size, (other + 1) % size]);
				assert.equal(graph.Get_neighbors_count(other), 2);
			}
			throwsClass(MPI.ERR_RANK, () => graph.Get_neighbors(size));
			const copy = graph.Dup();
			assert.deepEqual(copy.topo, graph.topo);
			copy.Free();
			graph.Free();
		}
		throwsClass(MPI.ERR_TOPOLOGY, () => comm.Create_graph([1], [size + 1]));
	},
	'graphs of which each knows its own edges'(comm) {
		const { size, rank } = comm;
		const sources = [(rank + 2 * size - 2) % size, (rank + size - 1) % size];
		const destinations = [(rank + 1) % size, (rank + 2) % size];
		const check = (graph: MPI.Distgraphcomm, expected: ReturnType<MPI.Distgraphcomm['Get_dist_neighbors']>): void => {
			const [from, to, weights] = expected;
			assert.ok(graph instanceof MPI.Distgraphcomm && graph.topology === MPI.DIST_GRAPH);
			assert.deepEqual(graph.Get_dist_neighbors(), expected);
			assert.deepEqual(graph.Get_dist_neighbors_count(), [from.length, to.length, weights !== null]);
			assert.deepEqual(
				[graph.inoutedges, graph.degrees],
				[
					[from, to],
					[from.length, to.length],
				],
			);
			const copy = graph.Dup();
			assert.deepEqual(copy.Get_dist_neighbors(), expected);
			copy.Free();
			graph.Free();
		};
		check(comm.Create_dist_graph_adjacent(null, null), [[], [], null]);
		check(comm.Create_dist_graph_adjacent(sources, destinations), [sources, destinations, null]);
		check(comm.Create_dist_graph_adjacent(sources, destinations, [1, 2], [3, 4]), [
			sources,
			destinations,
			[
				[1, 2],
				[3, 4],
			],
		]);
		check(comm.Create_dist_graph_adjacent(sources, null, MPI.UNWEIGHTED, null), [sources, [], null]);
		check(comm.Create_dist_graph_adjacent([], [], MPI.WEIGHTS_EMPTY, MPI.WEIGHTS_EMPTY), [[], [], [[], []]]);
		throwsClass(MPI.ERR_ARG, () => comm.Create_dist_graph_adjacent([0], [0], MPI.WEIGHTS_EMPTY, MPI.WEIGHTS_EMPTY));
		throwsClass(MPI.ERR_RANK, () => comm.Create_dist_graph_adjacent([size], [0]));
		for (const weights of [null, [1, 2, 3]]) {
			const graph = comm.Create_dist_graph([rank], [3], [(rank + size - 1) % size, rank, (rank + 1) % size], weights);
			assert.deepEqual(graph.Get_dist_neighbors_count(), [3, 3, weights !== null]);
			graph.Free();
		}
		throwsClass(MPI.ERR_ARG, () => comm.Create_dist_graph([rank], [2], [rank]));
	},
	'which rank one would have'(comm) {
		const dims = MPI.Compute_dims(comm.size, 2);
		const grid = comm.Create_cart(dims, null, true);
		assert.equal(comm.Cart_map(dims), grid.rank);
		grid.Free();
		if (comm.size > 1) assert.equal(comm.Cart_map([1]), comm.rank === 0 ? 0 : MPI.UNDEFINED);
	},
});
