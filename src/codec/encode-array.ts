/** Writes arrays with holes or with named properties. */
import type { Encoder } from './encoder.ts';
import { HOLES, SPARSE_ARRAY } from './format.ts';

export function writeSparseArray(encoder: Encoder, array: readonly unknown[]): void {
	const keys = Object.keys(array);
	const indices = countIndices(keys, array);
	encoder.byte(SPARSE_ARRAY);
	encoder.varint(array.length);
	writeIndices(encoder, array, keys.slice(0, indices));
	encoder.varint(keys.length - indices);
	encoder.properties(array, keys.slice(indices));
}

/** `array[hole]` is the first hole of an array that had begun as a dense one. */
export function writeArrayAfterHole(encoder: Encoder, array: readonly unknown[], hole: number): void {
	const keys = Object.keys(array);
	encoder.byte(HOLES);
	encoder.depth--;
	writeIndices(encoder, array, keys.slice(hole, countIndices(keys, array)));
	encoder.depth++;
}

/** How many of the keys are indices. They come first, in order, so a named one is found by halving. */
function countIndices(keys: readonly string[], array: readonly unknown[]): number {
	let low = 0;
	let high = Math.min(keys.length, array.length);
	while (low < high) {
		const middle = (low + high) >> 1;
		if (isIndex(keys[middle] as string)) low = middle + 1;
		else high = middle;
	}
	return low;
}

function isIndex(key: string): boolean {
	const number = Number(key) >>> 0;
	return String(number) === key && number !== 0xffffffff;
}

function writeIndices(encoder: Encoder, array: readonly unknown[], keys: readonly string[]): void {
	encoder.varint(keys.length);
	for (const key of keys) {
		const index = Number(key);
		encoder.varint(index);
		encoder.part(index, array[index]);
	}
}
