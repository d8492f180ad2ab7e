/**
 * Under which export a function can be found again, read off code in which a tool has made function calls of the
 * exports of a module: test runners and bundlers run modules as the body of a function, and compilers write CommonJS.
 *
 * An export is told by a name and by what gives its value: `exports.name = work`, `register('name', () => work)`,
 * `defineProperty(exports, 'name', { get: () => work })`, `registerAll(exports, { name: () => work })`, as TypeScript,
 * Babel, esbuild and Vite write them.
 */
import type { CallExpression, Expression, Node, ObjectExpression, Program } from 'acorn';
import { offsetOf, parseModule, pathWithin, topLevelBindings, type ExportPath } from './module-exports.ts';

/**
 * Undefined when the function at this place is not exported in one of these ways. Throws a SyntaxError for code that
 * acorn cannot read.
 */
export function findCompiledExportPath(code: string, line: number, column: number): ExportPath | undefined {
	const statements = moduleBody(parseModule(code));
	const locals = topLevelBindings({ body: statements as Program['body'] });
	const offset = offsetOf(code, line, column);
	for (const statement of statements) {
		if (statement.type !== 'ExpressionStatement') continue;
		for (const [name, value] of registered((statement as unknown as { expression: Expression }).expression)) {
			const rest = pathWithin(value, offset, locals);
			if (rest !== undefined) return [name, ...rest];
		}
	}
	return undefined;
}

/**
 * The statements of the module itself: of the one function that is all of the program, if it is one, without the blocks
 * around them.
 */
function moduleBody({ body }: Program): readonly Node[] {
	let statements: readonly Node[] = body;
	for (;;) {
		const rest = statements.filter((node) => !('directive' in node) && node.type !== 'EmptyStatement');
		const [only] = rest;
		const inner = rest.length === 1 && only !== undefined ? innerStatements(only) : undefined;
		if (inner === undefined) return statements;
		statements = inner;
	}
}

function innerStatements(node: Node): readonly Node[] | undefined {
	if (node.type === 'BlockStatement') return (node as unknown as { body: Node[] }).body;
	const expression = node.type === 'ExpressionStatement' ? (node as unknown as { expression: Node }).expression : undefined;
	if (expression === undefined || !isFunction(expression)) return undefined;
	const { body } = expression as unknown as { body: Node };
	return body.type === 'BlockStatement' ? (body as unknown as { body: Node[] }).body : undefined;
}

function* registered(expression: Expression): Iterable<[name: string, value: Node]> {
	if (expression.type === 'AssignmentExpression') yield* assigned(expression.left, expression.right);
	else if (expression.type === 'CallExpression') yield* registeredByCall(expression);
	else if (expression.type === 'SequenceExpression') for (const part of expression.expressions) yield* registered(part);
}

/** Also `exports.a = exports.b = work`. */
function* assigned(target: Node, value: Expression): Iterable<[string, Node]> {
	const { object, property, computed } = target as unknown as { object?: Node; property?: Node & { name?: string }; computed?: boolean };
	const last = lastValue(value);
	if (target.type === 'MemberExpression' && computed !== true && isExports(object) && property?.name !== undefined) yield [property.name, last];
	if (value.type === 'AssignmentExpression') yield* assigned(value.left, value.right);
}

function lastValue(value: Expression): Expression {
	return value.type === 'AssignmentExpression' ? lastValue(value.right) : value;
}

/** `exports`, `module.exports`. */
function isExports(node: Node | undefined): boolean {
	const { name, object, property } = (node ?? {}) as { name?: string; object?: { name?: string }; property?: { name?: string } };
	return name === 'exports' || (object?.name === 'module' && property?.name === 'exports');
}

/** What registers has "export" in its name, or is given something that has. */
function* registeredByCall({ callee, arguments: args }: CallExpression): Iterable<[string, Node]> {
	if (![callee, args[0]].some((node) => /export/i.test((node as { name?: string } | undefined)?.name ?? '') || isExports(node))) return;
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] as Node & { value?: unknown };
		const next = args[i + 1] as Node | undefined;
		if (arg.type === 'Literal' && typeof arg.value === 'string' && next !== undefined) {
			const value = givenBy(next);
			if (value !== undefined) yield [arg.value, value];
		} else if (arg.type === 'ObjectExpression') yield* getters(arg as unknown as ObjectExpression);
	}
}

/** Of a function, what it returns; of a property's description, its `get` or `value`. */
function givenBy(node: Node): Node | undefined {
	if (isFunction(node)) return returned(node);
	if (node.type !== 'ObjectExpression') return undefined;
	const members = propertiesOf(node as unknown as ObjectExpression);
	const get = members.get('get');
	return get === undefined ? members.get('value') : returned(get);
}

function* getters(object: ObjectExpression): Iterable<[string, Node]> {
	for (const [name, value] of propertiesOf(object)) {
		const given = isFunction(value) && name !== 'get' ? returned(value) : undefined;
		if (given !== undefined) yield [name, given];
	}
}

function propertiesOf({ properties }: ObjectExpression): Map<string, Node> {
	const found = new Map<string, Node>();
	for (const property of properties) {
		if (property.type !== 'Property' || property.computed) continue;
		const { key } = property;
		if (key.type === 'Identifier') found.set(key.name, property.value);
		else if (key.type === 'Literal') found.set(String(key.value), property.value);
	}
	return found;
}

function isFunction(node: Node): boolean {
	return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression';
}

/** `() => work`, `() => { return work }`, `() => { try { return work } catch {} }` */
function returned(fn: Node): Node | undefined {
	let { body } = fn as unknown as { body: Node };
	while (body.type === 'BlockStatement' || body.type === 'TryStatement') {
		const { body: statements, block } = body as unknown as { body?: Node[]; block?: Node };
		const next = block ?? statements?.[0];
		if (next === undefined) return undefined;
		body = next;
	}
	if (body.type === 'ReturnStatement') return (body as unknown as { argument: Node | null }).argument ?? undefined;
	return body.type === 'Identifier' ? body : undefined;
}
