/**
 * The recipe for scattering a list, with as many items as there are no ranks: the job ends, with a message of the
 * root's.
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const list = comm.rank === 0 ? Array.from({ length: 10 }, (_, i) => i + 1) : null;
console.log(`process = ${comm.rank} variable shared  = ${comm.scatter(list, 0)} `);
