/** The types of a manager's class, and the methods by which its instances create their objects. */
import { anything, checkOptions, strings } from '../base/arguments.ts';
import { ArgumentError } from '../base/errors.ts';
import { registerProxyClass } from './auto-proxy.ts';
import type { Definition } from './factories.ts';
import type { AnyFunction } from './functions.ts';
import { BaseProxy } from './proxy.ts';
import type { Factory, ProxyClass, RegisterOptions } from './types.ts';

type ManagerClass = abstract new (...args: never[]) => object;
type Creating = { create(typeid: string, ...args: unknown[]): unknown; createSync(typeid: string, ...args: unknown[]): unknown };

/** By the classes that they were registered with. */
const registered = new WeakMap<object, Map<string, Definition>>();

export function registerType(
	Class: ManagerClass,
	typeid: string,
	{ factory, options }: { factory: Factory | undefined; options: RegisterOptions },
): void {
	checkOptions(options, {
		owner: 'register()',
		kinds: { exposed: strings, proxy: anything },
		example: "register('Counter', Counter, { exposed })",
	});
	if (typeof typeid !== 'string' || typeid === '') throw new ArgumentError('Expected the typeid of a manager to be a string that is not empty.');
	if (factory !== undefined && typeof factory !== 'function')
		throw new ArgumentError(`Expected the factory of ${typeid} to be a function or a class.`);
	const own = registered.get(Class) ?? new Map<string, Definition>();
	const prototype = Class.prototype as object;
	if (typeid in prototype && !isRegistered(Class, typeid)) {
		throw new ArgumentError(`Cannot register the type '${typeid}': managers have a member of that name. Choose another name.`);
	}
	const { exposed, proxy } = options;
	if (proxy !== undefined) registerProxyClass(checkProxyClass(proxy));
	registered.set(Class, own.set(typeid, { typeid, factory: factory as AnyFunction | undefined, exposed, proxy: proxy?.name }));
	defineCreators(prototype, typeid);
}

/** Those of the class and its ancestors; the nearest counts. */
export function definitionsOf(Class: object): Definition[] {
	const all = new Map<string, Definition>();
	for (const at of lineage(Class)) for (const [typeid, definition] of registered.get(at) ?? []) if (!all.has(typeid)) all.set(typeid, definition);
	return [...all.values()];
}

function isRegistered(Class: object, typeid: string): boolean {
	return lineage(Class).some((at) => registered.get(at)?.has(typeid) === true);
}

function lineage(Class: object): object[] {
	const classes: object[] = [];
	for (let at: object | null = Class; at !== null; at = Object.getPrototypeOf(at) as object | null) classes.push(at);
	return classes;
}

export function defineCreators(prototype: object, typeid: string): void {
	define(prototype, typeid, function (this: Creating, ...args) {
		return this.create(typeid, ...args);
	});
	define(prototype, `${typeid}Sync`, function (this: Creating, ...args) {
		return this.createSync(typeid, ...args);
	});
}

function define(prototype: object, name: string, value: (this: Creating, ...args: unknown[]) => unknown): void {
	if (Object.hasOwn(prototype, name)) return;
	Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

function checkProxyClass(proxy: ProxyClass): ProxyClass {
	if (typeof proxy === 'function' && proxy.prototype instanceof BaseProxy && proxy.name !== '') return proxy;
	throw new ArgumentError('Expected `proxy` of register() to be a class that extends BaseProxy.');
}
