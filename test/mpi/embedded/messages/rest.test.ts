/**
 * Ranks that sleep are woken: endpoints of many ranks in one thread, each of which looks only until it comes to rest,
 * and again when somebody has woken it. Long messages, more of them than there are blocks, begin others when they are
 * through, as the parts of a broadcast do; when all ranks sleep, everything must have arrived. So must what a rank
 * begins while it waits in its event loop, and what waits for blocks and for room at once.
 */
import '../../../helpers/without-slices.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Job } from '#nprocs/mpi/embedded/job/job.js';
import { Endpoint } from '#nprocs/mpi/embedded/messages/endpoint.js';
import { Link } from '#nprocs/mpi/embedded/messages/link.js';
import { Operation, operationKind } from '#nprocs/mpi/embedded/messages/operation.js';
import { Loop } from '#nprocs/mpi/embedded/waiting/loop.js';
import { Waits } from '#nprocs/mpi/embedded/waiting/waits.js';
import { self } from '#nprocs/memory/registry.js';
import { randomFrom, type Random } from '../collectives/simulated-world.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const parts = 40;

class SleepingRank {
	readonly endpoint: Endpoint;
	readonly #set: ReturnType<Job['waitersOf']>;
	isAsleep = false;

	constructor(job: Job, rank: number) {
		this.endpoint = new Endpoint(rank, job.size, job);
		this.#set = job.waitersOf(rank);
	}

	/** As a wait does: says that it waits, looks, sleeps. Between its steps, others may have made one. */
	look(meanwhile: () => void): void {
		const { endpoint } = this;
		endpoint.progress = () => {
			meanwhile();
			Endpoint.prototype.progress.call(endpoint);
			meanwhile();
		};
		this.#set.add(self().slot);
		endpoint.comeToRest();
		this.isAsleep = true;
		endpoint.progress = () => Endpoint.prototype.progress.call(endpoint);
	}

	get isWoken(): boolean {
		return !this.#set.has(self().slot);
	}

	[Symbol.dispose](): void {
		this.#set.remove(self().slot);
	}
}

function operation(kind: number, peer: number, memory: Uint8Array, tag = 0): Operation {
	return Object.assign(new Operation(), { kind, peer, tag, context: 0, memory });
}

/** Passes parts on to its children, each when it has come from its parent and the one before has gone. */
function passOn(rank: SleepingRank, parent: number | undefined, children: readonly number[], bytes: number): { readonly done: number } {
	const state = { done: 0 };
	const next = (): void => {
		if (state.done === parts) return;
		if (parent === undefined) return send();
		const receive = operation(operationKind.receive, parent, new Uint8Array(bytes));
		receive.follower = { transferDone: () => rank.endpoint.ready.push({ goOn: send }) };
		rank.endpoint.startReceive(receive);
	};
	const send = (): void => {
		let left = children.length;
		const sent = (): void => {
			if (--left > 0) return;
			state.done++;
			rank.endpoint.ready.push({ goOn: next });
		};
		if (left === 0) {
			state.done++;
			return next();
		}
		for (const child of children) {
			const one = operation(operationKind.send, child, new Uint8Array(bytes).fill(state.done));
			one.follower = { transferDone: sent };
			rank.endpoint.startSend(one);
		}
	};
	next();
	return state;
}

function run(random: Random, size: number, bytes: number): void {
	using job = Job.create({ size });
	const ranks = Array.from({ length: size }, (_, rank) => new SleepingRank(job, rank));
	const childrenOf = (rank: number): number[] => [3 * rank + 1, 3 * rank + 2, 3 * rank + 3].filter((child) => child < size);
	const states = ranks.map((rank, i) => passOn(rank, i === 0 ? undefined : Math.floor((i - 1) / 3), childrenOf(i), bytes));
	for (;;) {
		const ready = ranks.filter((rank) => !rank.isAsleep || rank.isWoken);
		if (ready.length === 0) break;
		const one = ready[Math.floor(random() * ready.length)]!;
		const others = ready.filter((other) => other !== one);
		one.look(() => {
			for (const other of others) if (random() < 0.5) other.endpoint.progress();
		});
	}
	for (const rank of ranks) rank[Symbol.dispose]();
	assert.deepEqual(
		states.map(({ done }) => done),
		ranks.map(() => parts),
		'parts that each rank has passed on when all sleep',
	);
}

for (const size of [2, 3, 5, 9]) {
	for (const bytes of [100_000, 1_500_000]) {
		test(`${size} ranks pass on ${parts} messages of ${bytes} bytes (SEED=${seed})`, () => {
			for (let i = 0; i < 5; i++) run(randomFrom(seed + i), size, bytes);
		});
	}
}

test('sends that are begun while the rank waits in its event loop go on when there are blocks', async () => {
	using job = Job.create({ size: 2 });
	const [sender, receiver] = [0, 1].map((rank) => new Endpoint(rank, 2, job)) as [Endpoint, Endpoint];
	const waits = new Waits(sender, job);
	const loop = new Loop(sender, waits, job.waitersOf(0));
	const last = operation(operationKind.receive, 1, new Uint8Array(1), 99);
	sender.startReceive(last);
	const arrived = new Promise<void>((resolve) => loop.whenDone(last, resolve, undefined));
	const sends = Array.from({ length: 20 }, () => operation(operationKind.send, 1, new Uint8Array(100_000)));
	// They get all blocks, and it waits for nothing that others have; then one by one more.
	for (const send of sends.slice(0, 8)) sender.startSend(send);
	for (const send of sends.slice(8)) {
		for (let i = 0; i < 3; i++) await turn();
		sender.startSend(send);
	}
	await turn();
	for (const send of sends) {
		const receive = operation(operationKind.receive, 0, new Uint8Array(100_000));
		receiver.startReceive(receive);
		receiver.comeToRest();
		// What wakes the sender rings in this very event loop, and is heard of in its next turn.
		for (let i = 0; i < 3; i++) await turn();
		receiver.comeToRest();
		assert.deepEqual([send.done, receive.done], [true, true], `number ${sends.indexOf(send)} when both wait`);
	}
	receiver.startSend(operation(operationKind.send, 0, new Uint8Array(1), 99));
	await arrived;
});

test('a long message that finds neither a block nor room is announced when there is room', () => {
	using job = Job.create({ size: 2, ringCells: 4 });
	const [sender, receiver] = [0, 1].map((rank) => new SleepingRank(job, rank)) as [SleepingRank, SleepingRank];
	const { wantRoom } = Link.prototype;
	try {
		// All blocks are lent to messages that nobody wants yet, and small ones fill the ring behind them.
		const blocks = Array.from({ length: 8 }, () => operation(operationKind.send, 1, new Uint8Array(100_000), 1));
		for (const send of blocks) {
			sender.endpoint.startSend(send);
			receiver.endpoint.progress();
		}
		for (let i = 0; i < 4; i++) sender.endpoint.startSend(operation(operationKind.send, 1, new Uint8Array(1), 2));
		const long = operation(operationKind.send, 1, new Uint8Array(100_000), 3);
		sender.endpoint.startSend(long);
		const wanted = operation(operationKind.receive, 0, new Uint8Array(100_000), 3);
		receiver.endpoint.startReceive(wanted);
		// The receiver takes all, and tells so, just before the sender says that it wants room.
		Link.prototype.wantRoom = function before() {
			receiver.endpoint.comeToRest();
			wantRoom.call(this);
		};
		for (const rank of [sender, receiver]) rank.look(() => {});
		Link.prototype.wantRoom = wantRoom;
		for (const ready = (): SleepingRank[] => [sender, receiver].filter((rank) => rank.isWoken); ready().length > 0;)
			for (const rank of ready()) rank.look(() => {});
		assert.deepEqual([long.done, wanted.done], [true, true]);
	} finally {
		Link.prototype.wantRoom = wantRoom;
		for (const rank of [sender, receiver]) rank[Symbol.dispose]();
	}
});
