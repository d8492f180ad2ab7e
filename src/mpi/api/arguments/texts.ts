/** Checks of the texts that callers give to MPI, which a NUL character would cut short there. */
import { anArray, aTextWithoutZero, checkArgument } from '../../../base/arguments.ts';
import { ERR_ARG } from '../../constants.ts';
import { fail } from './check.ts';

/** `name` is what the error calls it. */
export function text(value: unknown, name: string): string {
	checkArgument(`\`${name}\``, value, aTextWithoutZero);
	return value as string;
}

/** Not empty: of a port, a service or a command. */
export function nameText(value: unknown, name: string): string {
	const given = text(value, name);
	if (given === '') fail(ERR_ARG, `\`${name}\` is empty: it must be a name.`);
	return given;
}

export function textList(value: unknown, name: string): string[] {
	checkArgument(`\`${name}\``, value, anArray);
	return (value as unknown[]).map((item, i) => text(item, `${name}[${i}]`));
}
