/** Persistent collective operations: what each `Start()` gives, with data that have changed since the one before. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

const rounds = [1, 2, 3];

/** Starts it once for each round, and looks at the result. */
function repeat(request: MPI.Prequest, prepare: (round: number) => void, look: (round: number) => void): void {
	assert.ok(request instanceof MPI.Prequest);
	assert.equal(request.handle, 0, 'nothing is under way before Start()');
	for (const round of rounds) {
		prepare(round);
		request.Start();
		request.Wait();
		look(round);
	}
	request.Free();
	throwsClass(MPI.ERR_REQUEST, () => request.Start());
}

const ranks = ({ size }: MPI.Comm): number[] => Array.from({ length: size }, (_, i) => i);
const sumOfRanks = ({ size }: MPI.Comm): number => (size * (size - 1)) / 2;

await withEachComm({
	Barrier_init(comm) {
		repeat(
			comm.Barrier_init(),
			() => undefined,
			() => undefined,
		);
	},
	Bcast_init(comm) {
		for (const root of ranks(comm)) {
			const buffer = new Int32Array(3);
			repeat(
				comm.Bcast_init(buffer, { root }),
				(round) => buffer.fill(comm.rank === root ? 10 * round + root : -1),
				(round) => assert.deepEqual([...buffer], Array(3).fill(10 * round + root)),
			);
		}
	},
	'Gather_init, Gatherv_init'(comm) {
		const own = new Int32Array(2);
		const all = new Int32Array(2 * comm.size);
		for (const root of ranks(comm)) {
			for (const method of ['Gather_init', 'Gatherv_init'] as const) {
				const receive = comm.rank === root ? all : null;
				repeat(
					comm[method](own, receive, root),
					(round) => own.fill(100 * round + comm.rank),
					(round) => {
						if (comm.rank !== root) return;
						assert.deepEqual(
							[...all],
							ranks(comm).flatMap((rank) => [100 * round + rank, 100 * round + rank]),
						);
					},
				);
			}
		}
	},
	'Scatter_init, Scatterv_init'(comm) {
		const own = new Int32Array(2);
		const all = new Int32Array(2 * comm.size);
		for (const root of ranks(comm)) {
			for (const method of ['Scatter_init', 'Scatterv_init'] as const) {
				repeat(
					comm[method](comm.rank === root ? all : null, own, { root, info: MPI.INFO_NULL }),
					(round) => all.set(Int32Array.from(all, (_, i) => 100 * round + i)),
					(round) => assert.deepEqual([...own], [100 * round + 2 * comm.rank, 100 * round + 2 * comm.rank + 1]),
				);
			}
		}
	},
	'Allgather_init, Allgatherv_init'(comm) {
		const own = new Float64Array(1);
		const all = new Float64Array(comm.size);
		for (const method of ['Allgather_init', 'Allgatherv_init'] as const) {
			repeat(
				comm[method](own, all),
				(round) => own.fill(round + comm.rank / 8),
				(round) =>
					assert.deepEqual(
						[...all],
						ranks(comm).map((rank) => round + rank / 8),
					),
			);
		}
	},
	'Alltoall_init, Alltoallv_init, Alltoallw_init'(comm) {
		const sent = new Int32Array(comm.size);
		const got = new Int32Array(comm.size);
		const places = ranks(comm).map((rank) => 4 * rank);
		const types = ranks(comm).map(() => MPI.INT32_T);
		const ones = ranks(comm).map(() => 1);
		const requests = [
			comm.Alltoall_init(sent, got, MPI.INFO_NULL),
			comm.Alltoallv_init(sent, got, { info: null }),
			comm.Alltoallw_init([sent, ones, places, types], [got, ones, places, types]),
		];
		for (const request of requests) {
			repeat(
				request,
				(round) => sent.set(ranks(comm).map((rank) => 1000 * round + 10 * comm.rank + rank)),
				(round) =>
					assert.deepEqual(
						[...got],
						ranks(comm).map((rank) => 1000 * round + 10 * rank + comm.rank),
					),
			);
		}
	},
	'Reduce_init, Allreduce_init'(comm) {
		const own = new Int32Array(2);
		const result = new Int32Array(2);
		for (const root of ranks(comm)) {
			repeat(
				comm.Reduce_init(own, comm.rank === root ? result : null, { op: MPI.SUM, root }),
				(round) => own.fill(round * comm.rank),
				(round) => {
					if (comm.rank === root) assert.deepEqual([...result], Array(2).fill(round * sumOfRanks(comm)));
				},
			);
		}
		repeat(
			comm.Allreduce_init(own, result, MPI.MAX),
			(round) => own.fill(round * comm.rank),
			(round) => assert.deepEqual([...result], Array(2).fill(round * (comm.size - 1))),
		);
		repeat(
			comm.Allreduce_init(MPI.IN_PLACE, result),
			(round) => result.fill(round * comm.rank),
			(round) => assert.deepEqual([...result], Array(2).fill(round * sumOfRanks(comm))),
		);
	},
	'Reduce_scatter_block_init, Reduce_scatter_init'(comm) {
		const own = new Int32Array(comm.size);
		const result = new Int32Array(1);
		const requests = [
			comm.Reduce_scatter_block_init(own, result),
			comm.Reduce_scatter_init(own, result, { recvcounts: ranks(comm).map(() => 1) }),
			comm.Reduce_scatter_init(own, result),
		];
		for (const request of requests) {
			repeat(
				request,
				(round) => own.set(ranks(comm).map((rank) => round + rank + comm.rank)),
				(round) => assert.equal(result[0], comm.size * (round + comm.rank) + sumOfRanks(comm)),
			);
		}
	},
	'Scan_init, Exscan_init'(comm) {
		const own = new Int32Array(1);
		const result = new Int32Array(1);
		const before = (comm.rank * (comm.rank - 1)) / 2;
		repeat(
			comm.Scan_init(own, result, { op: MPI.SUM }),
			(round) => own.fill(round * comm.rank),
			(round) => assert.equal(result[0], round * (before + comm.rank)),
		);
		repeat(
			comm.Exscan_init(own, result),
			(round) => own.fill(round * comm.rank),
			(round) => assert.ok(comm.rank === 0 || result[0] === round * before),
		);
	},
	'among neighbours'(comm) {
		const cart = comm.Create_cart([comm.size], true);
		const next = (cart.rank + 1) % cart.size;
		const previous = (cart.rank + cart.size - 1) % cart.size;
		const [one, two, got] = [new Int32Array(1), new Int32Array(2), new Int32Array(2)];
		const types = [MPI.INT32_T, MPI.INT32_T];
		for (const method of ['Neighbor_allgather_init', 'Neighbor_allgatherv_init'] as const) {
			repeat(
				cart[method](one, got),
				(round) => one.fill(10 * round + cart.rank),
				(round) => assert.deepEqual([...got], [10 * round + previous, 10 * round + next]),
			);
		}
		const requests = [
			cart.Neighbor_alltoall_init(two, got),
			cart.Neighbor_alltoallv_init(two, got),
			cart.Neighbor_alltoallw_init([two, [1, 1], [0, 4], types], [got, [1, 1], [0, 4], types]),
		];
		for (const request of requests) {
			repeat(
				request,
				(round) => two.set([100 * round + cart.rank, 100 * round + 50 + cart.rank]),
				(round) =>
					assert.deepEqual(
						[...got].sort(),
						[100 * round + (cart.size > 1 ? 50 : 0) + previous, 100 * round + (cart.size > 1 ? 0 : 50) + next].sort(),
					),
			);
		}
		cart.Free();
	},
	async 'awaited, and several at once'(comm) {
		const buffers = ranks(comm).map(() => new Int32Array(1));
		const requests = buffers.map((buffer, root) => comm.Bcast_init(buffer, root));
		for (const round of rounds) {
			buffers.forEach((buffer, root) => buffer.fill(comm.rank === root ? round * (root + 1) : 0));
			MPI.Prequest.Startall(requests);
			if (round === 2) for (const request of requests) await request;
			else MPI.Request.Waitall(requests);
			buffers.forEach((buffer, root) => assert.equal(buffer[0], round * (root + 1)));
		}
		for (const request of requests) request.Free();
	},
	'bad arguments are seen when it is described'(comm) {
		const buffer = new Int32Array(1);
		throwsClass(MPI.ERR_ROOT, () => comm.Bcast_init(buffer, comm.size));
		throwsClass(MPI.ERR_BUFFER, () => comm.Allreduce_init(buffer, buffer));
		throwsClass(MPI.ERR_OP, () => comm.Scan_init(new Float64Array(1), new Float64Array(1), MPI.BAND));
		throwsClass(MPI.ERR_COMM, () => MPI.COMM_NULL.Barrier_init());
		const copy = comm.Dup();
		const request = copy.Bcast_init(buffer);
		copy.Free();
		throwsClass(MPI.ERR_COMM, () => request.Start());
	},
});
