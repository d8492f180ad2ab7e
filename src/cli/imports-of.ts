/**
 * Which modules a module imports, as far as its text tells: what is imported in functions, or by a name that is
 * computed, is not known before it runs.
 */
import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CallExpression, ImportExpression, Node, Options, Program } from 'acorn';

/**
 * URLs of files, in the order of the text. `resolve` is `import.meta.resolve` of Node's flag
 * `--experimental-import-meta-resolve`.
 */
export function importsOf(url: string, resolve: (specifier: string, parent: string) => string): string[] {
	const found: Named[] = [];
	collect(parse(url), found);
	const urls = found.map(({ name, isRequired }) => {
		if (isBuiltin(name)) return '';
		try {
			return isRequired ? pathToFileURL(createRequire(url).resolve(name)).href : resolve(name, url);
		} catch {
			return ''; // the import says what is wrong with it
		}
	});
	return [...new Set(urls)].filter((one) => one.startsWith('file:') && !one.startsWith(ownFiles));
}

/** Every forkserver has imported this library. */
const ownFiles = new URL('..', import.meta.url).href;

interface Named {
	readonly name: string;
	readonly isRequired: boolean;
}

function parse(url: string): Program | undefined {
	const acorn = createRequire(import.meta.url)('acorn') as { parse(code: string, options: Options): Program };
	const options = { ecmaVersion: 'latest', allowHashBang: true, allowAwaitOutsideFunction: true, allowReturnOutsideFunction: true } as const;
	for (const text of textsOf(url)) {
		for (const sourceType of ['module', 'script'] as const) {
			try {
				return acorn.parse(text, { ...options, sourceType });
			} catch {
				// another kind of module, or a language of a loader's
			}
		}
	}
	return undefined;
}

/** As it is, and as Node makes JavaScript of it. */
function textsOf(url: string): string[] {
	if (!/\.[cm]?[jt]sx?$/.test(url)) return [];
	try {
		const text = readFileSync(fileURLToPath(url), 'utf8');
		const { stripTypeScriptTypes } = process.getBuiltinModule('node:module') as { stripTypeScriptTypes?: (code: string) => string };
		if (!/\.[cm]?tsx?$/.test(url) || stripTypeScriptTypes === undefined) return [text];
		return [stripTypeScriptTypes(text)];
	} catch {
		return [];
	}
}

function collect(node: unknown, found: Named[]): void {
	if (Array.isArray(node)) for (const one of node) collect(one, found);
	else if (isNode(node) && !/Function|MethodDefinition|PropertyDefinition/.test(node.type)) {
		const name = nameIn(node);
		if (name !== undefined) found.push({ name, isRequired: node.type === 'CallExpression' });
		for (const part of Object.values(node)) if (typeof part === 'object') collect(part, found);
	}
}

function isNode(value: unknown): value is Node {
	return typeof (value as Node | null)?.type === 'string';
}

function nameIn(node: Node): string | undefined {
	const { source } = node as ImportExpression;
	if (/^(Import|Export)/.test(node.type)) return textOf(source);
	if (node.type !== 'CallExpression') return undefined;
	const { callee, arguments: args } = node as CallExpression;
	return callee.type === 'Identifier' && callee.name === 'require' ? textOf(args[0]) : undefined;
}

function textOf(node: Node | null | undefined): string | undefined {
	const value = node?.type === 'Literal' ? (node as { value?: unknown }).value : undefined;
	return typeof value === 'string' ? value : undefined;
}
