/**
 * mpi4py's keyword arguments: an object with the names of all that follow the required arguments may stand in the place
 * of the first of them.
 */
import { anything, checkOptions } from '../../../base/arguments.ts';

export interface Keywords<T extends object> {
	readonly owner: string;
	/** What stands in that place. */
	readonly first: unknown;
	readonly positional: T;
	readonly defaults: T;
}

/** The arguments, whichever way they were given. An unknown name is an ArgumentError. */
export function keywordsOr<T extends object>({ owner, first, positional, defaults }: Keywords<T>): T {
	if (!isPlain(first)) return positional;
	checkOptions(first, { owner, kinds: Object.fromEntries(Object.keys(defaults).map((name) => [name, anything])) });
	return { ...defaults, ...Object.fromEntries(Object.entries(first).filter(([, value]) => value !== undefined)) };
}

/** The same of a call with a single argument behind the required ones: `given` is a V or an object with that name. */
export function keywordOr<V>(owner: string, name: string, { given, byDefault }: { given: unknown; byDefault: V }): V {
	if (given === undefined) return byDefault;
	const { [name]: value } = keywordsOr({ owner, first: given, positional: { [name]: given }, defaults: { [name]: byDefault } });
	return value as V;
}

/** Objects of the library's own (an Info, a Group) are arguments. */
function isPlain(value: unknown): value is object {
	if (typeof value !== 'object' || value === null) return false;
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === null || (Object.prototype.toString.call(value) === '[object Object]' && !isClassInstance(prototype as object));
}

function isClassInstance(prototype: object): boolean {
	return Object.getPrototypeOf(prototype) !== null;
}
