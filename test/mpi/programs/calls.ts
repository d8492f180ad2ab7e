/** Some calls of each kind, for their timeline; with `killed`, the last one never returns. */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const { rank } = comm;
const buffer = new Float64Array(10);
if (rank === 0) comm.Send(buffer, 1, 7);
else comm.Recv(buffer, 0, 7);
comm.Barrier();
comm.allreduce(rank, MPI.SUM);
if (rank === 0) await comm.isend('x'.repeat(1000), 1);
else await comm.irecv(0);
if (process.argv[2] === 'stuck' && rank === 1) comm.recv(0, 9);
