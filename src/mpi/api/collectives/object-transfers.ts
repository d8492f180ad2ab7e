/**
 * How values move in collective operations: each is encoded as one piece; the sizes of all go first, then the pieces.
 *
 * Sizes are numbers of 8 bytes. Pieces are padded to units of 8 bytes, so that counts and displacements, which are ints in MPI, reach 16 GiB. A broadcast begins with a
 * message of fixed length, in which a small value has room: it needs no other.
 */
import type { Collectives } from '../../engine/collectives.ts';
import { check } from '../arguments/check.ts';
import { peersOf } from './collective-roles.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { engine } from '../environment/lifecycle.ts';
import { packWhole, unpackWhole } from '../messages/object-wire.ts';
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
export function broadcast(value: unknown, { comm, root, isSender, isReceiver }: Sides): unknown {
	const first = new Uint8Array(FIRST_BYTES);
	const size = new Float64Array(first.buffer, 0, 1);
	const piece = isSender ? packWhole(value, comm.is_inter ? peersOf(comm) : comm.size - 1) : none;
	const isPart = isSender || isReceiver;
	if (isSender) {
		size[0] = piece.length;
		if (piece.length <= FIRST_BYTES - UNIT_BYTES) first.set(piece, UNIT_BYTES);
	}
	check(collectives().bcast(isPart ? first : null, isPart ? FIRST_BYTES : 0, UINT8_T.handle, root, comm.living()), comm);
	const length = size[0]!;
	const isInFirst = length <= FIRST_BYTES - UNIT_BYTES;
	if (isInFirst && comm.is_intra) return isSender ? value : unpackWhole(first, UNIT_BYTES, UNIT_BYTES + length);
	// Between two groups the second message always comes: ranks that have no part must call as often as the others, and do not know the size.
	const units = isInFirst ? 0 : unitsOf(length);
	const bytes = isSender && units > 0 ? padded(piece) : new Uint8Array(units * UNIT_BYTES);
	check(collectives().bcast(isPart ? bytes : null, units, UNIT, root, comm.living()), comm);
	if (!isReceiver || isSender) return value;
	return isInFirst ? unpackWhole(first, UNIT_BYTES, UNIT_BYTES + length) : unpackWhole(bytes, 0, length);
}

/** Gives the receiver all senders' values, by rank. */
export function gatherAtRoot(value: unknown, { comm, root, isSender, isReceiver }: Sides): unknown[] | null {
	const piece = isSender ? packWhole(value, 1) : none;
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
	return isReceiver ? room.values() : null;
}

/** Gives each receiver its own of the sender's values. */
export function scatterFromRoot(values: readonly unknown[], { comm, root, isSender, isReceiver }: Sides): unknown {
	const all = piecesOf(isSender ? values : []);
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
	return isReceiver ? unpackWhole(own, 0, length) : undefined;
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
	const piece = packWhole(value, receivers);
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
	return room.values();
}

/** Sends each its own value, and gives those that come. */
export function exchange(values: readonly unknown[], { comm, incoming, isAmongNeighbors }: Exchange): unknown[] {
	const all = piecesOf(values);
	const sizes = new Float64Array(incoming);
	const [alltoall, alltoallv] = isAmongNeighbors ? (['neighborAlltoall', 'neighborAlltoallv'] as const) : (['alltoall', 'alltoallv'] as const);
	check(collectives()[alltoall](all.sizes, 1, SIZE, sizes, 1, SIZE, comm.living()), comm);
	const room = roomFor(sizes);
	check(
		collectives()[alltoallv](all.bytes, all.counts, all.displacements, UNIT, room.bytes, room.counts, room.displacements, UNIT, comm.living()),
		comm,
	);
	return room.values();
}

const none = new Uint8Array(0);

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
}

function piecesOf(values: readonly unknown[]): Pieces {
	const pieces = values.map((value) => packWhole(value, 1));
	const sizes = Float64Array.from(pieces, ({ length }) => length);
	const room = roomFor(sizes);
	pieces.forEach((piece, i) => room.bytes.set(piece, room.displacements[i]! * UNIT_BYTES));
	return { ...room, sizes };
}

interface Room extends Omit<Pieces, 'sizes'> {
	/** What has come. */
	values(): unknown[];
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
	const valueAt = (size: number, i: number): unknown => {
		const start = displacements[i]! * UNIT_BYTES;
		return size === 0 ? null : unpackWhole(bytes, start, start + size);
	};
	return { bytes, counts, displacements, values: () => Array.from(sizes, valueAt) };
}
