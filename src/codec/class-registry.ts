/** Classes whose instances may cross to another process, by what their authors say. */
import { anything, checkArgument, checkOptions, isOf, type Kind } from '../base/arguments.ts';
import { ArgumentError } from '../base/errors.ts';

/** How instances of a class travel. */
export interface ClassHooks<T, Data = unknown> {
	/**
	 * Returns what makes the instance: any value that can cross, other registered instances and shared objects
	 * included.
	 */
	serialize(instance: T): Data;
	/** Makes the instance again, in the receiving process, from what `serialize` returned. */
	deserialize(data: Data): T;
	/**
	 * What the class is called between processes; only needed when two classes have the same name. @default Class.name
	 */
	name?: string;
}

type GivenHooks = { name?: string; serialize?: unknown; deserialize?: unknown };
type AnyClass<T> = abstract new (...args: never[]) => T;

export interface Registration {
	readonly name: string;
	readonly Class: AnyClass<object>;
	/** Undefined for an error class that travels like any other error. */
	readonly hooks: ClassHooks<object> | undefined;
}

const byPrototype = new Map<object, Registration>();
const byName = new Map<string, Registration>();

/**
 * Lets instances of `Class` cross to other processes. Both sides must call it, so it belongs into the module that
 * defines the class.
 *
 * Instances of subclasses inherit it, as they inherit methods: `serialize` gets the instance and `deserialize` decides
 * what becomes of it. Register the subclass too where that is not enough. Error classes need no hooks: they keep their
 * class, message, stack, cause and properties, and their constructor is not run.
 *
 * Registering a class again replaces its hooks. Throws ArgumentError when another class has the name already.
 */
export function registerClass<T extends Error>(Class: AnyClass<T>, hooks?: { name?: string }): void;
export function registerClass<T extends object, Data = unknown>(Class: AnyClass<T>, hooks: ClassHooks<T, Data>): void;
export function registerClass(Class: AnyClass<object>, hooks?: GivenHooks): void {
	checkClass(Class);
	const ownName = isOf(named, Class) ? Class.name : '';
	const checked = checkHooks(Class, ownName, hooks);
	const name = hooks?.name ?? ownName;
	if (typeof name !== 'string' || name === '')
		throw new ArgumentError('Cannot register a class without a name. Give one: registerClass(Class, { name, … }).');
	const other = byName.get(name);
	if (other !== undefined && other.Class !== Class) {
		throw new ArgumentError(
			`Another class is registered as '${name}' already. Give this one its own: registerClass(${name}, { name: 'my-module.${name}', … }).`,
		);
	}
	const previous = byPrototype.get(Class.prototype as object);
	if (previous !== undefined) byName.delete(previous.name);
	const registration = { name, Class, hooks: checked };
	byName.set(name, registration);
	byPrototype.set(Class.prototype as object, registration);
}

const aClass: Kind = {
	what: 'a class',
	has: (value) => typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null,
};
/** A static member called `name` may be anything. */
const named: Kind = { what: 'a class with a name', has: (value) => typeof (value as { name?: unknown }).name === 'string' };

function checkClass(Class: AnyClass<object>): void {
	checkArgument('the first argument of registerClass()', Class, aClass);
	if (Class === Object || Class === Array) {
		throw new ArgumentError(`Cannot register ${Class.name}: its instances cross between processes as they are.`);
	}
}

function checkHooks(Class: AnyClass<object>, name: string, hooks: GivenHooks | undefined): ClassHooks<object> | undefined {
	checkOptions(hooks, { owner: `registerClass(${name})`, kinds: { name: anything, serialize: anything, deserialize: anything } });
	if (typeof hooks?.serialize === 'function' && typeof hooks.deserialize === 'function') return hooks as unknown as ClassHooks<object>;
	if (hooks?.serialize === undefined && hooks?.deserialize === undefined && Class.prototype instanceof Error) return undefined;
	throw new ArgumentError(`Expected registerClass(${name}, { serialize(instance), deserialize(data) }) with both functions.`);
}

/** The registration of the class, or of the nearest ancestor that has one. */
export function registrationOf(prototype: object | null): Registration | undefined {
	if (byPrototype.size === 0) return undefined;
	for (let at = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
		const found = byPrototype.get(at);
		if (found !== undefined) return found;
	}
	return undefined;
}

export function registrationNamed(name: string): Registration | undefined {
	return byName.get(name);
}
