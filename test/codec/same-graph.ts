/**
 * Whether two values are the same graph: values, kinds, prototypes, keys and their order, holes, and which parts are
 * one object.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual, types } from 'node:util';

/** Throws where they differ. Views need not have the same bytes around them, but those which shared memory still do. */
export function assertSameGraph(actual: unknown, expected: unknown): void {
	new Comparison().compare(actual, expected, 'value');
}

class Comparison {
	readonly #pairs = new Map<object, object>();
	readonly #taken = new Map<object, object>();
	/** How far a view's start moved, by the expected buffer. */
	readonly #shifts = new Map<object, { buffer: object; shift: number }>();
	readonly #wholeBuffers = new Set<object>();

	compare(actual: unknown, expected: unknown, path: string): void {
		const todo: Array<readonly [unknown, unknown, string]> = [[actual, expected, path]];
		for (let next = todo.pop(); next !== undefined; next = todo.pop()) todo.push(...this.#parts(...next));
	}

	#parts(actual: unknown, expected: unknown, path: string): Array<readonly [unknown, unknown, string]> {
		if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
			assert.ok(Object.is(actual, expected), `${path}: ${String(actual)} instead of ${String(expected)}`);
			return [];
		}
		const known = this.#pairs.get(expected);
		if (known !== undefined || this.#taken.has(actual)) {
			assert.ok(known === actual && this.#taken.get(actual) === expected, `${path}: identity is not kept`);
			return [];
		}
		this.#pairs.set(expected, actual);
		this.#taken.set(actual, expected);
		assert.equal(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected), `${path}: another prototype`);
		return this.#contents(actual, expected, path);
	}

	#contents(actual: object, expected: object, path: string): Array<readonly [unknown, unknown, string]> {
		if (ArrayBuffer.isView(expected)) return this.#views(actual as ArrayBufferView, expected, path);
		if (types.isArrayBuffer(expected)) return this.#buffers(actual as ArrayBuffer, expected, path);
		if (types.isDate(expected)) assert.ok(Object.is((actual as Date).getTime(), expected.getTime()), `${path}: another time`);
		if (types.isRegExp(expected)) assert.deepEqual([String(actual), (actual as RegExp).lastIndex], [String(expected), 0], path);
		if (types.isBoxedPrimitive(expected)) assert.ok(Object.is(actual.valueOf(), expected.valueOf()), `${path}: another boxed value`);
		const parts: Array<readonly [unknown, unknown, string]> = [];
		if (types.isMap(expected)) {
			const entries = [...(actual as Map<unknown, unknown>)];
			assert.equal(entries.length, expected.size, `${path}: another size`);
			[...expected].forEach(([key, value], i) =>
				parts.push([entries[i]![0], key, `${path}.keys[${i}]`], [entries[i]![1], value, `${path}.values[${i}]`]),
			);
		}
		if (types.isSet(expected)) {
			const values = [...(actual as Set<unknown>)];
			assert.equal(values.length, expected.size, `${path}: another size`);
			[...expected].forEach((value, i) => parts.push([values[i], value, `${path}.values[${i}]`]));
		}
		const keys = types.isNativeError(expected) ? Object.getOwnPropertyNames(expected) : Object.keys(expected);
		if (Array.isArray(expected)) assert.equal((actual as unknown[]).length, expected.length, `${path}: another length`);
		assert.deepEqual(
			types.isNativeError(actual) ? Object.getOwnPropertyNames(actual).sort() : Object.keys(actual),
			types.isNativeError(expected) ? keys.sort() : keys,
			`${path}: other keys`,
		);
		for (const key of keys) parts.push([(actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key], `${path}.${key}`]);
		return parts;
	}

	#views(actual: ArrayBufferView, expected: ArrayBufferView, path: string): [] {
		const shift = actual.byteOffset - expected.byteOffset;
		const known = this.#shifts.get(expected.buffer);
		if (known === undefined) this.#shifts.set(expected.buffer, { buffer: actual.buffer, shift });
		else
			assert.ok(
				known.buffer === actual.buffer && (known.shift === shift || expected.byteLength === 0),
				`${path}: memory is not shared as before`,
			);
		assert.equal(actual.byteLength, expected.byteLength, `${path}: another length`);
		assert.ok(isDeepStrictEqual(bytesOf(actual), bytesOf(expected)), `${path}: other bytes`);
		if (this.#wholeBuffers.has(expected.buffer)) assert.equal(shift, 0, `${path}: moved in its buffer`);
		return [];
	}

	#buffers(actual: ArrayBuffer, expected: ArrayBuffer, path: string): [] {
		const known = this.#shifts.get(expected);
		if (known === undefined) this.#shifts.set(expected, { buffer: actual, shift: 0 });
		else assert.ok(known.buffer === actual && known.shift === 0, `${path}: memory is not shared as before`);
		this.#wholeBuffers.add(expected);
		assert.ok(isDeepStrictEqual(new Uint8Array(actual), new Uint8Array(expected)), `${path}: other bytes`);
		return [];
	}
}

function bytesOf(view: ArrayBufferView): Uint8Array {
	return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
