/**
 * Gather: each rank sends its block to the root, straight into its place. On one machine a tree would only copy the
 * blocks more often; and the root need not know what the others send.
 */
import { IN_PLACE_BUFFER, type EngineBuffer } from '../../engine/buffers.ts';
import { PROC_NULL, ROOT } from '../../constants.ts';
import { packed } from '../datatypes/datatypes.ts';
import { firstError, isInter, type Collective, type Schedule } from '../schedules/schedule.ts';
import { copyOwn, settleAll, type Blocks, type Room } from './blocks.ts';

export interface Sent {
	readonly buffer: EngineBuffer;
	readonly count: number;
	readonly type: number;
}

/** `blocks` are the root's. */
export function* gather(call: Collective, send: Sent, blocks: Blocks, root: number): Schedule {
	const { channel } = call;
	if (isInter(channel)) {
		if (root === PROC_NULL) return 0;
		return root === ROOT ? yield* collect(call, blocks, channel.remoteSize) : yield* deliver(call, send, root);
	}
	if (channel.rank !== root) return yield* deliver(call, send, root);
	const own = send.buffer === IN_PLACE_BUFFER ? undefined : packed(send.buffer, send.count, call.types.layoutOf(send.type));
	const error = own === undefined ? 0 : copyOwn(own, blocks.room(root));
	return (yield* collect(call, blocks, channel.size)) || error;
}

function* deliver({ channel, tag, types }: Collective, { buffer, count, type }: Sent, root: number): Schedule {
	const sends = [channel.isend(packed(buffer, count, types.layoutOf(type)), root, tag)];
	yield sends;
	return firstError(0, sends);
}

/** Of all but oneself; from another group's each. */
function* collect({ channel, tag }: Collective, blocks: Blocks, size: number): Schedule {
	const rooms: Room[] = [];
	const receives = [];
	for (let source = 0; source < size; source++) {
		if (source === channel.rank && !isInter(channel)) continue;
		const room = blocks.room(source);
		rooms.push(room);
		receives.push(channel.recv(room.bytes, source, tag));
	}
	yield receives;
	settleAll(rooms, receives);
	return firstError(0, receives);
}
