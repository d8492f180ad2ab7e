/** What looks like a deadlock for a while, and is none. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;

/** Blocks without waiting for another rank. */
function compute(ms: number): void {
	for (const end = performance.now() + ms; performance.now() < end;);
}

if (rank === size - 1) compute(1500);
if (rank === 0) await sleep(1500);
const values = comm.allgather(rank);
if (rank === 0) {
	// The others await it, in their event loop.
	await sleep(1500);
	for (let other = 1; other < size; other++) comm.send('go', other);
} else await comm.irecv(0);
// A chain, each behind the one before it.
if (rank > 0) comm.recv(rank - 1, 5);
else compute(1000);
if (rank < size - 1) comm.send('next', rank + 1, 5);
console.log(values.length);
