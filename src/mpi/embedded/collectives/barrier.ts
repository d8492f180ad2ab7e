/**
 * Barrier. Where ranks outnumber the cores they count themselves in shared memory (counted-barrier.ts); before the
 * first barrier of a communicator its members do not know where, so that one goes by messages to rank 0 and back.
 * Elsewhere by dissemination: in round k each rank tells the one 2^k behind it, so that after log n rounds all have
 * heard, indirectly, of all. Between two groups, their ranks 0 tell each other that their own group is complete, and
 * then their group.
 */
import { firstError, isInter, type Channel, type Collective, type InterChannel, type CentralBarrier, type Schedule } from '../schedules/schedule.ts';
import { noBytes } from './blocks.ts';
import { binomialPlace } from './tree.ts';
import { bcastBytes } from './tree-bcast.ts';

export function barrier({ channel, tag }: Collective): Schedule {
	if (isInter(channel)) return betweenGroups(channel, tag);
	return channel.centralBarrier === undefined ? disseminate(channel, tag) : count(channel, tag, channel.centralBarrier);
}

function* betweenGroups(channel: InterChannel, tag: number): Schedule {
	const { local, rank } = channel;
	let error = yield* disseminate(local, tag);
	if (rank === 0) {
		const told = [channel.irecv(noBytes, 0, tag), channel.isend(noBytes, 0, tag)];
		yield told;
		error = firstError(error, told);
	}
	return (yield* bcastBytes(local, tag, noBytes, 0)) || error;
}

function* count(channel: Channel, tag: number, centralBarrier: CentralBarrier): Schedule {
	if (centralBarrier.begin()) return yield* tellPlace(channel, tag, centralBarrier);
	const arrival = centralBarrier.arrive();
	yield [arrival];
	return arrival.error;
}

function* tellPlace(channel: Channel, tag: number, centralBarrier: CentralBarrier): Schedule {
	const { parent, children } = binomialPlace(channel.rank, channel.size, 0);
	const place = new Int32Array(2);
	const gathered = children.map((child) => channel.irecv(noBytes, child, tag));
	yield gathered;
	if (parent === undefined) {
		const { page, barriers } = centralBarrier.make();
		place.set([page, barriers]);
	} else yield [channel.isend(noBytes, parent, tag)];
	const error = yield* bcastBytes(channel, tag, new Uint8Array(place.buffer), 0);
	centralBarrier.use({ page: place[0]!, barriers: place[1]! });
	return firstError(error, gathered);
}

function* disseminate(channel: Channel, tag: number): Schedule {
	const { rank, size } = channel;
	let error = 0;
	for (let distance = 1; distance < size; distance *= 2) {
		const round = [channel.isend(noBytes, (rank + distance) % size, tag), channel.recv(noBytes, (rank - distance + size) % size, tag)];
		yield round;
		error = firstError(error, round);
	}
	return error;
}
