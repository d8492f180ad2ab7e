/** The part of the seam (engine.ts) that is MPI's chapter on collective communication. */
import type { EngineBuffer } from './buffers.ts';

/**
 * The collective operations; all of them once in a form that blocks and gives an error code, and once in one that gives
 * a request. In `v` forms counts and displacements are lists, in `w` forms datatypes are too, and displacements are
 * then in bytes.
 */
export interface Collectives {
	barrier(comm: number): number;
	bcast(buffer: EngineBuffer, count: number, type: number, root: number, comm: number): number;
	gather(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		root: number,
		comm: number,
	): number;
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
	): number;
	scatter(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		root: number,
		comm: number,
	): number;
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
	): number;
	allgather(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number;
	allgatherv(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		counts: Int32Array,
		displacements: Int32Array,
		receiveType: number,
		comm: number,
	): number;
	alltoall(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number;
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
	): number;
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
	): number;
	reduce(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, root: number, comm: number): number;
	allreduce(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, comm: number): number;
	reduceScatterBlock(send: EngineBuffer, receive: EngineBuffer, receiveCount: number, type: number, op: number, comm: number): number;
	reduceScatter(send: EngineBuffer, receive: EngineBuffer, counts: Int32Array, type: number, op: number, comm: number): number;
	scan(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, comm: number): number;
	exscan(send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number, comm: number): number;
	neighborAllgather(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number;
	neighborAllgatherv(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		counts: Int32Array,
		displacements: Int32Array,
		receiveType: number,
		comm: number,
	): number;
	neighborAlltoall(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		comm: number,
	): number;
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
	): number;
	/** Displacements in bytes, as addresses: MPI gives them 64 bits here. */
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
	): number;
}
