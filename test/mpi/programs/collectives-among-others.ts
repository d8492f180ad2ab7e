/**
 * Collective operations on several communicators, blocking and as requests that stay under way, between messages that
 * nobody has received yet: a plan drawn from a seed, the same on all ranks, which come late by turns. So what a
 * blocking call finds next in a ring is often not what it waits for. The first argument is the seed.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { randomOf } from '../helpers/random.js';

const world = MPI.COMM_WORLD;
const seed = Number(process.argv[2]);
const plan = randomOf(seed);
const own = randomOf(seed, world.rank);
const comms = [world, world.Dup(), world.Split(0, -world.rank)];
const counts = [1, 7, 300, 5000];

/** Small whole numbers, whose sums are exact. */
const valueOf = (step: number, rank: number, i: number): number => (step * 31 + rank * 7 + i) % 97;
const dataOf = (step: number, rank: number, count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => valueOf(step, rank, i));

/** A call, blocking or not, and what must have come of it. */
interface Call {
	readonly request: MPI.Request | undefined;
	check(): void;
}

interface Drawn {
	readonly step: number;
	readonly count: number;
	readonly root: number;
	readonly blocks: boolean;
}

type Make = (comm: MPI.Intracomm, drawn: Drawn) => Call;

function done(call: () => void): undefined {
	call();
}

const sumsOf = (ranks: readonly number[], step: number, count: number): Float64Array =>
	Float64Array.from({ length: count }, (_, i) => ranks.reduce((sum, rank) => sum + valueOf(step, rank, i), 0));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const kinds: Readonly<Record<string, Make>> = {
	barrier: (comm, { blocks }) => ({ request: blocks ? done(() => comm.Barrier()) : comm.Ibarrier(), check() {} }),
	bcast: (comm, { step, count, root, blocks }) => {
		const data = comm.rank === root ? dataOf(step, root, count) : new Float64Array(count);
		const request = blocks ? done(() => comm.Bcast(data, root)) : comm.Ibcast(data, root);
		return { request, check: () => assert.deepEqual(data, dataOf(step, root, count)) };
	},
	allreduce: (comm, { step, count, blocks }) => {
		const [data, sums] = [dataOf(step, comm.rank, count), new Float64Array(count)];
		const request = blocks ? done(() => comm.Allreduce(data, sums)) : comm.Iallreduce(data, sums);
		return { request, check: () => assert.deepEqual(sums, sumsOf(upTo(comm.size), step, count)) };
	},
	reduce: (comm, { step, count, root, blocks }) => {
		const [data, sums] = [dataOf(step, comm.rank, count), new Float64Array(count)];
		const request = blocks ? done(() => comm.Reduce(data, sums, MPI.SUM, root)) : comm.Ireduce(data, sums, MPI.SUM, root);
		return {
			request,
			check: () => assert.deepEqual(sums, comm.rank === root ? sumsOf(upTo(comm.size), step, count) : new Float64Array(count)),
		};
	},
	scan: (comm, { step, count, blocks }) => {
		const [data, sums] = [dataOf(step, comm.rank, count), new Float64Array(count)];
		const request = blocks ? done(() => comm.Scan(data, sums)) : comm.Iscan(data, sums);
		return { request, check: () => assert.deepEqual(sums, sumsOf(upTo(comm.rank + 1), step, count)) };
	},
	allgather: (comm, { step, count, blocks }) => {
		const [data, all] = [dataOf(step, comm.rank, count), new Float64Array(count * comm.size)];
		const request = blocks ? done(() => comm.Allgather(data, all)) : comm.Iallgather(data, all);
		const expected = Float64Array.from(upTo(comm.size).flatMap((rank) => [...dataOf(step, rank, count)]));
		return { request, check: () => assert.deepEqual(all, expected) };
	},
	alltoall: (comm, { step, count, blocks }) => {
		const block = (from: number, to: number): number[] => [...dataOf(step + to, from, count)];
		const data = Float64Array.from(upTo(comm.size).flatMap((to) => block(comm.rank, to)));
		const all = new Float64Array(count * comm.size);
		const request = blocks ? done(() => comm.Alltoall(data, all)) : comm.Ialltoall(data, all);
		const expected = Float64Array.from(upTo(comm.size).flatMap((from) => block(from, comm.rank)));
		return { request, check: () => assert.deepEqual(all, expected) };
	},
};
const names = Object.keys(kinds);
let underWay: Call[] = [];
/**
 * Whether receives are posted at once, until all is completed: those of one tag must be posted in the order of sends.
 */
let postsAtOnce = true;

function complete(): void {
	MPI.Request.Waitall(underWay.flatMap(({ request }) => request ?? []));
	for (const { check } of underWay) check();
	underWay = [];
	postsAtOnce = own.below(2) === 0;
}

/**
 * A message to the next rank, which receives it when the plan says that all is completed. Its tag is about what the
 * communicators count their operations by, which is the tag of those.
 */
function sendToNext(step: number, count: number): void {
	const { rank, size } = world;
	const [next, previous] = [(rank + 1) % size, (rank + size - 1) % size];
	const [data, room] = [dataOf(step, rank, count), new Float64Array(count)];
	const tag = Math.floor(step / comms.length);
	const send = world.Isend(data, next, tag);
	const receive = postsAtOnce ? world.Irecv(room, previous, tag) : undefined;
	underWay.push({ request: send, check() {} });
	underWay.push({
		request: receive,
		check() {
			if (receive === undefined) world.Recv(room, previous, tag);
			assert.deepEqual(room, dataOf(step, previous, count));
		},
	});
}

for (let step = 0; step < 150; step++) {
	const comm = comms[plan.below(comms.length)]!;
	const [name, count, root] = [names[plan.below(names.length)]!, counts[plan.below(counts.length)]!, plan.below(comm.size)];
	if (own.below(20) === 0) for (const endMs = performance.now() + own.below(3); performance.now() < endMs;);
	// A message that is larger than what is buffered must find its receive, while its sender waits.
	if (plan.below(3) === 0) sendToNext(step, Math.min(count, 300));
	const call = kinds[name]!(comm, { step, count, root, blocks: plan.below(3) > 0 });
	if (call.request === undefined) call.check();
	else underWay.push(call);
	if (plan.below(6) === 0) complete();
}
complete();
for (const comm of comms.slice(1)) comm.Free();
console.log(`rank ${world.rank} agrees`);
