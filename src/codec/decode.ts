/** From bytes to a value. Nothing in the result refers to the bytes. */
import { SerializationError } from '../base/errors.ts';
import { malformed } from './byte-reader.ts';
import { readBuiltin } from './decode-builtin.ts';
import { Decoder } from './decoder.ts';
import { HANDLE, INSTANCE, SHORT_ARRAY, FIRST_TAG } from './format.ts';
import { isStackOverflow } from './refusal.ts';

const none: readonly ArrayBuffer[] = [];

/**
 * Reads what `encode` wrote. Shared objects inside are opened.
 *
 * @param buffers - what `encode` gave out-of-band, in the same order; views in the result are made directly on them
 * @throws SerializationError with the code ERR_NPROCS_MALFORMED_MESSAGE for bytes that `encode` did not write, and
 * ERR_NPROCS_UNKNOWN_CLASS for an instance of a class that is not registered here; ClosedError when a shared object
 * does not exist any more
 */
export function decode(bytes: Uint8Array, buffers?: readonly ArrayBuffer[]): unknown {
	return decodeRange(bytes, 0, bytes.length, buffers);
}

/** The decoder that waits for the next call; absent while in use, so that a `decode` inside a hook makes another. */
let idle: Decoder | undefined;

/** As decode, for the bytes from `start` to `end`. */
export function decodeRange(bytes: Uint8Array, start: number, end: number, buffers: readonly ArrayBuffer[] = none): unknown {
	const decoder = idle ?? new Decoder(readBuiltin);
	idle = undefined;
	try {
		decoder.begin(bytes, start, end);
		return run(decoder, buffers);
	} finally {
		decoder.reset();
		idle = decoder;
	}
}

/**
 * As decode, for bytes from somebody who has not proved who he is: opens no shared object and calls no hook of a
 * registered class.
 */
export function decodePlain(bytes: Uint8Array): unknown {
	const decoder = new Decoder(readPlain);
	decoder.begin(bytes, 0, bytes.length);
	return run(decoder, none);
}

/**
 * The first `count` items, which must be primitive, of a message that is a short array, whatever stands behind them:
 * for a receiver that has to know whose message it is that cannot be decoded.
 */
export function decodeFirst(bytes: Uint8Array, [start, end]: readonly [number, number], count: number): unknown[] {
	const decoder = new Decoder(readPlain);
	decoder.begin(bytes, start + 2, end);
	const tag = decoder.byte();
	if (tag < SHORT_ARRAY + count || tag >= FIRST_TAG) throw malformed('a short array is missing');
	return Array.from({ length: count }, () => decoder.value());
}

function readPlain(decoder: Decoder, tag: number): unknown {
	if (tag === HANDLE || tag === INSTANCE) {
		throw new SerializationError(
			'Cannot receive shared objects and instances of registered classes from a peer without a key: give both sides an `authkey`.',
			'',
			{
				code: 'ERR_NPROCS_UNTRUSTED',
			},
		);
	}
	return readBuiltin(decoder, tag);
}

function run(decoder: Decoder, buffers: readonly ArrayBuffer[]): unknown {
	try {
		return decoder.message(buffers);
	} catch (error) {
		if (error instanceof SerializationError || decoder.thrown?.error === error) throw error;
		throw malformed(isStackOverflow(error) ? 'it is nested too deeply for the stack' : 'a value in it cannot be made', error);
	}
}
