/** One number or boolean in shared memory. */
import { describe } from '../base/arguments.ts';
import { ArgumentError } from '../base/errors.ts';
import { registerKind } from '../codec/handle.ts';
import { Segment } from '../memory/segment.ts';
import { elementArrays } from './element-arrays.ts';
import { existingValue, SharedValues, type ValueData, type ValueOptions } from './shared-values.ts';

/** The types of a Value, and what each is in JavaScript. */
export interface ValueTypes {
	int8: number;
	uint8: number;
	int16: number;
	uint16: number;
	int32: number;
	uint32: number;
	float32: number;
	float64: number;
	bigint64: bigint;
	biguint64: bigint;
	bool: boolean;
}

type Memory = { [index: number]: number | bigint };

const arrays: { [Type in keyof ValueTypes]: new (buffer: ArrayBuffer, byteOffset: number, length: number) => Memory } = {
	...elementArrays,
	bool: Uint8Array,
};

/**
 * As Python's `multiprocessing.Value`. Reading and writing `value` is one access; `v.value += 1` is two, so hold its
 * lock around it: `v.runSync(() => v.value++)`.
 */
export class Value<Type extends keyof ValueTypes = keyof ValueTypes> extends SharedValues {
	readonly type: Type;
	readonly #memory: Memory;

	/** @param initial 0, 0n or false when not given */
	constructor(type: Type, initial?: ValueTypes[Type], options?: ValueOptions) {
		if (typeof type !== 'string' || !Object.hasOwn(arrays, type))
			throw new ArgumentError(`Expected the type of a Value to be one of ${Object.keys(arrays).join(', ')}; got ${describe(type)}.`);
		const view = ({ buffer }: Segment): Memory => new arrays[type](buffer, Segment.payload, 1);
		const init = (segment: Segment): void => {
			if (initial !== undefined) view(segment)[0] = encode(type, initial);
		};
		super({ kind: 'Value', type, bytes: 8, init }, options);
		this.type = type;
		this.#memory = view(this.segment);
	}

	get value(): ValueTypes[Type] {
		const raw = this.#memory[0];
		if (raw === undefined) void this.segment.buffer; // closed: throws
		return (this.type === 'bool' ? raw !== 0 : raw) as ValueTypes[Type];
	}

	set value(value: ValueTypes[Type]) {
		void this.segment.buffer;
		this.#memory[0] = encode(this.type, value);
	}

	protected describe(): string {
		return `${this.type}(${String(this.value)})`;
	}
}

/** A value of the wrong kind would silently become another one. */
function encode(type: keyof ValueTypes, value: unknown): number | bigint {
	const wanted = type === 'bool' ? 'boolean' : type.startsWith('big') ? 'bigint' : 'number';
	if (typeof value !== wanted)
		throw new ArgumentError(`Expected a ${wanted} for a Value of type ${type}, got ${value === null ? 'null' : typeof value}.`);
	return typeof value === 'boolean' ? Number(value) : (value as number | bigint);
}

registerKind('Value', (data: ValueData) => new Value(data.type as keyof ValueTypes, undefined, { [existingValue]: data } as ValueOptions));
