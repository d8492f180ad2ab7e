/**
 * Reduce, by a binomial tree. An operation that does not commute needs all ranks in order: then the tree's root is rank
 * 0, which sends the result on. For the root of another group, a group reduces to its rank 0, which sends it there.
 */
import { PROC_NULL, ROOT } from '../../constants.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';
import { firstError, isInter, type Channel, type Collective, type InterChannel, type Schedule, type Transfer } from '../schedules/schedule.ts';
import { roomFor, settle } from './blocks.ts';
import { contribution, operandsOf, type Operands, type Reduced } from './operands.ts';
import { reduceBytes } from './tree-reduce.ts';

export function* reduce(call: Collective, reduced: Reduced, count: number, root: number): Schedule {
	const { channel, tag } = call;
	const operands = operandsOf(call, reduced);
	const { combiner, layout } = operands;
	if (combiner.error !== 0) return combiner.error;
	if (root === PROC_NULL) return 0;
	const own = root === ROOT ? undefined : contribution(reduced, count, layout);
	const room = root === ROOT || (channel.rank === root && !isInter(channel)) ? roomFor(reduced.receive, count, layout) : undefined;
	let error: number;
	if (own === undefined) error = yield* one(channel.irecv(room!.bytes, 0, tag));
	else if (isInter(channel)) error = yield* reduceFor(channel, tag, { operands, own, root });
	else error = yield* reduceTo(channel, tag, { operands, own, root, result: room?.bytes });
	if (room !== undefined) settle(room);
	combiner.rethrow();
	return error;
}

interface Rooted {
	readonly operands: Operands;
	readonly own: Uint8Array;
	readonly root: number;
	/** At the root. */
	readonly result?: Uint8Array | undefined;
}

function reduceTo(channel: Channel, tag: number, { operands, own, root, result }: Rooted): Schedule {
	const { combiner, size } = operands;
	if (combiner.commutes || root === 0) return reduceBytes(channel, tag, { own, result, root, combiner, size });
	if (channel.rank === 0) return reduceAndSend(channel, tag, { operands, own, send: (bytes) => channel.isend(bytes, root, tag) });
	return reduceByFirst(channel, tag, { operands, own, root, result });
}

function* reduceByFirst(channel: Channel, tag: number, { operands, own, result }: Rooted): Schedule {
	const error = yield* reduceBytes(channel, tag, { own, result: undefined, root: 0, ...operands });
	return result === undefined ? error : (yield* one(channel.irecv(result, 0, tag))) || error;
}

/** For a root in the other group. */
function reduceFor(channel: InterChannel, tag: number, { operands, own, root }: Rooted): Schedule {
	const { local, rank } = channel;
	if (rank !== 0) return reduceBytes(local, tag, { own, result: undefined, root: 0, ...operands });
	return reduceAndSend(local, tag, { operands, own, send: (bytes) => channel.isend(bytes, root, tag) });
}

interface Forwarded {
	readonly operands: Operands;
	readonly own: Uint8Array;
	readonly send: (bytes: Uint8Array) => Transfer;
}

function* reduceAndSend(channel: Channel, tag: number, { operands, own, send }: Forwarded): Schedule {
	const result = borrow(own.length);
	const error = yield* reduceBytes(channel, tag, { own, result, root: channel.rank, ...operands });
	const sendError = yield* one(send(result));
	giveBack(result);
	return error || sendError;
}

function* one(transfer: Transfer): Schedule {
	yield [transfer];
	return firstError(0, [transfer]);
}
