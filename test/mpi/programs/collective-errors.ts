/**
 * What collective operations refuse, before any engine is asked: the same class on every engine, and the communicator
 * works as before.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

const { ERR_ARG, ERR_BUFFER, ERR_COUNT, ERR_OP, ERR_ROOT, ERR_TRUNCATE, ERR_TYPE, IN_PLACE, SUM } = MPI;
const one = (): Float64Array => new Float64Array(1);

function refuses(comm: MPI.Intracomm, errorClass: number, call: () => unknown): void {
	throwsClass(errorClass, call);
	const all = new Int32Array(comm.size);
	comm.Allgather(Int32Array.of(comm.rank), all);
	assert.deepEqual([...all], [...all.keys()], 'the communicator works as before');
}

await withEachComm({
	roots(comm) {
		for (const root of [-1, comm.size, -5]) {
			refuses(comm, ERR_ROOT, () => comm.Bcast(one(), root));
			refuses(comm, ERR_ROOT, () => comm.Gather(one(), one(), root));
			refuses(comm, ERR_ROOT, () => comm.Scatter(one(), one(), root));
			refuses(comm, ERR_ROOT, () => comm.Reduce(one(), one(), SUM, root));
			refuses(comm, ERR_ROOT, () => comm.Ibcast(one(), { root }));
			refuses(comm, ERR_ROOT, () => comm.bcast(1, root));
			refuses(comm, ERR_ROOT, () => comm.gather(1, { root }));
			refuses(comm, ERR_ROOT, () => comm.reduce(1, SUM, root));
		}
		assert.throws(() => comm.Bcast(one(), '0' as unknown as number), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.throws(() => comm.Bcast(one(), { rot: 1 } as never), /Did you mean `root`/);
	},
	'IN_PLACE where it means nothing'(comm) {
		const { rank, size } = comm;
		const other = (rank + 1) % size;
		refuses(comm, ERR_BUFFER, () => comm.Bcast(IN_PLACE as unknown as Float64Array));
		refuses(comm, ERR_BUFFER, () => comm.Gather(one(), IN_PLACE as unknown as Float64Array, rank));
		refuses(comm, ERR_BUFFER, () => comm.Allgather(one(), IN_PLACE as unknown as Float64Array));
		refuses(comm, ERR_BUFFER, () => comm.Alltoall(new Float64Array(size), IN_PLACE as unknown as Float64Array));
		refuses(comm, ERR_BUFFER, () => comm.Allreduce(one(), IN_PLACE as unknown as Float64Array));
		refuses(comm, ERR_BUFFER, () => comm.Reduce(one(), IN_PLACE as unknown as Float64Array, SUM, rank));
		if (size === 1) return;
		throwsClass(ERR_BUFFER, () => comm.Gather(IN_PLACE, null, other));
		throwsClass(ERR_BUFFER, () => comm.Scatter(null, IN_PLACE, other));
		throwsClass(ERR_BUFFER, () => comm.Reduce(IN_PLACE, null, SUM, other));
	},
	'buffers that are missing, too small, or of the wrong size'(comm) {
		const { rank, size } = comm;
		refuses(comm, ERR_BUFFER, () => comm.Allgather(one(), null as unknown as Float64Array));
		refuses(comm, ERR_BUFFER, () => comm.Gather(one(), null, rank));
		refuses(comm, ERR_BUFFER, () => comm.Scatter(null, one(), rank));
		refuses(comm, ERR_TRUNCATE, () => comm.Allgather(new Float64Array(2), new Float64Array(size)));
		refuses(comm, ERR_TRUNCATE, () => comm.Scatter(new Float64Array(2 * size), one(), rank));
		refuses(comm, ERR_TRUNCATE, () => comm.Allreduce(new Float64Array(5), new Float64Array(3)));
		refuses(comm, ERR_COUNT, () => comm.Allreduce(new Float64Array(3), new Float64Array(5)));
		refuses(comm, ERR_BUFFER, () => comm.Allgather(one(), [new Float64Array(size), 2, MPI.DOUBLE]));
		refuses(comm, ERR_BUFFER, () => comm.Bcast([one(), 2, MPI.DOUBLE]));
		refuses(comm, ERR_COUNT, () => comm.Bcast([one(), -1, MPI.DOUBLE]));
		refuses(comm, ERR_COUNT, () => comm.Bcast([new Uint8Array(9), MPI.DOUBLE]));
		if (size > 1) refuses(comm, ERR_COUNT, () => comm.Allgather(one(), new Float64Array(size + 1)));
		const uneven = new Float64Array(size + 1);
		comm.Allgatherv(
			Float64Array.from({ length: rank === 0 ? 2 : 1 }, () => rank),
			uneven,
		);
		assert.deepEqual([...uneven], [0, ...Array(size).keys()], 'without counts the first parts are longer');
	},
	'lists of counts and displacements'(comm) {
		const { rank, size } = comm;
		const counts = new Array<number>(size).fill(1);
		const room = new Float64Array(size);
		refuses(comm, ERR_COUNT, () => comm.Allgatherv(one(), [room, counts.map(() => -1)]));
		refuses(comm, ERR_BUFFER, () => comm.Allgatherv(one(), [room, counts, counts.map(() => size), MPI.DOUBLE]));
		refuses(comm, ERR_BUFFER, () => comm.Allgatherv(one(), [room, counts, counts.map(() => -1), MPI.DOUBLE]));
		refuses(comm, ERR_BUFFER, () => comm.Gatherv(one(), [room, counts.map(() => size + 1)], rank));
		refuses(comm, ERR_TRUNCATE, () => comm.Allgatherv(new Float64Array(3), [room, counts]));
		refuses(comm, ERR_ARG, () => comm.Reduce_scatter(room, one(), [...counts, 1]));
		refuses(comm, ERR_COUNT, () => comm.Reduce_scatter(room, one(), [...counts.slice(1), 2]));
		refuses(comm, ERR_ARG, () => comm.Reduce_scatter(IN_PLACE, room));
	},
	'buffers that overlap'(comm) {
		const { size } = comm;
		const array = new Float64Array(size + 3);
		refuses(comm, ERR_BUFFER, () => comm.Allreduce(array, array));
		refuses(comm, ERR_BUFFER, () => comm.Allreduce(array.subarray(0, 2), array.subarray(1, 3)));
		refuses(comm, ERR_BUFFER, () => comm.Scan(array, array));
		refuses(comm, ERR_BUFFER, () => comm.Allgather(array.subarray(1, 2), array.subarray(0, size + 1 > 2 ? size : 2)));
		refuses(comm, ERR_BUFFER, () => comm.Allgatherv(array.subarray(0, 1), [array, new Array<number>(size).fill(1)]));
		const apart = Float64Array.from(array, (_, i) => i);
		comm.Allreduce(apart.subarray(0, 1), apart.subarray(1, 2), MPI.MAX);
		assert.equal(apart[1], 0, 'parts of one array that do not overlap are two buffers');
	},
	'operations and datatypes that do not go together'(comm) {
		const [bytes, result] = [new Uint8Array(8), new Uint8Array(8)];
		refuses(comm, ERR_OP, () => comm.Allreduce([bytes, MPI.BYTE], [result, MPI.BYTE], SUM));
		refuses(comm, ERR_OP, () => comm.Allreduce(one(), one(), MPI.BAND));
		refuses(comm, ERR_OP, () => comm.Allreduce(one(), one(), MPI.MAXLOC));
		refuses(comm, ERR_OP, () => comm.Allreduce(one(), one(), MPI.OP_NULL));
		refuses(comm, ERR_OP, () => comm.Reduce(one(), one(), MPI.REPLACE));
		refuses(comm, ERR_TYPE, () => comm.Allreduce(one(), new Int32Array(1)));
		refuses(comm, ERR_TYPE, () => comm.Allreduce([bytes, MPI.DATATYPE_NULL], [result, MPI.DATATYPE_NULL]));
		const pair = MPI.DOUBLE.Create_contiguous(2);
		refuses(comm, ERR_TYPE, () => comm.Bcast([new Float64Array(2), 1, pair]));
		pair.Commit();
		refuses(comm, ERR_OP, () => comm.Allreduce([new Float64Array(2), 1, pair], [new Float64Array(2), 1, pair]));
		comm.Bcast([new Float64Array(2), 1, pair]);
		pair.Free();
		refuses(comm, ERR_TYPE, () => comm.Bcast([new Float64Array(2), 1, pair]));
		assert.throws(() => comm.Allreduce(one(), one(), ((a: number, b: number) => a + b) as never), /MPI\.Op\.Create/);
		comm.Allreduce([Int32Array.of(1), MPI.INT], new Int32Array(1));
	},
	'no communicator'() {
		throwsClass(MPI.ERR_COMM, () => MPI.COMM_NULL.Barrier());
		throwsClass(MPI.ERR_COMM, () => MPI.COMM_NULL.Bcast(one()));
		throwsClass(MPI.ERR_COMM, () => MPI.COMM_NULL.bcast(1));
	},
});
