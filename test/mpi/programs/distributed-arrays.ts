/**
 * Distributed arrays: each process's datatype has the elements that the distribution says, and those of all processes
 * make the whole array. And `external32`.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

const { DISTRIBUTE_BLOCK: BLOCK, DISTRIBUTE_CYCLIC: CYCLIC, DISTRIBUTE_NONE: NONE, DISTRIBUTE_DFLT_DARG: DEFAULT } = MPI;

/** Which process of the dimension has the index, by the standard's words. */
function ownerOf(index: number, size: number, processes: number, distribution: number, darg: number): number {
	if (distribution === NONE) return 0;
	const block = darg !== DEFAULT ? darg : distribution === BLOCK ? Math.ceil(size / processes) : 1;
	return Math.floor(index / block) % processes;
}

interface Distribution {
	readonly gsizes: number[];
	readonly distribs: number[];
	readonly dargs: number[];
	readonly psizes: number[];
}

/**
 * Places in the array, in C's order of memory, of what the process has, in the order in which its elements are sent.
 */
function ownedPlaces({ gsizes, distribs, dargs, psizes }: Distribution, rank: number, order: number): number[] {
	const coords = psizes.map((_, i) => Math.floor(rank / psizes.slice(i + 1).reduce((a, b) => a * b, 1)) % psizes[i]!);
	const total = gsizes.reduce((a, b) => a * b, 1);
	const dims = gsizes.map((_, i) => i);
	if (order === MPI.ORDER_FORTRAN) dims.reverse();
	return Array.from({ length: total }, (_, place) => place).filter((place) => {
		let rest = place;
		for (const i of dims.toReversed()) {
			const index = rest % gsizes[i]!;
			rest = Math.floor(rest / gsizes[i]!);
			if (ownerOf(index, gsizes[i]!, psizes[i]!, distribs[i]!, dargs[i]!) !== coords[i]) return false;
		}
		return true;
	});
}

/** For so many processes. */
function distributions(n: number): Distribution[] {
	const [a, b] = MPI.Compute_dims(n, 2) as [number, number];
	return [
		{ gsizes: [11], distribs: [BLOCK], dargs: [DEFAULT], psizes: [n] },
		{ gsizes: [11], distribs: [CYCLIC], dargs: [2], psizes: [n] },
		{ gsizes: [11], distribs: [BLOCK], dargs: [11], psizes: [n] },
		{ gsizes: [5, 7], distribs: [BLOCK, CYCLIC], dargs: [DEFAULT, DEFAULT], psizes: [a, b] },
		{ gsizes: [6, 5], distribs: [CYCLIC, NONE], dargs: [2, DEFAULT], psizes: [n, 1] },
		{ gsizes: [3, 4, 5], distribs: [NONE, CYCLIC, BLOCK], dargs: [DEFAULT, 3, DEFAULT], psizes: [1, a, b] },
	];
}

await withEachComm({
	'each process has its elements'(comm) {
		for (const distribution of distributions(comm.size)) {
			for (const order of [MPI.ORDER_C, MPI.ORDER_FORTRAN]) {
				const { gsizes, distribs, dargs, psizes } = distribution;
				const total = gsizes.reduce((a, b) => a * b, 1);
				const type = MPI.INT32_T.Create_darray(comm.size, comm.rank, gsizes, distribs, dargs, psizes, order).Commit();
				const owned = ownedPlaces(distribution, comm.rank, order);
				assert.deepEqual([type.size, type.lb, type.extent], [4 * owned.length, 0, 4 * total]);
				const array = Int32Array.from({ length: total }, (_, i) => i);
				const got = new Int32Array(owned.length);
				MPI.COMM_SELF.Sendrecv([array, 1, type], 0, 0, got, 0, 0);
				assert.deepEqual([...got], owned);
				type.Free();
			}
		}
	},
	'all make the whole'(comm) {
		const [{ gsizes, distribs, dargs, psizes }] = distributions(comm.size).slice(3) as [Distribution];
		const types = Array.from({ length: comm.size }, (_, rank) =>
			MPI.DOUBLE.Create_darray(comm.size, rank, gsizes, distribs, dargs, psizes).Commit(),
		);
		const own = new Float64Array(types[comm.rank]!.size / 8).fill(comm.rank);
		const whole = new Float64Array(35).fill(-1);
		const ones = types.map(() => 1);
		const zeros = types.map(() => 0);
		const counts = types.map((_, rank) => (rank === 0 ? own.length : 0));
		const doubles = types.map(() => MPI.DOUBLE);
		comm.Alltoallw([own, counts, zeros, doubles], [whole, comm.rank === 0 ? ones : zeros, zeros, types]);
		if (comm.rank === 0) {
			types.forEach((_, rank) => {
				for (const place of ownedPlaces({ gsizes, distribs, dargs, psizes }, rank, MPI.ORDER_C)) assert.equal(whole[place], rank);
			});
			assert.ok(!whole.includes(-1));
		}
		for (const type of types) type.Free();
	},
	'how it was made'() {
		const type = MPI.INT.Create_darray(2, 1, [4, 3], [BLOCK, NONE], [DEFAULT, DEFAULT], [2, 1], { order: MPI.ORDER_F });
		const [base, name, args] = type.decode();
		assert.deepEqual([base, name], [MPI.INT, 'DARRAY']);
		assert.deepEqual(args, {
			size: 2,
			rank: 1,
			gsizes: [4, 3],
			distribs: [BLOCK, NONE],
			dargs: [DEFAULT, DEFAULT],
			psizes: [2, 1],
			order: MPI.ORDER_F,
		});
		assert.deepEqual(type.Get_envelope(), [12, 0, 0, 1, MPI.COMBINER_DARRAY]);
		const outer = type.Create_contiguous(2);
		const [, , , [inner]] = outer.Get_contents();
		assert.deepEqual([inner!.size, inner!.extent], [type.size, type.extent]);
		for (const each of [inner!, outer, type]) each.Free();
	},
	'what cannot be distributed'() {
		const make = (...[size, rank, gsizes, distribs, dargs, psizes]: [number, number, number[], number[], number[], number[]]): unknown =>
			MPI.INT.Create_darray(size, rank, gsizes, distribs, dargs, psizes);
		throwsClass(MPI.ERR_RANK, () => make(2, 2, [4], [BLOCK], [DEFAULT], [2]));
		throwsClass(MPI.ERR_ARG, () => make(2, 0, [4], [BLOCK], [1], [2]));
		throwsClass(MPI.ERR_ARG, () => make(2, 0, [4], [NONE], [DEFAULT], [2]));
		throwsClass(MPI.ERR_ARG, () => make(3, 0, [4], [BLOCK], [DEFAULT], [2]));
		throwsClass(MPI.ERR_ARG, () => make(2, 0, [4], [CYCLIC], [0], [2]));
		throwsClass(MPI.ERR_ARG, () => make(1, 0, [4], [7], [DEFAULT], [1]));
		throwsClass(MPI.ERR_ARG, () => make(1, 0, [], [], [], []));
		throwsClass(MPI.ERR_ARG, () => make(1, 0, [4, 4], [BLOCK], [DEFAULT], [1]));
	},
	external32(comm) {
		const sizes = {
			CHAR: 1,
			WCHAR: 2,
			SHORT: 2,
			INT: 4,
			LONG: 4,
			LONG_LONG: 8,
			FLOAT: 4,
			DOUBLE: 8,
			C_BOOL: 1,
			AINT: 8,
			C_DOUBLE_COMPLEX: 16,
			DOUBLE_INT: 12,
			SHORT_INT: 6,
			LONG_INT: 8,
		};
		for (const [name, size] of Object.entries(sizes)) {
			assert.equal((MPI as unknown as Record<string, MPI.Datatype>)[name]!.Pack_external_size('external32', 3), 3 * size, name);
		}
		const packed = new Uint8Array(16);
		assert.equal(MPI.INT.Pack_external('external32', Int32Array.of(1, -2), packed, 4), 12);
		assert.deepEqual([...packed], [0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 254, 0, 0, 0, 0]);
		const got = new Int32Array(2);
		assert.equal(MPI.INT.Unpack_external('external32', packed, 4, got), 12);
		assert.deepEqual([...got], [1, -2]);
		assert.equal(MPI.LONG.Pack_external('external32', BigInt64Array.of(-5n, 7n), packed, 0), 8);
		const longs = new BigInt64Array(2);
		MPI.LONG.Unpack_external('external32', packed, 0, longs);
		assert.deepEqual([...longs], [-5n, 7n]);
		const struct = MPI.Datatype.Create_struct([2, 1], [0, 8], [MPI.INT16_T, MPI.DOUBLE]).Commit();
		const memory = new DataView(new ArrayBuffer(16));
		memory.setInt16(0, 258, true);
		memory.setInt16(2, -1, true);
		memory.setFloat64(8, 0.5, true);
		assert.equal(struct.Pack_external('external32', memory, packed, 0), 12);
		assert.deepEqual([...packed.subarray(0, 12)], [1, 2, 255, 255, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]);
		const back = new DataView(new ArrayBuffer(16));
		struct.Unpack_external('external32', packed, 0, back);
		assert.deepEqual([back.getInt16(0, true), back.getInt16(2, true), back.getFloat64(8, true)], [258, -1, 0.5]);
		struct.Free();
		throwsClass(MPI.ERR_CONVERSION, () => MPI.LONG.Pack_external('external32', BigInt64Array.of(2n ** 40n), packed, 0));
		throwsClass(MPI.ERR_ARG, () => MPI.INT.Pack_external('native', got, packed, 0));
		throwsClass(MPI.ERR_BUFFER, () => MPI.INT.Pack_external('external32', got, new Uint8Array(7), 0));
		throwsClass(MPI.ERR_BUFFER, () => MPI.INT.Unpack_external('external32', new Uint8Array(7), 0, got));
		assert.equal(comm.allreduce(1), comm.size);
	},
	'datatypes by what they hold'() {
		assert.equal(MPI.Datatype.Match_size(MPI.TYPECLASS_REAL, 8), MPI.DOUBLE);
		assert.equal(MPI.Datatype.Match_size(MPI.TYPECLASS_INTEGER, 2), MPI.INT16_T);
		assert.equal(MPI.Datatype.Match_size(MPI.TYPECLASS_COMPLEX, 16), MPI.C_DOUBLE_COMPLEX);
		assert.deepEqual(
			[2, 4, 9, 18].map((r) => MPI.Datatype.Create_f90_integer(r)),
			[MPI.INT8_T, MPI.INT16_T, MPI.INT32_T, MPI.INT64_T],
		);
		assert.equal(MPI.Datatype.Create_f90_real(6, MPI.UNDEFINED), MPI.FLOAT);
		assert.equal(MPI.Datatype.Create_f90_real(7, 30), MPI.DOUBLE);
		assert.equal(MPI.Datatype.Create_f90_complex(MPI.UNDEFINED, 100), MPI.C_DOUBLE_COMPLEX);
		throwsClass(MPI.ERR_ARG, () => MPI.Datatype.Match_size(MPI.TYPECLASS_REAL, 3));
		throwsClass(MPI.ERR_ARG, () => MPI.Datatype.Create_f90_integer(19));
		throwsClass(MPI.ERR_ARG, () => MPI.Datatype.Create_f90_real(16, 1));
		assert.equal(MPI.INTEGER, MPI.INT);
	},
});
