/**
 * MAX, MIN, SUM and PROD of numbers that fit into JavaScript's: floats, and integers of up to 32 bits, which wrap
 * around.
 *
 * A loop that has seen many kinds of arrays is slow with each of them, so the kinds that programs reduce most have
 * loops of their own, with the same text; and their sums take four at a time, which is half as fast again.
 */
import { kernel, type ArrayClass, type Kernel, type Loop } from './kernel.ts';

type Numbers = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;
type Op = 'MAX' | 'MIN' | 'SUM' | 'PROD';

export function numbers(op: Op, kind: 'int' | 'uint' | 'float', size: number): Kernel {
	if (kind === 'float') return size === 8 ? kernel(Float64Array, doubles[op]) : kernel(Float32Array, floats[op]);
	if (size === 4) return kind === 'int' ? kernel(Int32Array, ints[op]) : kernel(Uint32Array, op === 'PROD' ? productOfWords : others[op]);
	const arrays = kind === 'int' ? [Int8Array, Int16Array] : [Uint8Array, Uint16Array];
	return kernel<Numbers>(arrays[size - 1] as ArrayClass<Numbers>, others[op]);
}

const doubles: Readonly<Record<Op, Loop<Float64Array>>> = {
	MAX: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! > b[i]!) b[i] = a[i]!;
	},
	MIN: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! < b[i]!) b[i] = a[i]!;
	},
	SUM: (a, b, n) => {
		const inFours = n - (n & 3);
		for (let i = 0; i < inFours; i += 4) {
			b[i] = a[i]! + b[i]!;
			b[i + 1] = a[i + 1]! + b[i + 1]!;
			b[i + 2] = a[i + 2]! + b[i + 2]!;
			b[i + 3] = a[i + 3]! + b[i + 3]!;
		}
		for (let i = inFours; i < n; i++) b[i] = a[i]! + b[i]!;
	},
	PROD: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = a[i]! * b[i]!;
	},
};

const floats: Readonly<Record<Op, Loop<Float32Array>>> = {
	MAX: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! > b[i]!) b[i] = a[i]!;
	},
	MIN: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! < b[i]!) b[i] = a[i]!;
	},
	SUM: (a, b, n) => {
		const inFours = n - (n & 3);
		for (let i = 0; i < inFours; i += 4) {
			b[i] = a[i]! + b[i]!;
			b[i + 1] = a[i + 1]! + b[i + 1]!;
			b[i + 2] = a[i + 2]! + b[i + 2]!;
			b[i + 3] = a[i + 3]! + b[i + 3]!;
		}
		for (let i = inFours; i < n; i++) b[i] = a[i]! + b[i]!;
	},
	PROD: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = a[i]! * b[i]!;
	},
};

const ints: Readonly<Record<Op, Loop<Int32Array>>> = {
	MAX: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! > b[i]!) b[i] = a[i]!;
	},
	MIN: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! < b[i]!) b[i] = a[i]!;
	},
	SUM: (a, b, n) => {
		const inFours = n - (n & 3);
		for (let i = 0; i < inFours; i += 4) {
			b[i] = a[i]! + b[i]!;
			b[i + 1] = a[i + 1]! + b[i + 1]!;
			b[i + 2] = a[i + 2]! + b[i + 2]!;
			b[i + 3] = a[i + 3]! + b[i + 3]!;
		}
		for (let i = inFours; i < n; i++) b[i] = a[i]! + b[i]!;
	},
	PROD: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = Math.imul(a[i]!, b[i]!);
	},
};

const others: Readonly<Record<Op, Loop<Numbers>>> = {
	MAX: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! > b[i]!) b[i] = a[i]!;
	},
	MIN: (a, b, n) => {
		for (let i = 0; i < n; i++) if (a[i]! < b[i]!) b[i] = a[i]!;
	},
	SUM: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = a[i]! + b[i]!;
	},
	PROD: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = a[i]! * b[i]!;
	},
};

/** The product of two words has more bits than a number. */
function productOfWords(a: Uint32Array, b: Uint32Array, n: number): void {
	for (let i = 0; i < n; i++) b[i] = Math.imul(a[i]!, b[i]!);
}
