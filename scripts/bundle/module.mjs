/**
 * A module as tsc has written it: what it imports and exports, and which of its imports it needs at once, when it is
 * evaluated.
 */
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { parse } from 'acorn';

/**
 * `imports`: of each imported name `{ local, imported, source, module }`, where `imported` is `*` for all and `module`
 * is the path when it is one of ours; `statements`: those that import or pass on, `{ start, end, source, module, names,
 * isExport }`; `needsAtOnce`: paths of the modules that it uses while it is being evaluated: all others it uses in
 * functions alone, or passes on; `functions`: those that it exports → how many parameters each must be given. Paths are
 * relative to `folder`.
 */
export function readModule(folder, path) {
	const text = readFileSync(join(folder, path), 'utf8');
	const program = parse(text, { sourceType: 'module', ecmaVersion: 'latest' });
	const statements = program.body.filter(({ source }) => source).map((node) => statementOf(node, path));
	const imports = statements.flatMap((statement) => (statement.isExport ? [] : statement.names.map((name) => ({ ...statement, ...name }))));
	const used = new Set();
	collectUsed(program, used);
	const needsAtOnce = new Set();
	for (const { module, isExport, names } of statements) {
		if (module !== undefined && !isExport && (names.length === 0 || names.some(({ local }) => used.has(local)))) needsAtOnce.add(module);
	}
	const functions = new Map(
		program.body.flatMap(({ type, declaration }) =>
			type === 'ExportNamedDeclaration' && declaration?.type === 'FunctionDeclaration'
				? [[declaration.id.name, declaration.params.filter(({ type: kind }) => kind === 'Identifier').length]]
				: [],
		),
	);
	const classes = [...text.matchAll(/\bclass (\w+)/g)].map((match) => match[1]);
	return { path, text, statements, imports, needsAtOnce, functions, classes };
}

function statementOf(node, path) {
	const source = node.source.value;
	return {
		source,
		module: source.startsWith('.') ? normalize(join(path, '..', source)) : undefined,
		start: node.start,
		end: node.end,
		isExport: node.type !== 'ImportDeclaration',
		names: (node.specifiers ?? []).map(({ type, local, imported, exported }) => ({
			local: local.name,
			imported: type === 'ImportSpecifier' ? imported.name : type === 'ImportDefaultSpecifier' ? 'default' : '*',
			exported: exported?.name,
		})),
	};
}

/**
 * The names that are looked at outside of functions. (What a function that is called at once looks at is not seen: then
 * evaluation fails, and a test does.)
 */
function collectUsed(node, used) {
	if (node.type === 'ImportDeclaration') return;
	if (node.type === 'Identifier') used.add(node.name);
	for (const [key, value] of Object.entries(node)) {
		if (isFunction(node) && (key === 'body' || key === 'params')) continue;
		if (node.type === 'PropertyDefinition' && key === 'value' && !node.static) continue;
		if ((key === 'property' || key === 'key') && node.computed !== true && /^(Member|Method|Property)/.test(node.type)) continue;
		for (const inner of Array.isArray(value) ? value : [value]) if (typeof inner?.type === 'string') collectUsed(inner, used);
	}
}

function isFunction({ type }) {
	return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}
