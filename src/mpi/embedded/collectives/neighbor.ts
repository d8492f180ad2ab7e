/**
 * Neighbourhood collectives: each rank sends a block to each destination and receives one from each source of its
 * topology, in the order of its lists. Where two ranks are neighbours more than once, blocks match in that order. In a
 * Cartesian topology, what goes in the positive direction of a dimension arrives from the negative one, also where both
 * neighbours are the same rank: so the positive one of each dimension is sent to first.
 */
import { invariant } from '../../../base/errors.ts';
import { PROC_NULL } from '../../constants.ts';
import { firstError, type Collective, type Schedule } from '../schedules/schedule.ts';
import { settleAll, type Blocks, type Room } from './blocks.ts';

/** `outgoing`: the bytes for the i-th destination. */
export function* neighborExchange(call: Collective, outgoing: (i: number) => Uint8Array, receive: Blocks): Schedule {
	const { channel, tag, neighborhood } = call;
	invariant(neighborhood !== undefined, 'a neighbourhood collective has a topology');
	const { sources, destinations, isCartesian } = neighborhood;
	const rooms: Room[] = [];
	const receives = [];
	for (const [i, source] of sources.entries()) {
		if (source === PROC_NULL) continue;
		const room = receive.room(i);
		rooms.push(room);
		receives.push(channel.irecv(room.bytes, source, tag));
	}
	const sends = [];
	for (let k = 0; k < destinations.length; k++) {
		const i = isCartesian ? k ^ 1 : k;
		if (destinations[i] !== PROC_NULL) sends.push(channel.isend(outgoing(i), destinations[i]!, tag));
	}
	yield receives;
	settleAll(rooms, receives);
	yield sends;
	return firstError(firstError(0, receives), sends);
}
