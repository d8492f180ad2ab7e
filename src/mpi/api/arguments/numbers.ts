/**
 * Checks of the numbers that callers give to MPI: whole, as a C `int` or an address holds them, not below what makes
 * sense.
 */
import { ArgumentError } from '../../../base/errors.ts';
import { describe } from '../../../base/arguments.ts';
import { ERR_ARG } from '../../constants.ts';
import { fail } from './check.ts';

export interface NumberRule {
	/** What the error calls it. */
	readonly name: string;
	/** @default any that an int can hold */
	readonly least?: number;
	/** What the error is about when it is too small or too large: ERR_*. @default ERR_ARG */
	readonly errorClass?: number;
}

const MAX_INT = 2 ** 31 - 1;

/** A C `int`. */
export function anInt(value: unknown, { name, least = -MAX_INT - 1, errorClass = ERR_ARG }: NumberRule): number {
	const number = whole(value, name);
	if (number < least) fail(errorClass, `\`${name}\` is ${number}: it must be ${least === 0 ? 'no negative number' : `at least ${least}`}.`);
	if (number > MAX_INT)
		fail(errorClass, `\`${name}\` is ${number}: MPI takes at most ${MAX_INT} here; make the datatype larger and the number smaller.`);
	return number;
}

/** An address or a distance in bytes. */
export function anAddress(value: unknown, { name, least = -Infinity, errorClass = ERR_ARG }: NumberRule): number {
	const number = whole(value, name);
	if (number < least) fail(errorClass, `\`${name}\` is ${number}: it must be ${least === 0 ? 'no negative number' : `at least ${least}`}.`);
	return number;
}

/** A list of ints: an array or a typed array. */
export function intList(value: unknown, rule: NumberRule): number[] {
	return listOf(value, rule.name).map((item, i) => anInt(item, { ...rule, name: `${rule.name}[${i}]` }));
}

export function addressList(value: unknown, rule: NumberRule): number[] {
	return listOf(value, rule.name).map((item, i) => anAddress(item, { ...rule, name: `${rule.name}[${i}]` }));
}

interface List {
	readonly length: number;
}

/** Both lists belong together; `of` is the name of the second. */
export function sameLength(name: string, list: List, { of, length }: List & { readonly of: string }): void {
	if (list.length !== length) fail(ERR_ARG, `\`${name}\` has ${list.length} items, \`${of}\` has ${length}: each needs its counterpart.`);
}

export function listOf(value: unknown, name: string): unknown[] {
	if (Array.isArray(value)) return value;
	if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as unknown as ArrayLike<unknown>);
	throw new ArgumentError(`Expected \`${name}\` to be an array of numbers, got ${describe(value)}.`);
}

function whole(value: unknown, name: string): number {
	if (typeof value === 'bigint') return whole(Number(value), name);
	if (!Number.isSafeInteger(value)) throw new ArgumentError(`Expected \`${name}\` to be a whole number, got ${describe(value)}.`);
	return value as number;
}
