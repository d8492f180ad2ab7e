/**
 * One rank has a value, and then all have it.
 *
 *     npx nprocs mpiexec -n 10 broadcast.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
const shared = comm.bcast(rank === 0 ? 100 : null, 0);
console.log(`process = ${rank} variable shared  = ${shared} `);
