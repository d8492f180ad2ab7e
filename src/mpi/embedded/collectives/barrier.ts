/**
 * Barrier by dissemination: in round k each rank tells the one 2^k behind it, so that after log n rounds all have
 * heard, indirectly, of all. Between two groups, their ranks 0 tell each other that their own group is complete, and
 * then their group.
 */
import { firstError, isInter, type Channel, type Collective, type Schedule } from '../schedule.ts';
import { noBytes } from './blocks.ts';
import { bcastBytes } from './tree-bcast.ts';

export function* barrier({ channel, tag }: Collective): Schedule {
	if (!isInter(channel)) return yield* disseminate(channel, tag);
	const { local, rank } = channel;
	let error = yield* disseminate(local, tag);
	if (rank === 0) {
		const meeting = [channel.irecv(noBytes, 0, tag), channel.isend(noBytes, 0, tag)];
		yield meeting;
		error = firstError(error, meeting);
	}
	return (yield* bcastBytes(local, tag, noBytes, 0)) || error;
}

function* disseminate(channel: Channel, tag: number): Schedule {
	const { rank, size } = channel;
	let error = 0;
	for (let distance = 1; distance < size; distance *= 2) {
		const receive = channel.irecv(noBytes, (rank - distance + size) % size, tag);
		const round = [receive, channel.isend(noBytes, (rank + distance) % size, tag)];
		yield round;
		error = firstError(error, round);
	}
	return error;
}
