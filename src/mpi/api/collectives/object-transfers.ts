/**
 * How values move in collective operations: each is encoded as one piece; the sizes of all go first, then the pieces,
 * then large arrays (object-payloads.ts).
 *
 * Sizes are numbers of 8 bytes. Pieces are padded to units of 8 bytes, so that counts and displacements, which are ints
 * in MPI, reach 16 GiB. A broadcast begins with a message of fixed length, in which a small value has room: it needs no
 * other.
 */
import type { Collectives } from '../../engine/collectives.ts';
import { check } from '../arguments/check.ts';
import { peersOf } from './collective-roles.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { engine } from '../environment/lifecycle.ts';
import { packPiece, readHeader, type Header, type Packed, type Way } from '../messages/object-wire.ts';
import { broadcastPayloads, exchangePayloads, prepareExchange, wayToAll, wayToOne } from './object-payloads.ts';
import { DOUBLE, UINT64_T, UINT8_T } from '../datatypes/predefined.ts';

/** Who takes part on which side. */
export interface Sides {
	readonly comm: CommBase;
	readonly root: number;
	readonly isSender: boolean;
	readonly isReceiver: boolean;
}

const SIZE = DOUBLE.handle;
const UNIT = UINT64_T.handle;
const UNIT_BYTES = 8;
/** Of the first message of a broadcast: the size, and the value when it is not larger than the rest. */
const FIRST_BYTES = 256;

/** @param value - of the sender; it is given back there */
export function broadcast(value: unknown, sides: Sides): unknown {
	const first = idleFirst ?? makeFirst();
	idleFirst = undefined;
	try {
		return broadcastWith(first, value, sides);
	} finally {
		idleFirst = first;
	}
}

interface First {
	readonly bytes: Uint8Array;
	/** The first 8 of them. */
	readonly size: Float64Array;
}

function makeFirst(): First {
	const size = new Float64Array(FIRST_BYTES / Float64Array.BYTES_PER_ELEMENT);
	return { size, bytes: new Uint8Array(size.buffer) };
}

/** To make one takes longer than to send it. Absent while in use: decoding may run code of the program's. */
let idleFirst: First | undefined;

function broadcastWith({ bytes: first, size }: First, value: unknown, { comm, root, isSender, isReceiver }: Sides): unknown {
	const packed = isSender ? packPiece(value, { receivers: comm.is_inter ? peersOf(comm) : comm.size - 1, way: wayToAll(comm) }) : nothing;
	const piece = packed.bytes;
	const isPart = isSender || isReceiver;
	if (isSender) {
		size[0] = piece.length;
		if (piece.length <= FIRST_BYTES - UNIT_BYTES) first.set(piece, UNIT_BYTES);
	}
	check(collectives().bcast(isPart ? first : null, isPart ? FIRST_BYTES : 0, UINT8_T.handle, root, comm.living()), comm);
	const length = isPart ? size[0]! : 0;
	const isInFirst = length <= FIRST_BYTES - UNIT_BYTES;
	if (isInFirst && comm.is_intra) return broadcastRest(comm, root, isSender ? packed : readHeader(first, UNIT_BYTES, UNIT_BYTES + length), value);
	// Between two groups the second message always comes: ranks that have no part must call as often as the others, and
	// do not know the size.
	const units = isInFirst ? 0 : unitsOf(length);
	const bytes = isSender && units > 0 ? padded(piece) : new Uint8Array(units * UNIT_BYTES);
	check(collectives().bcast(isPart ? bytes : null, units, UNIT, root, comm.living()), comm);
	if (isSender || !isReceiver) return broadcastRest(comm, root, packed, value);
	return broadcastRest(comm, root, isInFirst ? readHeader(first, UNIT_BYTES, UNIT_BYTES + length) : readHeader(bytes, 0, length), value);
}

/** The payloads, from the sender or to a receiver; gives the value. */
function broadcastRest(comm: CommBase, root: number, part: Sent | Header, own: unknown): unknown {
	if ('payloads' in part) broadcastPayloads(comm, root, part.payloads);
	return 'payloads' in part ? own : part.value(broadcastPayloads(comm, root, part));
}

/** Gives the receiver all senders' values, by rank. */
export function gatherAtRoot(value: unknown, { comm, root, isSender, isReceiver }: Sides): unknown[] | null {
	const way = wayToOne(comm);
	prepareExchange(comm, way);
	const { bytes: piece, payloads } = isSender ? packPiece(value, { receivers: 1, way }) : nothing;
	const sizes = new Float64Array(isReceiver ? peersOf(comm) : 0);
	const ownSize = isSender ? Float64Array.of(piece.length) : null;
	check(collectives().gather(ownSize, isSender ? 1 : 0, SIZE, isReceiver ? sizes : null, isReceiver ? 1 : 0, SIZE, root, comm.living()), comm);
	const room = roomFor(sizes);
	const own = isSender ? padded(piece) : null;
	check(
		collectives().gatherv(
			own,
			unitsOf(piece.length),
			UNIT,
			isReceiver ? room.bytes : null,
			room.counts,
			room.displacements,
			UNIT,
			root,
			comm.living(),
		),
		comm,
	);
	const headers = isReceiver ? room.headers() : [];
	const received = exchangePayloads(comm, outgoingTo(root, payloads), headers);
	return isReceiver ? valuesOf(headers, received) : null;
}

/** Gives each receiver its own of the sender's values. */
export function scatterFromRoot(values: readonly unknown[], { comm, root, isSender, isReceiver }: Sides): unknown {
	const way = wayToOne(comm);
	prepareExchange(comm, way);
	const all = piecesOf(isSender ? values : [], way);
	const size = new Float64Array(1);
	check(
		collectives().scatter(
			isSender ? all.sizes : null,
			isSender ? 1 : 0,
			SIZE,
			isReceiver ? size : null,
			isReceiver ? 1 : 0,
			SIZE,
			root,
			comm.living(),
		),
		comm,
	);
	const [length] = size as unknown as [number];
	const own = new Uint8Array(unitsOf(length) * UNIT_BYTES);
	check(
		collectives().scatterv(
			isSender ? all.bytes : null,
			all.counts,
			all.displacements,
			UNIT,
			isReceiver ? own : null,
			unitsOf(length),
			UNIT,
			root,
			comm.living(),
		),
		comm,
	);
	const headers = isReceiver ? headersFrom(root, readHeader(own, 0, length)) : [];
	const received = exchangePayloads(comm, all.payloads, headers);
	return isReceiver ? headers[root]!.value(received[root]!) : undefined;
}

/** What the engine does for all ranks, or for the neighbours of each. */
export interface Exchange {
	readonly comm: CommBase;
	/** How many values come. */
	readonly incoming: number;
	readonly isAmongNeighbors: boolean;
}

/** The values of all from whom some come; null for one that there is not. */
export function gatherForAll(value: unknown, { comm, incoming, isAmongNeighbors, receivers }: Exchange & { readonly receivers: number }): unknown[] {
	const { bytes: piece, payloads } = packPiece(value, { receivers, way: isAmongNeighbors ? 'inside' : wayToAll(comm) });
	const sizes = new Float64Array(incoming);
	const [allgather, allgatherv] = isAmongNeighbors
		? (['neighborAllgather', 'neighborAllgatherv'] as const)
		: (['allgather', 'allgatherv'] as const);
	check(collectives()[allgather](Float64Array.of(piece.length), 1, SIZE, sizes, 1, SIZE, comm.living()), comm);
	const room = roomFor(sizes);
	check(
		collectives()[allgatherv](padded(piece), unitsOf(piece.length), UNIT, room.bytes, room.counts, room.displacements, UNIT, comm.living()),
		comm,
	);
	const headers = room.headers();
	const received = isAmongNeighbors || comm.is_inter ? headers.map(() => []) : payloadsOfAll(comm, payloads, headers);
	return valuesOf(headers, received);
}

/** Sends each its own value, and gives those that come. */
export function exchange(values: readonly unknown[], { comm, incoming, isAmongNeighbors }: Exchange): unknown[] {
	const way = isAmongNeighbors && !engine().sharesMemory ? 'inside' : wayToOne(comm);
	prepareExchange(comm, way);
	const all = piecesOf(values, way);
	const sizes = new Float64Array(incoming);
	const [alltoall, alltoallv] = isAmongNeighbors ? (['neighborAlltoall', 'neighborAlltoallv'] as const) : (['alltoall', 'alltoallv'] as const);
	check(collectives()[alltoall](all.sizes, 1, SIZE, sizes, 1, SIZE, comm.living()), comm);
	const room = roomFor(sizes);
	check(
		collectives()[alltoallv](all.bytes, all.counts, all.displacements, UNIT, room.bytes, room.counts, room.displacements, UNIT, comm.living()),
		comm,
	);
	const headers = room.headers();
	return valuesOf(headers, way === 'messages' ? exchangePayloads(comm, all.payloads, headers) : headers.map(() => []));
}

/** Each rank's own, one rank after the other. */
function payloadsOfAll(comm: CommBase, own: readonly Uint8Array[], headers: readonly Header[]): ArrayBuffer[][] {
	return headers.map((header, rank) => {
		if (rank !== comm.rank) return broadcastPayloads(comm, rank, header);
		broadcastPayloads(comm, rank, own);
		return own.map((payload) => payload.slice().buffer);
	});
}

type Sent = Pick<Packed, 'bytes' | 'payloads'>;

/** What ranks without a value have of it. */
const nothing: Sent = { bytes: new Uint8Array(0), payloads: [] };

/** By receiver, of whom there is one. */
function outgoingTo(dest: number, payloads: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
	return payloads.length === 0 ? [] : Array.from({ length: dest + 1 }, (_, rank) => (rank === dest ? payloads : []));
}

/** By sender, of whom there is one. */
function headersFrom(source: number, header: Header): Header[] {
	return Array.from({ length: source + 1 }, (_, rank) => (rank === source ? header : noHeader));
}

const noHeader: Header = { payloadSizes: [], outOfBandBytes: 0, value: () => null };

function valuesOf(headers: readonly Header[], payloads: readonly (readonly ArrayBuffer[])[]): unknown[] {
	return headers.map((header, i) => header.value(payloads[i]!));
}

function collectives(): Collectives {
	return engine().blocking;
}

function unitsOf(bytes: number): number {
	return Math.ceil(bytes / UNIT_BYTES);
}

/** Up to a whole number of units: what lies behind the piece does not matter. */
function padded(piece: Uint8Array): Uint8Array {
	const bytes = unitsOf(piece.length) * UNIT_BYTES;
	if (piece.byteOffset + bytes <= piece.buffer.byteLength) return new Uint8Array(piece.buffer, piece.byteOffset, bytes);
	const copy = new Uint8Array(bytes);
	copy.set(piece);
	return copy;
}

interface Pieces {
	readonly sizes: Float64Array;
	readonly bytes: Uint8Array;
	/** In units. */
	readonly counts: Int32Array;
	readonly displacements: Int32Array;
	/** Of each. */
	readonly payloads: readonly (readonly Uint8Array[])[];
}

function piecesOf(values: readonly unknown[], way: Way): Pieces {
	const pieces: Packed[] = [];
	try {
		for (const value of values) pieces.push(packPiece(value, { receivers: 1, way }));
	} catch (error) {
		for (const { discard } of pieces) discard();
		throw error;
	}
	const sizes = Float64Array.from(pieces, ({ length }) => length);
	const room = roomFor(sizes);
	pieces.forEach(({ bytes }, i) => room.bytes.set(bytes, room.displacements[i]! * UNIT_BYTES));
	return { ...room, sizes, payloads: pieces.map(({ payloads }) => payloads) };
}

interface Room extends Omit<Pieces, 'sizes' | 'payloads'> {
	/** What has come. */
	headers(): Header[];
}

function roomFor(sizes: Float64Array): Room {
	const counts = Int32Array.from(sizes, unitsOf);
	const displacements = new Int32Array(sizes.length);
	let units = 0;
	counts.forEach((count, i) => {
		displacements[i] = units;
		units += count;
	});
	const bytes = new Uint8Array(units * UNIT_BYTES);
	const headerAt = (size: number, i: number): Header => {
		const start = displacements[i]! * UNIT_BYTES;
		return size === 0 ? noHeader : readHeader(bytes, start, start + size);
	};
	return { bytes, counts, displacements, headers: () => Array.from(sizes, headerAt) };
}
