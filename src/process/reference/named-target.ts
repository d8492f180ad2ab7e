/**
 * `{ module, name }`: a function that is named, where one can be given. For who does not have the function itself, or
 * has one from which its module cannot be told: test runners and bundlers compile modules into code of their own.
 */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ArgumentError, NotImportableError } from '../../base/errors.ts';
import type { ExportPath } from './module-exports.ts';

export interface NamedTarget {
	/**
	 * Where the module is: a URL, as `new URL('./tasks.js', import.meta.url)`, or an absolute path, as CommonJS's
	 * `require.resolve('./tasks')`.
	 */
	readonly module: URL | string;
	/**
	 * The name under which the module exports the function: `'work'`, `'default'`; `'Tasks.clean'` is a static method
	 * or a member of an object.
	 */
	readonly name: string;
}

/** A function that another process is to call: an exported function, one from `inline`, or its name. */
export type Target<A extends unknown[] = never[], R = unknown> = ((...args: A) => R) | NamedTarget;

/** Where a function is found: the module as `import()` takes it, and the export. */
export interface Reference {
	readonly url: string;
	readonly path: ExportPath;
}

export function isNamedTarget(value: unknown): value is NamedTarget {
	return typeof value === 'object' && value !== null && 'module' in value && 'name' in value;
}

/**
 * Throws an ArgumentError unless it is a function or names one. `option` is the argument's name in the caller's eyes.
 */
export function checkTarget(target: unknown, option: string): void {
	if (typeof target === 'function') return;
	if (!isNamedTarget(target)) throw new ArgumentError(`Expected \`${option}\` to be a function or { module, name }, got ${describe(target)}.`);
	const { module, name } = target as { module: unknown; name: unknown };
	if (typeof name !== 'string' || name === '') {
		throw new ArgumentError(`Expected \`${option}.name\` to be the name of an export, got ${describe(name)}.`);
	}
	if (typeof module !== 'string' && !isUrl(module)) {
		throw new ArgumentError(`Expected \`${option}.module\` to be a URL or an absolute path, got ${describe(module)}.`);
	}
	if (typeof module === 'string' && !isAbsolute(module) && !hasScheme(module)) {
		throw new ArgumentError(
			`Expected \`${option}.module\` to be a URL or an absolute path, got '${module}', which means another file in each module.` +
				` Write new URL('${module}', ${meta}.url) for a file, ${meta}.resolve('${module}') for a package, require.resolve('${module}') in CommonJS.`,
		);
	}
}

/** Throws NotImportableError when there is no such file. Whether it exports the name is seen where it is imported. */
export function referenceToNamed({ module, name }: NamedTarget, option: string): Reference {
	const text = String(module);
	const url = isAbsolute(text) ? pathToFileURL(text).href : text;
	if (url.startsWith('file:') && !mayExist(fileURLToPath(url))) {
		throw new NotImportableError(`Cannot send ${name} as \`${option}\`: there is no file ${fileURLToPath(url)}.`);
	}
	return { url, path: name.split('.') };
}

/** In a text; written out, the bundler would take it for ours. */
const meta = 'import.meta';

/** Test environments have a class URL of their own. */
function isUrl(value: unknown): boolean {
	return typeof value === 'object' && typeof (value as { href?: unknown } | null)?.href === 'string';
}

function hasScheme(text: string): boolean {
	return /^(file|data|node):/.test(text);
}

/** Loaders for TypeScript find `tasks.ts` where a program says `tasks.js`, and some add an ending. */
function mayExist(path: string): boolean {
	return !/\.\w+$/.test(path) || existsSync(path) || existsSync(path.replace(/js(x?)$/, 'ts$1')) || existsSync(path.replace(/js$/, 'tsx'));
}

function describe(value: unknown): string {
	return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
}
