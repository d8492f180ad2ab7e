/** Collective operations on values: all of them, from every root, with values of every size. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { withEachComm } from '../helpers/cases.js';

/** Around the length of a broadcast's first message, and beyond it; and some that are no text. */
const values: readonly unknown[] = [
	null,
	undefined,
	true,
	7,
	-1.5,
	2n ** 80n,
	'text',
	[1, [2, 3]],
	{ a: { b: new Date(5) } },
	new Map([['k', new Set([1])]]),
	Float64Array.of(1, 2, 3),
	...[236, 240, 244, 246, 248, 250, 252, 256, 300, 70_000].map((length) => 'x'.repeat(length)),
	new Uint8Array(300_000).fill(3),
];

function everyRank(comm: MPI.Comm): number[] {
	return Array.from({ length: comm.size }, (_, rank) => rank);
}

await withEachComm({
	barrier(comm) {
		comm.barrier();
	},
	bcast(comm) {
		for (const root of everyRank(comm)) {
			for (const value of values) assert.deepEqual(comm.bcast(comm.rank === root ? value : 'not this', root), value);
		}
		assert.equal(comm.bcast(comm.rank, { root: comm.size - 1 }), comm.size - 1);
	},
	gather(comm) {
		for (const root of everyRank(comm)) {
			for (const value of values) {
				const all = comm.gather([comm.rank, value], root);
				assert.deepEqual(all, comm.rank === root ? everyRank(comm).map((rank) => [rank, value]) : null);
			}
		}
	},
	scatter(comm) {
		for (const root of everyRank(comm)) {
			for (const value of values) {
				const list = comm.rank === root ? everyRank(comm).map((rank) => [rank, value]) : null;
				assert.deepEqual(comm.scatter(list, root), [comm.rank, value]);
			}
		}
	},
	allgather(comm) {
		for (const value of values)
			assert.deepEqual(
				comm.allgather([comm.rank, value]),
				everyRank(comm).map((rank) => [rank, value]),
			);
		assert.deepEqual(
			comm.allgather('x'.repeat(comm.rank * 100)),
			everyRank(comm).map((rank) => 'x'.repeat(rank * 100)),
		);
	},
	alltoall(comm) {
		for (const value of values) {
			const sent = everyRank(comm).map((to) => [comm.rank, to, value]);
			assert.deepEqual(
				comm.alltoall(sent),
				everyRank(comm).map((from) => [from, comm.rank, value]),
			);
		}
	},
	'reduce and allreduce'(comm) {
		const { rank, size } = comm;
		const sum = (size * (size - 1)) / 2;
		for (const root of everyRank(comm)) {
			assert.equal(comm.reduce(rank, MPI.SUM, root), rank === root ? sum : null);
			assert.equal(
				comm.reduce(String(rank), (a, b) => a + b, root),
				rank === root ? everyRank(comm).join('') : null,
				'in the order of ranks',
			);
			assert.equal(comm.reduce(rank, { op: MPI.MAX, root }), rank === root ? size - 1 : null);
		}
		assert.equal(comm.allreduce(rank), sum);
		assert.equal(
			comm.allreduce(rank + 1, MPI.PROD),
			everyRank(comm).reduce((product, other) => product * (other + 1), 1),
		);
		assert.equal(comm.allreduce(rank, MPI.MIN), 0);
		assert.deepEqual(comm.allreduce([rank % 2, rank] as const, MPI.MAXLOC), [size > 1 ? 1 : 0, size > 1 ? 1 : 0]);
		assert.deepEqual(comm.allreduce([rank], MPI.SUM), everyRank(comm));
		assert.deepEqual(comm.allreduce(Float64Array.of(rank, 1), MPI.SUM), Float64Array.of(sum, size));
		assert.equal(comm.allreduce(String(rank), { op: (a, b) => a + b }), everyRank(comm).join(''));
		assert.equal(comm.allreduce(rank === 0, MPI.LOR), true);
		const own = MPI.Op.Create((a: number, b: number, datatype: MPI.Datatype | null) => (assert.equal(datatype, null), Math.max(a, b)), true);
		assert.equal(comm.allreduce(rank, own), size - 1);
		own.Free();
	},
	'scan and exscan'(comm) {
		const { rank } = comm;
		assert.equal(comm.scan(rank), (rank * (rank + 1)) / 2);
		assert.equal(
			comm.scan(String(rank), (a, b) => a + b),
			everyRank(comm)
				.slice(0, rank + 1)
				.join(''),
		);
		assert.equal(
			comm.exscan(String(rank), (a, b) => a + b),
			rank === 0 ? null : everyRank(comm).slice(0, rank).join(''),
		);
		assert.equal(comm.exscan(rank, { op: MPI.MAX }), rank === 0 ? null : rank - 1);
	},
	'wrong lengths are refused before anything is sent'(comm) {
		const list = new Array<number>(comm.size + 7).fill(0);
		assert.throws(() => comm.scatter(list, comm.rank), {
			code: 'ERR_NPROCS_INVALID_ARG',
			message: new RegExp(`${comm.size} items.* got ${comm.size + 7}`),
		});
		assert.throws(() => comm.scatter(null, comm.rank), /array of/);
		assert.throws(() => comm.alltoall(list), /items/);
		assert.throws(() => comm.alltoall(7 as unknown as number[]), /array/);
		assert.throws(() => comm.reduce(1, 'sum' as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.equal(comm.allreduce(1), comm.size, 'the communicator works as before');
	},
	'what cannot cross is refused'(comm) {
		if (comm.size > 1) return; // others would wait for it
		assert.throws(() => comm.bcast(() => 1), { code: 'ERR_NPROCS_SERIALIZATION' });
		assert.throws(() => comm.allgather({ a: Symbol('s') }), { code: 'ERR_NPROCS_SERIALIZATION' });
	},
	'messages of the program are none of theirs'(comm) {
		const { rank, size } = comm;
		const sending = comm.isend('mine', (rank + 1) % size, 0);
		assert.equal(comm.allreduce(1), size);
		assert.equal(comm.recv<string>(MPI.ANY_SOURCE, MPI.ANY_TAG), 'mine');
		sending.wait();
	},
});
