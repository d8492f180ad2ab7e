/** A Map in the server. */
import { isDeepStrictEqual } from 'node:util';
import { ArgumentError, TimeoutError } from '../../base/errors.ts';
import type { Call } from '../call.ts';
import { Waiters } from '../waiters.ts';
import { ChangesReferent, IteratorReferent } from './iterators.ts';
import { Referent } from './referent.ts';

type Fn = (value: unknown, ...args: unknown[]) => unknown;

/** What `changes()` gives. */
export type Change<K = unknown, V = unknown> =
	| { readonly type: 'set'; readonly key: K; readonly value: V }
	| { readonly type: 'delete'; readonly key: K }
	| { readonly type: 'clear' };

interface Wish {
	readonly key: unknown;
	readonly fn: Fn;
	readonly args: readonly unknown[];
}

export class DictReferent extends Referent {
	readonly kind = 'DictProxy';
	readonly #map: Map<unknown, unknown>;
	readonly #watchers = new Set<(change: unknown) => void>();
	/** Those who wait for a value, each with its own condition. */
	readonly #wishes = new Map<Call, Wish>();
	readonly #waiters = new Waiters<Wish>();

	/** @param entries - a Map is taken as it is, not copied, if it is the program's own in the server */
	constructor(map: Map<unknown, unknown> = new Map()) {
		super();
		this.#map = map;
	}

	get content(): Map<unknown, unknown> {
		return this.#map;
	}

	get(_call: Call, key: unknown): unknown {
		return this.#map.get(key);
	}

	set(_call: Call, key: unknown, value: unknown): void {
		this.#set(key, value);
	}

	has(_call: Call, key: unknown): boolean {
		return this.#map.has(key);
	}

	delete(_call: Call, key: unknown): boolean {
		return this.#delete(key);
	}

	clear(): void {
		this.#map.clear();
		this.#changed({ type: 'clear' });
		for (const call of [...this.#wishes.keys()]) this.#look(call);
	}

	size(): number {
		return this.#map.size;
	}

	keys(): unknown[] {
		return [...this.#map.keys()];
	}

	values(): unknown[] {
		return [...this.#map.values()];
	}

	entries(): unknown[] {
		return [...this.#map];
	}

	copy(): Map<unknown, unknown> {
		return this.#map;
	}

	setDefault(_call: Call, key: unknown, value: unknown): unknown {
		if (!this.#map.has(key)) this.#set(key, value);
		return this.#map.get(key);
	}

	pop(_call: Call, key: unknown): unknown {
		const value = this.#map.get(key);
		this.#delete(key);
		return value;
	}

	update(_call: Call, entries: unknown): void {
		for (const [key, value] of entriesOf(entries)) this.#set(key, value);
	}

	compute(_call: Call, key: unknown, fn: Fn, ...args: unknown[]): unknown {
		const value = synchronous(fn(this.#map.get(key), ...args));
		if (value === undefined) this.#delete(key);
		else this.#set(key, value);
		return value;
	}

	increment(_call: Call, key: unknown, by: number | bigint = 1): number | bigint {
		const value = incremented(this.#map.get(key), by);
		this.#set(key, value);
		return value;
	}

	compareAndSet(_call: Call, key: unknown, expected: unknown, value: unknown): boolean {
		if (!isDeepStrictEqual(this.#map.get(key), expected)) return false;
		if (value === undefined) this.#delete(key);
		else this.#set(key, value);
		return true;
	}

	iterate(): IteratorReferent {
		return new IteratorReferent(this.#map);
	}

	changes(): ChangesReferent {
		return new ChangesReferent((listener) => {
			this.#watchers.add(listener);
			return () => this.#watchers.delete(listener);
		});
	}

	waitFor(call: Call, key: unknown, fn: Fn, args: unknown[] = [], timeoutMs?: number): unknown {
		const value = this.#map.get(key);
		if (synchronous(fn(value, ...args)) as boolean) return value;
		const onTimeout = (): void => {
			this.#wishes.delete(call);
			call.fail(new TimeoutError('waitFor(): the value did not come in time.'));
		};
		if (timeoutMs !== undefined && timeoutMs <= 0) return onTimeout();
		const wish = { key, fn, args };
		this.#wishes.set(call, wish);
		return this.#waiters.add(call, wish, { timeoutMs, onTimeout, onEnd: () => void this.#wishes.delete(call) });
	}

	#set(key: unknown, value: unknown): void {
		this.#map.set(key, value);
		this.#changed({ type: 'set', key, value }, key);
	}

	#delete(key: unknown): boolean {
		if (!this.#map.delete(key)) return false;
		this.#changed({ type: 'delete', key }, key);
		return true;
	}

	#changed(change: Change, key?: unknown): void {
		for (const watcher of this.#watchers) watcher(change);
		if (change.type === 'clear' || this.#wishes.size === 0) return;
		for (const [call, wish] of [...this.#wishes]) if (Object.is(wish.key, key)) this.#look(call);
	}

	/** Whether what a call waits for is there. */
	#look(call: Call): void {
		const { key, fn, args } = this.#wishes.get(call)!;
		const value = this.#map.get(key);
		try {
			if (!(synchronous(fn(value, ...args)) as boolean)) return;
		} catch (error) {
			this.#forget(call);
			return call.fail(error);
		}
		this.#forget(call);
		call.answer(value);
	}

	#forget(call: Call): void {
		this.#wishes.delete(call);
		this.#waiters.remove(call);
	}
}

/** Entries as Map and Python's dict take them: pairs, a Map, or the properties of an object. */
export function entriesOf(given: unknown): Iterable<readonly [unknown, unknown]> {
	if (given === undefined || given === null) return [];
	if (typeof given === 'object' && Symbol.iterator in given) return given as Iterable<readonly [unknown, unknown]>;
	if (typeof given === 'object') return Object.entries(given);
	throw new ArgumentError(`Expected the entries of a dict to be a Map, pairs or an object, got ${typeof given}.`);
}

/** What a function that must not wait has returned. */
export function synchronous(result: unknown): unknown {
	if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return result;
	(result as Promise<unknown>).then(undefined, () => {});
	throw new ArgumentError(
		'Expected the function to be synchronous: the value would not be the same any more when it has waited. It has returned a promise.',
	);
}

export function incremented(value: unknown = 0, by: number | bigint = 1): number | bigint {
	if (typeof value === 'bigint' && typeof by === 'bigint') return value + by;
	if (typeof value === 'bigint' && Number.isSafeInteger(by)) return value + BigInt(by);
	if (typeof value === 'number' && typeof by === 'number') return value + by;
	if (value === 0 && typeof by === 'bigint') return by;
	throw new ArgumentError(`Cannot increment a ${typeof value} by a ${typeof by}.`);
}
