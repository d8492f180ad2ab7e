/**
 * Classes of proxies, and their methods: for the objects of a SyncManager from the table in methods.ts, for classes of
 * the program from the names that the server exposes. `name` is asynchronous, `nameSync` its twin, unless the object
 * has a method of that name itself.
 */
import { Deadline, type Wait } from '../base/deadline.ts';
import { BaseProxy, callSpecified, callSpecifiedSync, makeCall, makeCallSync, type CallOptions, type Held } from './proxy.ts';
import { kinds, type MethodSpec } from './methods.ts';
import type { SignalPlace } from './protocol.ts';

type ProxyClass = new (held: Held) => BaseProxy;

/**
 * What would be called by the language behind a program's back, or means something else on every object. They can be
 * called by `callMethod`.
 */
const notMembers = new Set([...Object.getOwnPropertyNames(Object.prototype), 'then', 'toJSON', 'prototype']);

const classes = new Map<string, ProxyClass>();
const autoClasses = new Map<string, ProxyClass>();

/**
 * Makes the class the one for objects of its kind; it gets the methods that the table says and that it has not itself.
 */
export function defineProxyClass(Class: ProxyClass & { name: string }): void {
	for (const [name, spec] of kinds.get(Class.name) ?? []) defineSpecified(Class.prototype as object, name, spec);
	classes.set(Class.name, Class);
}

/** A proxy class of the program, by its name. */
export function registerProxyClass(Class: ProxyClass & { name: string }): void {
	classes.set(Class.name, Class);
}

export function makeProxy(held: Held): BaseProxy {
	const { kind, methods = [] } = held.described;
	const Class = classes.get(kind) ?? autoClassFor(methods);
	return new Class(held);
}

function autoClassFor(methods: readonly string[]): ProxyClass {
	const key = JSON.stringify(methods);
	let Class = autoClasses.get(key);
	if (Class !== undefined) return Class;
	Class = class AutoProxy extends BaseProxy {};
	const taken = new Set(methods);
	for (const name of methods) if (!notMembers.has(name)) defineFree(Class.prototype as object, name, taken);
	autoClasses.set(key, Class);
	return Class;
}

function defineSpecified(prototype: object, name: string, spec: MethodSpec): void {
	const method = { name, spec };
	defineMember(prototype, name, function (this: BaseProxy, ...args) {
		return callSpecified(this, method, args);
	});
	defineMember(prototype, `${name}Sync`, function (this: BaseProxy, ...args) {
		return callSpecifiedSync(this, method, args);
	});
}

function defineFree(prototype: object, name: string, taken: ReadonlySet<string>): void {
	defineMember(prototype, name, function (this: BaseProxy, ...args) {
		try {
			return withSignal(args, (rest, options) => makeCall(this, { method: name, args: rest, options }));
		} catch (error) {
			return Promise.reject(error as Error);
		}
	});
	if (taken.has(`${name}Sync`) || notMembers.has(`${name}Sync`)) return;
	defineMember(prototype, `${name}Sync`, function (this: BaseProxy, ...args) {
		return withSignal(args, (rest, options) => makeCallSync(this, { method: name, args: rest, options }));
	});
}

/** As an own method of a class is: not enumerable; `__proto__`, too, is but a name. What the class has itself stays. */
function defineMember(prototype: object, name: string, value: (this: BaseProxy, ...args: unknown[]) => unknown): void {
	if (Object.hasOwn(prototype, name)) return;
	Object.defineProperty(value, 'name', { value: name, configurable: true });
	Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

/**
 * A method of the program's may take an AbortSignal as its last argument, by itself or as the property `signal`: it
 * gets one that is aborted with the caller's. The caller is not made to wait for what the method does about it.
 */
function withSignal<T>(args: unknown[], call: (args: readonly unknown[], options?: CallOptions) => T): T {
	const last = args.at(-1);
	const index = args.length - 1;
	if (last instanceof AbortSignal) return call([...args.slice(0, index), null], patience(last, [index, false]));
	if (typeof last === 'object' && last !== null && Object.getPrototypeOf(last) === Object.prototype) {
		const { signal, ...others } = last as { signal?: unknown };
		if (signal instanceof AbortSignal) return call([...args.slice(0, index), others], patience(signal, [index, true]));
	}
	return call(args);
}

function patience(signal: Wait, signalPlace: SignalPlace): CallOptions {
	return { deadline: Deadline.from(signal), signalPlace };
}
