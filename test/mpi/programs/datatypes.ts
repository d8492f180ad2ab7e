/** Derived datatypes: sizes, how they were made, packing; and that data made of them arrive. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

const { Datatype } = MPI;
type Made = readonly [
	name: string,
	make: () => MPI.Datatype,
	sizes: readonly [size: number, lb: number, extent: number, trueLb: number, trueExtent: number],
];

const basics = [MPI.BYTE, MPI.INT16_T, MPI.INT, MPI.DOUBLE, MPI.C_DOUBLE_COMPLEX];

/** Datatypes with the sizes that the standard's formulas give. */
function* derived(of: MPI.Datatype): Generator<Made> {
	const { size: s } = of;
	yield ['DUP', () => of.Dup(), [s, 0, s, 0, s]];
	yield ['CONTIGUOUS', () => of.Create_contiguous(3), [3 * s, 0, 3 * s, 0, 3 * s]];
	yield ['VECTOR', () => of.Create_vector(3, 2, 4), [6 * s, 0, 10 * s, 0, 10 * s]];
	yield ['VECTOR', () => of.Create_vector(2, 1, -3), [2 * s, -3 * s, 4 * s, -3 * s, 4 * s]];
	yield ['HVECTOR', () => of.Create_hvector(2, 1, 48), [2 * s, 0, 48 + s, 0, 48 + s]];
	yield ['INDEXED', () => of.Create_indexed([2, 1], [1, 5]), [3 * s, s, 5 * s, s, 5 * s]];
	yield ['HINDEXED', () => of.Create_hindexed([1, 1], [32, 0]), [2 * s, 0, 32 + s, 0, 32 + s]];
	yield ['INDEXED_BLOCK', () => of.Create_indexed_block(2, [0, 4]), [4 * s, 0, 6 * s, 0, 6 * s]];
	yield ['HINDEXED_BLOCK', () => of.Create_hindexed_block(1, [0, 64]), [2 * s, 0, 64 + s, 0, 64 + s]];
	yield ['STRUCT', () => Datatype.Create_struct([1, 2], [0, 16], [of, of]), [3 * s, 0, 16 + 2 * s, 0, 16 + 2 * s]];
	yield ['SUBARRAY', () => of.Create_subarray([4, 5], [2, 3], [1, 1]), [6 * s, 0, 20 * s, 6 * s, 8 * s]];
	yield ['SUBARRAY', () => of.Create_subarray([4, 5], [2, 3], [1, 1], MPI.ORDER_FORTRAN), [6 * s, 0, 20 * s, 5 * s, 10 * s]];
	yield ['RESIZED', () => of.Create_resized(-4, 100), [s, -4, 100, 0, s]];
}

/** Makes it again from what `decode()` says. */
function remade(type: MPI.Datatype): MPI.Datatype {
	const [base, name, args] = type.decode();
	const method = name === 'DUP' ? 'Dup' : `Create_${name.toLowerCase()}`;
	const made = (base as unknown as Record<string, (...list: unknown[]) => MPI.Datatype>)[method]!(...Object.values(args));
	if (base instanceof Datatype) base.free();
	return made;
}

await withEachComm({
	'sizes and bounds'() {
		for (const of of basics) {
			for (const [name, make, sizes] of derived(of)) {
				const type = make();
				assert.deepEqual([type.size, type.lb, type.extent, type.true_lb, type.true_extent], sizes, `${name} of ${of.name}`);
				assert.deepEqual([type.ub, type.true_ub], [type.lb + type.extent, type.true_lb + type.true_extent]);
				assert.deepEqual([type.is_named, type.is_predefined, type.isCommitted], [false, false, name === 'DUP'], name);
				assert.equal(type.Commit(), type);
				assert.ok(type.isCommitted);
				type.Free();
				throwsClass(MPI.ERR_TYPE, () => type.size);
				throwsClass(MPI.ERR_TYPE, () => type.Free());
			}
		}
	},
	'how it was made'() {
		for (const of of basics) {
			for (const [name, make] of derived(of)) {
				const type = make();
				const [integers, addresses, counts, types] = type.Get_contents();
				assert.deepEqual(type.Get_envelope(), [integers.length, addresses.length, counts.length, types.length, type.combiner]);
				assert.equal((MPI as unknown as Record<string, number>)[`COMBINER_${name}`], type.combiner);
				const again = remade(type);
				assert.deepEqual(again.Get_contents(), type.Get_contents());
				assert.deepEqual([again.size, again.extent, again.true_lb], [type.size, type.extent, type.true_lb]);
				again.Free();
				type.Free();
			}
		}
	},
	'what it was made of may go'() {
		const row = MPI.DOUBLE.Create_contiguous(2);
		const grid = row.Create_vector(2, 1, 2);
		row.Free();
		grid.Commit();
		const [, , , [part]] = grid.Get_contents();
		assert.deepEqual([part!.size, part!.combiner], [16, MPI.COMBINER_CONTIGUOUS]);
		part!.Free();
		const sent = Float64Array.from({ length: 8 }, (_, i) => i);
		const got = new Float64Array(8).fill(-1);
		MPI.COMM_SELF.Sendrecv([sent, 1, grid], 0, 0, [got, 1, grid], 0, 0);
		assert.deepEqual([...got], [0, 1, -1, -1, 4, 5, -1, -1]);
		grid.Free();
	},
	'codes of duplicates'() {
		for (const type of basics) {
			const copy = type.Dup().Dup();
			assert.deepEqual([copy.tocode(), copy.typestr, copy.typechar], [type.tocode(), type.typestr, type.typechar]);
			copy.Free();
		}
		const pair = MPI.INT.Create_contiguous(2);
		assert.deepEqual([pair.typechar, pair.typestr], ['V', 'V8']);
		pair.Set_name('pair');
		assert.equal(pair.name, 'pair');
		pair.Free();
	},
	'a column of a matrix'(comm) {
		const { rank, size } = comm;
		const column = MPI.INT32_T.Create_vector(3, 1, 4).Create_resized(0, 4).Commit();
		const matrix = Int32Array.from({ length: 12 }, (_, i) => 100 * rank + i);
		const all = new Int32Array(3 * size);
		comm.Allgather([matrix, 1, column], all);
		assert.deepEqual([...all], Array.from({ length: size }, (_, from) => [0, 4, 8].map((i) => 100 * from + i)).flat());
		comm.Bcast([matrix.subarray(1), 2, column], 0);
		assert.deepEqual(
			[...matrix],
			Array.from({ length: 12 }, (_, i) => (i % 4 === 1 || i % 4 === 2 ? i : 100 * rank + i)),
		);
		column.Free();
	},
	packing(comm) {
		const type = MPI.INT32_T.Create_vector(2, 1, 2).Commit();
		const memory = Int32Array.of(1, 2, 3, 4, 5, 6);
		const packed = new Uint8Array(type.Pack_size(2, comm) + MPI.DOUBLE.Pack_size(1, comm) + 8);
		let position = type.Pack(memory, packed, 8, comm);
		position = MPI.DOUBLE.Pack(Float64Array.of(0.5), packed, position, comm);
		assert.equal(position, 8 + 16 + 8);
		const got = new Int32Array(6);
		const number = new Float64Array(1);
		assert.equal(MPI.DOUBLE.Unpack(packed, type.Unpack(packed, 8, got, comm), number, comm), position);
		assert.deepEqual([...got], [1, 0, 3, 4, 0, 6]);
		assert.equal(number[0], 0.5);
		comm.Bcast([packed, position, MPI.PACKED]);
		throwsClass(MPI.ERR_BUFFER, () => MPI.DOUBLE.Pack(Float64Array.of(1, 2), new Uint8Array(15), 0, comm));
		throwsClass(MPI.ERR_BUFFER, () => MPI.DOUBLE.Unpack(new Uint8Array(15), 0, new Float64Array(2), comm));
		throwsClass(MPI.ERR_ARG, () => MPI.DOUBLE.Pack(Float64Array.of(1), new Uint8Array(15), -1, comm));
		type.Free();
	},
	attributes() {
		const deleted: number[] = [];
		const copied = Datatype.Create_keyval(
			(_, __, value: number) => value + 1,
			(_, __, value: number) => void deleted.push(value),
		);
		const alone = Datatype.Create_keyval();
		const type = MPI.INT.Create_contiguous(2);
		assert.equal(type.Get_attr(copied), null);
		type.Set_attr(copied, 10);
		type.Set_attr(alone, 'x');
		const copy = type.Dup();
		assert.deepEqual([type.Get_attr(copied), copy.Get_attr(copied), copy.Get_attr(alone)], [10, 11, null]);
		copy.Free();
		type.Delete_attr(copied);
		assert.deepEqual([deleted, type.Get_attr(copied), type.Get_attr(alone)], [[11, 10], null, 'x']);
		type.Free();
		assert.equal(Datatype.Free_keyval(copied), MPI.KEYVAL_INVALID);
		throwsClass(MPI.ERR_KEYVAL, () => MPI.INT.Get_attr(12));
	},
	'parts of elements that have arrived'() {
		const struct = Datatype.Create_struct([1, 1], [0, 8], [MPI.INT, MPI.DOUBLE]).Commit();
		const status = new MPI.Status();
		MPI.COMM_SELF.Sendrecv(new Uint8Array(16), 0, 0, [new Uint8Array(64), 4, struct], 0, 0, status);
		assert.deepEqual([status.Get_count(struct), status.Get_elements(struct)], [MPI.UNDEFINED, 3]);
		struct.Free();
	},
});
