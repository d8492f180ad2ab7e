/**
 * Inclusive and exclusive scan by recursive doubling: after round k a rank knows the total of its group of 2^k ranks,
 * which it exchanges with the neighbouring group; what came from lower ranks goes into its result, too.
 */
import { borrow, giveBack } from '../schedules/scratch.ts';
import { firstError, type Channel, type Collective, type Schedule } from '../schedules/schedule.ts';
import { roomFor, settle } from './blocks.ts';
import { combineBefore, combineBehind } from './combine.ts';
import { contribution, operandsOf, resultRoom, type Operands, type Reduced } from './operands.ts';

export function* scan(call: Collective, reduced: Reduced, count: number): Schedule {
	const operands = operandsOf(call, reduced);
	const { combiner, layout } = operands;
	if (combiner.error !== 0) return combiner.error;
	const room = resultRoom(reduced, count, layout);
	const error = yield* scanBytes(call.channel, call.tag, { operands, own: room.bytes, result: room.bytes, isExclusive: false });
	settle(room);
	combiner.rethrow();
	return error;
}

/** The result of rank 0 is not touched. */
export function* exscan(call: Collective, reduced: Reduced, count: number): Schedule {
	const operands = operandsOf(call, reduced);
	const { combiner, layout } = operands;
	if (combiner.error !== 0) return combiner.error;
	const own = contribution(reduced, count, layout);
	const isFirst = call.channel.rank === 0;
	const room = isFirst ? undefined : roomFor(reduced.receive, count, layout);
	const error = yield* scanBytes(call.channel, call.tag, { operands, own, result: room?.bytes ?? own, isExclusive: true });
	if (room !== undefined) settle(room);
	combiner.rethrow();
	return error;
}

interface Scanned {
	readonly operands: Operands;
	readonly own: Uint8Array;
	/** Holds the own contribution at first, unless it is exclusive. */
	readonly result: Uint8Array;
	readonly isExclusive: boolean;
}

function* scanBytes(channel: Channel, tag: number, { operands, own, result, isExclusive }: Scanned): Schedule {
	const { rank, size } = channel;
	const { combiner } = operands;
	const [total, other] = [borrow(own.length), borrow(own.length)];
	total.set(own);
	let isEmpty = isExclusive;
	let error = 0;
	for (let distance = 1; distance < size; distance *= 2) {
		const peer = rank ^ distance;
		if (peer >= size) continue;
		const send = channel.isend(total, peer, tag);
		const receive = channel.recv(other, peer, tag);
		const round = [receive, send];
		yield round;
		error = firstError(error, round);
		const count = operands.size === 0 ? 0 : Math.floor(Math.min(receive.bytes, other.length) / operands.size);
		if (peer > rank) {
			combineBehind(combiner, total, other, count);
			continue;
		}
		if (isEmpty) result.set(other);
		else combineBefore(combiner, other, result, count);
		isEmpty = false;
		combineBefore(combiner, other, total, count);
	}
	giveBack(total, other);
	return error;
}
