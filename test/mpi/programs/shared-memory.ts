/** Messages of all sizes, and a window: what a job has in /dev/shm. */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const right = (comm.rank + 1) % comm.size;
for (const length of [1, 1000, 400_000]) {
	const received = new Float64Array(length);
	comm.Sendrecv(new Float64Array(length).fill(comm.rank), right, 0, received);
}
const win = MPI.Win.Allocate(4096, 1, MPI.INFO_NULL, comm);
win.Fence();
win.Put(Uint8Array.of(comm.rank), right);
win.Fence();
win.Free();
comm.Barrier();
