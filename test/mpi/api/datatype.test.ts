/** Predefined datatypes: sizes, names, codes; and which arguments derived ones refuse. Nothing here needs an engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aliveHandle, DATATYPE_NULL, Datatype, predefined } from '#nprocs/mpi/api/datatypes/datatype.js';
import { Exception } from '#nprocs/mpi/api/errors/exception.js';
import * as constants from '#nprocs/mpi/constants.js';
import { ArgumentError } from 'nprocs';

const { INT, DOUBLE, BYTE, SHORT_INT, INT_INT } = predefined as Record<string, Datatype>;
const all = Object.values(predefined);

function throwsClass(errorClass: number, call: () => unknown): void {
	assert.throws(call, (error) => error instanceof Exception && error.Get_error_class() === errorClass);
}

test('sizes and bounds', () => {
	for (const type of all) {
		assert.deepEqual(type.Get_extent(), [type.lb, type.extent]);
		assert.equal(type.ub, type.lb + type.extent);
		assert.deepEqual(type.Get_true_extent(), [type.true_lb, type.true_extent]);
		assert.equal(type.Get_size(), type.size);
		assert.ok(type.size > 0 && type.size <= type.true_extent && type.true_extent <= type.extent);
	}
	assert.deepEqual([DOUBLE!.size, INT!.extent, INT_INT!.size], [8, 4, 8]);
	assert.deepEqual([SHORT_INT!.size, SHORT_INT!.true_extent, SHORT_INT!.extent], [6, 8, 8]);
	assert.deepEqual([predefined['DOUBLE_INT']!.size, predefined['DOUBLE_INT']!.true_extent, predefined['DOUBLE_INT']!.extent], [12, 12, 16]);
});

test('one object each, whatever the name', () => {
	assert.equal(predefined['TWOINT'], INT_INT);
	assert.equal(predefined['C_COMPLEX'], predefined['C_FLOAT_COMPLEX']);
	assert.equal(DATATYPE_NULL.handle, 0);
	assert.equal(new Datatype().handle, 0);
});

test('names and codes', () => {
	assert.equal(DATATYPE_NULL.Get_name(), 'MPI_DATATYPE_NULL');
	assert.equal(INT!.name, 'MPI_INT');
	assert.deepEqual([DOUBLE!.typechar, DOUBLE!.typestr, DOUBLE!.tocode()], ['d', 'f8', 'd']);
	assert.deepEqual([predefined['INT32_T']!.typechar, predefined['INT32_T']!.typestr, predefined['INT32_T']!.tocode()], ['i', 'i4', 'i4']);
	assert.deepEqual([INT_INT!.typechar, INT_INT!.typestr], ['V', 'V8']);
	assert.deepEqual([DATATYPE_NULL.typechar, DATATYPE_NULL.typestr], ['', '']);
	for (const type of all.filter(({ predefined: known }) => known!.kind !== 'pair')) {
		const back = Datatype.fromcode(type.tocode());
		assert.equal(back.typechar, type.typechar, type.name);
		assert.equal(back.typestr, type.typestr, type.name);
	}
	for (const code of ['abc@xyz', 'constructor', 7 as unknown as string]) assert.throws(() => Datatype.fromcode(code), ArgumentError);
	assert.throws(() => DATATYPE_NULL.tocode(), ArgumentError);
	assert.throws(() => INT_INT!.tocode(), ArgumentError);
});

test('predefined ones were made from nothing', () => {
	for (const type of all) {
		assert.deepEqual(type.Get_envelope(), [0, 0, 0, 0, constants.COMBINER_NAMED]);
		assert.ok(type.is_named && type.is_predefined && type.isCommitted);
		assert.deepEqual(type.decode(), [type, 'NAMED', {}]);
		throwsClass(constants.ERR_TYPE, () => type.Get_contents());
		throwsClass(constants.ERR_TYPE, () => type.Free());
		type.free();
	}
});

test('pairs for MAXLOC and MINLOC', () => {
	for (const name of ['SHORT', 'LONG', 'FLOAT', 'DOUBLE']) {
		assert.equal(Datatype.Get_value_index(predefined[name]!, INT!), predefined[`${name}_INT`]);
		assert.equal(Datatype.Get_value_index(predefined[name]!, predefined['FLOAT']!), DATATYPE_NULL);
	}
	assert.equal(Datatype.Get_value_index(INT!, INT!), INT_INT);
	throwsClass(constants.ERR_TYPE, () => Datatype.Get_value_index(DATATYPE_NULL, INT!));
});

test('what the null datatype refuses', () => {
	throwsClass(constants.ERR_TYPE, () => DATATYPE_NULL.size);
	throwsClass(constants.ERR_TYPE, () => DATATYPE_NULL.Get_extent());
	throwsClass(constants.ERR_TYPE, () => DATATYPE_NULL.Commit());
	throwsClass(constants.ERR_TYPE, () => DATATYPE_NULL.Free());
	throwsClass(constants.ERR_TYPE, () => DATATYPE_NULL.Dup());
	DATATYPE_NULL.free();
	throwsClass(constants.ERR_TYPE, () => aliveHandle(DATATYPE_NULL));
	assert.throws(() => aliveHandle('d'), /MPI\.DOUBLE/);
});

test('bad arguments are refused before any engine is asked', () => {
	throwsClass(constants.ERR_COUNT, () => INT!.Create_contiguous(-1));
	throwsClass(constants.ERR_COUNT, () => INT!.Create_vector(-1, 1, 1));
	throwsClass(constants.ERR_ARG, () => INT!.Create_vector(1, -1, 1));
	throwsClass(constants.ERR_ARG, () => INT!.Create_indexed([1, 2], [0]));
	throwsClass(constants.ERR_ARG, () => INT!.Create_hindexed([1, -2], [0, 4]));
	throwsClass(constants.ERR_ARG, () => Datatype.Create_struct([1], [0], [INT!, DOUBLE!]));
	throwsClass(constants.ERR_TYPE, () => Datatype.Create_struct([1], [0], [DATATYPE_NULL]));
	throwsClass(constants.ERR_ARG, () => BYTE!.Create_subarray([4], [2], [3]));
	throwsClass(constants.ERR_ARG, () => BYTE!.Create_subarray([4, 4], [2], [3]));
	throwsClass(constants.ERR_ARG, () => BYTE!.Create_subarray([], [], []));
	throwsClass(constants.ERR_ARG, () => BYTE!.Create_subarray([4], [2], [1], 3));
	for (const count of [1.5, Number.NaN, '1', undefined] as number[]) assert.throws(() => INT!.Create_contiguous(count), ArgumentError);
	assert.throws(() => INT!.Create_indexed(3 as unknown as number[], [0]), /array of numbers/);
	throwsClass(constants.ERR_COUNT, () => INT!.Create_contiguous(2 ** 31));
});
