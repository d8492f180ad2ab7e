/**
 * Both ranks send first. This works as long as the messages are small, since they are buffered; large ones wait for
 * their receiver, and then both wait for ever. With `NPROCS_MPI_EAGER=0` every message waits, which finds programs that
 * rely on buffering.
 *
 *     npx nprocs mpiexec -n 9 deadlock-c.js
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
	comm.send('b', 1);
	console.log('sending data b :to process 1');
	console.log('data received is =', comm.recv<string>(1));
}
