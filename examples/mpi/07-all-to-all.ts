/**
 * Each rank sends another number to each rank. The method with a capital letter moves typed arrays, without turning
 * them into messages.
 *
 *     npx nprocs mpiexec -n 5 all-to-all.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
const size = comm.Get_size();
const sent = Int32Array.from({ length: size }, (_, i) => (rank + 1) * i);
const received = new Int32Array(size);
comm.Alltoall(sent, received);
console.log(` process ${rank} sending [${sent.join(' ')}] receiving [${received.join(' ')}]`);
