/**
 * Values with large arrays go round among all ranks, in messages and collective operations, without end. Each rank
 * prints its number and pid whenever it has been round once.
 */
import { MPI } from 'nprocs/mpi';
import { ring } from '../helpers/cases.js';

const comm = MPI.COMM_WORLD;
const { next, previous } = ring(comm);
let array: Float64Array = new Float64Array(600_000);
for (let round = 0; ; round++) {
	const sending = comm.isend({ array }, next);
	({ array } = comm.recv<{ array: Float64Array }>(previous));
	sending.wait();
	array = comm.bcast(array, round % comm.size);
	comm.gather(array, round % comm.size);
	comm.alltoall(Array.from({ length: comm.size }, () => array));
	console.log(`${comm.rank} ${process.pid}`);
}
