/**
 * Allreduce. Small data by recursive doubling: neighbouring groups of ranks exchange their results, and take them in
 * the order of ranks. Large data in two steps: each rank reduces one part, which all send it straight, then sends the
 * result to all. Both keep the order of ranks exactly. Where many members outnumber the cores and each message is a
 * wake-up, small data goes to rank 0 and back, which takes the fewest. Ranks whose counts lie on both sides of the
 * border wait for each other: an error of the program, which the launcher reports if no rank has seen too long a
 * message.
 *
 * Between groups, each reduces to its rank 0; those exchange the results and pass them on.
 */
import { borrow, giveBack } from '../schedules/scratch.ts';
import { firstError, isInter, type Channel, type Collective, type InterChannel, type Schedule, type Transfer } from '../schedules/schedule.ts';
import { nothingToDo, roomFor, settled } from './blocks.ts';
import { combineBefore, combineBehind } from './combine.ts';
import { contribution, operandsOf, rethrown, resultRoom, type Operands, type Reduced } from './operands.ts';
import { equalParts, reduceParts } from './parts.ts';
import { bcastBytes } from './tree-bcast.ts';
import { reduceBytes } from './tree-reduce.ts';

const smallBytes = 8 * 1024;

/** Measured on two cores, through rank 0 and by doubling: 8 ranks 3.4 and 2.7 ms, 16 ranks 7.1 and 9.1, 32: 15, 24. */
const manyMembers = 16;

export function allreduce(call: Collective, reduced: Reduced, count: number): Schedule {
	const { channel, tag } = call;
	const operands = operandsOf(call, reduced);
	const { combiner, layout } = operands;
	if (combiner.error !== 0) return nothingToDo(combiner.error);
	if (!isInter(channel) && (count * layout.size <= smallBytes || count < channel.size)) {
		const room = resultRoom(reduced, count, layout);
		const isByFirst = channel.centralBarrier !== undefined && channel.size >= manyMembers;
		return rethrown(combiner, settled(room, (isByFirst ? throughFirst : doubling)(channel, tag, operands, room.bytes)));
	}
	const room = roomFor(reduced.receive, count, layout);
	const contributed = { operands, own: contribution(reduced, count, layout), result: room.bytes };
	return rethrown(combiner, settled(room, isInter(channel) ? swapReductions(channel, tag, contributed) : byParts(channel, tag, contributed)));
}

/**
 * Among the greatest power of two of groups; where there are more ranks, each of the first pairs is one group, in which
 * the higher rank takes part and the lower one gets the result.
 */
function* doubling(channel: Channel, tag: number, { combiner, size }: Operands, total: Uint8Array): Schedule {
	const { rank } = channel;
	const groups = 2 ** Math.floor(Math.log2(channel.size));
	const pairs = channel.size - groups;
	const isPaired = rank < 2 * pairs;
	if (isPaired && rank % 2 === 0) return yield* leaveToPartner(channel, tag, total);
	const other = borrow(total.length);
	let error = 0;
	if (isPaired) {
		const receive = channel.recv(other, rank - 1, tag);
		yield [receive];
		error = receive.error;
		combineBefore(combiner, other, total, elementsIn(receive, other, size));
	}
	const group = isPaired ? (rank - 1) / 2 : rank - pairs;
	for (let distance = 1; distance < groups; distance *= 2) {
		const peer = group ^ distance;
		const peerRank = peer < pairs ? 2 * peer + 1 : peer + pairs;
		const send = channel.isend(total, peerRank, tag);
		const receive = channel.recv(other, peerRank, tag);
		if (!receive.done || !send.done) yield [receive, send];
		error = firstError(error, [receive, send]);
		const count = elementsIn(receive, other, size);
		if (peer < group) combineBefore(combiner, other, total, count);
		else combineBehind(combiner, total, other, count);
	}
	if (isPaired) {
		const sends = [channel.isend(total, rank - 1, tag)];
		yield sends;
		error = firstError(error, sends);
	}
	giveBack(other);
	return error;
}

function* throughFirst(channel: Channel, tag: number, operands: Operands, total: Uint8Array): Schedule {
	const result = channel.rank === 0 ? total : undefined;
	const error = yield* reduceBytes(channel, tag, { own: total, result, root: 0, ...operands });
	return (yield* bcastBytes(channel, tag, total, 0)) || error;
}

function* leaveToPartner(channel: Channel, tag: number, total: Uint8Array): Schedule {
	const sends = [channel.isend(total, channel.rank + 1, tag)];
	yield sends;
	const receives = [channel.recv(total, channel.rank + 1, tag)];
	yield receives;
	return firstError(firstError(0, sends), receives);
}

function* byParts(channel: Channel, tag: number, { operands, own, result }: Contributed): Schedule {
	const { rank, size } = channel;
	const bounds = equalParts(own.length / operands.size, size).map((elements) => elements * operands.size);
	const part = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(bounds[i]!, bounds[i + 1]!);
	const error = yield* reduceParts(channel, tag, { operands, part: (i) => part(own, i), result: part(result, rank) });
	const receives: Transfer[] = [];
	const sends: Transfer[] = [];
	for (let step = 1; step < size; step++) {
		const source = (rank - step + size) % size;
		receives.push(channel.irecv(part(result, source), source, tag));
		sends.push(channel.isend(part(result, rank), (rank + step) % size, tag));
	}
	yield receives;
	yield sends;
	return firstError(firstError(error, receives), sends);
}

interface Contributed {
	readonly operands: Operands;
	readonly own: Uint8Array;
	/** May be where the own contribution is. */
	readonly result: Uint8Array;
}

function* swapReductions(channel: InterChannel, tag: number, { operands, own, result }: Contributed): Schedule {
	const { local, rank } = channel;
	const reduction = rank === 0 ? borrow(own.length) : undefined;
	let error = yield* reduceBytes(local, tag, { own, result: reduction, root: 0, ...operands });
	if (reduction !== undefined) {
		const round = [channel.irecv(result, 0, tag), channel.isend(reduction, 0, tag)];
		yield round;
		error = firstError(error, round);
		giveBack(reduction);
	}
	return (yield* bcastBytes(local, tag, result, 0)) || error;
}

function elementsIn(receive: Transfer, room: Uint8Array, size: number): number {
	return size === 0 ? 0 : Math.floor(Math.min(receive.bytes, room.length) / size);
}
