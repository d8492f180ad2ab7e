/**
 * MPI's collective operations over schedules: once for calls that block and once for those that give a request. What
 * drives the schedules is the engine's.
 */
import { IN_PLACE_BUFFER, type EngineBuffer } from '../engine/buffers.ts';
import type { Collectives } from '../engine/collectives.ts';
import { allgather } from './collectives/allgather.ts';
import { allreduce } from './collectives/allreduce.ts';
import { alltoall } from './collectives/alltoall.ts';
import { barrier } from './collectives/barrier.ts';
import { bcast } from './collectives/bcast.ts';
import { Blocks, type BlockLayout } from './collectives/blocks.ts';
import { gather } from './collectives/gather.ts';
import { neighborExchange } from './collectives/neighbor.ts';
import { reduceScatter } from './collectives/reduce-scatter.ts';
import { reduce } from './collectives/reduce.ts';
import { exscan, scan } from './collectives/scan.ts';
import { scatter } from './collectives/scatter.ts';
import { packed } from './datatypes.ts';
import type { Collective, Schedule } from './schedule.ts';

export interface Driver {
	/** The next call of a collective operation of this communicator: with the number that is its tag. */
	begin(comm: number): Collective;
	/** Runs it to its end and gives its error; or keeps it, and gives a request. */
	drive(schedule: Schedule, call: Collective): number;
}

export class ScheduledCollectives implements Collectives {
	readonly #driver: Driver;

	constructor(driver: Driver) {
		this.#driver = driver;
	}

	barrier(comm: number): number {
		return this.#run(comm, (call) => barrier(call));
	}

	bcast(buffer: EngineBuffer, count: number, type: number, root: number, comm: number): number {
		return this.#run(comm, (call) => bcast(call, { buffer, count, type, root }));
	}

	gather(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		root: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			gather(call, { buffer: send, count: sendCount, type: sendType }, blocks(call, receive, receiveCount, receiveType), root),
		);
	}

	gatherv(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		counts: Int32Array,
		displacements: Int32Array,
		receiveType: number,
		root: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			gather(call, { buffer: send, count: sendCount, type: sendType }, blocks(call, receive, counts, receiveType, displacements), root),
		);
	}

	scatter(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		root: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			scatter(call, blocks(call, send, sendCount, sendType), { buffer: receive, count: receiveCount, type: receiveType }, root),
		);
	}

	scatterv(
		send: EngineBuffer,
		counts: Int32Array,
		displacements: Int32Array,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		root: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			scatter(call, blocks(call, send, counts, sendType, displacements), { buffer: receive, count: receiveCount, type: receiveType }, root),
		);
	}

	allgather(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			allgather(call, {
				own: ownBlock(call, send, sendCount, sendType),
				blocks: blocks(call, receive, receiveCount, receiveType),
				areEqual: true,
			}),
		);
	}

	allgatherv(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		counts: Int32Array,
		displacements: Int32Array,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			allgather(call, {
				own: ownBlock(call, send, sendCount, sendType),
				blocks: blocks(call, receive, counts, receiveType, displacements),
				areEqual: false,
			}),
		);
	}

	alltoall(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			alltoall(call, sentBlocks(call, send, sendCount, sendType), blocks(call, receive, receiveCount, receiveType)),
		);
	}

	alltoallv(
		send: EngineBuffer,
		sendCounts: Int32Array,
		sendDisplacements: Int32Array,
		sendType: number,
		receive: EngineBuffer,
		receiveCounts: Int32Array,
		receiveDisplacements: Int32Array,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			alltoall(
				call,
				sentBlocks(call, send, sendCounts, sendType, sendDisplacements),
				blocks(call, receive, receiveCounts, receiveType, receiveDisplacements),
			),
		);
	}

	alltoallw(
		send: EngineBuffer,
		sendCounts: Int32Array,
		sendDisplacements: Int32Array,
		sendTypes: Float64Array,
		receive: EngineBuffer,
		receiveCounts: Int32Array,
		receiveDisplacements: Int32Array,
		receiveTypes: Float64Array,
		comm: number,
	): number {
		return this.#run(comm, (call) =>
			alltoall(
				call,
				sentBlocks(call, send, sendCounts, sendTypes, sendDisplacements),
				blocks(call, receive, receiveCounts, receiveTypes, receiveDisplacements),
			),
		);
	}

	reduce(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, root: number, comm: number): number {
		return this.#run(comm, (call) => reduce(call, { send, receive, type, op }, count, root));
	}

	allreduce(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, comm: number): number {
		return this.#run(comm, (call) => allreduce(call, { send, receive, type, op }, count));
	}

	reduceScatterBlock(send: EngineBuffer, receive: EngineBuffer, receiveCount: number, type: number, op: number, comm: number): number {
		return this.#run(comm, (call) => reduceScatter(call, { send, receive, type, op }, Array<number>(call.channel.size).fill(receiveCount)));
	}

	reduceScatter(send: EngineBuffer, receive: EngineBuffer, counts: Int32Array, type: number, op: number, comm: number): number {
		return this.#run(comm, (call) => reduceScatter(call, { send, receive, type, op }, counts));
	}

	scan(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, comm: number): number {
		return this.#run(comm, (call) => scan(call, { send, receive, type, op }, count));
	}

	exscan(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, comm: number): number {
		return this.#run(comm, (call) => exscan(call, { send, receive, type, op }, count));
	}

	neighborAllgather(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) => {
			const own = packed(send, sendCount, call.types.layoutOf(sendType));
			return neighborExchange(call, () => own, blocks(call, receive, receiveCount, receiveType));
		});
	}

	neighborAllgatherv(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		counts: Int32Array,
		displacements: Int32Array,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) => {
			const own = packed(send, sendCount, call.types.layoutOf(sendType));
			return neighborExchange(call, () => own, blocks(call, receive, counts, receiveType, displacements));
		});
	}

	neighborAlltoall(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) => {
			const sent = blocks(call, send, sendCount, sendType);
			return neighborExchange(call, (i) => sent.packed(i), blocks(call, receive, receiveCount, receiveType));
		});
	}

	neighborAlltoallv(
		send: EngineBuffer,
		sendCounts: Int32Array,
		sendDisplacements: Int32Array,
		sendType: number,
		receive: EngineBuffer,
		receiveCounts: Int32Array,
		receiveDisplacements: Int32Array,
		receiveType: number,
		comm: number,
	): number {
		return this.#run(comm, (call) => {
			const sent = blocks(call, send, sendCounts, sendType, sendDisplacements);
			return neighborExchange(call, (i) => sent.packed(i), blocks(call, receive, receiveCounts, receiveType, receiveDisplacements));
		});
	}

	neighborAlltoallw(
		send: EngineBuffer,
		sendCounts: Int32Array,
		sendDisplacements: Float64Array,
		sendTypes: Float64Array,
		receive: EngineBuffer,
		receiveCounts: Int32Array,
		receiveDisplacements: Float64Array,
		receiveTypes: Float64Array,
		comm: number,
	): number {
		return this.#run(comm, (call) => {
			const sent = blocks(call, send, sendCounts, sendTypes, sendDisplacements);
			return neighborExchange(call, (i) => sent.packed(i), blocks(call, receive, receiveCounts, receiveTypes, receiveDisplacements));
		});
	}

	#run(comm: number, schedule: (call: Collective) => Schedule): number {
		const call = this.#driver.begin(comm);
		return this.#driver.drive(schedule(call), call);
	}
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
