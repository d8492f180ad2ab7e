/**
 * All to all: each pair of ranks exchanges its blocks, in rounds by distance; several rounds are under way at once, so
 * that no rank waits for a slow one. Between two groups there are no rounds in which both sides of each pair meet:
 * there everything is under way at once.
 */
import { firstError, isInter, type Collective, type Schedule, type Transfer } from '../schedules/schedule.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';
import { copyOwn, settleAll, type Blocks, type Room } from './blocks.ts';

const roundsAtOnce = 16;

/** `send` undefined: the blocks to send are where those received will be. */
export function* alltoall(call: Collective, send: Blocks | undefined, receive: Blocks): Schedule {
	const { channel } = call;
	const size = isInter(channel) ? channel.remoteSize : channel.size;
	if (send !== undefined) return yield* exchange(call, (dest) => send.packed(dest), receive, size);
	const copies = Array.from({ length: size }, (_, dest) => copyOf(receive.packed(dest)));
	const error = yield* exchange(call, (dest) => copies[dest]!, receive, size);
	giveBack(...copies);
	return error;
}

function* exchange(call: Collective, outgoing: (dest: number) => Uint8Array, receive: Blocks, size: number): Schedule {
	const { channel, tag } = call;
	const { rank } = channel;
	const isOwnGroup = !isInter(channel);
	const atOnce = isOwnGroup ? roundsAtOnce : size;
	let error = isOwnGroup ? copyOwn(outgoing(rank), receive.room(rank)) : 0;
	for (let first = isOwnGroup ? 1 : 0; first < size; first += atOnce) {
		const rooms: Room[] = [];
		const receives: Transfer[] = [];
		const sends: Transfer[] = [];
		for (let step = first; step < Math.min(size, first + atOnce); step++) {
			const source = (rank - step + channel.size * size) % size;
			const room = receive.room(source);
			rooms.push(room);
			const dest = (rank + step) % size;
			sends.push(channel.isend(outgoing(dest), dest, tag));
			receives.push(channel.recv(room.bytes, source, tag));
		}
		yield receives;
		settleAll(rooms, receives);
		yield sends;
		error = firstError(firstError(error, receives), sends);
	}
	return error;
}

function copyOf(bytes: Uint8Array): Uint8Array {
	const copy = borrow(bytes.length);
	copy.set(bytes);
	return copy;
}
