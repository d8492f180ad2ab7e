/** The proxies of lists, sets, values and arrays. */
import { aFunction, checkArgument } from '../../base/arguments.ts';
import type { Target } from '../../process/reference/named-target.ts';
import type { TypedArray } from '../../shared/shared-array.ts';
import { defineProxyClass } from '../auto-proxy.ts';
import { BaseProxy } from '../proxy.ts';
import type { WithTwins } from '../twins.ts';
import { iterate } from './iteration.ts';

interface ListMethods<T> {
	/** The new length. */
	push(...items: T[]): Promise<number>;
	pop(): Promise<T | undefined>;
	shift(): Promise<T | undefined>;
	/** The new length. */
	unshift(...items: T[]): Promise<number>;
	splice(start: number, deleteCount?: number, ...items: T[]): Promise<T[]>;
	slice(start?: number, end?: number): Promise<T[]>;
	at(index: number): Promise<T | undefined>;
	indexOf(item: T, from?: number): Promise<number>;
	includes(item: T, from?: number): Promise<boolean>;
	reverse(): Promise<void>;
	length(): Promise<number>;
	/** A negative index counts from the end; the index after the last one appends. */
	set(index: number, value: T): Promise<void>;
	/** An array of all items. */
	copy(): Promise<T[]>;
	/**
	 * Sorts the list in its place, as Array's: by `compare`, else by the texts of the items. One that throws leaves the
	 * list as it was.
	 *
	 * @param compare - synchronous; an exported function (or one from `inline`, or `{ module, name }`), which the
	 * server imports
	 */
	sort(compare?: Target<[a: T, b: T], number>): Promise<void>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the table in methods.ts defines them
export interface ListProxy<T = unknown> extends WithTwins<ListMethods<T>> {
	/**
	 * Stores what `fn(item, ...args)` returns in the item's place, and gives that. No other call comes between. See
	 * DictProxy.
	 */
	compute<A extends unknown[]>(index: number, fn: Target<[item: T, ...args: A], T>, ...args: A): Promise<T>;
	/** As `compute`, but blocks this thread. */
	computeSync<A extends unknown[]>(index: number, fn: Target<[item: T, ...args: A], T>, ...args: A): T;
}

/** An array in the server. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class ListProxy<T = unknown> extends BaseProxy {
	/** The items, as Array's own iteration gives them: what is added meanwhile comes, too. */
	[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		return iterate<T>(this);
	}
}
defineProxyClass(ListProxy);

interface SetMethods<T> {
	/** Whether it was not there before. */
	add(value: T): Promise<boolean>;
	has(value: T): Promise<boolean>;
	/** Whether it was there. */
	delete(value: T): Promise<boolean>;
	clear(): Promise<void>;
	size(): Promise<number>;
	/** The same as `values`, as those of a Set. */
	keys(): Promise<T[]>;
	values(): Promise<T[]>;
	/** Each value twice. */
	entries(): Promise<[T, T][]>;
	/** A Set of all values. */
	copy(): Promise<Set<T>>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface SetProxy<T = unknown> extends WithTwins<SetMethods<T>> {}

/** A Set in the server. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class SetProxy<T = unknown> extends BaseProxy {
	/** Calls `fn(value, value, set)` here for each of the values that are in the set now, one after the other. */
	async forEach(fn: (value: T, same: T, set: this) => unknown): Promise<void> {
		checkArgument('the argument of forEach()', fn, aFunction);
		for (const value of await this.values()) await fn(value, value, this);
	}

	/** As `forEach`, but blocks this thread; so must the function. */
	forEachSync(fn: (value: T, same: T, set: this) => void): void {
		checkArgument('the argument of forEachSync()', fn, aFunction);
		for (const value of this.valuesSync()) fn(value, value, this);
	}

	[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		return iterate<T>(this);
	}
}
defineProxyClass(SetProxy);

interface ValueMethods<T> {
	get(): Promise<T>;
	set(value: T): Promise<void>;
	/** Adds `by` (1) to the value. The new one. No other call comes between. */
	increment(by?: number | bigint): Promise<T>;
	/** Stores `value` if the present one equals `expected`, deeply and strictly. Whether it did. */
	compareAndSet(expected: T, value: T): Promise<boolean>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface ValueProxy<T = unknown> extends WithTwins<ValueMethods<T>> {
	/** Stores what `fn(value, ...args)` returns, and gives that. No other call comes between. See DictProxy. */
	compute<A extends unknown[]>(fn: Target<[value: T, ...args: A], T>, ...args: A): Promise<T>;
	/** As `compute`, but blocks this thread. */
	computeSync<A extends unknown[]>(fn: Target<[value: T, ...args: A], T>, ...args: A): T;
}

/** A single value in the server. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging, no-unused-vars
export class ValueProxy<T = unknown> extends BaseProxy {}
defineProxyClass(ValueProxy);

interface ArrayMethods<A, N> {
	/** A negative index counts from the end. @throws ArgumentError for an index outside of the array */
	get(index: number): Promise<N>;
	set(index: number, value: N): Promise<void>;
	length(): Promise<number>;
	fill(value: N, start?: number, end?: number): Promise<void>;
	copy(): Promise<A>;
	slice(start?: number, end?: number): Promise<A>;
}

type ItemOf<A> = A extends BigInt64Array | BigUint64Array ? bigint : number;

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface ArrayProxy<A extends TypedArray = TypedArray> extends WithTwins<ArrayMethods<A, ItemOf<A>>> {}

/** A typed array in the server. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class ArrayProxy<A extends TypedArray = TypedArray> extends BaseProxy {
	[Symbol.asyncIterator](): AsyncGenerator<ItemOf<A>, void, void> {
		return iterate<ItemOf<A>>(this);
	}
}
defineProxyClass(ArrayProxy);
