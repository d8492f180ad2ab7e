/** Rank 1 is killed while it holds the lock of a window, for which the others wait. */
import { startEngine } from '#nprocs/mpi/choose-engine.js';
import { LOCK_EXCLUSIVE } from '#nprocs/mpi/constants.js';
import { COMM_WORLD_HANDLE } from '#nprocs/mpi/handles.js';

const engine = startEngine();
const { rank } = engine.describeComm(COMM_WORLD_HANDLE);
engine.winAllocate(8, 1, [], COMM_WORLD_HANDLE);
const win = engine.out[0]!;
if (rank === 1) engine.lock(LOCK_EXCLUSIVE, 0, 0, win);
engine.blocking.barrier(COMM_WORLD_HANDLE);
if (rank === 1) process.kill(process.pid, 'SIGKILL');
engine.lock(LOCK_EXCLUSIVE, 0, 0, win);
// The lock of a dead rank is nobody's; but the job ends without it
engine.blocking.barrier(COMM_WORLD_HANDLE);
