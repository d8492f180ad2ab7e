/** Each rank says where it is, when all have exchanged values and buffers. */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const sums = new Float64Array(1000);
comm.Allreduce(new Float64Array(1000).fill(rank), sums);
const objects = comm.allgather({ rank, data: new Float64Array(100_000).fill(rank) });
const isRight = sums.every((sum) => sum === (size * (size - 1)) / 2) && objects.every(({ data }, i) => data.every((item) => item === i));
console.log(`rank ${rank} of ${size} on ${MPI.Get_processor_name()}: ${isRight ? 'right' : 'wrong'}`);
