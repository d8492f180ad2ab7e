/**
 * What the making of communicators needs to be agreed on, as schedules: numbers of all members, and the new one's
 * contexts.
 *
 * **Contexts.** Each process proposes the number of the first context that it has never seen used; the largest proposal
 * is taken, if it is free with everybody. It may not be: two that are made at once, by requests, with some members in
 * common, can come to the same number. Then all propose anew. Nobody proposes the same number twice, so of those who
 * meet in one process one gets another number.
 */
import { contextsPerCommunicator } from './communicator.ts';
import { isInter, type Channel, type InterChannel, type Transfer } from '../schedules/schedule.ts';

/** A part of a schedule, with a result. */
export type Steps<T> = Generator<readonly Transfer[], T, void>;

/** What this process knows of contexts. */
export class Bases {
	readonly #claimed = new Set<number>();
	#next: number;

	constructor(first: number) {
		this.#next = first;
	}

	propose(): number {
		const base = this.#next;
		this.#next += contextsPerCommunicator;
		return base;
	}

	claim(base: number): boolean {
		this.#next = Math.max(this.#next, base + contextsPerCommunicator);
		if (this.#claimed.has(base)) return false;
		this.#claimed.add(base);
		return true;
	}

	giveUp(base: number): void {
		this.#claimed.delete(base);
	}
}

/** The largest of the numbers that all who take part in something have. */
export type Largest = (value: number) => Steps<number>;

/** Of all of the channel, of both groups of an intercommunicator's. */
export function largestIn(channel: Channel | InterChannel, tag: number): Largest {
	return (value) => (isInter(channel) ? largestOfBoth(channel, tag, value) : largestOf(channel, tag, value));
}

/** The first context of a new communicator. */
export function* agreeOnBase(largest: Largest, bases: Bases): Steps<number> {
	for (;;) {
		const base = yield* largest(bases.propose());
		const isOurs = bases.claim(base);
		if ((yield* largest(isOurs ? 0 : 1)) === 0) return base;
		if (isOurs) bases.giveUp(base);
	}
}

/** The numbers of all members, one after another by rank. All have as many. */
export function* gatherNumbers(channel: Channel, tag: number, own: readonly number[]): Steps<number[]> {
	const { rank, size } = channel;
	const width = own.length;
	// Of this rank, the next one, and so on: with each step twice as many are known.
	const known = new Float64Array(size * width);
	known.set(own);
	const bytes = new Uint8Array(known.buffer);
	for (let have = 1; have < size; have *= 2) {
		const count = Math.min(have, size - have);
		const receive = channel.irecv(bytes.subarray(have * width * 8, (have + count) * width * 8), (rank + have) % size, tag);
		yield [receive, channel.isend(bytes.subarray(0, count * width * 8), (rank - have + size) % size, tag)];
	}
	return Array.from({ length: size * width }, (_, i) => known[(i - rank * width + size * width) % (size * width)]!);
}

/** The same of lists that have any length. */
export function* gatherLists(channel: Channel, tag: number, own: readonly number[]): Steps<number[][]> {
	const lengths = yield* gatherNumbers(channel, tag, [own.length]);
	const width = Math.max(...lengths);
	const all = width === 0 ? [] : yield* gatherNumbers(channel, tag, [...own, ...Array.from({ length: width - own.length }, () => 0)]);
	return lengths.map((length, rank) => all.slice(rank * width, rank * width + length));
}

/** What the root has, for all. */
export function* broadcastNumbers(channel: Channel, tag: number, own: readonly number[], root: number): Steps<number[]> {
	return (yield* gatherLists(channel, tag, channel.rank === root ? own : []))[root]!;
}

/** Two leaders tell each other numbers. */
export function* swapNumbers(channel: Channel, tag: number, own: readonly number[], peer: number): Steps<number[]> {
	const length = new Float64Array(1);
	const lengthReceived = channel.irecv(new Uint8Array(length.buffer), peer, tag);
	yield [lengthReceived, channel.isend(bytesOf([own.length]), peer, tag)];
	const numbers = new Float64Array(length[0]!);
	const received = channel.irecv(new Uint8Array(numbers.buffer), peer, tag);
	yield [received, channel.isend(bytesOf(own), peer, tag)];
	return [...numbers];
}

/** What the other group's leader has, in all members of this one. */
export function* fromOtherGroup(channel: InterChannel, tag: number, own: readonly number[]): Steps<number[]> {
	const numbers = channel.rank === 0 ? yield* swapNumbers(channel, tag, own, 0) : [];
	return yield* broadcastNumbers(channel.local, tag, numbers, 0);
}

function* largestOf(channel: Channel, tag: number, value: number): Steps<number> {
	return Math.max(...(yield* gatherNumbers(channel, tag, [value])));
}

function* largestOfBoth(channel: InterChannel, tag: number, value: number): Steps<number> {
	const own = yield* largestOf(channel.local, tag, value);
	const [other] = yield* fromOtherGroup(channel, tag, [own]);
	return Math.max(own, other!);
}

function bytesOf(numbers: readonly number[]): Uint8Array {
	return new Uint8Array(Float64Array.from(numbers).buffer);
}
