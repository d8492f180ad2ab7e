/**
 * The arrays of all ranks are added up, item by item, on one of them.
 *
 *     npx nprocs mpiexec -n 3 reduction.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.rank;
const sent = Int32Array.from({ length: 3 }, (_, i) => (rank + 1) * i);
const received = new Int32Array(3);
console.log(` process ${rank} sending [${sent.join(' ')}] `);
comm.Reduce(sent, received, MPI.SUM, 0);
console.log(` on task ${rank} after Reduce:    data =  [${received.join(' ')}]`);
