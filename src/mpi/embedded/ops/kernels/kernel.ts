/**
 * A kernel computes an operation on bytes: `inout[i] = input[i] op inout[i]`. It is made of a loop over typed arrays.
 *
 * Few elements, and those whose address is not a multiple of their size, are copied into arrays that exist already:
 * making a typed array costs more than such a loop. Of more elements the arrays are remembered for the next call, since
 * programs combine the same memory again and again.
 */
export type Kernel = (input: Uint8Array, inout: Uint8Array, count: number) => void;

/** `b[i] = a[i] op b[i]` for the first `n`. */
export type Loop<T> = (a: T, b: T, n: number) => void;

export interface ArrayClass<T> {
	readonly BYTES_PER_ELEMENT: number;
	new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T;
}

const chunkBytes = 4096;
const fewBytes = 64;
const keptBytes = 65536;
const inputChunk = new Uint8Array(new ArrayBuffer(chunkBytes));
const inoutChunk = new Uint8Array(new ArrayBuffer(chunkBytes));

/** `perElement`: how many items of the array are one element. */
export function kernel<T>(arrays: ArrayClass<T>, loop: Loop<T>, perElement = 1): Kernel {
	const itemBytes = arrays.BYTES_PER_ELEMENT;
	const [inputs, inouts] = [new KeptArray(arrays), new KeptArray(arrays)];
	const few = { a: new arrays(inputChunk.buffer), b: new arrays(inoutChunk.buffer) };
	return (input, inout, count) => {
		const items = count * perElement;
		const bytes = items * itemBytes;
		if (bytes <= fewBytes) {
			for (let i = 0; i < bytes; i++) inputChunk[i] = input[i]!;
			for (let i = 0; i < bytes; i++) inoutChunk[i] = inout[i]!;
			loop(few.a, few.b, items);
			for (let i = 0; i < bytes; i++) inout[i] = inoutChunk[i]!;
		} else if (((input.byteOffset | inout.byteOffset) & (itemBytes - 1)) === 0) {
			loop(inputs.of(input, items), inouts.of(inout, items), items);
		} else {
			for (let at = 0; at < bytes; at += chunkBytes) {
				const length = Math.min(chunkBytes, bytes - at);
				inputChunk.set(input.subarray(at, at + length));
				inoutChunk.set(inout.subarray(at, at + length));
				loop(few.a, few.b, length / itemBytes);
				inout.set(length === chunkBytes ? inoutChunk : inoutChunk.subarray(0, length), at);
			}
		}
	};
}

/** The last bytes as an array of numbers. Larger ones are not kept from being collected. */
class KeptArray<T> {
	readonly #arrays: ArrayClass<T>;
	#bytes: Uint8Array | undefined;
	#items = 0;
	#array: T | undefined;

	constructor(arrays: ArrayClass<T>) {
		this.#arrays = arrays;
	}

	of(bytes: Uint8Array, items: number): T {
		if (bytes === this.#bytes && items === this.#items && bytes.length > 0) return this.#array!;
		const array = new this.#arrays(bytes.buffer, bytes.byteOffset, items);
		if (bytes.buffer.byteLength > keptBytes) return array;
		this.#bytes = bytes;
		this.#items = items;
		return (this.#array = array);
	}
}
