/** What operations do with values, and with which datatypes they go; nothing here needs an engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predefined } from '#nprocs/mpi/api/datatypes/datatype.js';
import { Exception } from '#nprocs/mpi/api/errors/exception.js';
import { OP_NULL, Op, opHandleFor, predefinedOps } from '#nprocs/mpi/api/ops/op.js';
import { ERR_OP } from '#nprocs/mpi/constants.js';
import { ArgumentError } from 'nprocs';

const { MAX, MIN, SUM, PROD, LAND, LOR, LXOR, BAND, BOR, BXOR, MAXLOC, MINLOC, REPLACE, NO_OP } = predefinedOps;

test('an Op is a function and an Op', () => {
	assert.equal(typeof SUM, 'function');
	assert.ok(SUM instanceof Op);
	assert.equal([1, 2, 3].reduce(SUM), 6);
});

test('numbers', () => {
	assert.equal(MAX(2, 3), 3);
	assert.equal(MAX(3, 2), 3);
	assert.equal(MIN(2, 3), 2);
	assert.equal(SUM(2, 3), 5);
	assert.equal(PROD(2, 3), 6);
	assert.equal(SUM(2n ** 70n, 1n), 2n ** 70n + 1n);
	assert.equal(SUM<unknown>(true, true), 2);
	assert.equal(REPLACE(2, 3), 3);
	assert.equal(NO_OP(2, 3), 2);
});

test('truth values and bits', () => {
	for (const x of [false, true]) {
		for (const y of [false, true]) {
			assert.equal(LAND(x, y), x && y);
			assert.equal(LOR(x, y), x || y);
			assert.equal(LXOR(x, y), x !== y);
			assert.equal(BXOR(x, y), x !== y);
		}
	}
	for (let x = 0; x < 5; x++) {
		for (let y = 0; y < 5; y++) {
			assert.equal(BAND(x, y), x & y);
			assert.equal(BOR(x, y), x | y);
			assert.equal(BXOR(x, y), x ^ y);
		}
	}
	assert.equal(BAND(2 ** 40 + 5, 2 ** 40 + 3), 2 ** 40 + 1, 'bits above the 32nd count');
	assert.equal(BOR(0xf0000000, 1), 0xf0000001, 'no sign appears');
	assert.equal(BAND(0xffn << 64n, 0xf0n << 64n), 0xf0n << 64n);
});

test('lists are joined and compared as lists, texts as texts', () => {
	assert.deepEqual(SUM([1, 2], [3]), [1, 2, 3]);
	assert.deepEqual(MAX([1, 5], [2, 0]), [2, 0]);
	assert.deepEqual(MAX([1], [1, 0]), [1, 0]);
	assert.deepEqual(MIN([1, 2], [1, 2]), [1, 2]);
	assert.equal(SUM('ab', 'cd'), 'abcd');
	assert.equal(MAX('ab', 'b'), 'b');
	const first = new Date(1);
	assert.equal(MIN(first, new Date(2)), first);
});

test('typed arrays are combined element by element into a new one', () => {
	const a = Float64Array.of(1, 5);
	assert.deepEqual(SUM(a, Float64Array.of(2, 3)), Float64Array.of(3, 8));
	assert.deepEqual(MAX(BigInt64Array.of(1n, 5n), BigInt64Array.of(2n, 3n)), BigInt64Array.of(2n, 5n));
	assert.deepEqual(LAND(Uint8Array.of(2, 0), Uint8Array.of(1, 1)), Uint8Array.of(1, 0));
	assert.deepEqual(BXOR(BigUint64Array.of(5n), BigUint64Array.of(1n)), BigUint64Array.of(4n));
	assert.deepEqual(a, Float64Array.of(1, 5), 'the operands stay as they are');
	assert.throws(() => SUM(a, Float64Array.of(1)), ArgumentError);
	assert.throws(() => SUM<unknown>(a, 1), /typed arrays of one kind and length/);
});

test('MAXLOC and MINLOC give the value that wins, and of equals the smaller location', () => {
	const [x, y, i, j] = [[1], [2], [2], [1]];
	assert.equal(MINLOC([x, i], [y, j])[0], x);
	assert.equal(MINLOC([y, j], [x, i])[1], i);
	assert.equal(MAXLOC([x, i], [y, j])[0], y);
	assert.equal(MAXLOC([y, j], [x, i])[1], j);
	assert.deepEqual(MAXLOC([1, 0], [1, 1]), [1, 0]);
	assert.deepEqual(MINLOC([1, 1], [1, 0]), [1, 0]);
	assert.throws(() => MAXLOC<unknown>(1, 2), /pairs \[value, location\]/);
});

test('what cannot be combined is refused', () => {
	assert.throws(() => SUM<unknown>({}, 1), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => SUM<unknown>(1, 1n), /MPI\.SUM cannot combine/);
	assert.throws(() => BAND(0.5, 1), ArgumentError);
	assert.throws(() => MAX<unknown>('a', 1), ArgumentError);
});

test('which elements each operation combines', () => {
	const kinds = {
		int: 'INT',
		uint: 'UINT8_T',
		float: 'DOUBLE',
		bool: 'C_BOOL',
		complex: 'C_DOUBLE_COMPLEX',
		byte: 'BYTE',
		char: 'CHAR',
		pair: 'DOUBLE_INT',
	};
	const fits = (op: Op): string[] => Object.entries(kinds).flatMap(([kind, name]) => (Op.unfit(op, predefined[name]!) === undefined ? [kind] : []));
	for (const op of [MAX, MIN]) assert.deepEqual(fits(op), ['int', 'uint', 'float']);
	for (const op of [SUM, PROD]) assert.deepEqual(fits(op), ['int', 'uint', 'float', 'complex']);
	for (const op of [LAND, LOR, LXOR]) assert.deepEqual(fits(op), ['int', 'uint', 'bool']);
	for (const op of [BAND, BOR, BXOR]) assert.deepEqual(fits(op), ['int', 'uint', 'byte']);
	for (const op of [MAXLOC, MINLOC]) assert.deepEqual(fits(op), ['pair']);
	const refused = (op: unknown, name: string): void => void opHandleFor(op, predefined[name]!);
	const errorOp = (error: unknown): boolean => error instanceof Exception && error.Get_error_class() === ERR_OP;
	assert.throws(() => refused(SUM, 'BYTE'), errorOp);
	assert.throws(() => refused(BAND, 'FLOAT'), errorOp);
	assert.throws(() => refused(REPLACE, 'INT'), errorOp);
	assert.throws(() => refused(OP_NULL, 'INT'), errorOp);
	assert.throws(() => refused((a: number, b: number) => a + b, 'INT'), /MPI\.Op\.Create/);
	assert.equal(opHandleFor(SUM, predefined['INT']!), SUM.handle);
});

test('null and predefined operations', () => {
	assert.throws(() => OP_NULL(1, 2), Exception);
	assert.equal(new Op().handle, 0);
	assert.ok(OP_NULL.is_predefined && SUM.is_predefined);
	assert.throws(() => SUM.Free(), Exception);
	SUM.free();
	assert.equal(SUM(1, 1), 2);
	for (const op of [MAX, MIN, SUM, PROD, LAND, LOR, LXOR, BAND, BOR, BXOR, MAXLOC, MINLOC]) assert.ok(op.Is_commutative() && op.is_commutative);
});
