/**
 * From a value to a message in a stream, and back.
 *
 * A small value is its encoded bytes and nothing else. What is large goes out-of-band (out-of-band.ts).
 *
 * A message with out-of-band files or with shared objects begins with a table: how long it is (4 bytes), and encoded:
 * the names of the segments that are in flight with it, the files of the buffers, that of the body, and where to fetch
 * descriptors. A table that is too long for the message goes out-of-band, too: then the length is 0, and what names the
 * table's file follows.
 */
import { decodeRange } from '../codec/decode.ts';
import { encode, encodeBorrowed, type Encoded } from '../codec/encode.ts';
import type { Handle } from '../codec/handle.ts';
import { ticketsOf, withOffered } from '../memory/descriptors.ts';
import { markChannel } from '../memory/layout.ts';
import type { Segment } from '../memory/segment.ts';
import { release, releaseAll, retainAll } from '../memory/in-flight.ts';
import { dropOutOfBand, openOutOfBand, writeOutOfBand, type OutOfBand } from './out-of-band.ts';
import { MAX_ENTRY_BYTES } from './ring-layout.ts';

/** From this size on, a typed array or a body goes out-of-band. */
export const OUT_OF_BAND_BYTES = 65536;

/** A longer table would take the room of the body. */
const MAX_TABLE_BYTES = MAX_ENTRY_BYTES - OUT_OF_BAND_BYTES;

const HAS_TABLE = 1;
const IS_RAW = 2;
const HAS_BODY = 4;

/** A message to be sent. It is lent until the next one is made here; `own` gives one that stays as it is. */
export interface Outgoing {
	readonly flags: number;
	/** The first `length` bytes count. */
	readonly bytes: Uint8Array;
	readonly length: number;
	/** How much memory it takes, its out-of-band files included. */
	readonly loadBytes: number;
	readonly attached: Attached | undefined;
}

interface Attached {
	readonly channel: string;
	readonly handles: readonly Handle[];
	readonly outOfBand: readonly string[];
}

/** segments in flight, the buffers, the body, the descriptors' tickets */
type Table = [string[], OutOfBand[], OutOfBand | null, string[]];

const encodeOptions = { path: 'value', outOfBandFrom: OUT_OF_BAND_BYTES };
const nothing: readonly never[] = [];
/** The one object that most calls return, each with another content. */
const small = { flags: 0, bytes: new Uint8Array(0) as Uint8Array, length: 0, loadBytes: 0, attached: undefined };

function lend(bytes: Uint8Array, length: number): Outgoing {
	small.bytes = bytes;
	small.length = small.loadBytes = length;
	return small;
}

/**
 * Throws a SerializationError that names the part that cannot be sent, or an error when there is no memory for what
 * goes out-of-band; then nothing is left over.
 */
export function pack(value: unknown, channel: Segment): Outgoing {
	const { bytes, length, handles, buffers } = encodeBorrowed(value, encodeOptions);
	if (handles.length === 0 && buffers.length === 0 && length < OUT_OF_BAND_BYTES) return lend(bytes, length);
	// A small body stays in the message, beside a table that is encoded later, in the same borrowed memory.
	const body = length < OUT_OF_BAND_BYTES ? bytes.slice(0, length) : bytes.subarray(0, length);
	return attach(0, body, handles, buffers, channel);
}

/**
 * As `pack`, for what was encoded before (with `outOfBandFrom: OUT_OF_BAND_BYTES`), when its channel was not known yet.
 * Can be done again for another channel.
 */
export function packEncoded({ bytes, handles, buffers }: Encoded, channel: Segment): Outgoing {
	const { length } = bytes;
	if (handles.length === 0 && buffers.length === 0 && length < OUT_OF_BAND_BYTES)
		return { flags: 0, bytes, length, loadBytes: length, attached: undefined };
	return attach(0, bytes, handles, buffers, channel);
}

export function packBytes(bytes: Uint8Array, channel: Segment): Outgoing {
	if (bytes.length < OUT_OF_BAND_BYTES) return { flags: IS_RAW, bytes, length: bytes.length, loadBytes: bytes.length, attached: undefined };
	return attach(IS_RAW, bytes, nothing, nothing, channel);
}

/** The same message with bytes of its own, for one that cannot be sent at once. */
export function own({ flags, bytes, length, loadBytes, attached }: Outgoing): Outgoing {
	return { flags, bytes: bytes.slice(0, length), length, loadBytes, attached };
}

/** To be called for a message that was not sent after all. */
export function discard({ attached }: Pick<Outgoing, 'attached'>): void {
	if (attached === undefined) return;
	for (const name of attached.outOfBand) dropOutOfBand(name);
	releaseAll(attached.handles, attached.channel);
}

function attach(flags: number, body: Uint8Array, handles: readonly Handle[], buffers: readonly Uint8Array[], channel: Segment): Outgoing {
	const attached = { channel: channel.name, handles, outOfBand: [] as string[] };
	markChannel(channel.buffer);
	retainAll(handles, channel.name);
	try {
		const load = (data: Uint8Array): OutOfBand => {
			const name = writeOutOfBand(data, channel.name);
			attached.outOfBand.push(name);
			return [name, data.length];
		};
		const outOfBand = buffers.map(load);
		const bodyOutOfBand = body.length >= OUT_OF_BAND_BYTES ? load(body) : null;
		const names = handles.flatMap((handle) => handle.segments);
		const table = encode([names, outOfBand, bodyOutOfBand, ticketsOf(handles)] satisfies Table).bytes;
		const rest = bodyOutOfBand === null ? body : nothing;
		const bytes = table.length <= MAX_TABLE_BYTES ? join(table.length, table, rest) : join(0, lengthAnd(encode(load(table)).bytes), rest);
		const loadBytes = bytes.length + outOfBand.reduce((sum, [, size]) => sum + size, bodyOutOfBand?.[1] ?? 0);
		return { flags: flags | HAS_TABLE | (bodyOutOfBand === null ? 0 : HAS_BODY), bytes, length: bytes.length, loadBytes, attached };
	} catch (error) {
		discard({ attached });
		throw error;
	}
}

function join(tableLength: number, table: Uint8Array, rest: ArrayLike<number>): Uint8Array {
	const bytes = new Uint8Array(4 + table.length + rest.length);
	new DataView(bytes.buffer).setUint32(0, tableLength, true);
	bytes.set(table, 4);
	bytes.set(rest, 4 + table.length);
	return bytes;
}

function lengthAnd(encoded: Uint8Array): Uint8Array {
	return join(encoded.length, encoded, nothing);
}

/** The table of a message, and where it ends. */
function readTable(bytes: Uint8Array, start: number): { table: Table; tableEnd: number } {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const length = view.getUint32(start, true);
	if (length > 0) return { table: decodeRange(bytes, start + 4, start + 4 + length) as Table, tableEnd: start + 4 + length };
	const tableEnd = start + 8 + view.getUint32(start + 4, true);
	const large = openOutOfBand(decodeRange(bytes, start + 8, tableEnd) as OutOfBand);
	return { table: decodeRange(new Uint8Array(large), 0, large.byteLength) as Table, tableEnd };
}

export type Decode = typeof decodeRange;

/** The value of a message that was taken out of the stream: the bytes from `start` to `end`. */
export function unpack(flags: number, bytes: Uint8Array, start: number, end: number, channel: string, decodeValue: Decode = decodeRange): unknown {
	if ((flags & HAS_TABLE) === 0) {
		return (flags & IS_RAW) === 0 ? decodeValue(bytes, start, end) : Buffer.from(bytes.subarray(start, end));
	}
	const { table, tableEnd } = readTable(bytes, start);
	const [names, outOfBand, body, tickets] = table;
	const decodeBody = (): unknown => {
		const buffers = outOfBand.map(openOutOfBand);
		if (body === null) return decodeValue(bytes, tableEnd, end, buffers);
		const large = openOutOfBand(body);
		return (flags & IS_RAW) === 0 ? decodeValue(new Uint8Array(large), 0, large.byteLength, buffers) : Buffer.from(large);
	};
	try {
		return tickets.length === 0 ? decodeBody() : withOffered(tickets, decodeBody);
	} finally {
		for (const name of names) release(name, channel);
	}
}

export function isRaw(flags: number): boolean {
	return (flags & IS_RAW) !== 0;
}
