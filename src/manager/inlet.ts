/** The receiving half of the way between a client and a server; outlet.ts says what comes. */
import { decodeFirst, decodeRange } from '../codec/decode.ts';
import type { Stream } from '../stream/stream.ts';
import { decodingFrom, enterDecoding, leaveDecoding, type Receiver } from './crossing.ts';

/** Who takes what comes. */
export interface Taker extends Receiver {
	/** One message. */
	take(message: unknown[]): void;
	/** A message that cannot be decoded: its first two items, and why not. */
	refuse(first: unknown[], error: unknown): void;
}

/** In the place of a value that cannot be decoded. */
class Undecodable {
	readonly first: unknown[];
	readonly error: unknown;

	constructor(first: unknown[], error: unknown) {
		this.first = first;
		this.error = error;
	}
}

/** As `decodeRange`, in whose place it is called. */
// oxlint-disable-next-line eslint/max-params -- as `decodeRange`, for each message
function decodeOrExplain(bytes: Uint8Array, start: number, end: number, buffers?: readonly ArrayBuffer[]): unknown {
	try {
		return decodeRange(bytes, start, end, buffers);
	} catch (error) {
		return new Undecodable(decodeFirst(bytes, [start, end], 2), error);
	}
}

/** Takes what lies in the stream's next message; false when there is none. */
export function takeFrom(stream: Stream, taker: Taker): boolean {
	stream.checkOpen();
	if (!stream.mayTake()) return false;
	stream.decodeValue ??= decodeOrExplain;
	const taken = decodingFrom(taker, () => stream.tryTake());
	if (taken === undefined) return false;
	if (taken.value instanceof Uint8Array) takeBatch(taken.value, taker);
	else takeOne(taken.value, taker);
	return true;
}

/** Takes the messages of a batch. */
export function takeBatch(batch: Uint8Array, taker: Taker): void {
	// Not a Buffer: V8 would have to compile the decoder for both.
	const bytes = new Uint8Array(batch.buffer, batch.byteOffset, batch.byteLength);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const before = enterDecoding(taker);
	try {
		for (let at = 0; at < bytes.length;) {
			const start = at + 4;
			at = start + view.getUint32(at, true);
			takeOne(decodeOrExplain(bytes, start, at), taker);
		}
	} finally {
		leaveDecoding(before);
	}
}

function takeOne(message: unknown, taker: Taker): void {
	if (message instanceof Undecodable) taker.refuse(message.first, message.error);
	else taker.take(message as unknown[]);
}
