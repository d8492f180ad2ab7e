/**
 * Reduction in which each rank gets one part of the result: all send it what they have of its part, and it takes these in the order of ranks. No rank waits for
 * what another one has reduced.
 */
import { borrow, giveBack } from '../scratch.ts';
import { firstError, type Channel, type Schedule, type Transfer } from '../schedule.ts';
import { combineBehind } from './combine.ts';
import type { Operands } from './operands.ts';

export interface PartsReduction {
	readonly operands: Operands;
	/** What this rank contributes to the part of rank i. */
	readonly part: (i: number) => Uint8Array;
	/** Where this rank's part of the result goes; may be where its own contribution is. */
	readonly result: Uint8Array;
}

export function* reduceParts(channel: Channel, tag: number, { operands, part, result }: PartsReduction): Schedule {
	const { rank, size } = channel;
	const receives: Transfer[] = [];
	const sends: Transfer[] = [];
	const arrivals: Uint8Array[] = [];
	for (let source = 0; source < size; source++) {
		arrivals[source] = borrow(result.length);
		if (source !== rank) receives[source] = channel.irecv(arrivals[source]!, source, tag);
	}
	for (let step = 1; step < size; step++) {
		const dest = (rank + step) % size;
		sends.push(channel.isend(part(dest), dest, tag));
	}
	arrivals[rank]!.set(part(rank));
	let error = 0;
	for (let source = 0; source < size; source++) {
		const arrival = arrivals[source]!;
		const receive = receives[source];
		if (receive !== undefined) {
			yield [receive];
			error = firstError(error, [receive]);
		}
		if (source === 0) result.set(arrival);
		else combineBehind(operands.combiner, result, arrival, elementsOf(receive?.bytes ?? result.length, result, operands.size));
	}
	yield sends;
	giveBack(...arrivals);
	return firstError(error, sends);
}

/** Where each of so many parts begins, and where the last one ends; the first ones have one element more when there is a rest. */
export function equalParts(count: number, parts: number): number[] {
	const [least, rest] = [Math.floor(count / parts), count % parts];
	return Array.from({ length: parts + 1 }, (_, i) => i * least + Math.min(i, rest));
}

function elementsOf(bytes: number, result: Uint8Array, size: number): number {
	return size === 0 ? 0 : Math.floor(Math.min(bytes, result.length) / size);
}
