/** Communicators and topologies of a real MPI. */
import type { CommDescription, Communicators } from '../engine/communicators.ts';
import type { InfoEntries } from '../engine/info.ts';
import { UNDEFINED } from '../constants.ts';
import { COMM_WORLD_HANDLE } from '../handles.ts';
import { withPartOf } from './group.ts';
import { withInfo } from './info.ts';
import type { MpiNative } from './mpi-native.ts';
import { pause } from './pause.ts';
import type { RealRequests } from './requests.ts';

export class RealCommunicators implements Communicators {
	readonly #mpi: MpiNative;
	readonly #out: Float64Array;
	readonly #requests: RealRequests;
	/** All processes that have been met, COMM_WORLD's first: the place in it is what groups are lists of. */
	#met: number;

	constructor(mpi: MpiNative, out: Float64Array, requests: RealRequests) {
		this.#mpi = mpi;
		this.#out = out;
		this.#requests = requests;
		mpi.commGroup(COMM_WORLD_HANDLE);
		this.#met = out[0]!;
	}

	describeComm(comm: number): CommDescription {
		this.#mpi.commRank(comm);
		const rank = this.#out[0]!;
		this.#mpi.commTestInter(comm);
		const isInter = this.#out[0] === 1;
		this.#mpi.commGroup(comm);
		const worldRanks = this.#worldRanks(this.#out[0]!);
		if (!isInter) return { rank, worldRanks };
		this.#mpi.commRemoteGroup(comm);
		return { rank, worldRanks, remoteWorldRanks: this.#worldRanks(this.#out[0]!) };
	}

	/** Takes the group's handle, which is free afterwards. */
	#worldRanks(group: number): number[] {
		let ranks = this.#placesOf(group);
		if (ranks.includes(UNDEFINED)) {
			this.#meet(group);
			ranks = this.#placesOf(group);
		}
		this.#mpi.groupFree(group);
		return ranks;
	}

	#placesOf(group: number): number[] {
		this.#mpi.groupSize(group);
		const ranks = Int32Array.from({ length: this.#out[0]! }, (_, rank) => rank);
		const translated = new Int32Array(ranks.length);
		if (ranks.length > 0) this.#mpi.groupTranslate(group, ranks.length, ranks, this.#met, translated);
		return [...translated];
	}

	/** Those who are new come behind the others. */
	#meet(group: number): void {
		const before = this.#met;
		this.#mpi.groupUnion(before, group);
		this.#met = this.#out[0]!;
		this.#mpi.groupFree(before);
	}

	commDup(comm: number): number {
		return this.#mpi.commDup(comm);
	}

	commIdup(comm: number): number {
		return this.#requests.hold(this.#mpi.commIdup(comm), undefined);
	}

	commSplit(comm: number, color: number, key: number): number {
		return this.#mpi.commSplit(comm, color, key);
	}

	commSplitType(comm: number, type: number, key: number, info: InfoEntries): number {
		return withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.commSplitType(comm, type, key, handle));
	}

	commCreate(comm: number, ranks: Int32Array): number {
		return this.#withGroup(comm, ranks, (group) => this.#mpi.commCreateFromGroup(comm, group));
	}

	commCreateGroup(comm: number, ranks: Int32Array, tag: number): number {
		return this.#withGroup(comm, ranks, (group) => this.#mpi.commCreateGroupOf(comm, group, tag));
	}

	#withGroup(comm: number, ranks: Int32Array, use: (group: number) => number): number {
		this.#mpi.commGroup(comm);
		return withPartOf(this.#mpi, this.#out, { whole: this.#out[0]!, ranks }, use);
	}

	commFree(comm: number): number {
		return this.#mpi.commFree(comm);
	}

	cartCreate(comm: number, dims: Int32Array, periods: Int32Array, reorder: boolean): number {
		return this.#mpi.cartCreate(comm, dims.length, dims, periods, Number(reorder));
	}

	cartSub(comm: number, remain: Int32Array): number {
		return this.#mpi.cartSub(comm, remain);
	}

	cartMap(comm: number, dims: Int32Array, periods: Int32Array): number {
		return this.#mpi.cartMap(comm, dims.length, dims, periods);
	}

	graphCreate(comm: number, index: Int32Array, edges: Int32Array, reorder: boolean): number {
		return this.#mpi.graphCreate(comm, index.length, index, edges, Number(reorder));
	}

	graphMap(comm: number, index: Int32Array, edges: Int32Array): number {
		return this.#mpi.graphMap(comm, index.length, index, edges);
	}

	distGraphCreateAdjacent(
		comm: number,
		sources: Int32Array,
		sourceWeights: Int32Array | null,
		destinations: Int32Array,
		destinationWeights: Int32Array | null,
		reorder: boolean,
	): number {
		return this.#mpi.distGraphCreateAdjacent(
			comm,
			sources.length,
			sources,
			sourceWeights,
			destinations.length,
			destinations,
			destinationWeights,
			0,
			Number(reorder),
		);
	}

	distGraphCreate(
		comm: number,
		sources: Int32Array,
		degrees: Int32Array,
		destinations: Int32Array,
		weights: Int32Array | null,
		reorder: boolean,
	): number {
		return this.#mpi.distGraphCreate(comm, sources.length, sources, degrees, destinations, weights, 0, Number(reorder));
	}

	distGraphNeighbors(comm: number): ReturnType<Communicators['distGraphNeighbors']> {
		this.#mpi.distGraphNeighborsCount(comm);
		const [inDegree, outDegree, isWeighted] = this.#out as unknown as [number, number, number];
		const lists = [inDegree, inDegree, outDegree, outDegree].map((length) => new Int32Array(length));
		const [sources, sourceWeights, destinations, destinationWeights] = lists as [Int32Array, Int32Array, Int32Array, Int32Array];
		this.#mpi.distGraphNeighbors(comm, inDegree, sources, sourceWeights, outDegree, destinations, destinationWeights);
		const neighbors = { sources: [...sources], destinations: [...destinations] };
		return isWeighted === 0 ? neighbors : { ...neighbors, sourceWeights: [...sourceWeights], destinationWeights: [...destinationWeights] };
	}

	intercommCreate(local: number, localLeader: number, peer: number, remoteLeader: number, tag: number): number {
		return this.#mpi.intercommCreate(local, localLeader, peer, remoteLeader, tag);
	}

	intercommMerge(comm: number, high: boolean): number {
		return this.#mpi.intercommMerge(comm, Number(high));
	}

	abort(comm: number, code: number): never {
		letOutputArrive(this.#mpi);
		this.#mpi.commAbort(comm, code);
		process.exit(code);
	}
}

/**
 * MPICH's launcher gives up what it has not read yet of a rank's output when that rank aborts: the error that nobody
 * caught, most of all.
 */
export function letOutputArrive(mpi: MpiNative): void {
	if (mpi.abi === 'mpich') pause(outputMs);
}

const outputMs = 100;
