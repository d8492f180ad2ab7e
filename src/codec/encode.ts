/**
 * From a value to bytes. What crosses, and how it looks on the other side, is said in docs/values.md;
 * the bytes themselves in format.ts.
 */
import { inspect } from 'node:util';
import { RemoteError } from '../base/errors.ts';
import { writeArrayAfterHole, writeSparseArray } from './encode-array.ts';
import { writeBuiltin, writeCollection } from './encode-builtin.ts';
import { Encoder, type Others } from './encoder.ts';
import type { Handle } from './handle.ts';

export interface Encoded {
	/** Everything but large binary parts. */
	readonly bytes: Uint8Array;
	/** Handles of the shared objects inside, in the order met: the caller retains them (memory/in-flight.ts). */
	readonly handles: readonly Handle[];
	/**
	 * Views that were left out of `bytes` because they are at least `options.outOfBandFrom` bytes long: they go
	 * out-of-band, and to decode in the same order. Empty unless the option is given.
	 */
	readonly buffers: readonly Uint8Array[];
}

export interface EncodeOptions {
	/**
	 * What the paths in errors start with, such as 'args'; '' when the keys of the value say enough. @default 'value'
	 */
	path?: string;
	/** Bytes from which on a view goes out-of-band. @default Infinity */
	outOfBandFrom?: number;
}

/**
 * As Encoded, but the first `length` bytes of `bytes` count. All of it is valid only until the next call that encodes:
 * copy what is needed before.
 */
export interface BorrowedEncoded extends Encoded {
	readonly length: number;
}

const nothing: readonly never[] = [];
/** Larger results are handed out with the memory in which they were written; smaller ones are copied. */
const LARGE = 1 << 16;

/** Throws SerializationError, whose `path` names the part that cannot cross. */
export function encode(value: unknown, options?: EncodeOptions): Encoded {
	return withEncoder(value, options, owning);
}

function takeOwn(encoder: Encoder, buffers: readonly Uint8Array[]): Encoded {
	return { bytes: ownBytes(encoder), handles: handlesOf(encoder), buffers };
}

function ownBytes(encoder: Encoder): Uint8Array {
	const { bytes, pos } = encoder;
	if (pos <= LARGE) return bytes.slice(0, pos);
	encoder.forget();
	return bytes.subarray(0, pos);
}

/** Never the encoder's own empty list, to which its next message may add. */
function handlesOf(encoder: Encoder): readonly Handle[] {
	return encoder.handles.length === 0 ? nothing : encoder.handles;
}

/** For callers that copy the bytes at once: no memory is allocated for them. Throws as encode. */
export function encodeBorrowed(value: unknown, options?: EncodeOptions): BorrowedEncoded {
	return withEncoder(value, options, borrowing);
}

/**
 * The same for the items of an array that has no holes and no named properties; the caller knows that, and nobody need
 * look.
 */
export function encodeItemsBorrowed(items: readonly unknown[], options?: EncodeOptions): BorrowedEncoded {
	return withEncoder(items, options, borrowingItems);
}

/** The one object that most calls return, each with another content. */
const plain = { bytes: new Uint8Array(0), length: 0, handles: nothing, buffers: nothing };

function borrow(encoder: Encoder, buffers: readonly Uint8Array[]): BorrowedEncoded {
	const { bytes, pos: length, handles } = encoder;
	if (handles.length > 0 || buffers.length > 0 || length > LARGE) return { bytes, length, handles: handlesOf(encoder), buffers };
	plain.bytes = bytes;
	plain.length = length;
	return plain;
}

/**
 * For what a process has thrown, and has to report whatever it is: parts of an error that cannot cross are left out,
 * and where nothing else helps, a RemoteError that describes the value takes its place. Never throws.
 */
export function encodeThrown(thrown: unknown): Encoded {
	try {
		return encode(thrown);
	} catch {
		try {
			return withEncoder(thrown, undefined, lenient);
		} catch (cause) {
			return encode(description(thrown, cause));
		}
	}
}

function description(thrown: unknown, cause: unknown): RemoteError {
	const why = cause instanceof Error ? cause.message : String(cause);
	try {
		if (thrown instanceof Error) {
			const error = new RemoteError(String(thrown.message));
			return Object.defineProperties(error, { name: { value: String(thrown.name) }, stack: { value: String(thrown.stack) } });
		}
		return new RemoteError(`Something other than an Error was thrown: ${inspect(thrown, { depth: 2 })}. It could not be sent: ${why}`);
	} catch {
		return new RemoteError(`Something was thrown that cannot be described. It could not be sent: ${why}`);
	}
}

const others: Others = { builtin: writeBuiltin, sparseArray: writeSparseArray, arrayAfterHole: writeArrayAfterHole, collection: writeCollection };

/** How a value is written, and what the caller gets. */
interface Manner<R> {
	readonly take: (encoder: Encoder, buffers: readonly Uint8Array[]) => R;
	/** Parts of an error that cannot cross are left out. */
	readonly isLenient: boolean;
	/** The value is an array of which `encodeItemsBorrowed` knows the kind. */
	readonly isList: boolean;
}

const owning: Manner<Encoded> = { take: takeOwn, isLenient: false, isList: false };
const lenient: Manner<Encoded> = { take: takeOwn, isLenient: true, isList: false };
const borrowing: Manner<BorrowedEncoded> = { take: borrow, isLenient: false, isList: false };
const borrowingItems: Manner<BorrowedEncoded> = { take: borrow, isLenient: false, isList: true };

/** The encoder that waits for the next call; absent while in use, so that an `encode` inside a getter makes another. */
let idle: Encoder | undefined;

function withEncoder<R>(value: unknown, options: EncodeOptions | undefined, { take, isLenient, isList }: Manner<R>): R {
	const encoder = idle ?? new Encoder(others);
	idle = undefined;
	try {
		encoder.begin(options?.path ?? 'value');
		encoder.isLenientWithErrors = isLenient;
		if (isList) encoder.items(value as readonly unknown[]);
		else encoder.write(value);
		return take(encoder, encoder.finish(options?.outOfBandFrom ?? Infinity));
	} catch (error) {
		throw encoder.failure(error);
	} finally {
		encoder.reset();
		idle = encoder;
	}
}
