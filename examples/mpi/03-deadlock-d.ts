/**
 * `sendrecv` does both at once, so the order does not matter, nor the size.
 *
 *     npx nprocs mpiexec -n 9 deadlock-d.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.rank;
console.log('my rank is :', rank);

if (rank === 1) {
	const received = comm.sendrecv<string>('a', 5, { source: 5 });
	console.log('sending data a to process 5');
	console.log('data received is =', received);
}
if (rank === 5) {
	const received = comm.sendrecv<string>('b', 1, { source: 1 });
	console.log('sending data b :to process 1');
	console.log('data received is =', received);
}
