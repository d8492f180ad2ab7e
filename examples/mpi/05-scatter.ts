/**
 * One rank has a list, and each rank gets its own item of it. There must be as many items as ranks.
 *
 *     npx nprocs mpiexec -n 10 scatter.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
const list = rank === 0 ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : null;
const mine = comm.scatter(list, 0);
console.log(`process = ${rank} variable shared  = ${mine} `);
