/** Some calls of each kind, for their timeline; with an argument, the job ends as that says. */
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
MPI.Request.Waitall([]);
MPI.Get_processor_name();
if (process.argv[2] === 'stuck' && rank === 1) comm.recv(0, 9);
const ends: Record<string, () => void> = {
	killed: () => void process.kill(process.pid, 'SIGKILL'),
	aborted: () => comm.Abort(7),
	thrown() {
		throw new Error('thrown');
	},
};
const end = ends[process.argv[2] ?? ''];
if (end !== undefined && rank === 0) comm.recv(1, 10);
if (end !== undefined && rank === 1) end();
