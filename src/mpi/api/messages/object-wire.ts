/**
 * How a value crosses as messages, the same on every engine.
 *
 * A *header* comes first, on the program's communicator and tag. That of a small value is its encoded bytes and nothing
 * else. A larger one begins with a table: what is in the header, and where the *payloads* are: large typed arrays, and
 * the encoded bytes where they are many. Between ranks that share memory the largest go out-of-band
 * (object-out-of-band.ts), in files which the table names. Each other payload is a message of its own with the same
 * communicator and tag (several, where it is longer than one message may be), sent right behind the header.
 *
 *   header = encoded value                                        (the codec's first byte is its version)
 *          | TABLE flags length:uint32 table [encoded value]
 *
 * Who takes a header by a matched probe posts exact receives for its payloads at once: posted receives match before any
 * later probe, so no wildcard can take them for something else. Headers are kept short enough for engines to send them
 * without waiting for the receiver.
 *
 * Shared objects (locks, queues, …) in a value stay alive on the way as in any message of the library
 * (memory/in-flight.ts): they are in flight in the job's segment.
 */
import { SerializationError } from '../../../base/errors.ts';
import { encode, encodeBorrowed } from '../../../codec/encode.ts';
import { isKeptInFlight, type Handle } from '../../../codec/handle.ts';
import { ticketsOf, withOffered } from '../../../memory/descriptors.ts';
import { markChannel } from '../../../memory/layout.ts';
import { Segment } from '../../../memory/segment.ts';
import { release, releaseAll, retainAll } from '../../../memory/in-flight.ts';
import { jobChannel } from '../../job-place.ts';
import { engine } from '../environment/lifecycle.ts';
import { decodeTable, decodeValue } from './decode-value.ts';
import { dropPlaced, gatherPayloads, leastOutOfBandBytes, outOfBandBytesOf, placePayloads, type Placement } from './object-out-of-band.ts';
import { pickle } from './pickle.ts';

/** A value, ready to be sent. */
export interface Packed {
	/**
	 * The header: the first `length` bytes count. Borrowed until the next value is packed, where `packBorrowed` made
	 * it.
	 */
	readonly bytes: Uint8Array;
	readonly length: number;
	/** Those that are messages. */
	readonly payloads: readonly Uint8Array[];
	/** Whether others go out-of-band: then the header is to be sent synchronously. */
	readonly hasOutOfBand: boolean;
	/** Drops its out-of-band files and lets go of its shared objects, when it was not sent after all. */
	readonly discard: () => void;
}

/**
 * How large arrays go: as messages; where ranks share memory, out-of-band, when they are long enough; or inside, with
 * the rest.
 */
export type Way = 'messages' | 'out-of-band' | 'inside';

/** What a header says. */
export interface Header {
	/** Of those that are messages. */
	readonly payloadSizes: readonly number[];
	/** Of those that are not, in all. */
	readonly outOfBandBytes: number;
	/** The value, when the payloads have arrived. Once. */
	readonly value: (payloads: readonly ArrayBuffer[]) => unknown;
}

/** For a message that is copied at once. Throws a SerializationError that names what cannot cross. */
export function packBorrowed(value: unknown, way: Way): Packed {
	if (!pickle.isOwn) return packForeign(value);
	const { bytes, length, handles, buffers } = encodeBorrowed(value, optionsOfEncode());
	if (handles.length === 0 && buffers.length === 0 && length <= inlineLimit()) return lend(bytes, length);
	return packWithTable(bytes.slice(0, length), { handles, buffers, receivers: 1, way });
}

/** For a message that is sent later. */
export function packOwned(value: unknown, way: Way): Packed {
	if (!pickle.isOwn) return packForeign(value);
	const { bytes, handles, buffers } = encode(value, optionsOfEncode());
	if (handles.length === 0 && buffers.length === 0 && bytes.length <= inlineLimit()) return owned(bytes);
	return packWithTable(bytes, { handles, buffers, receivers: 1, way });
}

/** What a piece of a collective operation is made for. */
export interface PieceOptions {
	/** How many will unpack it. */
	readonly receivers: number;
	/** What becomes of large arrays. */
	readonly way: Way;
}

/**
 * For collective operations: all but the payloads as one piece, however long. What would go out-of-band, but finds
 * no room, is inside.
 */
export function packPiece(value: unknown, options: PieceOptions): Packed {
	if (!pickle.isOwn) return owned(withTable(pickle.dumps(value), IS_FOREIGN, [[], [], [], '']));
	const { way, receivers } = options;
	const outOfBandFrom = way === 'inside' ? Infinity : Math.max(pickle.THRESHOLD, leastOutOfBandBytes);
	const { bytes, handles, buffers } = encode(value, { path: '', outOfBandFrom });
	if (handles.length === 0 && buffers.length === 0) return owned(bytes);
	const packed = packWithTable(bytes, { handles, buffers, receivers, way, isWhole: true });
	if (way !== 'out-of-band' || packed.payloads.length === 0) return packed;
	packed.discard();
	return packPiece(value, { receivers, way: 'inside' });
}

/** Whether the header is an encoded value and nothing else. */
export function isPlain(bytes: Uint8Array, start: number): boolean {
	return bytes[start] !== TABLE;
}

/** The value refers to none of the bytes, but decoding does: they must stay until then. */
export function readHeader(bytes: Uint8Array, start: number, end: number): Header {
	if (isPlain(bytes, start)) return { payloadSizes: noSizes, outOfBandBytes: 0, value: () => decodeValue(bytes, start, end) };
	const flags = bytes[start + 1]!;
	const { table, end: bodyStart } = decodeTable(bytes, start + TABLE_LENGTH, end);
	const [placements, names, tickets, channel] = table as Table;
	const value = (messages: readonly ArrayBuffer[]): unknown => {
		try {
			const payloads = gatherPayloads(placements, messages);
			return tickets.length === 0 ? decodeBody(payloads) : withOffered(tickets, () => decodeBody(payloads));
		} finally {
			for (const name of names) release(name, channel);
		}
	};
	const decodeBody = (payloads: readonly ArrayBuffer[]): unknown => {
		const isBodyApart = (flags & HAS_BODY_APART) !== 0;
		const body = isBodyApart ? new Uint8Array(payloads.at(-1)!) : bytes.subarray(bodyStart, end);
		if ((flags & IS_FOREIGN) !== 0) return pickle.loads(body.slice());
		return decodeValue(body, 0, body.length, isBodyApart ? payloads.slice(0, -1) : payloads);
	};
	const payloadSizes = placements.filter((placement) => typeof placement === 'number');
	return { payloadSizes, outOfBandBytes: outOfBandBytesOf(placements), value };
}

/** the payloads, segments in flight, tickets of descriptors, channel */
type Table = [Placement[], string[], string[], string];

/** No version of the codec. */
const TABLE = 0xff;
const TABLE_LENGTH = 2;
const TABLE_START = 6;
const HAS_BODY_APART = 1;
/** Made by the program's own serializer. */
const IS_FOREIGN = 2;

const none: readonly never[] = [];
const noSizes: readonly number[] = [];
/** What most calls return. */
const plain = { bytes: new Uint8Array(0) as Uint8Array, length: 0, payloads: none, hasOutOfBand: false, discard: nothing };

function nothing(): void {}

function lend(bytes: Uint8Array, length: number): Packed {
	plain.bytes = bytes;
	plain.length = length;
	return plain;
}

function owned(bytes: Uint8Array, payloads: readonly Uint8Array[] = none): Packed {
	return { bytes, length: bytes.length, payloads, hasOutOfBand: false, discard: nothing };
}

const encodeOptions = { path: '', outOfBandFrom: 0 };
function optionsOfEncode(): { path: string; outOfBandFrom: number } {
	encodeOptions.outOfBandFrom = Math.max(1, pickle.THRESHOLD);
	return encodeOptions;
}

/**
 * How long a header may be. A real engine waits for the receiver from about 4 KiB on, and who has taken a header waits
 * for it.
 */
function inlineLimit(): number {
	return engine().name === 'embedded' ? 65_536 : 3584;
}

function packForeign(value: unknown): Packed {
	const body = pickle.dumps(value);
	const isApart = body.length > inlineLimit();
	const bytes = withTable(isApart ? new Uint8Array(0) : body, IS_FOREIGN | (isApart ? HAS_BODY_APART : 0), [
		isApart ? [body.length] : [],
		[],
		[],
		'',
	]);
	return owned(bytes, isApart ? [body] : none);
}

interface Parts {
	readonly handles: readonly Handle[];
	readonly buffers: readonly Uint8Array[];
	readonly receivers: number;
	readonly way: Way;
	readonly isWhole?: boolean;
}

function packWithTable(body: Uint8Array, { handles, buffers, receivers, way, isWhole = false }: Parts): Packed {
	const isApart = !isWhole && body.length > inlineLimit();
	const payloads = isApart ? [...buffers, body] : buffers;
	const channel = handles.some(isKeptInFlight) ? channelFor(handles) : '';
	let retained = 0;
	let placements: Placement[] = [];
	const discard = (): void => {
		for (; retained > 0; retained--) releaseAll(handles, channel);
		dropPlaced(placements);
	};
	try {
		if (channel !== '') for (; retained < receivers; retained++) retainAll(handles, channel);
		const names = channel === '' ? [] : handles.flatMap((handle) => handle.segments);
		placements = way === 'out-of-band' ? placePayloads(payloads) : payloads.map(({ length }) => length);
		const bytes = withTable(isApart ? new Uint8Array(0) : body, isApart ? HAS_BODY_APART : 0, [placements, names, ticketsOf(handles), channel]);
		const messages = payloads.filter((_, i) => typeof placements[i] === 'number');
		return { bytes, length: bytes.length, payloads: messages, hasOutOfBand: messages.length < payloads.length, discard };
	} catch (error) {
		discard();
		throw error;
	}
}

function withTable(body: Uint8Array, flags: number, table: Table): Uint8Array {
	const encoded = encode(table).bytes;
	const bytes = new Uint8Array(TABLE_START + encoded.length + body.length);
	bytes[0] = TABLE;
	bytes[1] = flags;
	new DataView(bytes.buffer).setUint32(TABLE_LENGTH, encoded.length, true);
	bytes.set(encoded, TABLE_START);
	bytes.set(body, TABLE_START + encoded.length);
	return bytes;
}

/** The segment in which shared objects are in flight. */
function channelFor(handles: readonly Handle[]): string {
	const { sharesMemory, name } = engine();
	if (!sharesMemory) {
		const { kind } = handles.find(isKeptInFlight)!;
		throw new SerializationError(
			`Cannot send a ${kind} in a message of MPI on the engine ${name}: it lies in the shared memory of this machine, and ranks may be on others. It can be sent under \`npx nprocs mpiexec\`.`,
			'',
		);
	}
	const segment = jobChannel();
	if (segment !== undefined) return segment;
	ownChannel ??= Segment.create({ kind: 'mpi-world', size: 64 });
	markChannel(ownChannel.buffer);
	return ownChannel.name;
}

/** Of a world of one, which has no job. */
let ownChannel: Segment | undefined;
