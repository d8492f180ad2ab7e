/**
 * Every rank runs the same program, and knows its number.
 *
 *     npx nprocs mpiexec -n 5 hello-world.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
console.log('hello world from process ', rank);
