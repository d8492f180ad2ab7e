/**
 * Barriers of several communicators, blocking, by requests and awaited, several at once. Before each barrier every rank
 * sends a message to all others, and behind it those of all others must be there at once. The first argument is a seed.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';

const world = MPI.COMM_WORLD;
let seed = Number(process.argv[2]) + world.rank * 7919;
let round = 0;

/** Some ranks come late. */
function dawdle(): void {
	seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fff_ffff;
	if (seed % 3 !== 0) return;
	const endMs = performance.now() + (seed % 1000) / 500;
	while (performance.now() < endMs);
}

function others(comm: MPI.Intracomm): number[] {
	return Array.from({ length: comm.size }, (_, rank) => rank).filter((rank) => rank !== comm.rank);
}

function tell(comm: MPI.Intracomm): number {
	dawdle();
	round++;
	for (const other of others(comm)) comm.Send(Uint8Array.of(comm.rank), other, round);
	return round;
}

function mustHaveHeard(comm: MPI.Intracomm, tag: number): void {
	const message = new Uint8Array(1);
	for (const other of others(comm)) {
		assert.ok(comm.Iprobe(other, tag), `rank ${comm.rank} is through barrier ${tag}, rank ${other} has not come`);
		comm.Recv(message, other, tag);
	}
}

async function meet(comm: MPI.Intracomm, times: number): Promise<void> {
	for (let i = 0; i < times; i++) {
		const blocking = tell(comm);
		comm.Barrier();
		mustHaveHeard(comm, blocking);
		const first = tell(comm);
		const one = comm.Ibarrier();
		const second = tell(comm);
		const other = comm.Ibarrier();
		if (i % 2 === 0) await other;
		else other.Wait();
		mustHaveHeard(comm, second);
		mustHaveHeard(comm, first);
		one.Wait();
	}
}

await meet(world, 5);
for (let i = 0; i < 5; i++) {
	const [same, reversed] = [world.Dup(), world.Split(0, -world.rank)];
	await meet(same, 2);
	await meet(reversed, 1);
	const part = world.Split(world.rank === 0 ? 1 : 0, 0);
	await meet(part, 2);
	for (const comm of [same, reversed, part]) comm.Free();
}
// Of two communicators at once.
const [left, right] = [world.Dup(), world.Dup()];
const requests = [left.Ibarrier(), right.Ibarrier(), left.Ibarrier(), right.Ibarrier()];
MPI.Request.Waitall(requests);
await meet(right, 1);
await meet(left, 1);
console.log(`rank ${world.rank} is through`);
