/** From bytes to a value. Nothing in the result refers to the bytes. */
import { SerializationError } from '../base/errors.ts';
import { malformed } from './byte-reader.ts';
import { readBuiltin } from './decode-builtin.ts';
import { Decoder } from './decoder.ts';
import { isStackOverflow } from './refusal.ts';

const none: readonly ArrayBuffer[] = [];

/**
 * Reads what `encode` wrote. Shared objects inside are opened.
 *
 * @param buffers - what `encode` left to the carrier, in the same order; views in the result are made directly on them
 * @throws SerializationError with the code ERR_NPROCS_MALFORMED_MESSAGE for bytes that `encode` did not write, and
 * ERR_NPROCS_UNKNOWN_CLASS for an instance of a class that is not registered here; ClosedError when a shared object does not exist any more
 */
export function decode(bytes: Uint8Array, buffers?: readonly ArrayBuffer[]): unknown {
	return decodeRange(bytes, 0, bytes.length, buffers);
}

/** As decode, for the bytes from `start` to `end`. */
export function decodeRange(bytes: Uint8Array, start: number, end: number, buffers: readonly ArrayBuffer[] = none): unknown {
	const decoder = new Decoder(bytes, start, end, readBuiltin);
	try {
		return decoder.message(buffers);
	} catch (error) {
		if (error instanceof SerializationError || decoder.thrown?.error === error) throw error;
		throw malformed(isStackOverflow(error) ? 'it is nested too deeply for the stack' : 'a value in it cannot be made', error);
	}
}
