/** The part of the seam (engine.ts) that makes and frees communicators, with or without a topology. */
import type { InfoEntries } from './info.ts';

/** What a communicator is; ranks are those of COMM_WORLD, and behind them processes of other jobs (jobs.ts). */
export interface CommDescription {
	readonly rank: number;
	/** Of each member of its (local) group, by rank. */
	readonly worldRanks: readonly number[];
	/** Of an intercommunicator: those of the other group. */
	readonly remoteWorldRanks?: readonly number[];
}

/** All that make a communicator put its handle into out[0]; 0 is COMM_NULL, for who is not in it. */
export interface Communicators {
	describeComm(comm: number): CommDescription;
	commDup(comm: number): number;
	/** Gives a request; the handle is in out[0] at once, and may be used when the request is complete. */
	commIdup(comm: number): number;
	/** `color` UNDEFINED: in none. */
	commSplit(comm: number, color: number, key: number): number;
	commSplitType(comm: number, type: number, key: number, info: InfoEntries): number;
	/**
	 * Of these members of an intracommunicator, or of its own group in an intercommunicator; called by all of `comm`.
	 */
	commCreate(comm: number, ranks: Int32Array): number;
	/** Called only by those members. */
	commCreateGroup(comm: number, ranks: Int32Array, tag: number): number;
	commFree(comm: number): number;
	cartCreate(comm: number, dims: Int32Array, periods: Int32Array, reorder: boolean): number;
	cartSub(comm: number, remain: Int32Array): number;
	/** out[0]: the rank that this one would have, or UNDEFINED. */
	cartMap(comm: number, dims: Int32Array, periods: Int32Array): number;
	graphCreate(comm: number, index: Int32Array, edges: Int32Array, reorder: boolean): number;
	graphMap(comm: number, index: Int32Array, edges: Int32Array): number;
	/** Weights null: unweighted. */
	distGraphCreateAdjacent(
		comm: number,
		sources: Int32Array,
		sourceWeights: Int32Array | null,
		destinations: Int32Array,
		destinationWeights: Int32Array | null,
		reorder: boolean,
	): number;
	distGraphCreate(
		comm: number,
		sources: Int32Array,
		degrees: Int32Array,
		destinations: Int32Array,
		weights: Int32Array | null,
		reorder: boolean,
	): number;
	distGraphNeighbors(comm: number): { sources: number[]; destinations: number[]; sourceWeights?: number[]; destinationWeights?: number[] };
	/** `peer` and `remoteLeader` matter at the local leader only. */
	intercommCreate(local: number, localLeader: number, peer: number, remoteLeader: number, tag: number): number;
	intercommMerge(comm: number, high: boolean): number;
	/** Ends the job with this exit code. */
	abort(comm: number, code: number): never;
}
