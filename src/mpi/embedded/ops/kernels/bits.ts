/** Bitwise operations, for which bytes are bytes, whatever they belong to; and logical ones, whose result is 0 or 1. */
import { kernel, type Kernel, type Loop } from './kernel.ts';

export function bitwise(op: 'BAND' | 'BOR' | 'BXOR', size: number): Kernel {
	return size >= 4 ? kernel(Int32Array, ofWords[op], size / 4) : kernel(Uint8Array, ofBytes[op], size);
}

export function logical(op: 'LAND' | 'LOR' | 'LXOR', size: number): Kernel {
	if (size === 8) return kernel(Int32Array, ofWordPairs[op], 2);
	const arrays = size === 4 ? Int32Array : size === 2 ? Int16Array : Uint8Array;
	return kernel<Truths>(arrays, ofTruths[op]);
}

type Truths = Int32Array | Int16Array | Uint8Array;

const ofWords: Readonly<Record<'BAND' | 'BOR' | 'BXOR', Loop<Int32Array>>> = {
	BAND: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i]! &= a[i]!;
	},
	BOR: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i]! |= a[i]!;
	},
	BXOR: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i]! ^= a[i]!;
	},
};

const ofBytes: Readonly<Record<'BAND' | 'BOR' | 'BXOR', Loop<Uint8Array>>> = {
	BAND: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i]! &= a[i]!;
	},
	BOR: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i]! |= a[i]!;
	},
	BXOR: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i]! ^= a[i]!;
	},
};

const ofTruths: Readonly<Record<'LAND' | 'LOR' | 'LXOR', Loop<Truths>>> = {
	LAND: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = a[i] !== 0 && b[i] !== 0 ? 1 : 0;
	},
	LOR: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = a[i] !== 0 || b[i] !== 0 ? 1 : 0;
	},
	LXOR: (a, b, n) => {
		for (let i = 0; i < n; i++) b[i] = (a[i] !== 0) !== (b[i] !== 0) ? 1 : 0;
	},
};

/** The same with integers of two words. */
const ofWordPairs: Readonly<Record<'LAND' | 'LOR' | 'LXOR', Loop<Int32Array>>> = {
	LAND: (a, b, n) => {
		for (let i = 0; i < n; i += 2) put(b, i, isTrue(a, i) && isTrue(b, i) ? 1 : 0);
	},
	LOR: (a, b, n) => {
		for (let i = 0; i < n; i += 2) put(b, i, isTrue(a, i) || isTrue(b, i) ? 1 : 0);
	},
	LXOR: (a, b, n) => {
		for (let i = 0; i < n; i += 2) put(b, i, isTrue(a, i) !== isTrue(b, i) ? 1 : 0);
	},
};

function isTrue(words: Int32Array, i: number): boolean {
	return (words[i]! | words[i + 1]!) !== 0;
}

function put(words: Int32Array, i: number, truth: 0 | 1): void {
	words[i] = truth;
	words[i + 1] = 0;
}
