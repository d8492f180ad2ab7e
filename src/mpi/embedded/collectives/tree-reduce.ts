/**
 * Reduction of bytes by a binomial tree, in segments. A subtree is a range of ranks (tree.ts), so taking children's results one after another keeps the order of
 * ranks from the tree's root on.
 *
 * Each child's segments are taken until one is shorter than the others, however many this rank has itself: a child with too many is not left waiting.
 */
import type { Combiner } from '../operations.ts';
import { borrow, giveBack } from '../scratch.ts';
import { firstError, type Channel, type Schedule, type Transfer } from '../schedule.ts';
import { combineBehind } from './combine.ts';
import { binomialPlace, segmentBytes } from './tree.ts';

export interface TreeReduction {
	/** This rank's contribution; may be the result's memory. */
	readonly own: Uint8Array;
	/** At the root: as long. */
	readonly result: Uint8Array | undefined;
	readonly root: number;
	readonly combiner: Combiner;
	/** Bytes of an element. */
	readonly size: number;
}

interface Child {
	readonly rank: number;
	readonly arrival: Uint8Array;
	hasMore: boolean;
}

export function* reduceBytes(channel: Channel, tag: number, reduction: TreeReduction): Schedule {
	const { own, result, root, combiner, size } = reduction;
	const { parent, children } = binomialPlace(channel.rank, channel.size, root);
	const limit = segmentLength(channel.size, size);
	const room = Math.min(limit, own.length);
	const kids: Child[] = children.map((rank) => ({ rank, arrival: borrow(room), hasMore: true }));
	/** Two, since one may be on its way to the parent. */
	const totals = result === undefined && kids.length > 0 ? [borrow(room), borrow(room)] : [];
	let error = 0;
	let sent: Transfer[] = [];
	for (let segment = 0, length = limit; length >= limit || kids.some(({ hasMore }) => hasMore); segment++) {
		const isOver = length < limit;
		const part = isOver ? own.subarray(own.length) : partOf(own, segment, limit);
		length = part.length;
		const total = kids.length === 0 && result === undefined ? part : copied(part, result && partOf(result, segment, limit), totals[segment & 1]);
		const receives = kids.map(({ rank, arrival, hasMore }) => (hasMore ? channel.irecv(arrival.subarray(0, length), rank, tag) : undefined));
		for (const [i, receive] of receives.entries()) {
			if (receive === undefined) continue;
			yield [receive];
			error = firstError(error, [receive]);
			kids[i]!.hasMore = receive.bytes >= limit;
			combineBehind(combiner, total, kids[i]!.arrival, Math.floor(Math.min(length, receive.bytes) / size));
		}
		if (isOver) continue;
		yield sent;
		error = firstError(error, sent);
		sent = parent === undefined ? [] : [channel.isend(total, parent, tag)];
	}
	yield sent;
	giveBack(...totals, ...kids.map(({ arrival }) => arrival));
	return firstError(error, sent);
}

/** Whole elements. */
function segmentLength(ranks: number, size: number): number {
	const element = Math.max(1, size);
	return Math.max(1, Math.floor(segmentBytes(ranks) / element)) * element;
}

function partOf(bytes: Uint8Array, segment: number, limit: number): Uint8Array {
	const start = segment === 0 ? 0 : Math.min(segment * limit, bytes.length);
	return bytes.subarray(start, Math.min(start + limit, bytes.length));
}

/** The part where the total is computed, which begins with what this rank contributes. */
function copied(part: Uint8Array, result: Uint8Array | undefined, room: Uint8Array | undefined): Uint8Array {
	const total = result ?? room!.subarray(0, part.length);
	if (total.byteOffset !== part.byteOffset || total.buffer !== part.buffer) total.set(part);
	return total;
}
