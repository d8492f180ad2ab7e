/**
 * Checks of what callers give, the same for all public constructors and calls: an options object has the options that
 * there are, of the kinds that they must be. A misspelt option that was taken for none would change what the program
 * does, in silence.
 *
 * `undefined` stands for an option that is not given, everywhere.
 */
import { ArgumentError } from './errors.ts';

/** What a value must be: in words, for the error, and as a test. */
export interface Kind {
	/** As it stands after "Expected … to be". */
	readonly what: string;
	readonly has: (value: unknown) => boolean;
}

/** The options that a call takes, and what each must be. */
export type OptionKinds = Readonly<Record<string, Kind>>;

export interface OptionsOf {
	/** Who takes them, as a caller writes it: `new Process()`, `connect()`. */
	readonly owner: string;
	readonly kinds: OptionKinds;
	/** An example, for those who give something else than options. */
	readonly example?: string;
}

/** Throws an ArgumentError that names the option. `undefined` in the place of the object is an empty one. */
export function checkOptions(options: unknown, { owner, kinds, example }: OptionsOf): void {
	if (options === undefined) return;
	if (!isOf(optionsObject, options)) {
		const hint = example === undefined ? '' : ` Write ${example}.`;
		throw new ArgumentError(`Expected ${owner} to be given an options object, got ${describe(options)}.${hint}`);
	}
	for (const name of Object.keys(options as object)) if (!Object.hasOwn(kinds, name)) throw unknownOption(owner, name, Object.keys(kinds));
	for (const name of Object.keys(kinds)) {
		const value = read(options as Record<string, unknown>, name, owner);
		if (value !== undefined) checkArgument(`\`${name}\` of ${owner}`, value, kinds[name]!);
	}
}

/** A copy of an options object, whose getters may throw: for who passes the rest of them on. */
export function copyOptions<T extends object>(options: T, owner: string): T {
	const given = options as Record<string, unknown>;
	return Object.fromEntries(Object.keys(given).map((name) => [name, read(given, name, owner)])) as T;
}

/** A getter may throw. */
function read(options: Record<string, unknown>, name: string, owner: string): unknown {
	try {
		return options[name];
	} catch (cause) {
		throw new ArgumentError(`Cannot read \`${name}\` of ${owner}: its getter has thrown.`, { cause });
	}
}

/** Throws an ArgumentError when the value is not of the kind. `subject` is what the error calls it. */
export function checkArgument(subject: string, value: unknown, kind: Kind): void {
	if (!isOf(kind, value)) throw new ArgumentError(`Expected ${subject} to be ${kind.what}, got ${describe(value)}.`);
}

/** Code of the value's own may run here (a Proxy's traps); when it throws, the value is nothing of the kind. */
export function isOf({ has }: Kind, value: unknown): boolean {
	try {
		return has(value);
	} catch {
		return false;
	}
}

export const anything: Kind = { what: 'anything', has: () => true };
export const aString: Kind = { what: 'a string', has: (value) => typeof value === 'string' };
/** As the kernel takes it. */
export const aTextWithoutZero: Kind = { what: 'a string without a zero byte', has: (value) => typeof value === 'string' && !value.includes('\0') };
export const aBoolean: Kind = { what: 'a boolean', has: (value) => typeof value === 'boolean' };
export const aFunction: Kind = { what: 'a function', has: (value) => typeof value === 'function' };
export const anArray: Kind = { what: 'an array', has: Array.isArray };
/** Not a text: its letters are hardly ever meant. */
export const anIterable: Kind = {
	what: 'an array or another iterable',
	has: (value) =>
		typeof value === 'object' &&
		value !== null &&
		typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function' &&
		(!ArrayBuffer.isView(value) || isAttached(value)),
};
export const anAbortSignal: Kind = { what: 'an AbortSignal', has: (value) => value instanceof AbortSignal };
export const milliseconds: Kind = { what: 'a number of milliseconds', has: (value) => typeof value === 'number' && !Number.isNaN(value) };
export const strings: Kind = {
	what: 'an array of strings',
	has: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

/** Throws when its memory was handed to another thread. */
function isAttached({ buffer }: ArrayBufferView): boolean {
	return new Uint8Array(buffer).length >= 0;
}

/** A number, with fractions or not. */
export function numberFrom(least: number): Kind {
	return { what: `a number from ${least} on`, has: (value) => typeof value === 'number' && value >= least };
}

export function integerFrom(least: number, most: number = Number.MAX_SAFE_INTEGER): Kind {
	const upTo = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
	return {
		what: `a whole number from ${least} ${upTo}`,
		has: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
	};
}

export function oneOf(...values: readonly unknown[]): Kind {
	const words = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
	return { what: [words.slice(0, -1).join(', '), words.at(-1)].filter(Boolean).join(' or '), has: (value) => values.includes(value) };
}

/** What a value is, for error messages: short, and without running any code of the value's. */
export function describe(value: unknown): string {
	switch (typeof value) {
		case 'undefined':
			return 'undefined';
		case 'string':
			return `the string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`;
		case 'bigint':
			return `the bigint ${value}n`;
		case 'function':
			return isOf(nameable, value) ? `the function ${nameOf(value) || '(anonymous)'}` : 'a Proxy that cannot be looked at';
		case 'object':
			return value === null ? 'null' : isOf(readable, value) ? describeObject(value) : 'a Proxy that cannot be looked at';
		default:
			return `the ${typeof value} ${String(value)}`;
	}
}

const nameable: Kind = { what: 'a function whose name can be read', has: (value) => typeof nameOf(value as () => unknown) === 'string' };

function describeObject(value: object): string {
	if (Array.isArray(value)) return 'an array';
	const tag = classOf(value);
	return tag === 'Object' ? 'an object' : `${/^[AEIOU]/.test(tag) ? 'an' : 'a'} ${tag}`;
}

function classOf(value: object): string {
	try {
		const { constructor } = value as { constructor?: unknown };
		const name = typeof constructor === 'function' ? nameOf(constructor) : '';
		return name === '' ? 'Object' : name;
	} catch {
		return 'Object'; // a Proxy, or a getter that throws
	}
}

function nameOf(fn: object): string {
	const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
	return typeof name === 'string' ? name : '';
}

/** Looking at a Proxy runs its traps. */
const readable: Kind = {
	what: 'an object that can be looked at',
	has: (value) => describeObject(value as object) !== '',
};

/** Not an array, a Date, a Map, an AbortController, …: an option given in their place would be read as "no options". */
export const optionsObject: Kind = {
	what: 'an options object',
	has: (value) =>
		typeof value === 'object' &&
		value !== null &&
		Object.prototype.toString.call(value) === '[object Object]' &&
		Reflect.ownKeys(value).length >= 0,
};

function unknownOption(owner: string, name: string, known: readonly string[]): ArgumentError {
	const near = known.find((other) => isNear(name.toLowerCase(), other.toLowerCase()));
	const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`;
	return new ArgumentError(`Unknown option \`${name}\` of ${owner}.${hint} It takes ${known.map((other) => `\`${other}\``).join(', ')}.`);
}

/**
 * Whether one is a part of the other, or few slips of the keyboard lie between them (edit distance 2 at most, and less
 * than half of the word).
 */
function isNear(a: string, b: string): boolean {
	if ((a.length > 2 && b.includes(a)) || a.includes(b) || isAnagram(a, b)) return true;
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
		}
		row = next;
	}
	return row[b.length]! <= Math.min(2, Math.floor((b.length - 1) / 2));
}

function isAnagram(a: string, b: string): boolean {
	return a.split('').sort().join('') === b.split('').sort().join('');
}
