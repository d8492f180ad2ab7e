/**
 * A kernel computes an operation on bytes: `inout[i] = input[i] op inout[i]`. It is made of a loop over typed arrays.
 *
 * Few elements, and those whose address is not a multiple of their size, are copied into arrays that exist already:
 * making a typed array costs more than such a loop.
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
const inputChunk = new Uint8Array(new ArrayBuffer(chunkBytes));
const inoutChunk = new Uint8Array(new ArrayBuffer(chunkBytes));

/** `perElement`: how many items of the array are one element. */
export function kernel<T>(arrays: ArrayClass<T>, loop: Loop<T>, perElement = 1): Kernel {
	const itemBytes = arrays.BYTES_PER_ELEMENT;
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
			loop(new arrays(input.buffer, input.byteOffset, items), new arrays(inout.buffer, inout.byteOffset, items), items);
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
