/** Scatter: the root sends each rank its block, from its place. */
import { IN_PLACE_BUFFER, type EngineBuffer } from '../../engine/buffers.ts';
import { PROC_NULL, ROOT } from '../../constants.ts';
import { firstError, isInter, type Collective, type Schedule } from '../schedules/schedule.ts';
import { copyOwn, roomFor, settle, type Blocks } from './blocks.ts';

export interface Received {
	readonly buffer: EngineBuffer;
	readonly count: number;
	readonly type: number;
}

/** `blocks` are the root's. */
export function* scatter(call: Collective, blocks: Blocks, receive: Received, root: number): Schedule {
	const { channel } = call;
	if (isInter(channel)) {
		if (root === PROC_NULL) return 0;
		return root === ROOT ? yield* distribute(call, blocks, channel.remoteSize) : yield* accept(call, receive, root);
	}
	if (channel.rank !== root) return yield* accept(call, receive, root);
	const { buffer, count, type } = receive;
	const error = buffer === IN_PLACE_BUFFER ? 0 : copyOwn(blocks.packed(root), roomFor(buffer, count, call.types.layoutOf(type)));
	return (yield* distribute(call, blocks, channel.size)) || error;
}

function* accept({ channel, tag, types }: Collective, { buffer, count, type }: Received, root: number): Schedule {
	const room = roomFor(buffer, count, types.layoutOf(type));
	const receives = [channel.recv(room.bytes, root, tag)];
	yield receives;
	settle(room, receives[0]!.bytes);
	return firstError(0, receives);
}

/** To all but oneself; to another group's each. */
function* distribute({ channel, tag }: Collective, blocks: Blocks, size: number): Schedule {
	const sends = [];
	for (let dest = 0; dest < size; dest++) {
		if (dest !== channel.rank || isInter(channel)) sends.push(channel.isend(blocks.packed(dest), dest, tag));
	}
	yield sends;
	return firstError(0, sends);
}
