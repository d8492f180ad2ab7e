/**
 * Which methods of an object of the program's clients may call: those that `exposed` names, or else its public ones, as
 * Python's: methods of the object and of its classes whose names do not begin with "_". What every object has
 * (`constructor`, `toString`, …) is none of them, and getters are not run. They are looked up here and nowhere else, so
 * no name reaches anything that is not in this table.
 */
import { ArgumentError } from '../base/errors.ts';
import { isShareable } from '../codec/handle.ts';
import type { SignalPlace } from './protocol.ts';
import type { Call } from './call.ts';
import { kinds } from './methods.ts';
import type { Referent } from './referents/referent.ts';

/** Calls one method of an object. */
export type Invoke = (object: object, call: Call, given: Given) => unknown;

export interface Given {
	readonly args: unknown[];
	/** Where the caller has given a signal. */
	readonly place: SignalPlace | undefined;
}

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/** Of an object of a SyncManager: what the table says. The same for all objects of a kind. */
export function methodsOfReferent({ kind }: Referent): ReadonlyMap<string, Invoke> {
	let methods = known.get(kind);
	if (methods === undefined) known.set(kind, (methods = new Map([...kinds.get(kind)!.keys()].map((name) => [name, invokerOf(name)]))));
	return methods;
}

const known = new Map<string, ReadonlyMap<string, Invoke>>();

function invokerOf(name: string): Invoke {
	return (referent, call, { args }) => (referent as Record<string, AnyMethod>)[name]!(call, ...args);
}

export function methodsOfObject(object: object, exposed: readonly string[] | undefined): ReadonlyMap<string, Invoke> {
	const names = exposed ?? publicNames(object);
	return new Map(
		names.map((name) => [name, (referent, call, given) => Reflect.apply(methodOf(referent, name), referent, withSignal(call, given))]),
	);
}

/** The method is looked up at each call: the object may change it. */
function methodOf(object: object, name: string): AnyMethod {
	const method = (object as Record<string, unknown>)[name];
	if (typeof method !== 'function') throw new ArgumentError(`The object has no method ${name}, though it is among those that are \`exposed\`.`);
	return method as AnyMethod;
}

/** The signal that the caller gave cannot cross; the method gets one that is aborted with it. */
function withSignal(call: Call, { args, place }: Given): unknown[] {
	if (place === undefined) return args;
	const [index, isProperty] = place;
	args[index] = isProperty ? { ...(args[index] as object), signal: call.signal } : call.signal;
	return args;
}

function publicNames(object: object): string[] {
	const names = new Set<string>();
	for (let at: object | null = object; at !== null && !isEveryObjects(at); at = Object.getPrototypeOf(at) as object | null) {
		for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
			if (typeof value === 'function' && !name.startsWith('_') && !(name in Object.prototype)) names.add(name);
		}
	}
	// A twin of ours would block the server, and every client with it; a proxy has twins of its own.
	if (isShareable(object)) for (const name of names) names.delete(`${name}Sync`);
	return [...names];
}

/** Of any realm. */
function isEveryObjects(prototype: object): boolean {
	return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}
