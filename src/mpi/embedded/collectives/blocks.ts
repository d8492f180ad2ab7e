/** Blocks of a buffer, one for each rank or neighbour, as the arguments of a collective operation describe them. */
import type { EngineBuffer } from '../../engine/buffers.ts';
import { ERR_TRUNCATE, SUCCESS } from '../../constants.ts';
import { isView, packed } from '../datatypes/datatypes.ts';
import { CachedView } from '../datatypes/cached-view.ts';
import type { Layout } from '../datatypes/layout.ts';
import { bytesAt, unpackFrom } from '../datatypes/pack.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';
import type { Schedule, Transfer } from '../schedules/schedule.ts';

/**
 * Where received bytes go: the memory itself when its elements are one piece, else bytes that are unpacked afterwards.
 */
export interface Room {
	readonly bytes: Uint8Array;
	readonly unpack?: (bytes: Uint8Array) => void;
}

export interface BlockLayout {
	/** Of each block, or of all. */
	readonly counts: Int32Array | number;
	/**
	 * Of each block, in elements, or in bytes where every block has a datatype of its own; undefined: one after
	 * another.
	 */
	readonly displacements?: Int32Array | Float64Array;
	readonly layouts: Layout | readonly Layout[];
}

export class Blocks {
	readonly #buffer: EngineBuffer;
	readonly #counts: Int32Array | number;
	readonly #displacements: Int32Array | Float64Array | undefined;
	readonly #layouts: Layout | readonly Layout[];

	constructor(buffer: EngineBuffer, { counts, displacements, layouts }: BlockLayout) {
		this.#buffer = buffer;
		this.#counts = counts;
		this.#displacements = displacements;
		this.#layouts = layouts;
	}

	/** The bytes to send: in place, or packed. */
	packed(i: number): Uint8Array {
		return packed(this.#buffer, this.#count(i), this.#layout(i), this.#offset(i));
	}

	room(i: number): Room {
		return roomFor(this.#buffer, this.#count(i), this.#layout(i), this.#offset(i));
	}

	/** Bytes of block i as a message. */
	length(i: number): number {
		return this.#count(i) * this.#layout(i).size;
	}

	#count(i: number): number {
		return typeof this.#counts === 'number' ? this.#counts : this.#counts[i]!;
	}

	#layout(i: number): Layout {
		return isOne(this.#layouts) ? this.#layouts : this.#layouts[i]!;
	}

	#offset(i: number): number {
		const { extent } = this.#layout(i);
		if (this.#displacements === undefined) return i * this.#count(i) * extent;
		return this.#displacements[i]! * (isOne(this.#layouts) ? extent : 1);
	}
}

const keptRoom = new CachedView();

export function roomFor(buffer: EngineBuffer, count: number, layout: Layout, byteOffset = 0): Room {
	const length = count * layout.size;
	if (length === 0 || !isView(buffer)) return { bytes: noBytes };
	if (layout.isContiguous) return { bytes: byteOffset === 0 ? keptRoom.of(buffer, length) : bytesAt(buffer, byteOffset, length) };
	const bytes = borrow(length);
	return { bytes, unpack: (received) => unpackFrom(received, { view: buffer, byteOffset }, count, layout) };
}

/** Puts what has arrived to where it belongs. */
export function settle({ bytes, unpack }: Room, received = bytes.length): void {
	if (unpack === undefined) return;
	unpack(received < bytes.length ? bytes.subarray(0, received) : bytes);
	giveBack(bytes);
}

/** The same at the end of a schedule; no generator where it lies in its place already (tree-reduce.ts says why). */
export function settled(room: Room, schedule: Schedule): Schedule {
	return room.unpack === undefined ? schedule : settleAfter(room, schedule);
}

function* settleAfter(room: Room, schedule: Schedule): Schedule {
	const error = yield* schedule;
	settle(room);
	return error;
}

/** A schedule without transfers. */
// oxlint-disable-next-line require-yield
export function* nothingToDo(error: number = SUCCESS): Schedule {
	return error;
}

/** The same for rooms and the receives that filled them. */
export function settleAll(rooms: readonly Room[], receives: readonly Transfer[]): void {
	for (let i = 0; i < rooms.length; i++) settle(rooms[i]!, receives[i]!.bytes);
}

/** What a rank sends to itself. */
export function copyOwn(bytes: Uint8Array, room: Room): number {
	const fits = bytes.length <= room.bytes.length;
	room.bytes.set(fits ? bytes : bytes.subarray(0, room.bytes.length));
	settle(room, bytes.length);
	return fits ? SUCCESS : ERR_TRUNCATE;
}

export const noBytes: Uint8Array = new Uint8Array(0);

function isOne(layouts: Layout | readonly Layout[]): layouts is Layout {
	return !Array.isArray(layouts);
}
