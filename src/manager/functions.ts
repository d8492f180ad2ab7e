/**
 * Functions among the arguments of a call: they travel by reference, or as text, and are found again in the server's
 * own modules.
 */
import { clearTimeout, setTimeout } from '../base/clock.ts';
import { NotImportableError } from '../base/errors.ts';
import { inlineSourceOf, revive, type InlineSource } from '../process/reference/inline.ts';
import { checkTarget, type Reference } from '../process/reference/named-target.ts';
import { importReference, referenceTo, type AnyFunction } from '../process/reference/target.ts';

export type PackedFunction = { readonly reference: Reference } | { readonly inlined: InlineSource };

/**
 * Throws NotImportableError, or ArgumentError for what is no function. `role` is the argument's name in the caller's
 * eyes.
 */
export function packFunction(fn: unknown, role: string): PackedFunction {
	checkTarget(fn, role);
	const inlined = inlineSourceOf(fn as AnyFunction);
	return inlined === undefined ? { reference: referenceTo(fn as AnyFunction, role) } : { inlined };
}

export function isPacked(value: unknown): value is PackedFunction {
	return typeof value === 'object' && value !== null && ('reference' in value || 'inlined' in value);
}

const found = new Map<string, AnyFunction>();

/** At once when it was asked for before. */
export function unpackFunction(packed: PackedFunction): AnyFunction | Promise<AnyFunction> {
	if ('inlined' in packed) return revive(packed.inlined);
	const { url, path } = packed.reference;
	const key = JSON.stringify([url, path]);
	return (
		found.get(key) ??
		withinLimit(importReference(packed.reference), url).then((fn) => {
			found.set(key, fn);
			return fn;
		})
	);
}

let limitMs: number | undefined;

/**
 * For a copy of a process: a module that was being evaluated when it was made (it awaits something at its top level)
 * never comes to its end there.
 */
export function limitImports(): void {
	limitMs = 5000;
}

function withinLimit<T>(imported: Promise<T>, url: string): Promise<T> {
	if (limitMs === undefined) return imported;
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(unfinished(url)), limitMs);
		imported.then(resolve, reject).finally(() => clearTimeout(timer));
	});
}

function unfinished(url: string): NotImportableError {
	return new NotImportableError(
		`Cannot import ${url} in the manager's server: it is a copy of a process that had not evaluated this module to its end, as it awaits something at its top level. Put the function into a module of its own.`,
	);
}

export type { AnyFunction };
