/**
 * Ranks without processes: their schedules run in one thread, over channels that deliver in an order drawn from a seed.
 * Messages of one pair keep their order, all else is free. A send is at random done at once, with the bytes that it has
 * then, or only when its message has been received, with those that it has then: so nothing passes that needs
 * buffering, or changes what is on its way.
 */
import assert from 'node:assert/strict';
import { ERR_TRUNCATE } from '#nprocs/mpi/constants.js';
import { scheduledCollectives } from '#nprocs/mpi/embedded/collectives/collectives.js';
import type { Collectives } from '#nprocs/mpi/engine/collectives.js';
import { Datatypes } from '#nprocs/mpi/embedded/datatypes/datatypes.js';
import { Ops } from '#nprocs/mpi/embedded/ops/ops.js';
import type { Channel, InterChannel, Neighborhood, Schedule, Transfer } from '#nprocs/mpi/embedded/schedules/schedule.js';

export type Random = () => number;

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
export function randomFrom(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let bits = Math.imul(state ^ (state >>> 15), state | 1);
		bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
		return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
	};
}

class SimulatedTransfer implements Transfer {
	done = false;
	error = 0;
	bytes = 0;
}

/** Remembers what was started on it. */
interface RecordingChannel extends Channel {
	readonly started: { tag: number; transfer: SimulatedTransfer }[];
}

interface Message {
	readonly bytes: Uint8Array;
	readonly transfer: SimulatedTransfer;
}

/** What goes from one rank to another with one tag. */
class Route {
	readonly underWay: Message[] = [];
	readonly arrived: Message[] = [];
	readonly posted: { bytes: Uint8Array; transfer: SimulatedTransfer }[] = [];

	match(): void {
		while (this.arrived.length > 0 && this.posted.length > 0) {
			const [message, room] = [this.arrived.shift()!, this.posted.shift()!];
			const fits = message.bytes.length <= room.bytes.length;
			room.bytes.set(fits ? message.bytes : message.bytes.subarray(0, room.bytes.length));
			room.transfer.bytes = message.bytes.length;
			room.transfer.error = fits ? 0 : ERR_TRUNCATE;
			room.transfer.done = message.transfer.done = true;
		}
	}
}

interface Running {
	readonly schedule: Schedule;
	readonly who: string;
	waitsFor: readonly Transfer[];
	result: number | undefined;
}

export interface Rank extends Collectives {
	readonly rank: number;
	readonly types: Datatypes;
	readonly ops: Ops;
	/** What its operations gave, in the order of their calls. */
	readonly errors: number[];
}

export class SimulatedWorld {
	readonly #random: Random;
	readonly #routes = new Map<string, Route>();
	readonly #running: Running[] = [];
	/** The route of each message that is under way. */
	readonly #underWay: Route[] = [];
	/**
	 * What schedules have thrown, and those that ended while a transfer of theirs was under way, whose memory is their
	 * caller's again.
	 */
	readonly thrown: unknown[] = [];

	constructor(random: Random) {
		this.#random = random;
	}

	/** The members of an intracommunicator. */
	intra(size: number, neighborhoods: readonly Neighborhood[] = []): Rank[] {
		return Array.from({ length: size }, (_, rank) => this.#rank(this.#channel('', rank, size), neighborhoods[rank]));
	}

	/** Both groups of an intercommunicator. */
	inter(sizes: readonly [number, number]): [Rank[], Rank[]] {
		const group = (own: 0 | 1): Rank[] => {
			return Array.from({ length: sizes[own] }, (_, rank) => {
				const local = this.#channel(`local${own}:`, rank, sizes[own]);
				const channel: InterChannel = {
					...this.#channel('', rank, sizes[own], { sendsTo: own === 0 ? 'b' : 'a', is: own === 0 ? 'a' : 'b' }),
					remoteSize: sizes[1 - own]!,
					local,
				};
				return this.#rank(channel);
			});
		};
		return [group(0), group(1)];
	}

	/** Until all that was begun has ended. Whether something is left over is for `assertEmpty`. */
	run(): void {
		for (;;) {
			const ready = this.#running.filter(({ result, waitsFor }) => result === undefined && waitsFor.every(({ done }) => done));
			const moves = ready.length + this.#underWay.length;
			if (moves === 0) break;
			const move = Math.floor(this.#random() * moves);
			if (move < ready.length) this.#resume(ready[move]!);
			else this.#deliver(move - ready.length);
		}
		const stuck = this.#running.filter(({ result }) => result === undefined);
		assert.deepEqual(
			stuck.map(({ who }) => who),
			[],
			'wait for ever',
		);
	}

	/** No message and no receive is left. */
	assertEmpty(): void {
		for (const [name, { underWay, arrived, posted }] of this.#routes) {
			assert.equal(underWay.length + arrived.length + posted.length, 0, `something is left over: ${name}`);
		}
	}

	#deliver(i: number): void {
		const route = this.#underWay[i]!;
		const last = this.#underWay.pop()!;
		if (i < this.#underWay.length) this.#underWay[i] = last;
		route.arrived.push(route.underWay.shift()!);
		route.match();
	}

	#resume(running: Running): void {
		try {
			const { done, value } = running.schedule.next();
			if (done === true) running.result = value;
			else running.waitsFor = value;
		} catch (error) {
			this.thrown.push(error);
			running.result = -1;
		}
	}

	#rank(channel: Channel | InterChannel, neighborhood?: Neighborhood): Rank {
		const [types, ops] = [new Datatypes(), new Ops()];
		const errors: number[] = [];
		let calls = 0;
		const end = (tag: number, error: number): void => {
			errors[tag] = error;
			if (transfersOf(channel, tag).some(({ done }) => !done))
				this.thrown.push(new Error(`${channel.rank}#${tag} ends while something is under way`));
		};
		const collectives = scheduledCollectives({
			begin: () => ({ channel, tag: calls++, types, ops, ...(neighborhood && { neighborhood }) }),
			drive: (schedule, { tag }) => {
				const running: Running = {
					schedule: recorded(schedule, (error) => end(tag, error)),
					who: `${channel.rank}#${tag}`,
					waitsFor: [],
					result: undefined,
				};
				this.#running.push(running);
				return this.#running.length - 1;
			},
		});
		return Object.assign(collectives, { rank: channel.rank, types, ops, errors });
	}

	#channel(context: string, rank: number, size: number, groups = { sendsTo: '', is: '' }): RecordingChannel {
		const started: RecordingChannel['started'] = [];
		const receive = (bytes: Uint8Array, source: number, tag: number): SimulatedTransfer => {
			const transfer = new SimulatedTransfer();
			started.push({ tag, transfer });
			const route = this.#route(`${context}${groups.sendsTo}${source}→${groups.is}${rank}#${tag}`);
			route.posted.push({ bytes, transfer });
			route.match();
			return transfer;
		};
		return {
			rank,
			size,
			started,
			isend: (bytes, dest, tag) => {
				const transfer = new SimulatedTransfer();
				started.push({ tag, transfer });
				const isBuffered = this.#random() < 0.5;
				const route = this.#route(`${context}${groups.is}${rank}→${groups.sendsTo}${dest}#${tag}`);
				route.underWay.push({ bytes: isBuffered ? bytes.slice() : bytes, transfer });
				this.#underWay.push(route);
				transfer.done = isBuffered;
				return transfer;
			},
			irecv: receive,
			recv: receive,
		};
	}

	#route(name: string): Route {
		let route = this.#routes.get(name);
		if (route === undefined) this.#routes.set(name, (route = new Route()));
		return route;
	}
}

function transfersOf(channel: Channel | InterChannel, wanted: number): SimulatedTransfer[] {
	const channels = ['local' in channel ? channel.local : undefined, channel];
	return channels.flatMap(
		(one) => (one as RecordingChannel | undefined)?.started.filter(({ tag }) => tag === wanted).map(({ transfer }) => transfer) ?? [],
	);
}

function* recorded(schedule: Schedule, end: (error: number) => void): Schedule {
	const error = yield* schedule;
	end(error);
	return error;
}
