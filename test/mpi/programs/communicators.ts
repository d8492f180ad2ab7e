/**
 * Makes communicators in all ways on whichever engine there is, by the seam, and prints what each rank has: two engines
 * must print the same. For 4 ranks or more.
 */
import { startEngine } from '#nprocs/mpi/choose-engine.js';

const engine = startEngine();
const [world, undefinedColor, shared, int, sum, standard] = [1, -32766, 1, 9, 3, 0];
const { rank, worldRanks } = engine.describeComm(world);
const size = worldRanks.length;
const lines: string[] = [];

/** Says who is in it, and uses it: a sum over all, and a message around. */
function show(name: string, code: number, comm = engine.out[0]!): number {
	if (code !== 0) lines.push(`${name}: error class ${engine.errorClass(code)}`);
	else if (comm === 0) lines.push(`${name}: none`);
	else {
		const about = engine.describeComm(comm);
		const others = about.remoteWorldRanks ?? about.worldRanks;
		const got = new Int32Array(1);
		const received = engine.irecv(got, 1, int, (about.rank + others.length - 1) % others.length, 5, comm);
		if (about.remoteWorldRanks === undefined) engine.send(Int32Array.of(rank), 1, int, (about.rank + 1) % others.length, 5, comm, standard);
		else if (about.rank === 0) for (let i = 0; i < others.length; i++) engine.send(Int32Array.of(rank), 1, int, i, 6, comm, standard);
		if (about.remoteWorldRanks !== undefined) {
			engine.cancel(received);
			engine.wait(received);
			engine.recv(got, 1, int, 0, 6, comm);
		} else engine.wait(received);
		const total = new Int32Array(1);
		engine.blocking.allreduce(Int32Array.of(rank + 1), total, 1, int, sum, comm);
		lines.push(
			`${name}: rank ${about.rank} of [${about.worldRanks.join()}] others [${about.remoteWorldRanks?.join() ?? ''}] got ${got[0]} sum ${total[0]}`,
		);
	}
	return comm;
}

const copy = show('dup', engine.commDup(world));
show('copy of a copy', engine.commDup(copy));
const first = engine.commIdup(world);
const firstHandle = engine.out[0]!;
const second = engine.commIdup(copy);
const secondHandle = engine.out[0]!;
show('second idup', engine.wait(second), secondHandle);
show('first idup', engine.wait(first), firstHandle);
const halves = show('split in two', engine.commSplit(world, rank % 2, -rank));
show('split, one in none', engine.commSplit(world, rank === 1 ? undefinedColor : 7, 0));
show('split by memory', engine.commSplitType(world, shared, size - rank, []));
const chosen = [2, 0, 3];
show('create', engine.commCreate(world, Int32Array.from(chosen)));
if (chosen.includes(rank)) show('create group', engine.commCreateGroup(world, Int32Array.from(chosen), 99));
show('create of a half', engine.commCreate(halves, Int32Array.of(1, 0)));

const grid = show('cart', engine.cartCreate(world, Int32Array.of(2, 2), Int32Array.of(1, 0), false));
if (grid !== 0) {
	show('rows', engine.cartSub(grid, Int32Array.of(0, 1)));
	show('columns', engine.cartSub(grid, Int32Array.of(1, 0)));
	const around = new Int32Array(4).fill(-1);
	engine.blocking.neighborAllgather(Int32Array.of(rank), 1, int, around, 1, int, grid);
	lines.push(`neighbours: ${around.join()}`);
}
if (rank < 3) lines.push(`map: ${engine.cartMap(world, Int32Array.of(3), Int32Array.of(0))} ${engine.out[0]}`);
const ring = Array.from({ length: size }, (_, i) => [(i + size - 1) % size, (i + 1) % size]);
const index = Int32Array.from(ring, (_, i) => 2 * (i + 1));
const graph = show('graph', engine.graphCreate(world, index, Int32Array.from(ring.flat()), false));
const both = new Int32Array(2);
engine.blocking.neighborAllgather(Int32Array.of(rank), 1, int, both, 1, int, graph);
lines.push(`graph: ${both.join()}`);
const [from, to] = [(rank + size - 1) % size, (rank + 1) % size];
const adjacent = show(
	'adjacent',
	engine.distGraphCreateAdjacent(world, Int32Array.of(from), Int32Array.of(3), Int32Array.of(to), Int32Array.of(4), false),
);
lines.push(JSON.stringify(engine.distGraphNeighbors(adjacent)));
// Rank 0 tells all edges.
const sources = rank === 0 ? Int32Array.from({ length: size }, (_, i) => i) : new Int32Array();
const targets = sources.map((i) => (i + 1) % size);
const whole = show(
	'distributed',
	engine.distGraphCreate(
		world,
		sources,
		sources.map(() => 1),
		targets,
		null,
		false,
	),
);
lines.push(JSON.stringify(engine.distGraphNeighbors(whole)));

const between = show(
	'intercommunicator',
	engine.intercommCreate(halves, 0, world, rank % 2 === 0 ? size - 1 - (size % 2) : size - 2 + (size % 2), 12),
);
show('dup of it', engine.commDup(between));
show('split of it', engine.commSplit(between, rank < 2 ? 0 : 1, rank));
show('create of it', engine.commCreate(between, Int32Array.of(0)));
show('merged', engine.intercommMerge(between, rank % 2 === 0));
show('merged, all low', engine.intercommMerge(between, false));
for (const comm of [copy, halves, between]) if (engine.commFree(comm) !== 0) lines.push('cannot be freed');
console.log(lines.map((line) => `${rank}: ${line}\n`).join(''));
engine.blocking.barrier(world);
engine.finalize();
