/** A thread's memory for messages on their way from a ring to the decoder. */
import { EXTENT_BYTES } from './ring-layout.ts';

export class Scratch {
	bytes: Uint8Array;
	words: Int32Array;

	constructor(size: number) {
		this.bytes = new Uint8Array(size);
		this.words = new Int32Array(this.bytes.buffer);
	}

	/** Makes room for `size` bytes in all and keeps what is there. */
	grow(size: number): void {
		const old = this.bytes;
		this.bytes = new Uint8Array(Math.max(size + 7, old.length * 2) & ~7);
		this.bytes.set(old);
		this.words = new Int32Array(this.bytes.buffer);
	}
}

/** Decoding may run code of the user's that takes messages too, so what is in use is not there for others. */
export function borrowScratch(): Scratch {
	const scratch = idle ?? new Scratch(2 * EXTENT_BYTES);
	idle = undefined;
	return scratch;
}

/** The other half of `borrowScratch`. One that a large message has made large is left to the garbage collector. */
export function returnScratch(scratch: Scratch): void {
	if (scratch.bytes.length <= KEEP_BYTES) idle = scratch;
}

const KEEP_BYTES = 2 * 1024 * 1024;

let idle: Scratch | undefined;
