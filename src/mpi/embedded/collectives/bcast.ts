/** Broadcast. From another group, its root sends to our rank 0, which passes it on. */
import type { EngineBuffer } from '../../engine/buffers.ts';
import { PROC_NULL, ROOT } from '../../constants.ts';
import { packed } from '../datatypes/datatypes.ts';
import { firstError, isInter, type Collective, type InterChannel, type Schedule } from '../schedules/schedule.ts';
import { nothingToDo, roomFor, settled } from './blocks.ts';
import { bcastBytes } from './tree-bcast.ts';

export interface Broadcast {
	readonly buffer: EngineBuffer;
	readonly count: number;
	readonly type: number;
	readonly root: number;
}

export function bcast({ channel, tag, types }: Collective, { buffer, count, type, root }: Broadcast): Schedule {
	const layout = types.layoutOf(type);
	if (isInter(channel) ? root === ROOT : channel.rank === root) {
		const bytes = packed(buffer, count, layout);
		return isInter(channel) ? sendToFirst(channel, tag, bytes) : bcastBytes(channel, tag, bytes, root);
	}
	if (root === PROC_NULL) return nothingToDo();
	const room = roomFor(buffer, count, layout);
	return settled(room, isInter(channel) ? receiveForAll(channel, tag, room.bytes, root) : bcastBytes(channel, tag, room.bytes, root));
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
