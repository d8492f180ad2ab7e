/** Broadcast of bytes by a binomial tree, in segments. */
import { firstError, type Channel, type Schedule, type Transfer } from '../schedule.ts';
import { binomialPlace, segmentBytes } from './tree.ts';

export function* bcastBytes(channel: Channel, tag: number, bytes: Uint8Array, root: number): Schedule {
	const { parent, children } = binomialPlace(channel.rank, channel.size, root);
	const farthestFirst = children.toReversed();
	const limit = segmentBytes(channel.size);
	let error = 0;
	let sends: Transfer[] = [];
	for (let at = 0, length = limit; length >= limit; at += limit) {
		let segment = bytes.subarray(Math.min(at, bytes.length), Math.min(at + limit, bytes.length));
		length = segment.length;
		if (parent !== undefined) {
			const receive = channel.irecv(segment, parent, tag);
			yield [receive];
			error = firstError(error, [receive]);
			length = receive.bytes;
			if (length < segment.length) segment = segment.subarray(0, length);
		}
		yield sends;
		error = firstError(error, sends);
		sends = farthestFirst.map((child) => channel.isend(segment, child, tag));
	}
	yield sends;
	return firstError(error, sends);
}
