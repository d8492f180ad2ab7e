/** Operations on buffers: the program's own, and on memory of one rank alone. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

await withEachComm({
	'an operation of the program’s own sees typed arrays'(comm) {
		for (const isCommutative of [true, false]) {
			const sum = MPI.Op.Create((a: Float64Array, inout: Float64Array, type) => {
				assert.equal(type, MPI.DOUBLE);
				assert.ok(a instanceof Float64Array && a.length === inout.length);
				for (let i = 0; i < a.length; i++) inout[i]! += a[i]!;
			}, isCommutative);
			assert.ok(!sum.is_predefined && sum.Is_commutative() === isCommutative);
			const result = new Float64Array(3);
			comm.Allreduce(Float64Array.of(comm.rank, 1, -comm.rank), result, sum);
			const total = (comm.size * (comm.size - 1)) / 2;
			assert.deepEqual(result, Float64Array.of(total, comm.size, -total));
			sum.Free();
			throwsClass(MPI.ERR_OP, () => comm.Allreduce(result, new Float64Array(3), sum));
			throwsClass(MPI.ERR_OP, () => sum.Free());
		}
	},
	'what it throws is caught by the caller'(comm) {
		if (comm.size > 1) return; // others would be left waiting
		const bad = MPI.Op.Create(() => {
			throw new RangeError('thrown in an operation');
		});
		assert.throws(() => bad.Reduce_local(Int32Array.of(1), Int32Array.of(2)), /thrown in an operation/);
		bad.Free();
		assert.throws(() => MPI.Op.Create(7 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'many at once'() {
		const ops = Array.from({ length: 12 }, (_, i) =>
			MPI.Op.Create((a: Int32Array, inout: Int32Array) => {
				inout[0] = a[0]! * 100 + inout[0]! * 10 + i;
			}),
		);
		ops.forEach((op, i) => {
			const inout = Int32Array.of(2);
			op.Reduce_local(Int32Array.of(1), inout);
			assert.equal(inout[0], 120 + i);
		});
		for (const op of ops) op.Free();
	},
	'on memory of one rank'() {
		for (const [op, expected] of [
			[MPI.SUM, [5, 7]],
			[MPI.PROD, [6, 12]],
			[MPI.MAX, [3, 4]],
			[MPI.MIN, [2, 3]],
			[MPI.BXOR, [1, 7]],
		] as const) {
			const inout = Int16Array.of(3, 4);
			op.Reduce_local(Int16Array.of(2, 3), inout);
			assert.deepEqual([...inout], expected);
		}
		throwsClass(MPI.ERR_COUNT, () => MPI.SUM.Reduce_local(Int16Array.of(1), Int16Array.of(1, 2)));
		throwsClass(MPI.ERR_TYPE, () => MPI.SUM.Reduce_local(Int16Array.of(1), Int32Array.of(1)));
		throwsClass(MPI.ERR_OP, () => MPI.BAND.Reduce_local(Float64Array.of(1), Float64Array.of(1)));
		const one = Int16Array.of(1);
		throwsClass(MPI.ERR_BUFFER, () => MPI.SUM.Reduce_local(one, one));
	},
	async 'within a request, in the order of ranks'(comm) {
		const join = MPI.Op.Create((a: Uint32Array, inout: Uint32Array) => {
			for (let i = 0; i < a.length; i++) inout[i] = composed(a[i]!, inout[i]!);
		});
		const all = Array.from({ length: comm.size }, (_, rank) => (rank + 2) | ((rank + 1) << 8));
		const result = new Uint32Array(1);
		await comm.Iallreduce(Uint32Array.of(all[comm.rank]!), result, join);
		assert.equal(result[0], all.reduce(composed));
		await comm.Iscan(Uint32Array.of(all[comm.rank]!), result, join);
		assert.equal(result[0], all.slice(0, comm.rank + 1).reduce(composed));
		join.Free();
	},
});

/** The functions x → a·x + b modulo 256, one after the other: associative, but not commutative. */
function composed(f: number, g: number): number {
	const [a, b, c, d] = [f & 0xff, f >> 8, g & 0xff, g >> 8];
	return ((a * c) & 0xff) | (((b * c + d) & 0xff) << 8);
}
