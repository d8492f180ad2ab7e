/** Ranks that await a generalized request, which the program completes, and nothing else. */
import { MPI } from 'nprocs/mpi';

const request = MPI.Grequest.Start();
setTimeout(() => request.Complete(), 20);
await request;
console.log('complete');
