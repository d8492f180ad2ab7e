/** The proxy of a dict: a Map in the server. */
import { describe } from '../../base/arguments.ts';
import { Deadline, type Wait } from '../../base/deadline.ts';
import { ArgumentError } from '../../base/errors.ts';
import type { Target } from '../../process/reference/named-target.ts';
import { defineProxyClass } from '../auto-proxy.ts';
import { BaseProxy, callSpecified, callSpecifiedSync } from '../proxy.ts';
import type { Change } from '../referents/dict.ts';
import type { WithTwins } from '../twins.ts';
import { itemsOf, iterate } from './iteration.ts';

/** Entries as `dict()` and `update` take them. */
export type Entries<K, V> = Iterable<readonly [K, V]> | (K extends string ? Readonly<Record<string, V>> : never);

interface DictMethods<K, V> {
	get(key: K): Promise<V | undefined>;
	set(key: K, value: V): Promise<void>;
	has(key: K): Promise<boolean>;
	/** Whether it was there. */
	delete(key: K): Promise<boolean>;
	clear(): Promise<void>;
	size(): Promise<number>;
	keys(): Promise<K[]>;
	values(): Promise<V[]>;
	entries(): Promise<[K, V][]>;
	/** The value of the key; if there is none, `value` is stored and returned. */
	setDefault(key: K, value: V): Promise<V>;
	/** Takes the entry out: its value, or undefined. */
	pop(key: K): Promise<V | undefined>;
	/** Adds `by` (1) to the value, or to 0 where there is none. The new value. No other call comes between. */
	increment(key: K, by?: number | bigint): Promise<V>;
	/**
	 * Stores `value` if the present one equals `expected`, deeply and strictly; `undefined` stands for no entry.
	 * Whether it did.
	 */
	compareAndSet(key: K, expected: V | undefined, value: V | undefined): Promise<boolean>;
	/** A Map with all entries. */
	copy(): Promise<Map<K, V>>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the table in methods.ts defines them
export interface DictProxy<K = unknown, V = unknown> extends WithTwins<DictMethods<K, V>> {
	/**
	 * Calls `fn(value, ...args)` in the server, stores what it returns, and gives that. No other call comes between.
	 * `value` is undefined where there is none; a result of undefined deletes the entry.
	 *
	 * @param fn - synchronous; an exported function (or one from `inline`), which the server imports
	 */
	compute<A extends unknown[]>(key: K, fn: Target<[value: V | undefined, ...args: A], V | undefined>, ...args: A): Promise<V | undefined>;
	/** As `compute`, but blocks this thread. */
	computeSync<A extends unknown[]>(key: K, fn: Target<[value: V | undefined, ...args: A], V | undefined>, ...args: A): V | undefined;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class DictProxy<K = unknown, V = unknown> extends BaseProxy {
	/** Stores all of them. No other call comes between. */
	async update(entries: Entries<K, V>): Promise<void> {
		await callSpecified(this, methods.update, [sendableEntries(entries)]);
	}

	/** As `update`, but blocks this thread. */
	updateSync(entries: Entries<K, V>): void {
		callSpecifiedSync(this, methods.update, [sendableEntries(entries)]);
	}

	/**
	 * Waits until `fn(value, ...args)`, asked in the server at once and after each change of the entry, is true;
	 * resolves to that value.
	 *
	 * @param rest - `...args`, and behind them how long to wait: a signal or an options object, or a number if `fn`
	 * does not take as many arguments
	 * @throws TimeoutError
	 */
	async waitFor<A extends unknown[]>(key: K, fn: Target<[value: V | undefined, ...args: A]>, ...rest: A | [...A, Wait]): Promise<V> {
		return (await callSpecified(this, methods.waitFor, [key, fn, ...splitWait(fn, rest)])) as V;
	}

	/** As `waitFor`, but blocks this thread. */
	waitForSync<A extends unknown[]>(key: K, fn: Target<[value: V | undefined, ...args: A]>, ...rest: A | [...A, Wait]): V {
		return callSpecifiedSync(this, methods.waitFor, [key, fn, ...splitWait(fn, rest)]) as V;
	}

	/** What happens from this call on, in order, until the loop over it is left. */
	changes(): AsyncGenerator<Change<K, V>, void, void> {
		const begun = callSpecified(this, methods.changes, []);
		begun.catch(() => {}); // the loop is told
		return itemsOf<Change<K, V>>(begun);
	}

	/** The entries, as Map's own iteration gives them: what is added meanwhile comes, too. */
	[Symbol.asyncIterator](): AsyncGenerator<[K, V], void, void> {
		return iterate<[K, V]>(this);
	}
}
defineProxyClass(DictProxy);

const methods = {
	update: { name: 'update', spec: {} },
	changes: { name: 'changes', spec: {} },
	waitFor: { name: 'waitFor', spec: { fn: 1, wait: 3 } },
};

/** `[args, wait]` */
function splitWait(fn: unknown, rest: readonly unknown[]): [args: readonly unknown[], wait: Wait | undefined] {
	const last = rest.at(-1);
	const taken = typeof fn === 'function' ? Math.max(0, fn.length - 1) : rest.length;
	const isWait = last instanceof AbortSignal || isWaitObject(last) || (typeof last === 'number' && rest.length > taken);
	if (!isWait) return [rest, undefined];
	Deadline.from(last as Wait);
	return [rest.slice(0, -1), last as Wait];
}

function isWaitObject(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	const keys = Object.keys(value);
	return keys.length > 0 && keys.every((key) => key === 'timeout' || key === 'signal');
}

/** Maps, arrays and plain objects can be sent; other iterables are taken apart. */
export function sendableEntries(entries: unknown): unknown {
	if (entries === undefined || entries instanceof Map || Array.isArray(entries)) return entries;
	if (typeof entries !== 'object' || entries === null)
		throw new ArgumentError(`Expected entries: a Map, pairs or an object, got ${describe(entries)}.`);
	return Symbol.iterator in entries ? [...(entries as Iterable<unknown>)] : entries;
}
