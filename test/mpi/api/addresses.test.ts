/** Addresses of memory, and how far apart they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MPI } from 'nprocs/mpi';

test('within one ArrayBuffer, the distance of two addresses is that of their bytes', () => {
	const array = new Float64Array(10);
	const start = MPI.Get_address(array);
	assert.equal(MPI.Get_address(array.subarray(3)) - start, 24);
	assert.equal(MPI.Get_address(array.buffer), start);
	assert.equal(MPI.Get_address(new DataView(array.buffer, 16)), start + 16);
	assert.equal(MPI.Aint_diff(MPI.Get_address(array.subarray(3)), start), 24);
	assert.equal(MPI.Aint_add(start, 24), MPI.Get_address(array.subarray(3)));
});

test('an address stays, is an integer above 0, and no two arrays share one', () => {
	const arrays = Array.from({ length: 50 }, (_, i) => new Uint8Array(i * 1000));
	const addresses = arrays.map((array) => MPI.Get_address(array));
	assert.deepEqual(
		arrays.map((array) => MPI.Get_address(array)),
		addresses,
	);
	const ends = addresses.map((address, i) => address + arrays[i]!.length);
	for (const [i, address] of addresses.entries()) {
		assert.ok(Number.isSafeInteger(address) && address > 0);
		for (const [k, other] of addresses.entries()) if (k !== i) assert.ok(ends[i]! < other || ends[k]! < address);
	}
});

test('sums and differences of addresses are exact, also below 0', () => {
	assert.equal(MPI.Aint_add(2 ** 40, -1), 2 ** 40 - 1);
	assert.equal(MPI.Aint_diff(2 ** 32, 2 ** 40), 2 ** 32 - 2 ** 40);
	assert.equal(MPI.Aint_diff(MPI.Aint_add(2 ** 52, 7), 2 ** 52), 7);
});

test('what is no memory, and what is no address, is refused', () => {
	assert.throws(() => MPI.Get_address('text' as never), { code: /^ERR_NPROCS_/ });
	assert.throws(() => MPI.Get_address([1, 2] as never), { code: /^ERR_NPROCS_/ });
	assert.throws(() => MPI.Aint_add(0.5, 1), { code: /^ERR_NPROCS_/ });
	assert.throws(() => MPI.Aint_diff(1, '1' as never), { code: /^ERR_NPROCS_/ });
});

test('displacements of a structure, taken from addresses, place its members', () => {
	const memory = new ArrayBuffer(24);
	const [number, numbers] = [new Int32Array(memory, 0, 1), new Float64Array(memory, 8, 2)];
	const base = MPI.Get_address(memory);
	const displacements = [number, numbers].map((member) => MPI.Aint_diff(MPI.Get_address(member), base));
	const type = MPI.Datatype.Create_struct([1, 2], displacements, [MPI.INT, MPI.DOUBLE]).Commit();
	assert.deepEqual([type.Get_size(), type.Get_extent()], [20, [0, 24]]);
	[number[0], numbers[0], numbers[1]] = [7, 1.5, 2.5];
	const copy = new ArrayBuffer(24);
	MPI.COMM_SELF.Sendrecv([memory, 1, type], 0, 0, [copy, 1, type], 0, 0);
	assert.deepEqual([new Int32Array(copy)[0], ...new Float64Array(copy, 8)], [7, 1.5, 2.5]);
	type.Free();
});
