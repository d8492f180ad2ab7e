/**
 * Allgather. Up to eight ranks, and in an intercommunicator, each rank sends its block to every other: nothing waits
 * for anything else. With more ranks, small blocks of equal size go by Bruck's algorithm, in log n messages of doubling
 * size; others go round in a ring, where each passes on what it got.
 */
import { firstError, isInter, type Collective, type Schedule } from '../schedules/schedule.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';
import { copyOwn, settle, settleAll, type Blocks, type Room } from './blocks.ts';

const fewRanks = 8;
const smallBytes = 16 * 1024;

export interface Gathered {
	/** Undefined: it is in its place among the blocks. */
	readonly own: Uint8Array | undefined;
	readonly blocks: Blocks;
	readonly areEqual: boolean;
}

export function* allgather(call: Collective, gathered: Gathered): Schedule {
	const { channel } = call;
	const { blocks, areEqual } = gathered;
	const own = gathered.own ?? blocks.packed(channel.rank);
	if (isInter(channel)) return yield* exchangeWithAll(call, own, blocks, channel.remoteSize);
	const error = gathered.own === undefined ? 0 : copyOwn(own, blocks.room(channel.rank));
	const { size } = channel;
	if (size === 1) return error;
	if (size <= fewRanks) return (yield* exchangeWithAll(call, own, blocks, size)) || error;
	const isSmall = areEqual && blocks.length(0) * size <= smallBytes;
	return (isSmall ? yield* bruck(call, own, blocks) : yield* ring(call, own, blocks)) || error;
}

function* exchangeWithAll({ channel, tag }: Collective, own: Uint8Array, blocks: Blocks, size: number): Schedule {
	const rooms: Room[] = [];
	const receives = [];
	const sends = [];
	const skipsOwn = !isInter(channel);
	for (let step = skipsOwn ? 1 : 0; step < size; step++) {
		const source = (channel.rank - step + channel.size * size) % size;
		const room = blocks.room(source);
		rooms.push(room);
		sends.push(channel.isend(own, (channel.rank + step) % size, tag));
		receives.push(channel.recv(room.bytes, source, tag));
	}
	yield receives;
	settleAll(rooms, receives);
	yield sends;
	return firstError(firstError(0, receives), sends);
}

/** Blocks are held in the order of ranks from the own one on. */
function* bruck({ channel, tag }: Collective, own: Uint8Array, blocks: Blocks): Schedule {
	const { rank, size } = channel;
	const length = blocks.length(0);
	const held = borrow(length * size);
	held.set(own.subarray(0, length));
	let error = 0;
	for (let known = 1; known < size; known *= 2) {
		const bytes = Math.min(known, size - known) * length;
		const send = channel.isend(held.subarray(0, bytes), (rank - known + size) % size, tag);
		const round = [channel.recv(held.subarray(known * length, known * length + bytes), (rank + known) % size, tag), send];
		yield round;
		error = firstError(error, round);
	}
	for (let i = 1; i < size; i++) copyOwn(held.subarray(i * length, (i + 1) * length), blocks.room((rank + i) % size));
	giveBack(held);
	return error;
}

/** What comes from the left goes on to the right, packed as it came. */
function* ring({ channel, tag }: Collective, own: Uint8Array, blocks: Blocks): Schedule {
	const { rank, size } = channel;
	const [left, right] = [(rank - 1 + size) % size, (rank + 1) % size];
	let error = 0;
	let passedOn = own;
	let last: Room | undefined;
	for (let step = 1; step < size; step++) {
		const room = blocks.room((rank - step + size) % size);
		const receive = channel.irecv(room.bytes, left, tag);
		const round = [receive, channel.isend(passedOn, right, tag)];
		yield round;
		error = firstError(error, round);
		if (last !== undefined) settle(last, passedOn.length);
		last = room;
		passedOn = receive.bytes < room.bytes.length ? room.bytes.subarray(0, receive.bytes) : room.bytes;
	}
	if (last !== undefined) settle(last, passedOn.length);
	return error;
}
