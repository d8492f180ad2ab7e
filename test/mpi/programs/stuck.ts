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
	awaited: async () => {
		await comm.irecv((rank + 1) % size);
	},
	'awaited-and-blocked': async () => {
		if (rank === 0) await comm.Irecv(large, 1, 4);
		else comm.Recv(large, 0, 5);
	},
	'awaited-by-a-function': async () => {
		const fetch = async (): Promise<unknown> => await comm.irecv(1 - rank, 6);
		await fetch();
	},
	'all-awaited': async () => {
		if (rank > 0) return;
		await Promise.all([comm.irecv(1, 1), comm.Irecv(large, 1, 2)]);
	},
	'first-awaited': async () => {
		if (rank > 0) return;
		await Promise.race([comm.irecv(1, 1), comm.irecv(1, 2)]);
	},
	'awaited-send': async () => {
		if (rank > 0) return;
		await comm.Issend(large, 1, 8);
	},
	'awaited-collective': async () => {
		if (rank > 0) return;
		await comm.Iallreduce(large, new Float64Array(large.length));
	},
	'awaited-barrier': async () => {
		if (rank > 0) await comm.Ibarrier();
	},
	'awaited-beside-a-wait': () => {
		void comm.irecv(1 - rank, 1).then(() => {});
		comm.Recv(large, 1 - rank, 3);
	},
	buffers: () => comm.Recv(large, 1 - rank, 2),
	'synchronous-buffers': () => comm.Ssend(large, 1 - rank, 2),
	exchange: () => comm.Sendrecv(large, 1 - rank, 1, new Float64Array(large.length), 1 - rank, 2),
	'values-exchange': () => comm.sendrecv('value', 1 - rank, 1, null, 1 - rank, 2),
	'request-of-a-value': () => comm.irecv(1 - rank, 4).wait(),
	'request-of-a-send': () => comm.Issend(large, 1 - rank, 4).Wait(),
	some: () => (rank === 0 ? MPI.Request.Waitsome([comm.Irecv(large, 1, 1), comm.Irecv(large, 1, 2)]) : undefined),
	'matched-probe': () => comm.Mprobe(1 - rank, 5),
	/** The same two communicators, in different order. */
	orders: () => {
		const other = comm.Dup();
		const [first, second] = rank === 0 ? [comm, other] : [other, comm];
		first.Barrier();
		second.Barrier();
	},
	'collective-and-message': () => (rank === 0 ? comm.bcast(null, 1) : comm.recv(0, 1)),
	reduction: () => (rank === 0 ? comm.Allreduce(large, new Float64Array(large.length)) : undefined),
	gathering: () => (rank === 0 ? comm.gather('value') : undefined),
	duplicating: () => (rank === 0 ? comm.Dup() : comm.recv(0, 1)),
	'window-lock': () => {
		const win = MPI.Win.Allocate(8, 1, MPI.INFO_NULL, comm);
		if (rank === 0) win.Lock(0);
		comm.Barrier();
		return rank === 0 ? comm.recv(1, 1) : win.Lock(0);
	},
	'window-fence': () => {
		const win = MPI.Win.Allocate(8, 1, MPI.INFO_NULL, comm);
		return rank === 0 ? win.Fence() : comm.recv(0, 1);
	},
	'window-epochs': () => {
		const win = MPI.Win.Allocate(8, 1, MPI.INFO_NULL, comm);
		win.Post(comm.group.Incl([1 - rank]));
		win.Wait();
	},
	intercommunicator: () => between().recv(0, 3),
	'intercommunicator-barrier': () => (rank === 0 ? between().Barrier() : between().recv(0, 3)),
	several: () => (rank === 0 ? MPI.Request.waitany([comm.irecv(1, 1), comm.irecv(1, 2)]) : undefined),
	/** Beside a receive that was started before. */
	behind: () => {
		comm.irecv(1 - rank, 1);
		return rank === 0 ? comm.recv(1, 2) : comm.Recv(large, 0, 3);
	},
	unsent: () => void (rank === 0 ? comm.issend('one', 1) : undefined),
	probe: () => (rank === 0 ? comm.probe(1, 3) : comm.recv(0)),
};
/** Each rank in a group of its own. */
function between(): MPI.Intercomm {
	return comm.Split(rank).Create_intercomm(0, comm, 1 - rank);
}

await ways[process.argv[2]!]!();
console.log(rank, 'went on');
