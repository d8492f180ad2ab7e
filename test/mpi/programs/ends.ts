/** Rank 1 ends in the way that its argument names, when the others wait for it: blocked, or awaiting. */
import { MPI } from 'nprocs/mpi';

const [deed = '', wait = 'blocked'] = process.argv.slice(2);
const comm = MPI.COMM_WORLD;

const deeds: Readonly<Record<string, () => unknown>> = {
	exits: () => process.exit(3),
	'sets-exit-code': () => (process.exitCode = 6),
	throws: () => {
		throw new Error('on purpose');
	},
	rejects: () => void Promise.reject(new Error('on purpose')),
	'throws-later': () =>
		setTimeout(() => {
			throw new Error('on purpose');
		}),
	'never-settles': () => new Promise(() => {}),
	'is-killed': () => process.kill(process.pid, 'SIGKILL'),
	'is-terminated': () => process.kill(process.pid, 'SIGTERM'),
	'handles-terminated': () => {
		process.on('SIGTERM', () => process.exit(9));
		process.kill(process.pid, 'SIGTERM');
		setInterval(() => {}, 1000);
	},
	aborts: () => comm.Abort(5),
	// These end well, on all ranks.
	'leaves-a-receive': () => void comm.Irecv(new Float64Array(4), 0, 9),
	finalizes: () => MPI.Finalize(),
};

comm.Barrier();
const everybody = deed === 'leaves-a-receive' || deed === 'finalizes';
if (everybody || comm.rank === 1) {
	await deeds[deed]!();
} else if (wait === 'blocked') {
	comm.Recv(new Float64Array(4), 1, 9);
} else {
	await comm.Irecv(new Float64Array(4), 1, 9);
}
