/** Checks of the texts that callers give to MPI, which a NUL character would cut short there. */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG } from '../../constants.ts';
import { fail } from './check.ts';

/** `name` is what the error calls it. */
export function text(value: unknown, name: string): string {
	if (typeof value !== 'string') throw new ArgumentError(`Expected \`${name}\` to be a string, got ${describe(value)}.`);
	if (value.includes('\0')) throw new ArgumentError(`Expected \`${name}\` to have no NUL character, which ends texts in MPI.`);
	return value;
}

/** Not empty: of a port, a service or a command. */
export function nameText(value: unknown, name: string): string {
	const given = text(value, name);
	if (given === '') fail(ERR_ARG, `\`${name}\` is empty: it must be a name.`);
	return given;
}

export function textList(value: unknown, name: string): string[] {
	if (!Array.isArray(value)) throw new ArgumentError(`Expected \`${name}\` to be an array of strings, got ${describe(value)}.`);
	return value.map((item, i) => text(item, `${name}[${i}]`));
}
