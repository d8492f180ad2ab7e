/** Broadcast. From another group, its root sends to our rank 0, which passes it on. */
import type { EngineBuffer } from '../../engine/buffers.ts';
import { PROC_NULL, ROOT } from '../../constants.ts';
import { packed } from '../datatypes.ts';
import { firstError, isInter, type Collective, type InterChannel, type Schedule } from '../schedule.ts';
import { roomFor, settle } from './blocks.ts';
import { bcastBytes } from './tree-bcast.ts';

export interface Broadcast {
	readonly buffer: EngineBuffer;
	readonly count: number;
	readonly type: number;
	readonly root: number;
}

export function* bcast({ channel, tag, types }: Collective, { buffer, count, type, root }: Broadcast): Schedule {
	if (root === PROC_NULL) return 0;
	const layout = types.layoutOf(type);
	if (isInter(channel) && root === ROOT) return yield* sendToFirst(channel, tag, packed(buffer, count, layout));
	if (!isInter(channel) && channel.rank === root) return yield* bcastBytes(channel, tag, packed(buffer, count, layout), root);
	const room = roomFor(buffer, count, layout);
	const error = isInter(channel) ? yield* receiveForAll(channel, tag, room.bytes, root) : yield* bcastBytes(channel, tag, room.bytes, root);
	settle(room);
	return error;
}

function* sendToFirst(channel: InterChannel, tag: number, bytes: Uint8Array): Schedule {
	const sends = [channel.isend(bytes, 0, tag)];
	yield sends;
	return firstError(0, sends);
}

function* receiveForAll(channel: InterChannel, tag: number, bytes: Uint8Array, root: number): Schedule {
	let error = 0;
	if (channel.rank === 0) {
		const receives = [channel.irecv(bytes, root, tag)];
		yield receives;
		error = firstError(0, receives);
	}
	return (yield* bcastBytes(channel.local, tag, bytes, 0)) || error;
}
