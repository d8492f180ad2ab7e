/**
 * How a value crosses as messages, the same on every engine.
 *
 * A *header* comes first, on the program's communicator and tag. That of a small value is its encoded bytes and nothing else. A larger one begins with a
 * table: what is in the header, and how long the *payloads* are: large typed arrays, and the encoded bytes where they are many. Each payload is a message
 * of its own with the same communicator and tag (several, where it is longer than one message may be), sent right behind the header.
 *
 *   header = encoded value                                        (the codec's first byte is its version)
 *          | TABLE flags length:uint32 table [encoded value]
 *
 * Who takes a header by a matched probe posts exact receives for its payloads at once: posted receives match before any later probe, so no wildcard
 * can take them for something else. Headers are kept short enough for engines to send them without waiting for the receiver.
 *
 * Shared objects (locks, queues, …) in a value stay alive on the way as in any message of the library (memory/transit.ts); their carrier is the job's segment.
 */
import { SerializationError } from '../../../base/errors.ts';
import { decodeRange } from '../../../codec/decode.ts';
import { encode, encodeBorrowed } from '../../../codec/encode.ts';
import { needsCarrier, type Handle } from '../../../codec/handle.ts';
import { ticketsOf, withOffered } from '../../../memory/descriptors.ts';
import { markCarrier } from '../../../memory/layout.ts';
import { Segment } from '../../../memory/segment.ts';
import { release, releaseAll, retainAll } from '../../../memory/transit.ts';
import { jobPlace } from '../../job-place.ts';
import { engine } from '../environment/lifecycle.ts';
import { pickle } from './pickle.ts';

/** A value, ready to be sent. */
export interface Packed {
	/** The header: the first `length` bytes count. Borrowed until the next value is packed, where `packBorrowed` made it. */
	readonly bytes: Uint8Array;
	readonly length: number;
	readonly payloads: readonly Uint8Array[];
	/** Takes back what was done to keep its shared objects alive, when it was not sent after all. */
	readonly discard: () => void;
}

/** What a header says. */
export interface Header {
	readonly payloadSizes: readonly number[];
	/** The value, when the payloads have arrived. */
	readonly value: (payloads: readonly ArrayBuffer[]) => unknown;
}

/** For a message that is copied at once. Throws a SerializationError that names what cannot cross. */
export function packBorrowed(value: unknown): Packed {
	if (!pickle.isOwn) return packForeign(value);
	const { bytes, length, handles, buffers } = encodeBorrowed(value, optionsOfEncode());
	if (handles.length === 0 && buffers.length === 0 && length <= inlineLimit()) return lend(bytes, length);
	return packWithTable(bytes.slice(0, length), { handles, buffers, receivers: 1 });
}

/** For a message that is sent later, or several times. */
export function packOwned(value: unknown): Packed {
	if (!pickle.isOwn) return packForeign(value);
	const { bytes, handles, buffers } = encode(value, optionsOfEncode());
	if (handles.length === 0 && buffers.length === 0 && bytes.length <= inlineLimit())
		return { bytes, length: bytes.length, payloads: none, discard: nothing };
	return packWithTable(bytes, { handles, buffers, receivers: 1 });
}

/** A value as one piece, without payloads: for collective operations. @param receivers - how many will unpack it */
export function packWhole(value: unknown, receivers: number): Uint8Array {
	if (!pickle.isOwn) return withTable(pickle.dumps(value), IS_FOREIGN, [[], [], [], '']);
	const { bytes, handles } = encode(value, { path: '' });
	if (handles.length === 0) return bytes;
	return packWithTable(bytes, { handles, buffers: none, receivers, isWhole: true }).bytes;
}

/** The value of the bytes from `start` to `end`, which `packWhole` gave. */
export function unpackWhole(bytes: Uint8Array, start: number, end: number): unknown {
	if (isPlain(bytes, start)) return decodeRange(bytes, start, end);
	return readHeader(bytes, start, end).value(noMemory);
}

/** Whether the header is an encoded value and nothing else. */
export function isPlain(bytes: Uint8Array, start: number): boolean {
	return bytes[start] !== TABLE;
}

/** The value refers to none of the bytes, but decoding does: they must stay until then. */
export function readHeader(bytes: Uint8Array, start: number, end: number): Header {
	if (isPlain(bytes, start)) return { payloadSizes: noSizes, value: () => decodeRange(bytes, start, end) };
	const flags = bytes[start + 1]!;
	const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(start + 2, true);
	const bodyStart = start + TABLE_START + length;
	const [payloadSizes, names, tickets, carrier] = decodeRange(bytes, start + TABLE_START, bodyStart) as Table;
	const value = (payloads: readonly ArrayBuffer[]): unknown => {
		try {
			return tickets.length === 0 ? decodeBody(payloads) : withOffered(tickets, () => decodeBody(payloads));
		} finally {
			for (const name of names) release(name, carrier);
		}
	};
	const decodeBody = (payloads: readonly ArrayBuffer[]): unknown => {
		const isBodyApart = (flags & HAS_BODY_APART) !== 0;
		const body = isBodyApart ? new Uint8Array(payloads.at(-1)!) : bytes.subarray(bodyStart, end);
		if ((flags & IS_FOREIGN) !== 0) return pickle.loads(body.slice());
		return decodeRange(body, 0, body.length, isBodyApart ? payloads.slice(0, -1) : payloads);
	};
	return { payloadSizes, value };
}

/** sizes of the payloads, retained segments, tickets of descriptors, carrier */
type Table = [number[], string[], string[], string];

/** No version of the codec. */
const TABLE = 0xff;
const TABLE_START = 6;
const HAS_BODY_APART = 1;
/** Made by the program's own serializer. */
const IS_FOREIGN = 2;

const none: readonly never[] = [];
const noSizes: readonly number[] = [];
const noMemory: readonly ArrayBuffer[] = [];
/** What most calls return. */
const plain = { bytes: new Uint8Array(0) as Uint8Array, length: 0, payloads: none, discard: nothing };

function nothing(): void {}

function lend(bytes: Uint8Array, length: number): Packed {
	plain.bytes = bytes;
	plain.length = length;
	return plain;
}

const encodeOptions = { path: '', externalFrom: 0 };
function optionsOfEncode(): { path: string; externalFrom: number } {
	encodeOptions.externalFrom = Math.max(1, pickle.THRESHOLD);
	return encodeOptions;
}

/** How long a header may be. A real engine waits for the receiver from about 4 KiB on, and who has taken a header waits for it. */
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
	return { bytes, length: bytes.length, payloads: isApart ? [body] : none, discard: nothing };
}

interface Parts {
	readonly handles: readonly Handle[];
	readonly buffers: readonly Uint8Array[];
	readonly receivers: number;
	readonly isWhole?: boolean;
}

function packWithTable(body: Uint8Array, { handles, buffers, receivers, isWhole = false }: Parts): Packed {
	const isApart = !isWhole && body.length > inlineLimit();
	const payloads = isApart ? [...buffers, body] : buffers;
	const carrier = handles.some(needsCarrier) ? carrierFor(handles) : '';
	let retained = 0;
	const discard = (): void => {
		for (; retained > 0; retained--) releaseAll(handles, carrier);
	};
	try {
		if (carrier !== '') for (; retained < receivers; retained++) retainAll(handles, carrier);
		const names = carrier === '' ? [] : handles.flatMap((handle) => handle.segments);
		const table: Table = [payloads.map(({ length }) => length), names, ticketsOf(handles), carrier];
		const bytes = withTable(isApart ? new Uint8Array(0) : body, isApart ? HAS_BODY_APART : 0, table);
		return { bytes, length: bytes.length, payloads, discard };
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
	new DataView(bytes.buffer).setUint32(2, encoded.length, true);
	bytes.set(encoded, TABLE_START);
	bytes.set(body, TABLE_START + encoded.length);
	return bytes;
}

/** The segment in whose name what is under way is kept alive. */
function carrierFor(handles: readonly Handle[]): string {
	const { sharesMemory, name } = engine();
	if (!sharesMemory) {
		const { kind } = handles.find(needsCarrier)!;
		throw new SerializationError(
			`Cannot send a ${kind} in a message of MPI on the engine ${name}: it lies in the shared memory of this machine, and ranks may be on others. It can be sent under \`npx nprocs mpiexec\`.`,
			'',
		);
	}
	const segment = jobPlace()?.segment;
	if (segment !== undefined) return segment;
	ownCarrier ??= Segment.create({ kind: 'mpi-world', size: 64 });
	markCarrier(ownCarrier.buffer);
	return ownCarrier.name;
}

/** Of a world of one, which has no job. */
let ownCarrier: Segment | undefined;
