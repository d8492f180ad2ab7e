/** Point-to-point of bytes in one context of a communicator, as schedules want it (schedule.ts). */
import { contextKind, type Communicator } from './communicator.ts';
import type { Endpoint } from '../messages/endpoint.ts';
import { Operation, operationKind, type Members } from '../messages/operation.ts';
import { CountedBarrier } from './counted-barrier.ts';
import type { Channel, InterChannel, CentralBarrier, Transfer } from '../schedules/schedule.ts';
import type { ShortWay } from '../messages/short-way.ts';

/** Among fewer members, messages are as good. */
const leastMembers = 3;
const sent: Transfer = { done: true, error: 0, bytes: 0 };

/** That of its collective operations. */
export function channelOf(endpoint: Endpoint, communicator: Communicator): Channel | InterChannel {
	return (communicator.channel ??= makeChannel(endpoint, communicator));
}

/** The same for calls that block. */
export function blockingChannelOf(endpoint: Endpoint, communicator: Communicator, shortWay: ShortWay): Channel | InterChannel {
	return (communicator.blockingChannel ??= makeBlockingChannel(endpoint, communicator, shortWay));
}

/** Among these ranks of COMM_WORLD; in a context of its own. */
export class RankChannel implements Channel, Members {
	readonly rank: number;
	readonly size: number;
	readonly others: readonly number[];
	readonly centralBarrier: CentralBarrier | undefined;
	readonly #endpoint: Endpoint;
	protected readonly ranks: readonly number[];
	protected readonly context: () => number;

	constructor(endpoint: Endpoint, rank: number, ranks: readonly number[], context: () => number, centralBarrier?: CentralBarrier) {
		this.rank = rank;
		this.size = ranks.length;
		this.others = ranks.filter((other) => other !== endpoint.rank);
		this.#endpoint = endpoint;
		this.ranks = ranks;
		this.context = context;
		this.centralBarrier = centralBarrier;
	}

	rankOf(worldRank: number): number {
		return this.ranks.indexOf(worldRank);
	}

	isend(bytes: Uint8Array, dest: number, tag: number): Transfer {
		const peer = this.ranks[dest]!;
		if (this.#endpoint.trySend(bytes, bytes.length, peer, tag, this.context())) return sent;
		const operation = this.#operation(operationKind.send, bytes, peer, tag);
		this.#endpoint.startSend(operation);
		return operation;
	}

	irecv(bytes: Uint8Array, source: number, tag: number): Transfer {
		const operation = this.#operation(operationKind.receive, bytes, this.ranks[source]!, tag);
		this.#endpoint.startReceive(operation);
		return operation;
	}

	recv(bytes: Uint8Array, source: number, tag: number): Transfer {
		return this.irecv(bytes, source, tag);
	}

	#operation(kind: number, memory: Uint8Array, peer: number, tag: number): Operation {
		const operation = new Operation();
		operation.kind = kind;
		operation.memory = memory;
		operation.peer = peer;
		operation.tag = tag;
		operation.context = this.context();
		operation.communicator = this;
		return operation;
	}
}

class BlockingChannel extends RankChannel {
	readonly #shortWay: ShortWay;

	constructor(endpoint: Endpoint, communicator: Communicator, shortWay: ShortWay) {
		const { rank, members } = communicator;
		super(endpoint, rank, members, () => communicator.base + contextKind.collectives, channelOf(endpoint, communicator).centralBarrier);
		this.#shortWay = shortWay;
	}

	override recv(bytes: Uint8Array, source: number, tag: number): Transfer {
		const shortWay = this.#shortWay;
		if (!shortWay.receive(bytes, this.ranks[source]!, tag, this.context())) return super.recv(bytes, source, tag);
		return { done: true, error: shortWay.error, bytes: shortWay.bytes };
	}
}

class InterRankChannel extends RankChannel implements InterChannel {
	override readonly size: number;
	readonly remoteSize: number;
	readonly local: Channel;

	constructor(endpoint: Endpoint, communicator: Communicator) {
		const { rank, members, remote } = communicator;
		super(endpoint, rank, remote!, () => communicator.base + contextKind.collectives);
		this.size = members.length;
		this.remoteSize = remote!.length;
		this.local = new RankChannel(endpoint, rank, members, () => communicator.base + contextKind.local);
	}
}

function makeChannel(endpoint: Endpoint, communicator: Communicator): Channel | InterChannel {
	if (communicator.isInter) return new InterRankChannel(endpoint, communicator);
	const { rank, members } = communicator;
	return new RankChannel(endpoint, rank, members, () => communicator.base + contextKind.collectives, centralBarrierOf(endpoint, communicator));
}

/** Between groups messages are few. */
function makeBlockingChannel(endpoint: Endpoint, communicator: Communicator, shortWay: ShortWay): Channel | InterChannel {
	return communicator.isInter ? channelOf(endpoint, communicator) : new BlockingChannel(endpoint, communicator, shortWay);
}

function centralBarrierOf(endpoint: Endpoint, { rank, members, base }: Communicator): CentralBarrier | undefined {
	const { job } = endpoint;
	if (job === undefined || !job.isCrowded || members.length < leastMembers) return undefined;
	return new CountedBarrier(endpoint, job, { rank, members, isWorld: base === 0 });
}
