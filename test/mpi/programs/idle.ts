/**
 * Rank 1 awaits a message that rank 0 sends after a while, and prints how much processor time that took: `<ms of
 * processor time> of <ms>`.
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const idleMs = Number(process.argv[2]);
const buffer = new Float64Array(1);
comm.Barrier();
if (comm.rank === 0) {
	setTimeout(() => comm.Send(buffer, 1), idleMs);
} else {
	// The beginning of a wait, which looks without a pause, is no part of it.
	const request = comm.Irecv(buffer, 0);
	const message = (async () => await request)();
	await new Promise((resolve) => setTimeout(resolve, 50));
	const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
	await message;
	const { user, system } = process.cpuUsage(cpu);
	console.log(`${((user + system) / 1000).toFixed(1)} of ${(performance.now() - startedAt).toFixed(1)}`);
}
