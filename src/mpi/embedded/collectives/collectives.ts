/**
 * MPI's collective operations over schedules: once for calls that block and once for those that give a request. What
 * drives the schedules is the engine's.
 */
import { IN_PLACE_BUFFER, type EngineBuffer } from '../../engine/buffers.ts';
import type { Collectives } from '../../engine/collectives.ts';
import { allgather } from './allgather.ts';
import { allreduce } from './allreduce.ts';
import { alltoall } from './alltoall.ts';
import { barrier } from './barrier.ts';
import { bcast } from './bcast.ts';
import { Blocks, type BlockLayout } from './blocks.ts';
import { gather } from './gather.ts';
import { neighborExchange } from './neighbor.ts';
import { reduceScatter } from './reduce-scatter.ts';
import { reduce } from './reduce.ts';
import { exscan, scan } from './scan.ts';
import { scatter } from './scatter.ts';
import { packed } from '../datatypes/datatypes.ts';
import type { Collective, Schedule } from '../schedules/schedule.ts';

export interface Driver {
	/** The next call of a collective operation of this communicator: with the number that is its tag. */
	readonly begin: (comm: number) => Collective;
	/** Runs it to its end and gives its error; or keeps it, and gives a request. `name`: for reports. */
	readonly drive: (schedule: Schedule, call: Collective, name: keyof Collectives) => number;
}

type Run = (name: keyof Collectives, comm: number, schedule: (call: Collective) => Schedule) => number;

export function scheduledCollectives({ begin, drive }: Driver): Collectives {
	const run: Run = (name, comm, schedule) => {
		const call = begin(comm);
		return drive(schedule(call), call, name);
	};
	return { barrier: (comm) => run('barrier', comm, barrier), ...rooted(run), ...ofAll(run), ...reductions(run), ...ofNeighbors(run) };
}

function rooted(run: Run): Pick<Collectives, 'bcast' | 'gather' | 'gatherv' | 'scatter' | 'scatterv'> {
	return {
		bcast: (buffer, count, type, root, comm) => run('bcast', comm, (call) => bcast(call, { buffer, count, type, root })),
		gather: (send, sendCount, sendType, receive, receiveCount, receiveType, root, comm) =>
			run('gather', comm, (call) =>
				gather(call, { buffer: send, count: sendCount, type: sendType }, blocks(call, receive, receiveCount, receiveType), root),
			),
		gatherv: (send, sendCount, sendType, receive, counts, displacements, receiveType, root, comm) =>
			run('gatherv', comm, (call) =>
				gather(call, { buffer: send, count: sendCount, type: sendType }, blocks(call, receive, counts, receiveType, displacements), root),
			),
		scatter: (send, sendCount, sendType, receive, receiveCount, receiveType, root, comm) =>
			run('scatter', comm, (call) =>
				scatter(call, blocks(call, send, sendCount, sendType), { buffer: receive, count: receiveCount, type: receiveType }, root),
			),
		scatterv: (send, counts, displacements, sendType, receive, receiveCount, receiveType, root, comm) =>
			run('scatterv', comm, (call) =>
				scatter(call, blocks(call, send, counts, sendType, displacements), { buffer: receive, count: receiveCount, type: receiveType }, root),
			),
	};
}

function ofAll(run: Run): Pick<Collectives, 'allgather' | 'allgatherv' | 'alltoall' | 'alltoallv' | 'alltoallw'> {
	return {
		allgather: (send, sendCount, sendType, receive, receiveCount, receiveType, comm) =>
			run('allgather', comm, (call) =>
				allgather(call, {
					own: ownBlock(call, send, sendCount, sendType),
					blocks: blocks(call, receive, receiveCount, receiveType),
					areEqual: true,
				}),
			),
		allgatherv: (send, sendCount, sendType, receive, counts, displacements, receiveType, comm) =>
			run('allgatherv', comm, (call) =>
				allgather(call, {
					own: ownBlock(call, send, sendCount, sendType),
					blocks: blocks(call, receive, counts, receiveType, displacements),
					areEqual: false,
				}),
			),
		alltoall: (send, sendCount, sendType, receive, receiveCount, receiveType, comm) =>
			run('alltoall', comm, (call) =>
				alltoall(call, sentBlocks(call, send, sendCount, sendType), blocks(call, receive, receiveCount, receiveType)),
			),
		alltoallv: (send, sendCounts, sendDisplacements, sendType, receive, counts, displacements, receiveType, comm) =>
			run('alltoallv', comm, (call) =>
				alltoall(
					call,
					sentBlocks(call, send, sendCounts, sendType, sendDisplacements),
					blocks(call, receive, counts, receiveType, displacements),
				),
			),
		alltoallw: (send, sendCounts, sendDisplacements, sendTypes, receive, counts, displacements, receiveTypes, comm) =>
			run('alltoallw', comm, (call) =>
				alltoall(
					call,
					sentBlocks(call, send, sendCounts, sendTypes, sendDisplacements),
					blocks(call, receive, counts, receiveTypes, displacements),
				),
			),
	};
}

function reductions(run: Run): Pick<Collectives, 'reduce' | 'allreduce' | 'reduceScatterBlock' | 'reduceScatter' | 'scan' | 'exscan'> {
	return {
		reduce: (send, receive, count, type, op, root, comm) => run('reduce', comm, (call) => reduce(call, { send, receive, type, op }, count, root)),
		allreduce: (send, receive, count, type, op, comm) => run('allreduce', comm, (call) => allreduce(call, { send, receive, type, op }, count)),
		reduceScatterBlock: (send, receive, count, type, op, comm) =>
			run('reduceScatterBlock', comm, (call) => reduceScatter(call, { send, receive, type, op }, Array<number>(call.channel.size).fill(count))),
		reduceScatter: (send, receive, counts, type, op, comm) =>
			run('reduceScatter', comm, (call) => reduceScatter(call, { send, receive, type, op }, counts)),
		scan: (send, receive, count, type, op, comm) => run('scan', comm, (call) => scan(call, { send, receive, type, op }, count)),
		exscan: (send, receive, count, type, op, comm) => run('exscan', comm, (call) => exscan(call, { send, receive, type, op }, count)),
	};
}

type Neighborly = 'neighborAllgather' | 'neighborAllgatherv' | 'neighborAlltoall' | 'neighborAlltoallv' | 'neighborAlltoallw';

function ofNeighbors(run: Run): Pick<Collectives, Neighborly> {
	const gathered = (call: Collective, own: Uint8Array, received: Blocks): Schedule => neighborExchange(call, () => own, received);
	const exchanged = (call: Collective, sent: Blocks, received: Blocks): Schedule => neighborExchange(call, (i) => sent.packed(i), received);
	return {
		neighborAllgather: (send, sendCount, sendType, receive, receiveCount, receiveType, comm) =>
			run('neighborAllgather', comm, (call) =>
				gathered(call, packed(send, sendCount, call.types.layoutOf(sendType)), blocks(call, receive, receiveCount, receiveType)),
			),
		neighborAllgatherv: (send, sendCount, sendType, receive, counts, displacements, receiveType, comm) =>
			run('neighborAllgatherv', comm, (call) =>
				gathered(call, packed(send, sendCount, call.types.layoutOf(sendType)), blocks(call, receive, counts, receiveType, displacements)),
			),
		neighborAlltoall: (send, sendCount, sendType, receive, receiveCount, receiveType, comm) =>
			run('neighborAlltoall', comm, (call) =>
				exchanged(call, blocks(call, send, sendCount, sendType), blocks(call, receive, receiveCount, receiveType)),
			),
		neighborAlltoallv: (send, sendCounts, sendDisplacements, sendType, receive, counts, displacements, receiveType, comm) =>
			run('neighborAlltoallv', comm, (call) =>
				exchanged(
					call,
					blocks(call, send, sendCounts, sendType, sendDisplacements),
					blocks(call, receive, counts, receiveType, displacements),
				),
			),
		neighborAlltoallw: (send, sendCounts, sendDisplacements, sendTypes, receive, counts, displacements, receiveTypes, comm) =>
			run('neighborAlltoallw', comm, (call) =>
				exchanged(
					call,
					blocks(call, send, sendCounts, sendTypes, sendDisplacements),
					blocks(call, receive, counts, receiveTypes, displacements),
				),
			),
	};
}

type Displacements = Int32Array | Float64Array;

/** `types` a list: each block has its own datatype, and displacements are in bytes. */
function blocks(
	call: Collective,
	buffer: EngineBuffer,
	counts: Int32Array | number,
	types: Float64Array | number,
	displacements?: Displacements,
): Blocks {
	const layouts = typeof types === 'number' ? call.types.layoutOf(types) : Array.from(types, (type) => call.types.layoutOf(type));
	const layout: BlockLayout = { counts, layouts };
	return new Blocks(buffer, displacements === undefined ? layout : { ...layout, displacements });
}

/** Undefined: those received are sent, too. */
function sentBlocks(...[call, buffer, ...rest]: Parameters<typeof blocks>): Blocks | undefined {
	return buffer === IN_PLACE_BUFFER ? undefined : blocks(call, buffer, ...rest);
}

function ownBlock(call: Collective, buffer: EngineBuffer, count: number, type: number): Uint8Array | undefined {
	return buffer === IN_PLACE_BUFFER ? undefined : packed(buffer, count, call.types.layoutOf(type));
}
