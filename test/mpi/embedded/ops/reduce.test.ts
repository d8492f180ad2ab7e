/**
 * The predefined operations: which is defined for which datatype, and what each computes, against arithmetic done
 * apart. `NPROCS_TEST_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelOf } from '#nprocs/mpi/embedded/ops/reduce.js';
import { opHandles, predefinedDatatypes, type PredefinedDatatype } from '#nprocs/mpi/handles.js';
import { randomFrom } from '../collectives/simulated-world.js';

const seed = Number(process.env.NPROCS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed}`);
const random = randomFrom(seed);

type OpName = keyof typeof opHandles;

/** The standard's table, but for PACKED and what stands for characters, which take part in nothing. */
const defined: Readonly<Record<PredefinedDatatype['kind'], readonly OpName[]>> = {
	int: ['MAX', 'MIN', 'SUM', 'PROD', 'LAND', 'LOR', 'LXOR', 'BAND', 'BOR', 'BXOR'],
	uint: ['MAX', 'MIN', 'SUM', 'PROD', 'LAND', 'LOR', 'LXOR', 'BAND', 'BOR', 'BXOR'],
	float: ['MAX', 'MIN', 'SUM', 'PROD'],
	complex: ['SUM', 'PROD'],
	bool: ['LAND', 'LOR', 'LXOR'],
	byte: ['BAND', 'BOR', 'BXOR'],
	char: [],
	pair: ['MAXLOC', 'MINLOC'],
};

test('which operation is defined for which datatype', () => {
	for (const { handle, kind, name } of predefinedDatatypes) {
		for (const [op, opHandle] of Object.entries(opHandles)) {
			const isDefined = defined[kind].includes(op as OpName) || op === 'REPLACE' || op === 'NO_OP';
			assert.equal(kernelOf(opHandle, handle) !== undefined, isDefined, `${op} of ${name}`);
		}
	}
});

type Value = number | bigint;

/** Reads and writes values of a kind and a size in bytes, through a DataView. */
function access({ kind, size }: { kind: string; size: number }): {
	get(view: DataView, at: number): Value;
	set(view: DataView, at: number, value: Value): void;
} {
	const name = kind === 'float' ? `Float${size * 8}` : `${size === 8 ? 'Big' : ''}${kind === 'int' ? 'Int' : 'Uint'}${size * 8}`;
	return {
		get: (view, at) => (view as any)[`get${name}`](at, true),
		set: (view, at, value) => (view as any)[`set${name}`](at, value, true),
	};
}

/** What the operation gives, of integers exactly. */
const integerResults: Partial<Record<OpName, (a: bigint, b: bigint) => bigint>> = {
	MAX: (a, b) => (a > b ? a : b),
	MIN: (a, b) => (a < b ? a : b),
	SUM: (a, b) => a + b,
	PROD: (a, b) => a * b,
	LAND: (a, b) => (a !== 0n && b !== 0n ? 1n : 0n),
	LOR: (a, b) => (a !== 0n || b !== 0n ? 1n : 0n),
	LXOR: (a, b) => ((a !== 0n) !== (b !== 0n) ? 1n : 0n),
	BAND: (a, b) => a & b,
	BOR: (a, b) => a | b,
	BXOR: (a, b) => a ^ b,
};

function someInteger(kind: string, size: number): bigint {
	const bits = BigInt(Math.floor(random() * 2 ** 32)) * 0x1_0000_0001n;
	const special = [0n, 1n, -1n, 2n, 1n << BigInt(size * 8 - 1), (1n << BigInt(size * 8 - 1)) - 1n];
	const value = random() < 0.4 ? special[Math.floor(random() * special.length)]! : bits ^ (BigInt(Math.floor(random() * 2 ** 32)) << 13n);
	return kind === 'int' ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value);
}

/** Few and many, at addresses that are multiples of the size and at others. */
const shapes = [1, 3, 40, 1500].flatMap((count) => [0, 1, 4].map((shift) => ({ count, shift })));

test('integers of every size, exactly and with wrap-around', () => {
	for (const { handle, kind, size } of predefinedDatatypes) {
		if (kind !== 'int' && kind !== 'uint' && kind !== 'byte' && kind !== 'bool') continue;
		const as = { kind: kind === 'int' ? 'int' : 'uint', size };
		const { get, set } = access(as);
		const [toValue, toBig] = [(big: bigint): Value => (size === 8 ? big : Number(big)), (value: Value): bigint => BigInt(value)];
		for (const op of defined[kind]) {
			for (const { count, shift } of shapes) {
				const [a, b] = [0, 1].map(() => new Uint8Array(new ArrayBuffer(count * size + 8), shift, count * size)) as [Uint8Array, Uint8Array];
				const [viewA, viewB] = [a, b].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)) as [DataView, DataView];
				const expected: Value[] = [];
				for (let i = 0; i < count; i++) {
					const [x, y] = [someInteger(as.kind, size), someInteger(as.kind, size)];
					set(viewA, i * size, toValue(x));
					set(viewB, i * size, toValue(y));
					const result = integerResults[op]!(x, y);
					expected.push(toValue(as.kind === 'int' ? BigInt.asIntN(size * 8, result) : BigInt.asUintN(size * 8, result)));
				}
				const before = a.slice();
				kernelOf(opHandles[op], handle)!(a, b, count);
				assert.deepEqual(a, before, 'the input stays');
				for (let i = 0; i < count; i++)
					assert.equal(toBig(get(viewB, i * size)), toBig(expected[i]!), `${op} of ${as.kind}${size * 8}, ${i} of ${count}`);
			}
		}
	}
});

test('floats and complex numbers', () => {
	const results: Partial<Record<OpName, (a: number, b: number) => number>> = {
		MAX: (a, b) => (a > b ? a : b),
		MIN: (a, b) => (a < b ? a : b),
		SUM: (a, b) => a + b,
		PROD: (a, b) => a * b,
	};
	for (const { handle, kind, size } of predefinedDatatypes) {
		if (kind !== 'float' && kind !== 'complex') continue;
		const partBytes = kind === 'complex' ? size / 2 : size;
		const perElement = size / partBytes;
		const round = partBytes === 4 ? Math.fround : (x: number): number => x;
		const { get, set } = access({ kind: 'float', size: partBytes });
		for (const op of defined[kind]) {
			for (const { count, shift } of shapes) {
				const items = count * perElement;
				const [a, b] = [0, 1].map(() => new Uint8Array(new ArrayBuffer(items * partBytes + 8), shift, items * partBytes)) as [
					Uint8Array,
					Uint8Array,
				];
				const [viewA, viewB] = [a, b].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)) as [DataView, DataView];
				const [x, y] = [0, 1].map(() => Array.from({ length: items }, () => round(random() * 100 - 50))) as [number[], number[]];
				for (let i = 0; i < items; i++) {
					set(viewA, i * partBytes, x[i]!);
					set(viewB, i * partBytes, y[i]!);
				}
				kernelOf(opHandles[op], handle)!(a, b, count);
				for (let i = 0; i < items; i++) {
					let expected = results[op]!(x[i]!, y[i]!);
					if (kind === 'complex' && op === 'PROD') {
						const k = i - (i % 2);
						expected = i % 2 === 0 ? x[k]! * y[k]! - x[k + 1]! * y[k + 1]! : x[k]! * y[k + 1]! + x[k + 1]! * y[k]!;
					}
					assert.equal(get(viewB, i * partBytes), round(expected), `${op} of ${kind}${partBytes * 8}`);
				}
			}
		}
	}
});

test('the greatest and the smallest value with its index; of equal values the smaller index', () => {
	for (const { handle, value } of predefinedDatatypes) {
		if (value === undefined) continue;
		const { get, set } = access(value);
		const pairBytes = value.size + 4;
		const toValue = (number: number): Value => (value.kind === 'int' && value.size === 8 ? BigInt(number) * 4_294_967_297n : number);
		for (const op of ['MAXLOC', 'MINLOC'] as const) {
			for (const count of [1, 500]) {
				const [a, b] = [0, 1].map(() => new Uint8Array(count * pairBytes)) as [Uint8Array, Uint8Array];
				const [viewA, viewB] = [a, b].map((bytes) => new DataView(bytes.buffer)) as [DataView, DataView];
				const drawn = Array.from({ length: count }, () =>
					[0, 1].map(() => ({ value: Math.floor(random() * 5) - 2, index: Math.floor(random() * 3) })),
				);
				for (const [i, pairs] of drawn.entries()) {
					for (const [k, view] of [viewA, viewB].entries()) {
						set(view, i * pairBytes, toValue(pairs[k]!.value));
						view.setInt32(i * pairBytes + value.size, pairs[k]!.index, true);
					}
				}
				kernelOf(opHandles[op], handle)!(a, b, count);
				for (const [i, pairs] of drawn.entries()) {
					const sign = op === 'MAXLOC' ? -1 : 1;
					const [best] = pairs.toSorted((x, y) => sign * (x.value - y.value) || x.index - y.index);
					const found: { value: Value; index: number } = {
						value: get(viewB, i * pairBytes),
						index: viewB.getInt32(i * pairBytes + value.size, true),
					};
					assert.deepEqual(found, { value: toValue(best!.value), index: best!.index }, `${op}, ${value.kind}${value.size * 8}`);
				}
			}
		}
	}
});

test('REPLACE takes the input, NO_OP leaves what is there', () => {
	for (const { handle, size } of predefinedDatatypes) {
		const [a, b] = [new Uint8Array(2 * size).fill(1), new Uint8Array(3 * size).fill(2)];
		kernelOf(opHandles.NO_OP, handle)!(a, b, 2);
		assert.deepEqual(b, new Uint8Array(3 * size).fill(2));
		kernelOf(opHandles.REPLACE, handle)!(a, b, 2);
		assert.deepEqual([...b], [...Array<number>(2 * size).fill(1), ...Array<number>(size).fill(2)]);
	}
});
