/**
 * What the predefined operations do with values, as mpi4py's do with Python's: numbers, bigints, booleans and texts as
 * they are, arrays as Python's lists (`SUM` joins them, `MAX` compares them item by item), typed arrays element by
 * element, as NumPy's.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import type { opHandles } from '../../handles.ts';

/** What combines two values into one, of the same kind. */
export type Combine = (a: unknown, b: unknown) => unknown;

export const objectOps: Readonly<Record<keyof typeof opHandles, Combine>> = {
	MAX: elementwise('MAX', (a, b) => (less(a, b, 'MAX') ? b : a)),
	MIN: elementwise('MIN', (a, b) => (less(b, a, 'MIN') ? b : a)),
	SUM: elementwise('SUM', sum),
	PROD: elementwise('PROD', (a, b) => arithmetic(a, b, { name: 'PROD', numbers: (x, y) => x * y, bigints: (x, y) => x * y })),
	LAND: elementwise('LAND', (a, b) => truth(a) && truth(b)),
	BAND: elementwise('BAND', (a, b) => bitwise(a, b, { name: 'BAND', ints: (x, y) => x & y, bigints: (x, y) => x & y })),
	LOR: elementwise('LOR', (a, b) => truth(a) || truth(b)),
	BOR: elementwise('BOR', (a, b) => bitwise(a, b, { name: 'BOR', ints: (x, y) => x | y, bigints: (x, y) => x | y })),
	LXOR: elementwise('LXOR', (a, b) => truth(a) !== truth(b)),
	BXOR: elementwise('BXOR', (a, b) => bitwise(a, b, { name: 'BXOR', ints: (x, y) => x ^ y, bigints: (x, y) => x ^ y })),
	MAXLOC: (a, b) => located(a, b, 'MAXLOC', (x, y) => less(y, x, 'MAXLOC')),
	MINLOC: (a, b) => located(a, b, 'MINLOC', (x, y) => less(x, y, 'MINLOC')),
	REPLACE: (_, b) => b,
	NO_OP: (a) => a,
};

type NumbersArray = Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array>;

function isTypedArray(value: unknown): value is NumbersArray {
	return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Two typed arrays of one kind and length are combined into a third one. */
function elementwise(name: string, combine: Combine): Combine {
	return (a, b) => {
		if (!isTypedArray(a) && !isTypedArray(b)) return combine(a, b);
		if (!isTypedArray(a) || !isTypedArray(b) || a.constructor !== b.constructor || a.length !== b.length) {
			throw new ArgumentError(`MPI.${name} combines typed arrays of one kind and length; got ${withLength(a)} and ${withLength(b)}.`);
		}
		const result = a.slice();
		const big = typeof a[0] === 'bigint';
		for (let i = 0; i < a.length; i++) {
			const item = combine(a[i], b[i]);
			result[i] = (typeof item === 'boolean' ? (big ? BigInt(item) : Number(item)) : item) as number;
		}
		return result;
	};
}

function withLength(value: unknown): string {
	return isTypedArray(value) ? `${describe(value)} of ${value.length}` : describe(value);
}

/** Whether a comes before b; arrays are compared by their first items that differ, as Python's lists. */
function less(a: unknown, b: unknown, name: string): boolean {
	if (Array.isArray(a) && Array.isArray(b)) {
		const at = a.findIndex((item, i) => i >= b.length || less(item, b[i], name) || less(b[i], item, name));
		return at < 0 ? a.length < b.length : at < b.length && less(a[at], b[at], name);
	}
	if (isTypedArray(a) || isTypedArray(b)) throw cannot(name, a, b);
	const comparable = [a, b].every((value) => ['number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Date);
	if (!comparable && !(typeof a === 'string' && typeof b === 'string')) throw cannot(name, a, b);
	return (a as number) < (b as number);
}

function sum(a: unknown, b: unknown): unknown {
	if (typeof a === 'string' && typeof b === 'string') return a + b;
	if (Array.isArray(a) && Array.isArray(b)) return [...(a as unknown[]), ...(b as unknown[])];
	return arithmetic(a, b, { name: 'SUM', numbers: (x, y) => x + y, bigints: (x, y) => x + y });
}

interface Arithmetic {
	readonly name: string;
	readonly numbers: (a: number, b: number) => number;
	readonly bigints: (a: bigint, b: bigint) => bigint;
}

/** Truth values count as 0 and 1. */
function arithmetic(a: unknown, b: unknown, { name, numbers, bigints }: Arithmetic): number | bigint {
	if (typeof a === 'bigint' && typeof b === 'bigint') return bigints(a, b);
	const [x, y] = [typeof a === 'boolean' ? Number(a) : a, typeof b === 'boolean' ? Number(b) : b];
	if (typeof x !== 'number' || typeof y !== 'number') throw cannot(name, a, b);
	return numbers(x, y);
}

interface Bitwise {
	readonly name: string;
	readonly ints: (a: number, b: number) => number;
	readonly bigints: (a: bigint, b: bigint) => bigint;
}

/**
 * Whole numbers keep all of their bits, where JavaScript's own operators take the lower 32; two truth values give a
 * truth value.
 */
function bitwise(a: unknown, b: unknown, { name, ints, bigints }: Bitwise): number | bigint | boolean {
	if (typeof a === 'boolean' && typeof b === 'boolean') return ints(Number(a), Number(b)) === 1;
	if (typeof a === 'bigint' && typeof b === 'bigint') return bigints(a, b);
	const [x, y] = [typeof a === 'boolean' ? Number(a) : a, typeof b === 'boolean' ? Number(b) : b];
	if (!Number.isSafeInteger(x) || !Number.isSafeInteger(y)) throw cannot(name, a, b);
	const [m, n] = [x as number, y as number];
	return (m | 0) === m && (n | 0) === n ? ints(m, n) : Number(bigints(BigInt(m), BigInt(n)));
}

/** As JavaScript's, but for what a program could never have meant. */
function truth(value: unknown): boolean {
	return Boolean(value);
}

/**
 * Of two pairs of a value and a location, the one whose value wins; of two that are equal, the one of the smaller
 * location.
 */
function located(a: unknown, b: unknown, name: string, wins: (x: unknown, y: unknown) => boolean): unknown {
	const [x, i] = pair(a, name);
	const [y, j] = pair(b, name);
	if (wins(x, y)) return [x, i];
	if (wins(y, x) || less(j, i, name)) return [y, j];
	return [x, i];
}

function pair(value: unknown, name: string): readonly [unknown, unknown] {
	if (Array.isArray(value) && value.length === 2) return value as unknown as readonly [unknown, unknown];
	throw new ArgumentError(`MPI.${name} combines pairs [value, location]; got ${describe(value)}.`);
}

function cannot(name: string, a: unknown, b: unknown): ArgumentError {
	return new ArgumentError(`MPI.${name} cannot combine ${describe(a)} and ${describe(b)}: give a function (a, b) => … in its place.`);
}
