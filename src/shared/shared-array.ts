/** A typed array in shared memory. */
import { inspect } from 'node:util';
import { anIterable, describe, integerFrom, isOf, type Kind } from '../base/arguments.ts';
import { ArgumentError } from '../base/errors.ts';
import { registerKind } from '../codec/handle.ts';
import { Segment } from '../memory/segment.ts';
import { existingValue, SharedValues, type ValueData, type ValueOptions } from './shared-values.ts';

export type TypedArray =
	| Int8Array
	| Uint8Array
	| Uint8ClampedArray
	| Int16Array
	| Uint16Array
	| Int32Array
	| Uint32Array
	| Float32Array
	| Float64Array
	| BigInt64Array
	| BigUint64Array;

export interface TypedArrayConstructor<T extends TypedArray> {
	readonly name: string;
	readonly BYTES_PER_ELEMENT: number;
	new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

const constructors = [
	Int8Array,
	Uint8Array,
	Uint8ClampedArray,
	Int16Array,
	Uint16Array,
	Int32Array,
	Uint32Array,
	Float32Array,
	Float64Array,
	BigInt64Array,
	BigUint64Array,
];

/**
 * As Python's `multiprocessing.Array`. `array` is an ordinary typed array over memory that all processes see, as fast
 * as any other.
 */
export class SharedArray<T extends TypedArray = TypedArray> extends SharedValues {
	readonly #array: T;

	/** @param lengthOrValues zeros when a length is given */
	constructor(Type: TypedArrayConstructor<T>, lengthOrValues: number | ArrayLike<T[number]> | Iterable<T[number]>, options?: ValueOptions) {
		if (!constructors.includes(Type as never))
			throw new ArgumentError(`Expected the type of a SharedArray to be a typed array's constructor, such as Float64Array.`);
		const { length, values } = contents(lengthOrValues);
		const init = (segment: Segment): void => {
			if (values !== undefined) fill(new Type(segment.buffer, Segment.payload, length) as never, values);
		};
		super({ kind: 'SharedArray', type: Type.name, bytes: length * Type.BYTES_PER_ELEMENT, init }, options);
		this.#array = new Type(this.segment.buffer, Segment.payload, Math.floor(this.segment.size / Type.BYTES_PER_ELEMENT));
	}

	/** Empty after `close()`. */
	get array(): T {
		void this.segment.buffer; // throws when it is closed
		return this.#array;
	}

	get length(): number {
		return this.array.length;
	}

	[Symbol.iterator](): IterableIterator<T[number]> {
		return this.array[Symbol.iterator]() as IterableIterator<T[number]>;
	}

	protected describe(): string {
		return inspect(this.#array);
	}
}

function contents(lengthOrValues: unknown): { length: number; values: ArrayLike<unknown> | undefined } {
	if (typeof lengthOrValues === 'number') {
		if (Number.isSafeInteger(lengthOrValues) && lengthOrValues >= 0) return { length: lengthOrValues, values: undefined };
	} else if (isOf(aList, lengthOrValues)) {
		const values =
			isOf(anIterable, lengthOrValues) && !ArrayBuffer.isView(lengthOrValues)
				? [...(lengthOrValues as Iterable<unknown>)]
				: (lengthOrValues as ArrayLike<unknown>);
		return { length: values.length, values };
	}
	throw new ArgumentError(`Expected the length of a SharedArray or its values, got ${describe(lengthOrValues)}.`);
}

const aList: Kind = {
	what: 'an iterable or something with a length',
	has: (value) => isOf(anIterable, value) || (typeof value === 'object' && integerFrom(0).has((value as { length?: unknown } | null)?.length)),
};

function fill(array: { set(values: ArrayLike<unknown>): void }, values: ArrayLike<unknown>): void {
	try {
		array.set(values);
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new ArgumentError(`Cannot put the values into a ${array.constructor.name}: ${why}.`, { cause });
	}
}

registerKind('SharedArray', (data: ValueData) => {
	const Type = constructors.find(({ name }) => name === data.type) as TypedArrayConstructor<TypedArray>;
	return new SharedArray(Type, 0, { [existingValue]: data } as ValueOptions);
});
