/**
 * MAX, MIN, SUM and PROD of integers of 64 bits, as two words each, low word first: a BigInt for each element would be
 * an allocation for each. Only the order of the high words knows the sign.
 */
import { kernel, type Kernel, type Loop } from './kernel.ts';

export function integers64(op: 'MAX' | 'MIN' | 'SUM' | 'PROD', kind: 'int' | 'uint'): Kernel {
	if (op === 'SUM') return kernel(Uint32Array, sum, 2);
	if (op === 'PROD') return kernel(Uint32Array, product, 2);
	const signBit = kind === 'int' ? 0x80000000 : 0;
	return kernel(Uint32Array, op === 'MAX' ? greater(signBit) : smaller(signBit), 2);
}

function sum(a: Uint32Array, b: Uint32Array, n: number): void {
	for (let i = 0; i < n; i += 2) {
		const low = a[i]! + b[i]!;
		b[i] = low;
		b[i + 1] = a[i + 1]! + b[i + 1]! + (low > 0xffffffff ? 1 : 0);
	}
}

/** By halves of the low words; of the high ones only the low half of the result counts. */
function product(a: Uint32Array, b: Uint32Array, n: number): void {
	for (let i = 0; i < n; i += 2) {
		const [a0, a1] = [a[i]! & 0xffff, a[i]! >>> 16];
		const [b0, b1] = [b[i]! & 0xffff, b[i]! >>> 16];
		const lowest = a0 * b0;
		const middle = a1 * b0 + (lowest >>> 16);
		const other = a0 * b1 + (middle % 0x10000);
		const carried = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
		b[i + 1] = (carried | 0) + Math.imul(a[i]!, b[i + 1]!) + Math.imul(a[i + 1]!, b[i]!);
		b[i] = (other % 0x10000) * 0x10000 + (lowest & 0xffff);
	}
}

function greater(signBit: number): Loop<Uint32Array> {
	return (a, b, n) => {
		for (let i = 0; i < n; i += 2) if (isGreater(a, b, i, signBit)) move(a, b, i);
	};
}

function smaller(signBit: number): Loop<Uint32Array> {
	return (a, b, n) => {
		for (let i = 0; i < n; i += 2) if (isGreater(b, a, i, signBit)) move(a, b, i);
	};
}

function isGreater(a: Uint32Array, b: Uint32Array, i: number, signBit: number): boolean {
	const [high, otherHigh] = [(a[i + 1]! ^ signBit) >>> 0, (b[i + 1]! ^ signBit) >>> 0];
	return high > otherHigh || (high === otherHigh && a[i]! > b[i]!);
}

function move(a: Uint32Array, b: Uint32Array, i: number): void {
	b[i] = a[i]!;
	b[i + 1] = a[i + 1]!;
}
