/**
 * Reduction in which each rank gets one part of the result: all send it what they have of its part. No rank waits for
 * what another one has reduced.
 *
 * Operations that do not commute take the contributions in the order of ranks. Others begin with the own one, so that
 * the first message is received into the result itself.
 */
import { borrow, giveBack } from '../schedules/scratch.ts';
import { firstError, type Channel, type Schedule, type Transfer } from '../schedules/schedule.ts';
import { combineBefore, combineBehind } from './combine.ts';
import type { Operands } from './operands.ts';

export interface PartsReduction {
	readonly operands: Operands;
	/** What this rank contributes to the part of rank i; not written to. */
	readonly part: (i: number) => Uint8Array;
	/** Where this rank's part of the result goes; may be where its own contribution is. */
	readonly result: Uint8Array;
}

export function* reduceParts(channel: Channel, tag: number, reduction: PartsReduction): Schedule {
	const { rank, size } = channel;
	const sends: Transfer[] = [];
	for (let step = 1; step < size; step++) {
		const dest = (rank + step) % size;
		sends.push(channel.isend(reduction.part(dest), dest, tag));
	}
	const error = reduction.operands.combiner.commutes ? yield* takeOwnFirst(channel, tag, reduction) : yield* takeInOrder(channel, tag, reduction);
	yield sends;
	return firstError(error, sends);
}

function* takeOwnFirst(channel: Channel, tag: number, { operands, part, result }: PartsReduction): Schedule {
	const { rank, size } = channel;
	const { combiner, size: elementBytes } = operands;
	const own = part(rank);
	let hasOwn = own.buffer === result.buffer && own.byteOffset === result.byteOffset;
	if (size === 1 && !hasOwn) result.set(own);
	const rooms: Uint8Array[] = [];
	const receives: Transfer[] = [];
	for (let step = 1; step < size; step++) {
		rooms.push(step === 1 && !hasOwn ? result : borrow(result.length));
		receives.push(channel.irecv(rooms.at(-1)!, (rank - step + size) % size, tag));
	}
	let error = 0;
	for (let i = 0; i < receives.length; i++) {
		const receive = receives[i]!;
		yield [receive];
		error = firstError(error, [receive]);
		const count = elementsOf(receive.bytes, result, elementBytes);
		if (hasOwn) combineBehind(combiner, result, rooms[i]!, count);
		else combineBefore(combiner, own, result, count);
		hasOwn = true;
	}
	giveBack(...rooms.filter((room) => room !== result));
	return error;
}

function* takeInOrder(channel: Channel, tag: number, { operands, part, result }: PartsReduction): Schedule {
	const { rank, size } = channel;
	const arrivals = Array.from({ length: size }, () => borrow(result.length));
	const receives = arrivals.map((arrival, source) => (source === rank ? undefined : channel.irecv(arrival, source, tag)));
	arrivals[rank]!.set(part(rank));
	let error = 0;
	for (const [source, arrival] of arrivals.entries()) {
		const receive = receives[source];
		if (receive !== undefined) {
			yield [receive];
			error = firstError(error, [receive]);
		}
		if (source === 0) result.set(arrival);
		else combineBehind(operands.combiner, result, arrival, elementsOf(receive?.bytes ?? result.length, result, operands.size));
	}
	giveBack(...arrivals);
	return error;
}

/**
 * Where each of so many parts begins, and where the last one ends; the first ones have one element more when there is a
 * rest.
 */
export function equalParts(count: number, parts: number): number[] {
	const [least, rest] = [Math.floor(count / parts), count % parts];
	return Array.from({ length: parts + 1 }, (_, i) => i * least + Math.min(i, rest));
}

function elementsOf(bytes: number, result: Uint8Array, size: number): number {
	return size === 0 ? 0 : Math.floor(Math.min(bytes, result.length) / size);
}
