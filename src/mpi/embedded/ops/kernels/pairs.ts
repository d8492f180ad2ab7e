/**
 * MAXLOC and MINLOC of pairs, a value and an int that says where it was found: the greater (smaller) value with its
 * index, and of equal values the smaller index. In messages value and index lie side by side, so values of 8 bytes are
 * not aligned; they are read through a DataView.
 */
import type { PredefinedDatatype } from '../../../handles.ts';
import type { Kernel } from './kernel.ts';

export function located(op: 'MAXLOC' | 'MINLOC', { kind, size }: NonNullable<PredefinedDatatype['value']>): Kernel {
	const order = op === 'MAXLOC' ? 1 : -1;
	const compare = kind === 'float' ? (size === 4 ? floats : doubles) : size === 2 ? shorts : size === 4 ? ints : longs;
	const pairBytes = size + 4;
	return (input, inout, count) => {
		const a = new DataView(input.buffer, input.byteOffset, count * pairBytes);
		const b = new DataView(inout.buffer, inout.byteOffset, count * pairBytes);
		for (let at = 0; at < count * pairBytes; at += pairBytes) {
			const difference = compare(a, b, at) * order;
			const [index, other] = [a.getInt32(at + size, true), b.getInt32(at + size, true)];
			if (difference > 0) for (let i = at; i < at + pairBytes; i++) inout[i] = input[i]!;
			else if (difference === 0 && index < other) b.setInt32(at + size, index, true);
		}
	};
}

/** 1: the first is greater; -1: smaller; 0: neither. */
function sign(a: number, b: number): number {
	return a > b ? 1 : a < b ? -1 : 0;
}

function shorts(a: DataView, b: DataView, at: number): number {
	return sign(a.getInt16(at, true), b.getInt16(at, true));
}

function ints(a: DataView, b: DataView, at: number): number {
	return sign(a.getInt32(at, true), b.getInt32(at, true));
}

function longs(a: DataView, b: DataView, at: number): number {
	return sign(a.getInt32(at + 4, true), b.getInt32(at + 4, true)) || sign(a.getUint32(at, true), b.getUint32(at, true));
}

function floats(a: DataView, b: DataView, at: number): number {
	return sign(a.getFloat32(at, true), b.getFloat32(at, true));
}

function doubles(a: DataView, b: DataView, at: number): number {
	return sign(a.getFloat64(at, true), b.getFloat64(at, true));
}
