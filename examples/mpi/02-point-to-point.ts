/**
 * Sends values, of any kind, from one rank to another.
 *
 *     npx nprocs mpiexec -n 9 point-to-point.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.rank;
console.log('my rank is : ', rank);

if (rank === 0) {
	const data = 10000000;
	const destination = 4;
	comm.send(data, destination);
	console.log(`sending data ${data} to process ${destination}`);
}
if (rank === 1) {
	const data = 'hello';
	const destination = 8;
	comm.send(data, destination);
	console.log(`sending data ${data} :to process ${destination}`);
}
if (rank === 4) {
	const data = comm.recv<number>(0);
	console.log('data received is =', data);
}
if (rank === 8) {
	const data1 = comm.recv<string>(1);
	console.log('data1 received is =', data1);
}
