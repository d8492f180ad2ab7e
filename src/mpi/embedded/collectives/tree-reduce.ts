/**
 * Reduction of bytes by a binomial tree, in segments. A subtree is a range of ranks (tree.ts), so taking children's
 * results one after another keeps the order of ranks from the tree's root on.
 *
 * Each child's segments are taken until one is shorter than the others, however many this rank has itself: a child with
 * too many is not left waiting.
 */
import type { Combiner } from '../ops/ops.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';
import { firstError, type Channel, type Schedule, type Transfer } from '../schedules/schedule.ts';
import { combineBefore, combineBehind } from './combine.ts';
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

/** No generator itself, since each one that passes on what another yields costs as much as a message. */
export function reduceBytes(channel: Channel, tag: number, reduction: TreeReduction): Schedule {
	const { parent, children } = binomialPlace(channel.rank, channel.size, reduction.root);
	const limit = segmentLength(channel.size, reduction.size);
	if (children.length > 0) return combineSegments(channel, tag, reduction, { limit, parent, children });
	return parent === undefined ? copyAlone(reduction) : sendSegments(channel, tag, { bytes: reduction.own, limit, parent });
}

interface Tree {
	readonly limit: number;
	readonly parent: number | undefined;
	readonly children: readonly number[];
}

function* sendSegments(channel: Channel, tag: number, { bytes, limit, parent }: { bytes: Uint8Array; limit: number; parent: number }): Schedule {
	const sends: Transfer[] = [];
	for (let segment = 0, length = limit; length >= limit; segment++) {
		const part = partOf(bytes, segment, limit);
		length = part.length;
		sends.push(channel.isend(part, parent, tag));
	}
	yield sends;
	return firstError(0, sends);
}

/** At a root without others. */
// oxlint-disable-next-line require-yield
function* copyAlone({ own, result }: TreeReduction): Schedule {
	if (!isSame(own, result!)) result!.set(own);
	return 0;
}

/**
 * The first child's segment is received into the total itself, unless this rank's own contribution is there: that one
 * stands before it. The others follow.
 */
function* combineSegments(
	channel: Channel,
	tag: number,
	{ own, result, combiner, size }: TreeReduction,
	{ limit, parent, children }: Tree,
): Schedule {
	const room = Math.min(limit, own.length);
	const isInPlace = result !== undefined && isSame(own, result);
	const kids: Child[] = children.map((rank, i) => ({ rank, arrival: i === 0 && !isInPlace ? nothing : borrow(room), hasMore: true }));
	/** Two, since one may be on its way to the parent. */
	const totals = result === undefined ? [borrow(room), borrow(room)] : [];
	let error = 0;
	let sent: Transfer[] = [];
	for (let segment = 0, length = limit; length >= limit || kids.some(({ hasMore }) => hasMore); segment++) {
		const isOver = length < limit;
		const part = isOver ? own.subarray(own.length) : partOf(own, segment, limit);
		length = part.length;
		const total =
			result === undefined ? upTo(totals[segment & 1]!, length) : isOver ? result.subarray(result.length) : partOf(result, segment, limit);
		const rooms = kids.map(({ arrival }, i) => (i === 0 && !isInPlace ? total : upTo(arrival, length)));
		const receives = kids.map(({ rank, hasMore }, i) =>
			hasMore ? (i === 0 ? channel.recv(rooms[i]!, rank, tag) : channel.irecv(rooms[i]!, rank, tag)) : undefined,
		);
		if (receives[0] === undefined && !isInPlace) total.set(part);
		for (let i = 0; i < kids.length; i++) {
			const receive = receives[i];
			if (receive === undefined) continue;
			yield [receive];
			error = firstError(error, [receive]);
			kids[i]!.hasMore = receive.bytes >= limit;
			const count = size === 0 ? 0 : Math.floor(Math.min(length, receive.bytes) / size);
			if (i > 0 || isInPlace) combineBehind(combiner, total, rooms[i]!, count);
			else if (receive.bytes >= length) combineBefore(combiner, part, total, count);
			else takeShort(combiner, { part, total, count, size });
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

/** A child that has fewer elements than this rank: of the others, there is only what this rank has. */
function takeShort(combiner: Combiner, { part, total, count, size }: { part: Uint8Array; total: Uint8Array; count: number; size: number }): void {
	total.set(part.subarray(count * size), count * size);
	combineBefore(combiner, part, total, count);
}

/** Whole elements. */
function segmentLength(ranks: number, size: number): number {
	const element = Math.max(1, size);
	return Math.max(1, Math.floor(segmentBytes(ranks) / element)) * element;
}

function partOf(bytes: Uint8Array, segment: number, limit: number): Uint8Array {
	if (segment === 0 && bytes.length <= limit) return bytes;
	const start = Math.min(segment * limit, bytes.length);
	return bytes.subarray(start, Math.min(start + limit, bytes.length));
}

function upTo(bytes: Uint8Array, length: number): Uint8Array {
	return length === bytes.length ? bytes : bytes.subarray(0, length);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return a.byteOffset === b.byteOffset && a.buffer === b.buffer;
}

const nothing = new Uint8Array(0);
