/**
 * One of two ranks sends first, the other receives first: this always works.
 *
 *     npx nprocs mpiexec -n 9 deadlock-b.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.rank;
console.log('my rank is :', rank);

if (rank === 1) {
	comm.send('a', 5);
	console.log('sending data a to process 5');
	console.log('data received is =', comm.recv<string>(5));
}
if (rank === 5) {
	console.log('data received is =', comm.recv<string>(1));
	comm.send('b', 1);
	console.log('sending data b :to process 1');
}
