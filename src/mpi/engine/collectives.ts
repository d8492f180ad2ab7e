/** The part of the seam (engine.ts) that is MPI's chapter on collective communication. */
import type { EngineBuffer } from './buffers.ts';

type Sent = [send: EngineBuffer, sendCount: number, sendType: number];
type Received = [receive: EngineBuffer, receiveCount: number, receiveType: number];
/** A block for each rank, or from each. */
type SentBlocks = [send: EngineBuffer, sendCounts: Int32Array, sendDisplacements: Int32Array, sendType: number];
type ReceivedBlocks = [receive: EngineBuffer, counts: Int32Array, displacements: Int32Array, receiveType: number];
/** Each block with a datatype of its own. Displacements are in bytes: of 64 bits, as addresses, where `D` says so. */
type SentKinds<D> = [send: EngineBuffer, sendCounts: Int32Array, sendDisplacements: D, sendTypes: Float64Array];
type ReceivedKinds<D> = [receive: EngineBuffer, counts: Int32Array, displacements: D, receiveTypes: Float64Array];
type Combined = [send: EngineBuffer, receive: EngineBuffer, count: number, type: number, op: number];

type Collective<A extends unknown[]> = (...args: [...A, comm: number]) => number;

/**
 * The collective operations; all of them once in a form that blocks and gives an error code, and once in one that gives
 * a request. In `v` forms counts and displacements are lists, in `w` forms datatypes are too.
 */
export interface Collectives {
	readonly barrier: Collective<[]>;
	readonly bcast: Collective<[buffer: EngineBuffer, count: number, type: number, root: number]>;
	readonly gather: Collective<[...Sent, ...Received, root: number]>;
	readonly gatherv: Collective<[...Sent, ...ReceivedBlocks, root: number]>;
	readonly scatter: Collective<[...Sent, ...Received, root: number]>;
	readonly scatterv: Collective<[...SentBlocks, ...Received, root: number]>;
	readonly allgather: Collective<[...Sent, ...Received]>;
	readonly allgatherv: Collective<[...Sent, ...ReceivedBlocks]>;
	readonly alltoall: Collective<[...Sent, ...Received]>;
	readonly alltoallv: Collective<[...SentBlocks, ...ReceivedBlocks]>;
	readonly alltoallw: Collective<[...SentKinds<Int32Array>, ...ReceivedKinds<Int32Array>]>;
	readonly reduce: Collective<[...Combined, root: number]>;
	readonly allreduce: Collective<Combined>;
	/** The count is that of a block. */
	readonly reduceScatterBlock: Collective<Combined>;
	readonly reduceScatter: Collective<[send: EngineBuffer, receive: EngineBuffer, counts: Int32Array, type: number, op: number]>;
	readonly scan: Collective<Combined>;
	readonly exscan: Collective<Combined>;
	readonly neighborAllgather: Collective<[...Sent, ...Received]>;
	readonly neighborAllgatherv: Collective<[...Sent, ...ReceivedBlocks]>;
	readonly neighborAlltoall: Collective<[...Sent, ...Received]>;
	readonly neighborAlltoallv: Collective<[...SentBlocks, ...ReceivedBlocks]>;
	readonly neighborAlltoallw: Collective<[...SentKinds<Float64Array>, ...ReceivedKinds<Float64Array>]>;
}
