/** Broadcast of bytes by a binomial tree, in segments. */
import { firstError, type Channel, type Schedule, type Transfer } from '../schedules/schedule.ts';
import { binomialPlace, segmentBytes } from './tree.ts';

export function* bcastBytes(channel: Channel, tag: number, bytes: Uint8Array, root: number): Schedule {
	const { parent, farthestFirst } = binomialPlace(channel.rank, channel.size, root);
	const limit = segmentBytes(channel.size);
	let error = 0;
	let sends: Transfer[] = [];
	for (let at = 0, length = limit; length >= limit; at += limit) {
		let segment = at === 0 && bytes.length < limit ? bytes : bytes.subarray(Math.min(at, bytes.length), Math.min(at + limit, bytes.length));
		length = segment.length;
		if (parent !== undefined) {
			const receive = channel.recv(segment, parent, tag);
			if (!receive.done) yield [receive];
			error = firstError(error, [receive]);
			length = receive.bytes;
			if (length < segment.length) segment = segment.subarray(0, length);
		}
		if (sends.length > 0) yield sends;
		error = firstError(error, sends);
		sends = farthestFirst.map((child) => channel.isend(segment, child, tag));
	}
	yield sends;
	return firstError(error, sends);
}
