/**
 * Each rank has a value, and one rank gets them all.
 *
 *     npx nprocs mpiexec -n 5 gather.js
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
const all = comm.gather((rank + 1) ** 2, 0);
if (all !== null) {
	console.log(`rank = ${rank} ...receiving data to other process`);
	for (const [sender, value] of all.entries()) if (sender > 0) console.log(` process 0 receiving ${value} from process ${sender}`);
}
