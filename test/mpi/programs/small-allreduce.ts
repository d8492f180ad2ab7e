/**
 * Small Allreduce on many ranks, blocking and as a request, by a sum and by an operation for which the order of the
 * ranks matters: the product of matrices of two rows and columns. Each rank compares with what it has computed itself.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const [rank, size] = [comm.rank, comm.size];
const matrixOf = (of: number): number[] => [1, of % 3, (of + 1) % 2, 1];
const product = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
	[0, 2].flatMap((row) => [0, 1].map((column) => (a[row]! * b[column]! + a[row + 1]! * b[column + 2]!) % 1009));

const matrix = MPI.FLOAT64_T.Create_contiguous(4).Commit();
const multiply = MPI.Op.Create((a, b) => {
	const [left, right] = [a, b].map((view) => new Float64Array((view as Uint8Array).buffer, (view as Uint8Array).byteOffset, 4));
	right!.set(product(left!, right!));
});

for (let round = 0; round < 5; round++) {
	const sums = new Int32Array(3);
	comm.Allreduce(Int32Array.of(rank, 1, round), sums, MPI.SUM);
	assert.deepEqual([...sums], [(size * (size - 1)) / 2, size, size * round]);

	const all = Array.from({ length: size }, (_, of) => matrixOf(of + round));
	const [blocking, request] = [new Float64Array(4), new Float64Array(4)];
	comm.Allreduce([Float64Array.from(all[rank]!), 1, matrix], [blocking, 1, matrix], multiply);
	await comm.Iallreduce([Float64Array.from(all[rank]!), 1, matrix], [request, 1, matrix], multiply);
	const expected = all.reduce(product);
	assert.deepEqual([...blocking], expected);
	assert.deepEqual([...request], expected);
}
console.log(`rank ${rank} agrees`);
