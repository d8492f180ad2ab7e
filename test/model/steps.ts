/**
 * The shipped code, made to stop before each access to shared memory.
 *
 * The modules are joined into one text without types and rewritten: every synchronous function becomes a generator, and
 * what a call returns is yielded if it is a generator; a Thread runs it and sends back its result. `Atomics` becomes
 * `$a`, whose functions yield a word before they do what Atomics does. So a function of the library, called by a
 * process of the model, can be interrupted before any of its atomic operations; and a process is killed by not going on
 * with it. What is written for both forms of an operation (base/both-forms.ts) is here the form that blocks. Left as
 * they are: other generators, asynchronous functions, constructors, accessors and arrow functions without calls. Memory
 * is one array that all processes of the model use; futexes and process start times are those of the model (world.ts).
 *
 * What JavaScript itself calls, such as the function that `filter` is given, cannot be stopped in: it would give a
 * generator in the place of its answer, and every element would be kept. The model refuses to run such a call; the
 * library's code has a loop there.
 */
import { join } from 'node:path';
import { parse, type AnyNode, type Node } from 'acorn';
import { build } from 'esbuild';

const src = join(import.meta.dirname, '../../../src');

/** What the model puts in the place of the outside world. */
const replacements: Record<string, string> = {
	// Time passes at each look, so that every run of the same steps is the same.
	'base/clock.ts': `let time = 1e6; const never = () => {};
		export { never as setTimeout, never as clearTimeout, never as setInterval, never as clearInterval, never as setImmediate, never as queueMicrotask };
		export const nowMs = () => (time += 10), longestTimerMs = 2 ** 31 - 1;`,
	// The form that blocks, as one function: its steps are those of the model.
	'base/both-forms.ts': `export const either = (inLoop, blocking) => blocking(), blocking = (came) => came;
		export const inLoop = undefined;`,
	'native/addon.ts': 'export const addon = () => $world.addon;',
	'memory/segment.ts': 'export const Segment = $world.Segment;',
	'memory/names.ts': 'export const registryName = () => "registry", objectName = (kind, name) => kind + name, pathOf = (name) => name;',
	'stream/message.ts': `export const unpack = (flags, bytes, start) => bytes[start];
		export const pack = (message) => message, packBytes = (bytes) => bytes, own = (message) => message, discard = undefined;`,
	'pool/scheduling/unit.ts': 'export const singlesOf = (unit) => [unit];',
	'codec/encode.ts': 'export const encodeBorrowed = undefined;',
	'codec/decode.ts': 'export const decode = undefined, decodeRange = undefined;',
	'codec/remote-error.ts': 'export const addLocalStack = undefined;',
	'stream/out-of-band.ts': 'export const closeOutOfBandOf = undefined;',
	'memory/inspect.ts': 'export const findName = undefined, inspect = undefined;',
	'node:os': 'export const availableParallelism = () => 1, constants = { errno: { ENOSPC: 28 } };',
};

export type Instance = Record<string, never>;
/** Makes an instance of the library: what one process has. */
export type Instantiate = (world: object) => Instance;

/** Rewrites the library, as reached from these exports of these modules; `damage` may put a fault into it before. */
export async function inSteps(
	exports: Record<string, readonly string[]>,
	damage: (source: string) => string = (source) => source,
): Promise<Instantiate> {
	const entry = Object.entries(exports)
		.map(([file, names]) => `export { ${names.join(', ')} } from ${JSON.stringify(join(src, file))};`)
		.join('\n');
	const source = rewrite(damage(await bundle(entry)));
	// oxlint-disable-next-line typescript/no-implied-eval -- it is our own code
	const factory = new Function('$world', '$a', '$returned', '$run', '$g', '$refusing', source) as (...parts: unknown[]) => Instance;
	return (world) => factory(world, atomics, returned, runToEnd, bind, refusing);
}

async function bundle(contents: string): Promise<string> {
	const { outputFiles } = await build({
		stdin: { contents, resolveDir: src },
		bundle: true,
		write: false,
		format: 'esm',
		platform: 'node',
		target: 'es2022',
		plugins: [
			{
				name: 'model',
				setup(hooks) {
					hooks.onResolve({ filter: /.*/ }, ({ path }) => {
						const key = Object.keys(replacements).find((name) => path.endsWith(name.replace(/^.*\//, '/')) || path === name);
						return key === undefined ? undefined : { path: key, namespace: 'model' };
					});
					hooks.onLoad({ filter: /.*/, namespace: 'model' }, ({ path }) => ({ contents: replacements[path]! }));
				},
			},
		],
	});
	return outputFiles[0]!.text;
}

// ---- What the rewritten code calls ----

export type Step = Generator<unknown, unknown>;

const generatorPrototype = Object.getPrototypeOf(function* () {}.prototype) as object;
export const isGenerator = (value: unknown): value is Step =>
	typeof value === 'object' && value !== null && Object.prototype.isPrototypeOf.call(generatorPrototype, value);

/** What a call has returned, between the look at it and its use, which follow one upon the other. */
const returned = {
	value: undefined as unknown,
	isGenerator(value: unknown): boolean {
		this.value = value;
		return isGenerator(value);
	},
};

/**
 * Runs a generator and those that it yields, each of which is a call, up to the next step. It keeps the stack itself:
 * by `yield*` each step would go through all calls that are under way, which takes three times as long.
 */
export class Thread {
	readonly #stack: Step[];

	constructor(steps: Step) {
		this.#stack = [steps];
	}

	/** Goes on to the next step, whose name is the value, or to the end. */
	next(): IteratorResult<unknown, unknown> {
		const stack = this.#stack;
		let result: IteratorResult<unknown, unknown> = { done: false, value: undefined };
		let error: { thrown: unknown } | undefined;
		for (;;) {
			const top = stack.at(-1)!;
			try {
				result = error === undefined ? top.next(result.value) : top.throw(error.thrown);
				error = undefined;
			} catch (thrown) {
				stack.pop();
				if (stack.length === 0) throw thrown;
				error = { thrown };
				continue;
			}
			if (result.done === true) {
				stack.pop();
				if (stack.length === 0) return result;
			} else if (isGenerator(result.value)) {
				stack.push(result.value);
				result = { done: false, value: undefined };
			} else return result;
		}
	}
}

/** Without a stop: for what is not part of the model, such as constructors. */
export function runToEnd(value: unknown): unknown {
	if (!isGenerator(value)) return value;
	const thread = new Thread(value);
	for (;;) {
		const { done, value: result } = thread.next();
		if (done === true) return result;
	}
}

function bind(self: unknown, fn: (...args: unknown[]) => Step): unknown {
	return fn.bind(self);
}

function refusing(method: string): () => never {
	return () => {
		throw new Error(`the model cannot stop in a function that ${method}() calls: write a loop`);
	};
}

/** Methods of arrays that use what their function returns. */
const callingMethods = new Set(['every', 'filter', 'find', 'findIndex', 'findLast', 'flatMap', 'map', 'reduce', 'some', 'sort']);

const atomics = Object.fromEntries(
	(['load', 'store', 'add', 'sub', 'and', 'or', 'exchange', 'compareExchange'] as const).map((name) => [
		name,
		function* atomic(...args: [never, never, never, never]): Step {
			yield name;
			return Atomics[name](...args);
		},
	]),
);

// ---- Rewriting ----

interface Edit {
	at: number;
	order: number;
	text: string;
	remove: number;
}

/** How a call is made where it stands. */
type Context = 'yield' | 'run';

function rewrite(source: string): string {
	const edits: Edit[] = [];
	const program = parse(source, { ecmaVersion: 2023, sourceType: 'module' });
	const insert = (at: number, text: string, order: number, remove = 0): void => void edits.push({ at, text, order, remove });

	const visit = (node: AnyNode | null | undefined, context: Context): void => {
		if (node === null || node === undefined) return;
		switch (node.type) {
			case 'ImportDeclaration': {
				const names = node.specifiers.map((specifier) =>
					specifier.type === 'ImportSpecifier' ? `${(specifier.imported as { name: string }).name}: ${specifier.local.name}` : '',
				);
				return insert(node.start, `const { ${names.join(', ')} } = process.getBuiltinModule(${node.source.raw!});`, 0, node.end - node.start);
			}
			case 'ExportNamedDeclaration': {
				const names = node.specifiers.map(
					({ exported, local }) => `${(exported as { name: string }).name}: ${(local as { name: string }).name}`,
				);
				return insert(node.start, `return { ${names.join(', ')} };`, 0, node.end - node.start);
			}
			case 'FunctionDeclaration':
			case 'FunctionExpression':
				if (node.async || (node.generator && !isOfBothForms(node))) return;
				if (!node.generator) insert(node.start + 'function'.length, '*', 0);
				for (const parameter of node.params) visit(parameter, 'run');
				return visit(node.body, 'yield');
			case 'ArrowFunctionExpression': {
				if (node.async || !hasCalls(node.body)) return;
				insert(node.start, '$g(this, function*', 0);
				const arrow = source.indexOf('=>', node.params.at(-1)?.end ?? node.start);
				insert(arrow, '', 0, 2);
				for (const parameter of node.params) visit(parameter, 'run');
				if (node.body.type !== 'BlockStatement') {
					// An object literal stands in parentheses, which do not belong to its node.
					insert(arrow + 2, '{ return (', 0);
					insert(node.end, ') })', 9);
				} else insert(node.end, ')', 9);
				return visit(node.body, 'yield');
			}
			case 'MethodDefinition': {
				const fn = node.value;
				if (fn.async || (fn.generator && !isOfBothForms(fn))) return;
				if (node.kind !== 'method') {
					for (const part of [...fn.params, fn.body]) visit(part as AnyNode, 'run');
					return;
				}
				if (!fn.generator) insert(node.computed ? source.lastIndexOf('[', node.key.start) : node.key.start, '*', 0);
				for (const parameter of fn.params) visit(parameter, 'run');
				return visit(fn.body, 'yield');
			}
			case 'Property':
				if (node.method) {
					const fn = node.value as Node & { async: boolean; generator: boolean; params: AnyNode[]; body: AnyNode };
					if (fn.async || fn.generator) return;
					insert(node.computed ? source.lastIndexOf('[', node.key.start) : node.key.start, '*', 0);
					return visit(fn.body, 'yield');
				}
				return visitChildren(node, context);
			case 'YieldExpression':
				// Of a function of both forms: a call like others.
				insert(node.start, '', 0, node.argument!.start - node.start);
				return visit(node.argument, context);
			case 'PropertyDefinition':
			case 'StaticBlock':
				return visitChildren(node, 'run');
			case 'ChainExpression':
				wrap(node, context);
				return visitChain(node.expression, context);
			case 'CallExpression':
				if (node.callee.type === 'Super') return visitAll(node.arguments, context);
				wrap(node, context);
				return visitCall(node, context);
			default:
				return visitChildren(node, context);
		}
	};
	/** base/both-forms.ts */
	const isOfBothForms = (node: Node): boolean => source.slice(node.start, node.end).includes('yield* either(');
	const wrap = (node: Node, context: Context): void => {
		insert(node.start, context === 'yield' ? '($returned.isGenerator(' : '$run(', -node.end);
		insert(node.end, context === 'yield' ? ') ? yield $returned.value : $returned.value)' : ')', 5);
	};
	const visitCall = (node: AnyNode & { type: 'CallExpression' }, context: Context): void => {
		const { callee } = node;
		if (callee.type === 'MemberExpression' && callee.object.type === 'Identifier' && callee.object.name === 'Atomics')
			insert(callee.object.start, '$a', 0, 'Atomics'.length);
		else if (callee.type === 'MemberExpression') visitChildren(callee, context);
		else visit(callee, context);
		const method = callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : '';
		for (const argument of node.arguments) {
			if (callingMethods.has(method) && argument.type === 'ArrowFunctionExpression' && hasCalls(argument.body))
				insert(argument.start, `$refusing('${method}')`, 0, argument.end - argument.start);
			else visit(argument, context);
		}
	};
	/** Inside of an optional chain a call must not be wrapped: that would end the chain. */
	const visitChain = (node: AnyNode, context: Context): void => {
		if (node.type === 'CallExpression') {
			visitChain(node.callee, context);
			visitAll(node.arguments, context);
		} else if (node.type === 'MemberExpression') {
			visitChain(node.object, context);
			if (node.computed) visit(node.property, context);
		} else visit(node, context);
	};
	const visitAll = (nodes: readonly AnyNode[], context: Context): void => nodes.forEach((node) => visit(node, context));
	const visitChildren = (node: AnyNode, context: Context): void => childrenOf(node).forEach((child) => visit(child, context));

	visit(program, 'run');
	return apply(source, edits);
}

function hasCalls(node: AnyNode): boolean {
	if (node.type === 'CallExpression') return true;
	if (node.type === 'FunctionExpression') return false;
	return childrenOf(node).some(hasCalls);
}

function childrenOf(node: AnyNode): AnyNode[] {
	const isNode = (value: unknown): value is AnyNode => typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
	return Object.values(node).flatMap((value: unknown) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
}

function apply(source: string, edits: Edit[]): string {
	// At one place, what closes comes before what opens, and the outermost opens first.
	const key = ({ order }: Edit): number => (order < 0 ? 100 : order === 0 ? 200 : order);
	edits.sort((a, b) => a.at - b.at || key(a) - key(b) || a.order - b.order);
	let result = '';
	let position = 0;
	for (const { at, text, remove } of edits) {
		result += source.slice(position, at) + text;
		position = at + remove;
	}
	return result + source.slice(position);
}
