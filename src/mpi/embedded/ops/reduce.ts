/**
 * The predefined operations: which is defined for which datatype (MPI 4.1, 6.9.2), and the loop that computes it.
 *
 * Elements are those of messages: of a pair with padding, value and index follow each other without a gap. The stricter
 * of the engines' answers is ours: logical operations on floats, and any but bitwise ones on BYTE, are not defined.
 */
import { opHandles, predefinedDatatypes, type PredefinedDatatype } from '../../handles.ts';
import { bitwise, logical } from './kernels/bits.ts';
import { complexNumbers } from './kernels/complex.ts';
import { integers64 } from './kernels/integers64.ts';
import type { Kernel } from './kernels/kernel.ts';
import { numbers } from './kernels/numbers.ts';
import { located } from './kernels/pairs.ts';

export type OpName = keyof typeof opHandles;

/**
 * What computes this operation on this predefined datatype; undefined when it is not defined. REPLACE and NO_OP are for
 * windows, and for any datatype.
 */
export function kernelOf(op: number, type: number): Kernel | undefined {
	const key = op * 64 + type;
	if (!known.has(key)) known.set(key, makeKernel(op, type));
	return known.get(key);
}

const known = new Map<number, Kernel | undefined>();
const names = new Map<number, OpName>(Object.entries(opHandles).map(([name, handle]) => [handle, name as OpName]));

function makeKernel(op: number, type: number): Kernel | undefined {
	const name = names.get(op);
	const datatype = predefinedDatatypes.find(({ handle }) => handle === type);
	return name === undefined || datatype === undefined ? undefined : families[name](datatype);
}

type Family = (type: PredefinedDatatype) => Kernel | undefined;

const arithmetic = (op: 'MAX' | 'MIN' | 'SUM' | 'PROD'): Family => {
	return (type) => {
		if (type.kind === 'complex') return op === 'SUM' || op === 'PROD' ? complexNumbers(op, type.size) : undefined;
		if (type.kind !== 'int' && type.kind !== 'uint' && type.kind !== 'float') return undefined;
		return type.kind !== 'float' && type.size === 8 ? integers64(op, type.kind) : numbers(op, type.kind, type.size);
	};
};

const ofBits = (op: 'BAND' | 'BOR' | 'BXOR'): Family => {
	return ({ kind, size }) => (kind === 'int' || kind === 'uint' || kind === 'byte' ? bitwise(op, size) : undefined);
};

const ofTruth = (op: 'LAND' | 'LOR' | 'LXOR'): Family => {
	return ({ kind, size }) => (kind === 'int' || kind === 'uint' || kind === 'bool' ? logical(op, size) : undefined);
};

const ofPairs = (op: 'MAXLOC' | 'MINLOC'): Family => {
	return ({ value }) => (value === undefined ? undefined : located(op, value));
};

const families: Readonly<Record<OpName, Family>> = {
	MAX: arithmetic('MAX'),
	MIN: arithmetic('MIN'),
	SUM: arithmetic('SUM'),
	PROD: arithmetic('PROD'),
	LAND: ofTruth('LAND'),
	BAND: ofBits('BAND'),
	LOR: ofTruth('LOR'),
	BOR: ofBits('BOR'),
	LXOR: ofTruth('LXOR'),
	BXOR: ofBits('BXOR'),
	MAXLOC: ofPairs('MAXLOC'),
	MINLOC: ofPairs('MINLOC'),
	REPLACE: ({ size }) => {
		return (input, inout, count) => inout.set(input.subarray(0, count * size));
	},
	NO_OP: () => () => undefined,
};
