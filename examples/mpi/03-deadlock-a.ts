/**
 * Two ranks that wait for each other: both receive before they send, so neither ever sends. Other launchers would hang
 * here for ever; this one says who waits where and ends the job with exit code 1.
 *
 *     npx nprocs mpiexec -n 9 deadlock-a.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.rank;
console.log('my rank is :', rank);

if (rank === 1) {
	const destination = 5;
	const received = comm.recv<string>(5);
	comm.send('a', destination);
	console.log('data received is =', received);
}
if (rank === 5) {
	const destination = 1;
	const received = comm.recv<string>(1);
	comm.send('b', destination);
	console.log('data received is =', received);
}
