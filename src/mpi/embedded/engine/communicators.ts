/**
 * The making of communicators, as the seam wants it (mpi/engine/communicators.ts). What all must agree on is in
 * comm-making.ts.
 */
import type { CommDescription, Communicators } from '../../engine/communicators.ts';
import type { InfoEntries } from '../../engine/info.ts';
import { COMM_TYPE_SHARED, ERR_ARG, SUCCESS, UNDEFINED } from '../../constants.ts';
import { NULL_HANDLE } from '../../handles.ts';
import { RankChannel } from '../communicators/channels.ts';
import {
	agreeOnBase,
	Bases,
	broadcastNumbers,
	fromOtherGroup,
	gatherLists,
	gatherNumbers,
	largestIn,
	swapNumbers,
	type Steps,
} from '../communicators/comm-making.ts';
import { Communicator, contextKind, contextsPerCommunicator, type CommunicatorParts, type Topology } from '../communicators/communicator.ts';
import { EnginePointToPoint } from './point-to-point.ts';
import { RunningSchedule } from '../messages/running-schedule.ts';
import { isInter, type Collective, type Schedule } from '../schedules/schedule.ts';
import { cartPart, cartTopology, distributedTopology, graphTopology, productOf } from '../communicators/topologies.ts';

/** Of one kind of members: those that come with the same colour, in the order of their keys. */
interface Split {
	readonly color: number;
	readonly key: number;
	/** By the new rank and size. */
	readonly topology?: (rank: number, size: number) => Topology;
}

export abstract class EngineCommunicators extends EnginePointToPoint implements Communicators {
	/** World and self have the first ones. */
	readonly #bases = new Bases(2 * contextsPerCommunicator);

	describeComm(comm: number): CommDescription {
		const { rank, members, remote } = this.communicator(comm);
		return remote === undefined ? { rank, worldRanks: members } : { rank, worldRanks: members, remoteWorldRanks: remote };
	}

	commDup(comm: number): number {
		const made = this.#copyOf(comm);
		const error = this.run(this.#agree(made, this.begin(comm)));
		this.out[0] = this.enter(made);
		return error;
	}

	commIdup(comm: number): number {
		const made = this.#copyOf(comm);
		this.out[0] = this.enter(made);
		return this.request(new RunningSchedule(this.endpoint, this.#agree(made, this.begin(comm)), { name: 'Idup' }).operation);
	}

	commSplit(comm: number, color: number, key: number): number {
		return this.#split(comm, { color, key });
	}

	commSplitType(comm: number, type: number, key: number, _info: InfoEntries): number {
		if (type !== COMM_TYPE_SHARED && type !== UNDEFINED) return ERR_ARG;
		// All ranks share this machine's memory.
		return this.#split(comm, { color: type === UNDEFINED ? UNDEFINED : 0, key });
	}

	commCreate(comm: number, ranks: Int32Array): number {
		const { remote, members, rank } = this.communicator(comm);
		const call = this.begin(comm);
		return this.#make(call, function* create(): Steps<CommunicatorParts | undefined> {
			if (!isInter(call.channel)) {
				const own = [...ranks].indexOf(rank);
				return own < 0 ? undefined : { rank: own, members: Array.from(ranks, (each) => members[each]!) };
			}
			const others = yield* fromOtherGroup(call.channel, call.tag, [...ranks]);
			const own = [...ranks].indexOf(rank);
			if (own < 0 || others.length === 0) return undefined;
			return { rank: own, members: Array.from(ranks, (each) => members[each]!), remote: others.map((each) => remote![each]!) };
		});
	}

	commCreateGroup(comm: number, ranks: Int32Array, tag: number): number {
		const { members, rank, base } = this.communicator(comm);
		const own = [...ranks].indexOf(rank);
		const group = Array.from(ranks, (each) => members[each]!);
		const made = new Communicator(-1, { rank: own, members: group });
		const channel = new RankChannel(this.endpoint, own, group, () => base + contextKind.creation);
		const error = this.run(this.#agree(made, { channel, tag, types: this.types, ops: this.ops }));
		this.out[0] = this.enter(made);
		return error;
	}

	commFree(comm: number): number {
		this.communicator(comm).channel?.centralBarrier?.leave();
		this.forget(comm);
		return SUCCESS;
	}

	// ---- Topologies ----

	cartCreate(comm: number, dims: Int32Array, periods: Int32Array, _reorder: boolean): number {
		const [sizes, isPeriodic] = [Int32Array.from(dims), Int32Array.from(periods)];
		return this.#createFirst(comm, productOf(sizes), (rank) => cartTopology(rank, sizes, isPeriodic));
	}

	cartSub(comm: number, remain: Int32Array): number {
		const { rank, topology } = this.communicator(comm);
		const { dims, periods } = topology!.cart!;
		const remaining = (list: Int32Array): Int32Array => list.filter((_, d) => remain[d] !== 0);
		const [sizes, isPeriodic] = [remaining(dims), remaining(periods)];
		return this.#split(comm, { ...cartPart(rank, dims, remain), topology: (own) => cartTopology(own, sizes, isPeriodic) });
	}

	cartMap(comm: number, dims: Int32Array, _periods: Int32Array): number {
		return this.#map(comm, productOf(dims));
	}

	graphCreate(comm: number, index: Int32Array, edges: Int32Array, _reorder: boolean): number {
		const [ends, nodes] = [Int32Array.from(index), Int32Array.from(edges)];
		return this.#createFirst(comm, ends.length, (rank) => graphTopology(rank, ends, nodes));
	}

	graphMap(comm: number, index: Int32Array, _edges: Int32Array): number {
		return this.#map(comm, index.length);
	}

	distGraphCreateAdjacent(
		comm: number,
		sources: Int32Array,
		sourceWeights: Int32Array | null,
		destinations: Int32Array,
		destinationWeights: Int32Array | null,
		_reorder: boolean,
	): number {
		const topology = distributedTopology([...sources], [...destinations], listOf(sourceWeights), listOf(destinationWeights));
		const { rank, members } = this.communicator(comm);
		return this.#make(this.begin(comm), () => known({ rank, members, topology }));
	}

	distGraphCreate(
		comm: number,
		sources: Int32Array,
		degrees: Int32Array,
		destinations: Int32Array,
		weights: Int32Array | null,
		_reorder: boolean,
	): number {
		const { rank, members } = this.communicator(comm);
		const call = this.begin(comm);
		const own = edgesOf(sources, degrees, destinations, weights);
		return this.#make(call, function* distributed(): Steps<CommunicatorParts> {
			const edges = (yield* gatherLists(call.channel, call.tag, own)).flatMap(inThrees);
			const incoming = edges.filter(([, to]) => to === rank);
			const outgoing = edges.filter(([from]) => from === rank);
			const topology = distributedTopology(
				incoming.map(([from]) => from),
				outgoing.map(([, to]) => to),
				weights === null ? undefined : incoming.map(([, , weight]) => weight),
				weights === null ? undefined : outgoing.map(([, , weight]) => weight),
			);
			return { rank, members, topology };
		});
	}

	distGraphNeighbors(comm: number): { sources: number[]; destinations: number[]; sourceWeights?: number[]; destinationWeights?: number[] } {
		return this.communicator(comm).topology!.graph!;
	}

	// ---- Intercommunicators ----

	intercommCreate(local: number, localLeader: number, peer: number, remoteLeader: number, tag: number): number {
		const { rank, members } = this.communicator(local);
		const call = this.begin(local);
		const bases = this.#bases;
		const isLeader = rank === localLeader;
		const between = isLeader ? this.#creationChannel(peer) : undefined;
		const made = { handle: NULL_HANDLE };
		const enter = (base: number, remote: readonly number[]): void => {
			made.handle = this.enter(new Communicator(base, { rank, members, remote }));
		};
		const error = this.run(
			(function* intercomm(): Schedule {
				const others = isLeader ? yield* swapNumbers(between!, tag, members, remoteLeader) : [];
				const remote = yield* broadcastNumbers(call.channel, call.tag, others, localLeader);
				function* largest(value: number): Steps<number> {
					const own = Math.max(...(yield* gatherNumbers(call.channel, call.tag, [value])));
					const other = isLeader ? yield* swapNumbers(between!, tag, [own], remoteLeader) : [];
					return Math.max(own, ...(yield* broadcastNumbers(call.channel, call.tag, other, localLeader)));
				}
				enter(yield* agreeOnBase(largest, bases), remote);
				return SUCCESS;
			})(),
		);
		this.out[0] = made.handle;
		return error;
	}

	intercommMerge(comm: number, high: boolean): number {
		const { members, remote, rank } = this.communicator(comm);
		const call = this.begin(comm);
		return this.#make(call, function* merge(): Steps<CommunicatorParts> {
			if (!isInter(call.channel)) throw new TypeError('It is no intercommunicator.');
			const [otherHigh] = yield* fromOtherGroup(call.channel, call.tag, [high ? 1 : 0]);
			const isEqual = (otherHigh === 1) === high;
			const isFirst = isEqual ? members[0]! < remote![0]! : !high;
			return isFirst ? { rank, members: [...members, ...remote!] } : { rank: remote!.length + rank, members: [...remote!, ...members] };
		});
	}

	abort(_comm: number, code: number): never {
		this.job?.abort(code, this.endpoint.rank);
		return process.exit(code);
	}

	// ---- How they are made ----

	#copyOf(comm: number): Communicator {
		return new Communicator(-1, this.communicator(comm));
	}

	/** Gives a communicator its contexts. */
	*#agree(made: Communicator, { channel, tag }: Collective): Schedule {
		made.base = yield* agreeOnBase(largestIn(channel, tag), this.#bases);
		return SUCCESS;
	}

	/** `parts` tells this rank's place in the new one; undefined: it is in none, but takes part in the making. */
	#make(call: Collective, parts: () => Steps<CommunicatorParts | undefined>): number {
		const bases = this.#bases;
		let made: Communicator | undefined;
		const error = this.run(
			(function* make(): Schedule {
				const own = yield* parts();
				const base = yield* agreeOnBase(largestIn(call.channel, call.tag), bases);
				if (own !== undefined) made = new Communicator(base, own);
				return SUCCESS;
			})(),
		);
		this.out[0] = made === undefined ? NULL_HANDLE : this.enter(made);
		return error;
	}

	#split(comm: number, { color, key, topology }: Split): number {
		const { members, remote, rank } = this.communicator(comm);
		const call = this.begin(comm);
		return this.#make(call, function* split(): Steps<CommunicatorParts | undefined> {
			const { channel, tag } = call;
			const isBetween = isInter(channel);
			const own = yield* gatherNumbers(isBetween ? channel.local : channel, tag, [color, key]);
			const others = isBetween ? yield* fromOtherGroup(channel, tag, own) : [];
			if (color === UNDEFINED) return undefined;
			const ranks = ranksWith(color, own);
			const made = { rank: ranks.indexOf(rank), members: ranks.map((each) => members[each]!) };
			if (!isBetween) return { ...made, topology: topology?.(made.rank, ranks.length) };
			const otherRanks = ranksWith(color, others);
			return otherRanks.length === 0 ? undefined : { ...made, remote: otherRanks.map((each) => remote![each]!) };
		});
	}

	/** Of the first ranks of a communicator. */
	#createFirst(comm: number, count: number, topology: (rank: number) => Topology): number {
		const { members, rank } = this.communicator(comm);
		const own = rank < count ? { rank, members: members.slice(0, count), topology: topology(rank) } : undefined;
		return this.#make(this.begin(comm), () => known(own));
	}

	#map(comm: number, count: number): number {
		const { rank } = this.communicator(comm);
		this.out[0] = rank < count ? rank : UNDEFINED;
		return SUCCESS;
	}

	/** Apart from all other messages of a communicator. */
	#creationChannel(comm: number): RankChannel {
		const { rank, peers, base } = this.communicator(comm);
		return new RankChannel(this.endpoint, rank, peers, () => base + contextKind.creation);
	}
}

/** Nobody must be asked for it. */
function* known<T>(value: T): Steps<T> {
	yield [];
	return value;
}

function listOf(numbers: Int32Array | null): number[] | undefined {
	return numbers === null ? undefined : [...numbers];
}

/** Of pairs of colour and key, by rank. */
function ranksWith(color: number, pairs: readonly number[]): number[] {
	return Array.from({ length: pairs.length / 2 }, (_, rank) => rank)
		.filter((rank) => pairs[rank * 2] === color)
		.sort((a, b) => pairs[a * 2 + 1]! - pairs[b * 2 + 1]! || a - b);
}

/** From, to, weight, of each. */
function edgesOf(sources: Int32Array, degrees: Int32Array, destinations: Int32Array, weights: Int32Array | null): number[] {
	const edges: number[] = [];
	let at = 0;
	for (const [i, source] of sources.entries()) {
		for (const end = at + degrees[i]!; at < end; at++) edges.push(source, destinations[at]!, weights?.[at] ?? 0);
	}
	return edges;
}

function inThrees(numbers: readonly number[]): [number, number, number][] {
	return Array.from({ length: numbers.length / 3 }, (_, i) => numbers.slice(i * 3, i * 3 + 3) as [number, number, number]);
}
