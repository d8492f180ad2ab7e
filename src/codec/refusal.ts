/** Words for values that cannot cross, and for where they stand. */
import { types } from 'node:util';

/** A step on the way from the root of a value to a part of it: a key, an index, or something said in other words. */
export type Step = string | number | { describe(): string };

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$_]*$/u;
/** A path with more steps is shown by its first and last ones. */
const MOST_STEPS = 24;

/** `args[0].callback`. Without a root, the first key stands for it. */
export function formatPath(root: string, steps: readonly Step[]): string {
	const words = steps.map(formatStep);
	if (words.length > MOST_STEPS) words.splice(MOST_STEPS / 2, words.length - MOST_STEPS, '…');
	const path = root + words.join('');
	return root === '' && path.startsWith('.') ? path.slice(1) : path;
}

function formatStep(step: Step): string {
	if (typeof step === 'number') return `[${step}]`;
	if (typeof step === 'object') return step.describe();
	return identifier.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** An entry of a Map, kept up to date while the Map is written. */
export class MapStep {
	key: unknown;
	isKey = false;
	index = 0;

	describe(): string {
		if (this.isKey) return `.keys()[${this.index}]`;
		const { key } = this;
		if (typeof key === 'string') return `.get(${JSON.stringify(key)})`;
		if (typeof key === 'object' || typeof key === 'function' || typeof key === 'symbol') return `.values()[${this.index}]`;
		return `.get(${String(key)})`;
	}
}

export class SetStep {
	index = 0;

	describe(): string {
		return `.values()[${this.index}]`;
	}
}

/** What comes out of a hook of a registered class. */
export const serializeStep: Step = { describe: () => '.serialize()' };
/** What a shared object writes in its place. */
export const handleStep: Step = { describe: () => '.toHandle()' };

/** What the value is and what to do instead, to be put behind its path: "is a function. Send …". */
export function whyNot(value: unknown): string {
	if (typeof value === 'function') {
		return `${/^class\b/.test(Function.prototype.toString.call(value)) ? 'is a class' : 'is a function'}${named(value.name)}. A function belongs to its process: send data, and let the other side import the function`;
	}
	if (typeof value === 'symbol') return `is a symbol (${String(value)}). A symbol belongs to its process: send a string`;
	const object = value as object;
	if (types.isProxy(object)) return 'is a Proxy, whose traps cannot cross. Send a plain copy of it: { ...proxy }';
	if (types.isPromise(object)) return 'is a Promise. Await it and send its result';
	if (types.isSharedArrayBuffer(object)) return 'is a SharedArrayBuffer, whose memory belongs to this process. Use SharedArray or SharedMemory';
	if (types.isModuleNamespaceObject(object)) return 'is a module. Send the values in it that are needed';
	for (const [name, is] of uncopyable) if (is(object)) return `is a ${name}, which cannot be copied`;
	if (isNamespace(object)) return `is ${namespaceName(object)}, of which every process has its own. Leave it out`;
	if (types.isArgumentsObject(object)) return 'is an arguments object. Send [...arguments]';
	const name = className(object);
	if (name === 'Object' || name === undefined)
		return 'is an object with a prototype of its own, which would be lost. Send a plain object: { ...object }';
	return `is an instance of ${name}. Its methods and private state would be lost: send a plain object, or say how it travels with registerClass(${name}, { serialize, deserialize })`;
}

/** `Math`, `JSON`, `Intl` and the like: nothing in them is enumerable, so they look like empty objects. */
export function isNamespace(value: object): boolean {
	return namespaceName(value) !== undefined;
}

function namespaceName(value: object): string | undefined {
	const tag = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag);
	return tag?.enumerable === false && tag.writable === false && typeof tag.value === 'string' ? tag.value : undefined;
}

const uncopyable: ReadonlyArray<readonly [string, (value: object) => boolean]> = [
	['WeakMap', types.isWeakMap],
	['WeakSet', types.isWeakSet],
	['generator', types.isGeneratorObject],
	['Map iterator', types.isMapIterator],
	['Set iterator', types.isSetIterator],
	['native object', types.isExternal],
];

function named(name: unknown): string {
	return typeof name === 'string' && name !== '' ? ` (${name})` : '';
}

/** The name of the value's class, read without running getters; undefined if it has none. */
export function className(value: object): string | undefined {
	for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at) as object | null) {
		const constructor: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
		if (typeof constructor !== 'function') continue;
		const name: unknown = Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
		if (typeof name === 'string' && name !== '') return name;
	}
	return undefined;
}

export function isStackOverflow(error: unknown): boolean {
	return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}
