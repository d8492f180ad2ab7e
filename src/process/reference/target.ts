/**
 * Functions and classes cross to another process by reference: the module that defines them and the name of the export.
 *
 * The reference is found from the function itself (function-location.ts tells its module and place, module-exports.ts
 * the export), so a caller passes just the function. What was imported here through `importReference` is remembered, so
 * that a process that was started with a function can hand it on at no cost. Who cannot pass the function names it
 * (named-target.ts).
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { forkHook, forkStep } from '../../base/at-fork.ts';
import { NotImportableError, NprocsError } from '../../base/errors.ts';
import { registerFunctionReferences } from '../../codec/function-reference.ts';
import { findCompiledExportPath } from './compiled-exports.ts';
import { processState } from '../current.ts';
import { locateFunction, sourceOfScript, type FunctionLocation } from './function-location.ts';
import { whileImporting, whileRequiring } from '../importing.ts';
import { findExportPath, type ExportPath } from './module-exports.ts';
import { isNamedTarget, referenceToNamed, type Reference, type Target } from './named-target.ts';
import { silenceTests } from './silence-tests.ts';
import { importFailure, refuseTestFile } from './test-runner.ts';

export type AnyFunction = (...args: never[]) => unknown;

/**
 * Where another process finds the function (of `inline`, see there). Throws NotImportableError, which says what to do.
 * `role` is the argument's name in the caller's eyes; what users give is checked by `checkTarget` before.
 */
export function referenceTo(fn: Target, role: string): Reference {
	if (isNamedTarget(fn)) {
		const named = referenceToNamed(fn, role);
		refuseTestFile(named.url, `${fn.name} as \`${role}\``);
		return named;
	}
	const known = references.get(fn);
	if (known !== undefined) return known;
	const found = find(fn, role);
	references.set(fn, found);
	return found;
}

/** Says where a function of the library's own is found, so that nobody need search for it. */
export function declareReference(fn: AnyFunction, reference: Reference): void {
	references.set(fn, reference);
}

/** Imports the module and returns the function. */
export async function importReference({ url, path }: Reference): Promise<AnyFunction> {
	const namespace = await importModule(url);
	const found = lookUpIn(namespace, path);
	if (typeof found !== 'function') {
		throw new NotImportableError(
			`Cannot find the function ${path.join('.')} among the exports of ${url}, which are: ${exportedNames(namespace)}. Is it exported in every process, whatever the environment?`,
		);
	}
	references.set(found, { url, path });
	return found as AnyFunction;
}

/** Imports a module of the program; remembers what it exports, so that sending that on needs no search. */
export async function importModule(url: string): Promise<Record<string, unknown>> {
	const known = namespaces.get(url);
	if (known !== undefined) return known;
	forgetUnfinishedAtFork();
	unfinished.add(url);
	const namespace = await (processState().role === 'main' ? load(url) : loadInChild(url)).finally(() => unfinished.delete(url));
	namespaces.set(url, namespace);
	for (const [name, value] of Object.entries(namespace)) {
		if (typeof value === 'function' && !references.has(value)) references.set(value, { url, path: [name] });
	}
	return namespace;
}

async function load(url: string): Promise<Record<string, unknown>> {
	return (await import(url)) as Record<string, unknown>;
}

async function loadInChild(url: string): Promise<Record<string, unknown>> {
	if (processState().testRunner === 'node:test') await silenceTests();
	try {
		return await whileImporting(() => load(url));
	} catch (error) {
		throw importFailure(url, error);
	}
}

/** As `importReference`, without waiting. */
function requireReference({ url, path }: Reference): AnyFunction {
	const found = lookUpIn(namespaces.get(url) ?? requireModule(url, path), path);
	if (typeof found !== 'function') throw new NotImportableError(`Cannot find the function ${path.join('.')} among the exports of ${url}.`);
	references.set(found, { url, path });
	return found as AnyFunction;
}

function requireModule(url: string, path: ExportPath): Record<string, unknown> {
	try {
		return whileRequiring(() => createRequire(url)(fileURLToPath(url)) as Record<string, unknown>);
	} catch (error) {
		throw new NotImportableError(
			`Cannot load the function ${path.join('.')} of ${url} in a call that blocks: it was not imported here before, and require() cannot load it. Use the asynchronous form.`,
			{ cause: error },
		);
	}
}

/**
 * Loaders differ in what they make of a CommonJS module: its exports stand below `default`, beside it, or only beside
 * it.
 */
function lookUpIn(namespace: Record<string, unknown>, path: ExportPath): unknown {
	return lookUp(namespace, path) ?? lookUp(namespace['default'], path) ?? (path[0] === 'default' ? lookUp(namespace, path.slice(1)) : undefined);
}

const references = new WeakMap<object, Reference>();
/** A module whose import has begun and is not over. */
export function unfinishedImport(): string | undefined {
	return [...unfinished].at(-1);
}

const unfinished = new Set<string>();
/** They go on in the original only. */
const forgetUnfinishedAtFork = forkHook({ step: forkStep.waits, inCopy: () => unfinished.clear() });
/**
 * Of modules that have been evaluated. A forked process inherits them, and need not go through `import()`, which costs
 * a tenth of a millisecond.
 */
const namespaces = new Map<string, Record<string, unknown>>();

function exportedNames(namespace: Record<string, unknown>): string {
	return Object.keys(namespace).join(', ') || 'none';
}

function lookUp(from: unknown, path: ExportPath): unknown {
	let value: unknown = from;
	for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
	return value;
}

function find(fn: AnyFunction, role: string): Reference {
	const label = fn.name === '' ? 'an anonymous function' : `the function ${fn.name}`;
	const location = locateFunction(fn);
	if (location === undefined) {
		throw new NotImportableError(
			`Cannot send ${label} as \`${role}\`: it is a bound or built-in function, which no module exports. Export a function that calls it.`,
		);
	}
	if (!isImportable(location.url)) {
		throw new NotImportableError(
			`Cannot send ${label} as \`${role}\`: it was not written in a module file (${location.url || 'code made by eval'}). Put it into a module and export it, or send its source with inline(fn, captured).`,
		);
	}
	refuseTestFile(location.url, `${label} as \`${role}\``);
	const path = findInCommonJs(fn, location) ?? findInSource(location) ?? findByIdentity(fn, location);
	if (path === undefined) {
		throw new NotImportableError(
			`Cannot send ${label} as \`${role}\`: ${location.url} (line ${location.line + 1}) does not export it, so no other process can import it.` +
				" Write `export` before it, or send its source with inline(fn, captured), or use the start method 'fork'.",
		);
	}
	return { url: location.url, path };
}

function isImportable(url: string): boolean {
	return url.startsWith('file:') || url.startsWith('data:');
}

/** A CommonJS module's exports are at hand, and are what `import()` gives as `default`. */
function findInCommonJs(fn: AnyFunction, location: FunctionLocation): ExportPath | undefined {
	if (!location.url.startsWith('file:')) return undefined;
	const file = fileURLToPath(location.url);
	const loaded = createRequire(location.url).cache[file];
	if (loaded === undefined) return undefined;
	const path = pathByIdentity(loaded.exports, fn);
	if (path === undefined) return undefined;
	// The cache also has ES modules that somebody has given to require().
	return types.isModuleNamespaceObject(loaded.exports) ? path : ['default', ...path];
}

function findInSource(location: FunctionLocation): ExportPath | undefined {
	try {
		const code = sourceOfScript(location.scriptId);
		return findExportPath(code, location.line, location.column) ?? findCompiledExportPath(code, location.line, location.column);
	} catch (error) {
		if (error instanceof NprocsError) throw error;
		return undefined; // syntax that acorn does not know yet: there is one more way
	}
}

/** For exports that code has made, as `export const work = memoize(…)`: works once the module has been evaluated. */
function findByIdentity(fn: AnyFunction, location: FunctionLocation): ExportPath | undefined {
	if (!location.url.startsWith('file:')) return undefined;
	try {
		return pathByIdentity(createRequire(location.url)(fileURLToPath(location.url)), fn);
	} catch {
		return undefined; // it has a top-level await, or is still being evaluated
	}
}

function pathByIdentity(exports: unknown, fn: AnyFunction): string[] | undefined {
	if (exports === fn) return [];
	if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return undefined;
	for (const [name, value] of Object.entries(exports)) {
		if (value === fn) return [name];
		if (typeof value !== 'function' && typeof value !== 'object') continue;
		const member = staticNames(value).find((key) => Object.getOwnPropertyDescriptor(value, key)?.value === fn);
		if (member !== undefined) return [name, member];
	}
	return undefined;
}

function staticNames(value: object | null): string[] {
	return value === null ? [] : Object.getOwnPropertyNames(value).filter((name) => name !== 'prototype');
}

registerFunctionReferences({
	refer: referenceTo,
	load: importReference,
	loadSync: requireReference,
});
