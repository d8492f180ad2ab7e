/**
 * Errors of other processes.
 *
 * An error keeps its class when that is a built-in one, one of this library's, or one that both sides have registered.
 * Otherwise it becomes an instance of the nearest ancestor that is known, with its own name: a `class Overflow extends
 * RangeError` arrives as a RangeError whose `name` is 'Overflow', and where nothing but Error is known, a RemoteError.
 * Name, message, stack, cause, `errors` and own properties stay as they were; constructors are not run.
 */
import * as errors from '../base/errors.ts';
import { registrationNamed, registrationOf } from './class-registry.ts';

type ErrorClass = new (message?: string) => Error;

/** Properties that an error has itself without their being enumerable. */
export const hiddenFields: readonly string[] = ['name', 'message', 'stack', 'cause', 'errors'];

/** Before the name of a registered class, which may be that of another. */
const REGISTERED = '#';

let known: Map<string, ErrorClass> | undefined;
let names: Map<object, string> | undefined;

function knownClasses(): Map<string, ErrorClass> {
	if (known !== undefined) return known;
	const own = Object.values(errors).filter((value) => typeof value === 'function' && value.prototype instanceof Error);
	const builtIn = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];
	const recent = (globalThis as unknown as { SuppressedError?: ErrorClass }).SuppressedError;
	const all = [...builtIn, ...(recent === undefined ? [] : [recent]), ...own] as unknown as ErrorClass[];
	known = new Map(all.map((Class) => [Class.name, Class]));
	names = new Map(all.map((Class) => [Class.prototype as object, Class.name]));
	return known;
}

/** What the class of an error is called between processes, and whether that is the error's very class. */
export function errorClassOf(error: object): { className: string; isExact: boolean } {
	knownClasses();
	let isExact = true;
	for (let at = Object.getPrototypeOf(error) as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null) {
		const registration = registrationOf(at);
		const name = registration?.Class.prototype === at ? REGISTERED + registration.name : (names?.get(at) ?? foreignName(at));
		if (name !== undefined)
			return isExact || (name !== 'Error' && name !== 'NprocsError') ? { className: name, isExact } : { className: '', isExact };
		isExact = false;
	}
	return { className: '', isExact };
}

/** The name of a built-in error class of another realm. */
function foreignName(prototype: object): string | undefined {
	const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
	if (typeof constructor !== 'function' || constructor.prototype !== prototype) return undefined;
	const here = (globalThis as unknown as Record<string, unknown>)[constructor.name];
	const isBuiltIn =
		here !== undefined && known?.get(constructor.name) === here && /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
	return isBuiltIn ? constructor.name : undefined;
}

/** An error of the class of that name, or else a RemoteError; without message, with no stack yet. */
export function emptyError(className: string): Error {
	const Class = (className.startsWith(REGISTERED) ? registeredClass(className.slice(1)) : knownClasses().get(className)) ?? errors.RemoteError;
	// Not to walk the stack, as it is of no interest. Reflect.set fails in silence where intrinsics are frozen.
	const limit = Error.stackTraceLimit;
	Reflect.set(Error, 'stackTraceLimit', 0);
	try {
		const error = Reflect.construct(Error, [], Class) as Error;
		delete error.stack;
		return error;
	} finally {
		Reflect.set(Error, 'stackTraceLimit', limit);
	}
}

function registeredClass(name: string): ErrorClass | undefined {
	const registration = registrationNamed(name);
	return registration !== undefined && registration.hooks === undefined ? (registration.Class as unknown as ErrorClass) : undefined;
}

/** What only a whole error can be given: it says that it is a RemoteError, and it has a stack. */
export function completeError(error: Error): void {
	if (Object.getPrototypeOf(error) === errors.RemoteError.prototype && !Object.hasOwn(error, 'code')) {
		Object.defineProperty(error, 'code', { value: errors.RemoteError.defaultCode, enumerable: true, writable: true, configurable: true });
	}
	if (typeof error.stack !== 'string') {
		Object.defineProperty(error, 'stack', { value: `${error.name}: ${error.message}`, writable: true, configurable: true });
	}
}

/**
 * For an error that another process has thrown, before it is thrown here again: puts this side's stack below the
 * other's.
 *
 * @param where - whose error it was, in words: `process Worker-1 (pid 12)`
 * @param callSite - an error made where the user called; by default the caller's own stack is used
 */
export function addLocalStack(error: unknown, where: string, callSite: { stack?: string | undefined } = here()): void {
	if (!(error instanceof Error) || typeof error.stack !== 'string') return;
	const local = (callSite.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
	const stack = [error.stack, `    --- above: in ${where}; below: here ---`, ...local].join('\n');
	Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
}

function here(): { stack?: string } {
	const place: { stack?: string } = {};
	Error.captureStackTrace(place, addLocalStack);
	return place;
}
