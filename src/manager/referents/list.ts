/** Arrays, sets, typed arrays and single values in the server. */
import { isDeepStrictEqual } from 'node:util';
import { ArgumentError } from '../../base/errors.ts';
import type { Call } from '../call.ts';
import { incremented, synchronous } from './dict.ts';
import { IteratorReferent } from './iterators.ts';
import { Referent } from './referent.ts';

type Fn = (value: unknown, ...args: unknown[]) => unknown;

export class ListReferent extends Referent {
	readonly kind = 'ListProxy';
	readonly content: unknown[];

	constructor(items: unknown[] = []) {
		super();
		this.content = items;
	}

	push(_call: Call, ...items: unknown[]): number {
		return this.content.push(...items);
	}

	pop(): unknown {
		return this.content.pop();
	}

	shift(): unknown {
		return this.content.shift();
	}

	unshift(_call: Call, ...items: unknown[]): number {
		return this.content.unshift(...items);
	}

	splice(_call: Call, ...args: unknown[]): unknown[] {
		return this.content.splice(...(args as [number]));
	}

	slice(_call: Call, start?: number, end?: number): unknown[] {
		return this.content.slice(start, end);
	}

	at(_call: Call, index: number): unknown {
		return this.content.at(index);
	}

	indexOf(_call: Call, ...args: unknown[]): number {
		return this.content.indexOf(...(args as [unknown]));
	}

	includes(_call: Call, ...args: unknown[]): boolean {
		return this.content.includes(...(args as [unknown]));
	}

	/** In a copy: a function that throws leaves the list as it was. */
	sort(_call: Call, compare?: Fn): void {
		if (compare !== undefined && typeof compare !== 'function') throw new ArgumentError('Expected sort() to be given a function, or nothing.');
		const sorted = [...this.content].sort(compare && ((a, b) => synchronous(compare(a, b)) as number));
		this.content.splice(0, this.content.length, ...sorted);
	}

	reverse(): void {
		this.content.reverse();
	}

	length(): number {
		return this.content.length;
	}

	set(_call: Call, index: number, value: unknown): void {
		const isNext = index === this.content.length;
		this.content[isNext ? index : checkIndex(index, this.content.length)] = value;
	}

	copy(): unknown[] {
		return this.content;
	}

	compute(_call: Call, index: number, fn: Fn, ...args: unknown[]): unknown {
		const at = checkIndex(index, this.content.length);
		const value = synchronous(fn(this.content[at], ...args));
		this.content[at] = value;
		return value;
	}

	iterate(): IteratorReferent {
		return new IteratorReferent(this.content);
	}
}

export class SetReferent extends Referent {
	readonly kind = 'SetProxy';
	readonly content: Set<unknown>;

	constructor(values: Set<unknown> = new Set()) {
		super();
		this.content = values;
	}

	/** Whether it was not there before. */
	add(_call: Call, value: unknown): boolean {
		const before = this.content.size;
		this.content.add(value);
		return this.content.size > before;
	}

	has(_call: Call, value: unknown): boolean {
		return this.content.has(value);
	}

	delete(_call: Call, value: unknown): boolean {
		return this.content.delete(value);
	}

	clear(): void {
		this.content.clear();
	}

	size(): number {
		return this.content.size;
	}

	keys(): unknown[] {
		return this.values();
	}

	values(): unknown[] {
		return [...this.content];
	}

	entries(): unknown[] {
		return [...this.content.entries()];
	}

	copy(): Set<unknown> {
		return this.content;
	}

	iterate(): IteratorReferent {
		return new IteratorReferent(this.content);
	}
}

export class ValueReferent extends Referent {
	readonly kind = 'ValueProxy';
	content: unknown;

	constructor(value: unknown) {
		super();
		this.content = value;
	}

	get(): unknown {
		return this.content;
	}

	set(_call: Call, value: unknown): void {
		this.content = value;
	}

	increment(_call: Call, by?: number | bigint): number | bigint {
		return (this.content = incremented(this.content, by));
	}

	compute(_call: Call, fn: Fn, ...args: unknown[]): unknown {
		return (this.content = synchronous(fn(this.content, ...args)));
	}

	compareAndSet(_call: Call, expected: unknown, value: unknown): boolean {
		if (!isDeepStrictEqual(this.content, expected)) return false;
		this.content = value;
		return true;
	}
}

export class ArrayReferent extends Referent {
	readonly kind = 'ArrayProxy';
	readonly content: Int32Array;

	/** Any typed array; to the compiler one of them stands for all. */
	constructor(values: Int32Array) {
		super();
		this.content = values;
	}

	get(_call: Call, index: number): number {
		return this.content[checkIndex(index, this.content.length)]!;
	}

	set(_call: Call, index: number, value: number): void {
		this.content[checkIndex(index, this.content.length)] = value;
	}

	length(): number {
		return this.content.length;
	}

	slice(_call: Call, start?: number, end?: number): Int32Array {
		return this.content.slice(start, end);
	}

	fill(_call: Call, ...args: unknown[]): void {
		this.content.fill(...(args as [number]));
	}

	copy(): Int32Array {
		return this.content.slice();
	}

	iterate(): IteratorReferent {
		return new IteratorReferent(this.content);
	}
}

export class NamespaceReferent extends Referent {
	readonly kind = 'NamespaceProxy';
	readonly #values: Map<string, unknown>;

	constructor(values: Map<string, unknown>) {
		super();
		this.#values = values;
	}

	get content(): unknown {
		return this.copy();
	}

	get(_call: Call, name: string): unknown {
		return this.#values.get(name);
	}

	set(_call: Call, name: string, value: unknown): void {
		this.#values.set(name, value);
	}

	has(_call: Call, name: string): boolean {
		return this.#values.has(name);
	}

	delete(_call: Call, name: string): boolean {
		return this.#values.delete(name);
	}

	keys(): string[] {
		return [...this.#values.keys()];
	}

	copy(): Record<string, unknown> {
		const copy: Record<string, unknown> = {};
		for (const [name, value] of this.#values) {
			Object.defineProperty(copy, name, { value, enumerable: true, writable: true, configurable: true });
		}
		return copy;
	}
}

function checkIndex(index: unknown, length: number): number {
	const at = typeof index === 'number' && index < 0 ? index + length : index;
	if (Number.isInteger(at) && (at as number) >= 0 && (at as number) < length) return at as number;
	throw new ArgumentError(`Expected the index to be a whole number from 0 to ${length - 1}, got ${String(index)}.`);
}
