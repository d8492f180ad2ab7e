/** Predefined datatypes by what a number must be able to hold: names of handles.ts. */
import * as constants from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import { anInt } from '../arguments/numbers.ts';

/** Of a kind, TYPECLASS_*, and a size in bytes. */
export function nameOfSize(typeclass: unknown, size: unknown): string {
	const kind = anInt(typeclass, { name: 'typeclass' });
	const names =
		bySize[kind] ?? fail(constants.ERR_ARG, '`typeclass` must be MPI.TYPECLASS_INTEGER, TYPECLASS_REAL, TYPECLASS_COMPLEX or TYPECLASS_LOGICAL.');
	const bytes = anInt(size, { name: 'size' });
	return names[bytes] ?? fail(constants.ERR_ARG, `There is no such datatype of ${bytes} bytes: the sizes are ${Object.keys(names).join(', ')}.`);
}

/** Of so many decimal digits. */
export function integerOfRange(r: unknown): string {
	const digits = anInt(r, { name: 'r' });
	return (
		integers.find(([most]) => digits <= most)?.[1] ??
		fail(constants.ERR_ARG, `There is no datatype for integers of ${digits} decimal digits: 18 are the most.`)
	);
}

export function realOfPrecision(p: unknown, r: unknown): 'FLOAT' | 'DOUBLE' {
	const [precision, range] = [anInt(p, { name: 'p' }), anInt(r, { name: 'r' })];
	if (precision === constants.UNDEFINED && range === constants.UNDEFINED)
		fail(constants.ERR_ARG, '`p` and `r` are both MPI.UNDEFINED: one must be given.');
	if (precision <= 6 && range <= 37) return 'FLOAT';
	if (precision <= 15 && range <= 307) return 'DOUBLE';
	return fail(constants.ERR_ARG, `There is no datatype for ${precision} decimal digits and exponents up to ${range}: 15 and 307 are the most.`);
}

const bySize: Readonly<Record<number, Readonly<Record<number, string>>>> = {
	[constants.TYPECLASS_INTEGER]: { 1: 'INT8_T', 2: 'INT16_T', 4: 'INT32_T', 8: 'INT64_T' },
	[constants.TYPECLASS_REAL]: { 4: 'FLOAT', 8: 'DOUBLE' },
	[constants.TYPECLASS_COMPLEX]: { 8: 'C_FLOAT_COMPLEX', 16: 'C_DOUBLE_COMPLEX' },
	[constants.TYPECLASS_LOGICAL]: { 1: 'C_BOOL' },
};

const integers: readonly (readonly [digits: number, name: string])[] = [
	[2, 'INT8_T'],
	[4, 'INT16_T'],
	[9, 'INT32_T'],
	[18, 'INT64_T'],
];
