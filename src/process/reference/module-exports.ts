/**
 * Under which export of its module a function can be found again, read off the module's code.
 *
 * The namespace object itself cannot be had synchronously while the module is still evaluating, which is just when most
 * programs start processes (a main module with top-level await); its code can.
 */
import type { CallExpression, Expression, FunctionDeclaration, Node, Options, Pattern, Program } from 'acorn';
import { dependency } from '../../base/dependency.ts';

/** Property names from the module's namespace to the function: `['work']`, `['default']`, `['Tasks', 'resize']`. */
export type ExportPath = readonly string[];

/** Undefined when the function at this place is not exported. Throws a SyntaxError for code that acorn cannot read. */
export function findExportPath(code: string, line: number, column: number): ExportPath | undefined {
	const offset = offsetOf(code, line, column);
	const declared = exportedDeclaration(code, offset);
	if (declared !== undefined) return [declared];
	const program = parseModule(code);
	const locals = topLevelBindings(program);
	for (const [name, node] of exportsOf(program, locals)) {
		const rest = pathWithin(node, offset, locals);
		if (rest !== undefined) return [name, ...rest];
	}
	return undefined;
}

/**
 * The name under which the function at this place is exported by its own declaration. V8 says that a function is where
 * its parameters begin, and nothing else can stand on the line before them like this. That needs no parser, to load
 * which takes a dozen milliseconds.
 */
function exportedDeclaration(code: string, offset: number): string | undefined {
	if (code[offset] !== '(') return undefined;
	const before = code.slice(Math.max(0, offset - 200), offset);
	const match = /(?<![\w$.])export +(default +)?(?:async +)?function *\*? *([\w$]*) *$/.exec(before);
	return match?.[1] === undefined ? match?.[2] : 'default';
}

export function parseModule(code: string): Program {
	return parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true, allowAwaitOutsideFunction: true });
}

function parse(code: string, options: Options): Program {
	const acorn = dependency('acorn', 'find under which name a module exports a function') as { parse(code: string, options: Options): Program };
	return acorn.parse(code, options);
}

/** Whether instances of a class have fields that no other code can read or set: `#name`. */
export function hasPrivateFields(classSource: string): boolean {
	const program = parse(`(${classSource})`, { ecmaVersion: 'latest', sourceType: 'module' });
	const statement = program.body[0];
	if (statement?.type !== 'ExpressionStatement' || statement.expression.type !== 'ClassExpression') return false;
	return statement.expression.body.body.some(
		(member) => member.type === 'PropertyDefinition' && !member.static && member.key.type === 'PrivateIdentifier',
	);
}

export type Bindings = Map<string, Node>;

export function offsetOf(code: string, line: number, column: number): number {
	let at = 0;
	for (let i = 0; i < line; i++) at = code.indexOf('\n', at) + 1;
	return at + column;
}

export function topLevelBindings({ body }: Pick<Program, 'body'>): Bindings {
	const bindings: Bindings = new Map();
	for (const statement of body) {
		const declaration =
			statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration' ? statement.declaration : statement;
		if (declaration?.type === 'FunctionDeclaration' || declaration?.type === 'ClassDeclaration') {
			if (declaration.id !== null) bindings.set(declaration.id.name, declaration);
		} else if (declaration?.type === 'VariableDeclaration') {
			for (const { id, init } of declaration.declarations) bindPattern(bindings, id, init);
		}
	}
	// Compilers also write `let A = class {}; A = decorate(A)`: assignments do not matter here, the first value is the
	// class.
	return bindings;
}

function bindPattern(bindings: Bindings, id: Pattern, init: Expression | null | undefined): void {
	if (id.type === 'Identifier' && init) bindings.set(id.name, init);
}

function* exportsOf(program: Program, locals: Bindings): Iterable<[name: string, node: Node]> {
	for (const statement of program.body) {
		if (statement.type === 'ExportDefaultDeclaration') {
			yield ['default', resolve(statement.declaration, locals)];
		} else if (statement.type === 'ExportNamedDeclaration') {
			yield* namedExports(statement.declaration, locals);
			if (statement.source) continue; // a re-export: the function was written in another module
			for (const { local, exported } of statement.specifiers) {
				const node = local.type === 'Identifier' ? locals.get(local.name) : undefined;
				if (node !== undefined) yield [exported.type === 'Identifier' ? exported.name : String(exported.value), node];
			}
		}
	}
}

function* namedExports(declaration: Node | null | undefined, locals: Bindings): Iterable<[string, Node]> {
	if (!declaration) return;
	if (declaration.type === 'VariableDeclaration') {
		for (const { id } of (declaration as unknown as { declarations: { id: Pattern }[] }).declarations) {
			const node = id.type === 'Identifier' ? locals.get(id.name) : undefined;
			if (id.type === 'Identifier' && node !== undefined) yield [id.name, node];
		}
	} else {
		const name = (declaration as FunctionDeclaration).id?.name;
		if (name !== undefined) yield [name, declaration];
	}
}

function resolve(node: Node, locals: Bindings): Node {
	const name = node.type === 'Identifier' ? (node as unknown as { name: string }).name : undefined;
	return (name !== undefined && locals.get(name)) || node;
}

/** Where below `node` the function at `offset` is: `[]` for the node itself. */
export function pathWithin(start: Node, offset: number, locals: Bindings): string[] | undefined {
	const node = resolve(start, locals) as Node & Record<string, never>;
	switch (node.type) {
		case 'FunctionDeclaration':
		case 'FunctionExpression':
		case 'ArrowFunctionExpression':
			return isHead(node, offset) ? [] : undefined;
		case 'ClassDeclaration':
		case 'ClassExpression':
			return isClassHead(node, offset)
				? []
				: pathToMember(
						membersOf(node).filter((member) => member.static),
						offset,
						locals,
					);
		case 'ObjectExpression':
			return pathToMember((node as unknown as { properties: Member[] }).properties, offset, locals);
		case 'CallExpression':
			return pathWithinNamed(node as unknown as CallExpression, offset, locals);
		default:
			return undefined;
	}
}

/** esbuild, and so tsx, writes `__name(fn, 'fn')`, which returns the function itself. */
function pathWithinNamed({ callee, arguments: [first] }: CallExpression, offset: number, locals: Bindings): string[] | undefined {
	return callee.type === 'Identifier' && callee.name === '__name' && first !== undefined ? pathWithin(first, offset, locals) : undefined;
}

interface Member extends Node {
	kind?: string;
	static?: boolean;
	computed?: boolean;
	key?: Node & { name?: string; value?: unknown };
	value?: Node | null;
}

function pathToMember(members: readonly Member[], offset: number, locals: Bindings): string[] | undefined {
	for (const member of members) {
		if (member.computed || !member.key || !member.value) continue;
		const rest = pathWithin(member.value, offset, locals);
		const name = member.key.type === 'Identifier' ? member.key.name : member.key.type === 'Literal' ? String(member.key.value) : undefined;
		if (rest !== undefined && name !== undefined) return [name, ...rest];
	}
	return undefined;
}

function membersOf(classNode: Node): Member[] {
	return (classNode as unknown as { body: { body: Member[] } }).body.body;
}

/** A class is, to V8, its constructor, when it has one. */
function isClassHead(node: Node, offset: number): boolean {
	const own = membersOf(node).find((member) => member.kind === 'constructor')?.value;
	return isHead(node, offset) || (own !== undefined && own !== null && isHead(own, offset));
}

/** V8 gives a place between a function's first word and its body; which one depends on the kind of function. */
function isHead(node: Node, offset: number): boolean {
	const body = (node as unknown as { body: Node }).body;
	return offset >= node.start && offset <= body.start;
}
