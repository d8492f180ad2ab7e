/**
 * What a reduction works on: elements as messages carry them, so that all algorithms cut and send bytes. The result is
 * computed in the receive buffer itself where its elements are one piece of memory.
 */
import { IN_PLACE_BUFFER, type EngineBuffer } from '../../engine/buffers.ts';
import { packed } from '../datatypes/datatypes.ts';
import type { Layout } from '../datatypes/layout.ts';
import type { Combiner } from '../ops/ops.ts';
import type { Collective, Schedule } from '../schedules/schedule.ts';
import { roomFor, type Room } from './blocks.ts';

export interface Reduced {
	/** IN_PLACE: what this rank contributes is in the receive buffer. */
	readonly send: EngineBuffer;
	readonly receive: EngineBuffer;
	readonly type: number;
	readonly op: number;
}

export interface Operands {
	readonly combiner: Combiner;
	readonly layout: Layout;
	/** Bytes of an element. */
	readonly size: number;
}

export function operandsOf({ types, ops }: Collective, { type, op }: Reduced): Operands {
	const layout = types.layoutOf(type);
	return { combiner: ops.combiner(op, type, layout), layout, size: layout.size };
}

/** What this rank contributes; not to be written to. */
export function contribution({ send, receive }: Reduced, count: number, layout: Layout): Uint8Array {
	return packed(send === IN_PLACE_BUFFER ? receive : send, count, layout);
}

/** The room of the result, which holds this rank's contribution at first. */
export function resultRoom(reduced: Reduced, count: number, layout: Layout): Room {
	const room = roomFor(reduced.receive, count, layout);
	const isThere = reduced.send === IN_PLACE_BUFFER && room.unpack === undefined;
	if (!isThere) room.bytes.set(contribution(reduced, count, layout));
	return room;
}

/** What the operation's function has thrown is thrown at the end; no generator where it is none of the user's. */
export function rethrown(combiner: Combiner, schedule: Schedule): Schedule {
	return combiner.mayThrow ? rethrowAfter(combiner, schedule) : schedule;
}

function* rethrowAfter(combiner: Combiner, schedule: Schedule): Schedule {
	const error = yield* schedule;
	combiner.rethrow();
	return error;
}
