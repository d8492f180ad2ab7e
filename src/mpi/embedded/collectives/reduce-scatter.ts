/**
 * Reduce-scatter (parts.ts). Between groups, each reduces everything to its rank 0; those exchange the results and give
 * each of their own its part.
 */
import { IN_PLACE_BUFFER } from '../../engine/buffers.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';
import { firstError, isInter, type Collective, type InterChannel, type Schedule } from '../schedules/schedule.ts';
import { copyOwn, roomFor, settle } from './blocks.ts';
import { contribution, operandsOf, type Operands, type Reduced } from './operands.ts';
import { reduceParts } from './parts.ts';
import { reduceBytes } from './tree-reduce.ts';

/** `counts`: of each rank of the own group. */
export function* reduceScatter(call: Collective, reduced: Reduced, counts: readonly number[] | Int32Array): Schedule {
	const { channel, tag } = call;
	const operands = operandsOf(call, reduced);
	const { combiner, layout, size } = operands;
	if (combiner.error !== 0) return combiner.error;
	const bounds = boundsOf(counts);
	const own = contribution(reduced, bounds.at(-1)!, layout);
	const partOf = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(bounds[i]! * size, bounds[i + 1]! * size);
	const room = roomFor(reduced.receive, counts[channel.rank]!, layout);
	// In place, the result overlaps what is still to be sent
	const result = reduced.send === IN_PLACE_BUFFER ? borrow(room.bytes.length) : room.bytes;
	const error = isInter(channel)
		? yield* swapAndScatter(channel, tag, { operands, own, partOf, result })
		: yield* reduceParts(channel, tag, { operands, part: (i) => partOf(own, i), result });
	if (result !== room.bytes) {
		room.bytes.set(result);
		giveBack(result);
	}
	settle(room);
	combiner.rethrow();
	return error;
}

interface Swapped {
	readonly operands: Operands;
	readonly own: Uint8Array;
	readonly partOf: (bytes: Uint8Array, i: number) => Uint8Array;
	readonly result: Uint8Array;
}

/** Both groups' vectors have the same length. */
function* swapAndScatter(channel: InterChannel, tag: number, { operands, own, partOf, result }: Swapped): Schedule {
	const { local, rank, size } = channel;
	if (rank !== 0) {
		const error = yield* reduceBytes(local, tag, { own, result: undefined, root: 0, ...operands });
		const receives = [local.irecv(result, 0, tag)];
		yield receives;
		return firstError(error, receives);
	}
	const [ours, theirs] = [borrow(own.length), borrow(own.length)];
	let error = yield* reduceBytes(local, tag, { own, result: ours, root: 0, ...operands });
	const swap = [channel.irecv(theirs, 0, tag), channel.isend(ours, 0, tag)];
	yield swap;
	error = firstError(error, swap);
	const sends = Array.from({ length: size - 1 }, (_, i) => local.isend(partOf(theirs, i + 1), i + 1, tag));
	error ||= copyOwn(partOf(theirs, 0), { bytes: result });
	yield sends;
	giveBack(ours, theirs);
	return firstError(error, sends);
}

function boundsOf(counts: readonly number[] | Int32Array): number[] {
	const bounds = [0];
	for (const count of counts) bounds.push(bounds.at(-1)! + count);
	return bounds;
}
