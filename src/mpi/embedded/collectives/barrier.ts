/** Dissemination: in round k each rank tells the one 2^k behind it, so that after log n rounds all have heard, indirectly, of all. */
import { firstError, type Collective, type Schedule } from '../schedule.ts';
import { noBytes } from './blocks.ts';

export function* barrier({ channel, tag }: Collective): Schedule {
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
