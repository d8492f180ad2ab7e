/**
 * Values with arrays so large that they go beside the value: in messages and in collective operations, from every root;
 * and nothing of them is left.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { ring, withWorld } from '../helpers/cases.js';

const elements = 600_000;

interface Large {
	from: number;
	array: Float64Array;
	bytes: Uint8Array;
	again: Float64Array;
}

/** Two arrays that are large enough, one of them twice, and one that is not. */
function largeOf(from: number): Large {
	const array = new Float64Array(elements).fill(from + 0.5);
	array[elements - 1] = from;
	return { from, array, bytes: new Uint8Array(100_000).fill(from), again: array };
}

function check(value: unknown, from: number): void {
	const large = value as Large;
	assert.equal(large.from, from);
	assert.equal(large.again, large.array, 'one array is one array');
	assert.deepEqual([large.array.length, large.array[0], large.array[elements - 1]], [elements, from + 0.5, from]);
	assert.ok(large.array.every((item, i) => item === from + 0.5 || i === elements - 1));
	assert.deepEqual([large.bytes.length, large.bytes[99_999]], [100_000, from]);
	large.array.fill(-1); // it is the receiver's own
}

await withWorld({
	'blocking messages, one after the other'(comm) {
		for (let round = 0; round < 5; round++) {
			const { next, previous } = ring(comm);
			const sending = comm.isend(largeOf(comm.rank), next, round);
			const status = new MPI.Status();
			check(comm.recv(previous, round, status), previous);
			assert.ok(status.count > elements * 8 + 100_000, String(status.count));
			assert.deepEqual([status.source, status.tag], [previous, round]);
			sending.wait();
		}
	},
	async 'awaited, probed, in both directions, and to oneself'(comm) {
		const { next, previous } = ring(comm);
		const sends = [comm.isend(largeOf(comm.rank), next, 1), comm.isend(largeOf(comm.rank), next, 2), comm.isend(largeOf(9), comm.rank, 3)];
		const later = comm.irecv(previous, 2);
		check(comm.mprobe(previous, 1).recv(), previous);
		check(await later, previous);
		check(await comm.irecv(comm.rank, 3), 9);
		for (const send of sends) await send;
		check(comm.sendrecv(largeOf(comm.rank), next, { source: previous }), previous);
	},
	'what was sent may be changed afterwards'(comm) {
		const { next, previous } = ring(comm);
		if (comm.size === 1) return;
		const large = largeOf(comm.rank);
		const send = (): void => (comm.send(large, next), void large.array.fill(-7));
		const receive = (): void => check(comm.recv(previous), previous);
		for (const step of comm.rank === 0 ? [send, receive] : [receive, send]) step();
	},
	bcast(comm) {
		for (let root = 0; root < comm.size; root++) {
			const own = largeOf(root);
			const value = comm.bcast(comm.rank === root ? own : null, root);
			if (comm.rank === root) assert.equal(value, own);
			else check(value, root);
		}
	},
	scatter(comm) {
		for (let root = 0; root < comm.size; root++) {
			const values = comm.rank === root ? Array.from({ length: comm.size }, (_, rank) => largeOf(10 * root + rank)) : null;
			check(comm.scatter(values, root), 10 * root + comm.rank);
			assert.equal(
				values?.[comm.rank]?.array[0] ?? 0.5,
				comm.rank === root ? 10 * root + comm.rank + 0.5 : 0.5,
				'the root gets a copy of its own',
			);
		}
	},
	gather(comm) {
		for (let root = 0; root < comm.size; root++) {
			// Of those who send, only some send something large.
			const values = comm.gather(comm.rank % 2 === 0 ? largeOf(comm.rank) : 'small', root);
			assert.equal(values === null, comm.rank !== root);
			for (const [rank, value] of (values ?? []).entries()) {
				if (rank % 2 === 0) check(value, rank);
				else assert.equal(value, 'small');
			}
		}
	},
	allgather(comm) {
		const values = comm.allgather(comm.rank % 2 === 0 ? largeOf(comm.rank) : 'small');
		for (const [rank, value] of values.entries()) {
			if (rank % 2 === 0) check(value, rank);
			else assert.equal(value, 'small');
		}
	},
	alltoall(comm) {
		const values = comm.alltoall(Array.from({ length: comm.size }, (_, rank) => largeOf(10 * comm.rank + rank)));
		for (const [rank, value] of values.entries()) check(value, 10 * rank + comm.rank);
	},
	'among neighbours'(comm) {
		const cart = comm.Create_cart([comm.size], [true]);
		const { next, previous } = ring(comm);
		const [before, after] = cart.neighbor_allgather(largeOf(comm.rank));
		check(before, previous);
		check(after, next);
		const [below, above] = cart.neighbor_alltoall([largeOf(comm.rank), largeOf(comm.rank)]);
		check(below, previous);
		check(above, next);
		cart.Free();
	},
	'between two groups'(comm) {
		if (comm.size < 2) return;
		const isLow = comm.rank < comm.size / 2;
		const half = comm.Split(isLow ? 0 : 1);
		const inter = half.Create_intercomm(0, comm, isLow ? Math.ceil(comm.size / 2) : 0);
		const root = isLow ? (comm.rank === 0 ? MPI.ROOT : MPI.PROC_NULL) : 0;
		const value = inter.bcast(comm.rank === 0 ? largeOf(0) : null, root);
		if (!isLow) check(value, 0);
		const gathered = inter.gather(largeOf(comm.rank), root);
		if (root === MPI.ROOT) for (const [i, item] of gathered!.entries()) check(item, Math.ceil(comm.size / 2) + i);
		for (const item of inter.allgather(largeOf(7))) check(item, 7);
		inter.Free();
		half.Free();
	},
	'a value of which something cannot cross leaves nothing'(comm) {
		const list = Array.from({ length: comm.size }, (_, rank) => (rank === comm.size - 1 ? [largeOf(1), Symbol('none')] : largeOf(1)));
		assert.throws(() => comm.alltoall(list), { code: 'ERR_NPROCS_SERIALIZATION' });
		assert.throws(() => comm.isend([largeOf(1), Symbol('none')], 0), { code: 'ERR_NPROCS_SERIALIZATION' });
	},
});
