/** Ranks that wait for each other for ever, in the ways that the first argument names. */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const large = new Float64Array(1_000_000);

const ways: Record<string, () => unknown> = {
	mutual: () => (rank < 2 ? comm.recv(1 - rank) : undefined),
	/** While a third rank computes for a while, or for ever. */
	computing: () => {
		if (rank < 2) return comm.recv(1 - rank, 7);
		for (;;);
	},
	ended: () => (rank === 0 ? comm.recv(1) : undefined),
	ring: () => comm.recv((rank + size - 1) % size),
	any: () => comm.recv(),
	/** Large ones wait for their receiver. */
	sends: () => comm.Send(large, (rank + 1) % size),
	synchronous: () => comm.ssend('small', (rank + 1) % size),
	barrier: () => (rank === 0 ? undefined : comm.Barrier()),
	waitall: () => (rank === 0 ? MPI.Request.Waitall([comm.irecv(1, 1), comm.irecv(1, 2)]) : comm.send('one', 0, 1)),
	mixed: () => (rank === 0 ? comm.bcast('value', 0) : comm.reduce(1)),
	awaited: async () => {
		await comm.irecv((rank + 1) % size);
	},
	several: () => (rank === 0 ? MPI.Request.waitany([comm.irecv(1, 1), comm.irecv(1, 2)]) : undefined),
	/** Beside a receive that was started before. */
	behind: () => {
		comm.irecv(1 - rank, 1);
		return rank === 0 ? comm.recv(1, 2) : comm.Recv(large, 0, 3);
	},
	unsent: () => void (rank === 0 ? comm.issend('one', 1) : undefined),
	probe: () => (rank === 0 ? comm.probe(1, 3) : comm.recv(0)),
};
await ways[process.argv[2]!]!();
console.log(rank, 'went on');
