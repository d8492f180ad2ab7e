/**
 * A communicator: who is in it, and the contexts in which its messages are matched.
 *
 * It has four contexts, numbered from its `base`: messages of the program, collective operations (of an
 * intercommunicator: between the groups), those among an intercommunicator's own group, and the making of communicators
 * by some of its members. The base is agreed on by all who are in the new one (comm-making.ts), never used again, and
 * the same for communicators made at once whose members are different ones.
 */
import type { Members } from '../messages/operation.ts';
import type { Channel, InterChannel, Neighborhood } from '../schedules/schedule.ts';

export const contextKind = { messages: 0, collectives: 1, local: 2, creation: 3 } as const;
export const contextsPerCommunicator = 4;

/** Of a distributed graph, as it was given. */
export interface GraphNeighbors {
	readonly sources: number[];
	readonly destinations: number[];
	readonly sourceWeights?: number[];
	readonly destinationWeights?: number[];
}

export interface CartTopology {
	readonly dims: Int32Array;
	readonly periods: Int32Array;
}

export interface Topology {
	readonly neighborhood: Neighborhood;
	readonly cart?: CartTopology;
	readonly graph?: GraphNeighbors;
}

export interface CommunicatorParts {
	readonly rank: number;
	/** Ranks of COMM_WORLD, by rank. */
	readonly members: readonly number[];
	/** Of an intercommunicator: those of the other group. */
	readonly remote?: readonly number[] | undefined;
	readonly topology?: Topology | undefined;
}

export class Communicator implements Members {
	readonly rank: number;
	readonly members: readonly number[];
	readonly remote: readonly number[] | undefined;
	readonly topology: Topology | undefined;
	/** First of its contexts; -1 while it is not agreed on. */
	base: number;
	/** Those to whom its ranks refer in messages: the other group's of an intercommunicator. */
	readonly peers: readonly number[];
	/** How many collective operations were begun on it here: their tag. */
	operations = 0;
	channel: Channel | InterChannel | undefined;
	/** The same for calls that block. */
	blockingChannel: Channel | InterChannel | undefined;
	#ranks: Map<number, number> | undefined;
	#others: readonly number[] | undefined;

	constructor(base: number, { rank, members, remote, topology }: CommunicatorParts) {
		this.base = base;
		this.rank = rank;
		this.members = members;
		this.remote = remote;
		this.topology = topology;
		this.peers = remote ?? members;
	}

	get isInter(): boolean {
		return this.remote !== undefined;
	}

	rankOf(worldRank: number): number {
		this.#ranks ??= new Map(this.peers.map((peer, rank) => [peer, rank]));
		return this.#ranks.get(worldRank)!;
	}

	get others(): readonly number[] {
		const own = this.members[this.rank];
		return (this.#others ??= this.isInter ? this.peers : this.members.filter((rank) => rank !== own));
	}
}
