/**
 * What a rank does for the benchmarks of MPI: `ranks latency|bandwidth|bidirectional|bcast|allreduce|barrier
 * <bytes,bytes…>`, `ranks objects|bcast-objects|allreduce-objects <name,name…>`, `ranks average <bytes,bytes…>`, `ranks
 * hello`, `ranks start`. Rank 0 prints a JSON array with a figure for each size: µs, or MB/s.
 *
 * Of short batches the best counts: what the machine does beside falls out. With more than two ranks it is the median,
 * since those that outnumber the cores wait for each other to be put to sleep, in each batch in another order. Only
 * `average` is bandwidth over half a second, with all that comes between.
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
const other = 1 - rank;
const [what = '', names = '0'] = process.argv.slice(2);

const isPair = comm.Get_size() <= 2;

/** µs of one of `count` repetitions. */
function best(count: number, repeat: () => void, batches = 100): number {
	const times = new Float64Array(isPair ? batches : 30);
	const repetitions = isPair ? count : Math.min(20, count);
	if (!isPair) for (let i = 0; i < count; i++) repeat();
	for (let batch = 0; batch < times.length; batch++) {
		comm.Barrier();
		const startedAt = MPI.Wtime();
		for (let i = 0; i < repetitions; i++) repeat();
		times[batch] = ((MPI.Wtime() - startedAt) * 1e6) / repetitions;
	}
	return times.sort()[isPair ? 0 : times.length >> 1]!;
}

/** Repetitions in a batch, batches, messages in a window: so that a batch is over in less than a time slice. */
const countOf = (bytes: number): number => Math.max(4, Math.min(500, Math.floor(1e6 / (bytes + 2000))));
const batchesOf = (bytes: number): number => (bytes > 1 << 20 ? 30 : 100);
const windowOf = (bytes: number): number => Math.max(4, Math.min(64, Math.floor((1 << 22) / bytes)));
/** Written to, since memory that was never touched is one page of zeros that is read from the cache again and again. */
const written = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(1);

/** One piece of memory for all messages of a window, as in C: the kernel copies faster from large pages. */
function slices(bytes: number): Uint8Array[] {
	const memory = written(windowOf(bytes) * bytes);
	return Array.from({ length: windowOf(bytes) }, (_, i) => memory.subarray(i * bytes, (i + 1) * bytes));
}

/** Messages under way from rank 0 to rank 1, or both ways at once; then an answer. */
function windowOn(bytes: number, { isBidirectional }: { isBidirectional: boolean }): () => void {
	const [mine, theirs] = [slices(bytes), slices(bytes)];
	const answer = new Uint8Array(1);
	return () => {
		const requests: MPI.Request[] = [];
		if (isBidirectional || rank === 1) for (const buffer of theirs) requests.push(comm.Irecv(buffer, other, 0));
		if (isBidirectional || rank === 0) for (const buffer of mine) requests.push(comm.Isend(buffer, other, 0));
		MPI.Request.Waitall(requests);
		if (rank === 0) comm.Recv(answer, 1, 1);
		else comm.Send(answer, 0, 1);
	};
}

function bandwidth(bytes: number, { isBidirectional }: { isBidirectional: boolean }): number {
	const us = best(1, windowOn(bytes, { isBidirectional }), batchesOf(bytes));
	return ((isBidirectional ? 2 : 1) * windowOf(bytes) * bytes) / us;
}

const small = { number: 7, string: 'a small text', object: { a: 7, b: 3.14 }, list: [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5] };

const figures: Record<string, (bytes: number, name: string) => number> = {
	latency: (bytes) => {
		const buffer = written(bytes);
		const there = (): void => (rank === 0 ? comm.Send(buffer, 1, 0) : comm.Recv(buffer, 0, 0));
		const back = (): void => (rank === 0 ? comm.Recv(buffer, 1, 0) : comm.Send(buffer, 0, 0));
		return best(countOf(bytes), () => (there(), back()), batchesOf(bytes)) / 2;
	},
	average: (bytes) => {
		const count = Math.ceil(1e9 / (windowOf(bytes) * bytes));
		const window = windowOn(bytes, { isBidirectional: false });
		comm.Barrier();
		const startedAt = MPI.Wtime();
		for (let i = 0; i < count; i++) window();
		return (count * windowOf(bytes) * bytes) / ((MPI.Wtime() - startedAt) * 1e6);
	},
	bandwidth: (bytes) => bandwidth(bytes, { isBidirectional: false }),
	bidirectional: (bytes) => bandwidth(bytes, { isBidirectional: true }),
	barrier: () => best(500, () => comm.Barrier()),
	bcast: (bytes) => {
		const buffer = written(bytes);
		return best(countOf(bytes), () => comm.Bcast(buffer, 0), batchesOf(bytes));
	},
	allreduce: (bytes) => {
		const mine = new Float32Array(bytes / 4).fill(1);
		const sum = new Float32Array(bytes / 4);
		return best(countOf(bytes), () => comm.Allreduce(mine, sum, MPI.SUM), batchesOf(bytes));
	},
	objects: (_, name) => {
		const value = small[name as keyof typeof small];
		const there = (): void => {
			comm.send(value, 1);
			comm.recv(1);
		};
		const back = (): void => comm.send(comm.recv(0), 0);
		return best(200, rank === 0 ? there : back) / 2;
	},
	'bcast-objects': (_, name) => {
		const value = small[name as keyof typeof small];
		return best(200, () => comm.bcast(rank === 0 ? value : null, 0));
	},
	'allreduce-objects': () => best(200, () => comm.allreduce(rank, MPI.SUM)),
};

if (what === 'hello') console.log(`Hello from rank ${rank} of ${comm.Get_size()}`);
else if (what === 'start') comm.Barrier();
else {
	const figure = figures[what]!;
	const samples = names.split(',').map((name) => figure(Number(name), name));
	if (rank === 0) console.log(JSON.stringify(samples));
}
