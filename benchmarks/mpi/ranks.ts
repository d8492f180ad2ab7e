/**
 * What a rank does for benchmarks/mpi.ts: `ranks latency <bytes>`, `ranks bandwidth <bytes>`, `ranks objects`, `ranks
 * hello`, `ranks barrier`. Rank 0 prints samples as JSON. Of short batches the best counts: what the machine does
 * beside falls out.
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const rank = comm.Get_rank();
const [what, bytes = 0] = [process.argv[2], Number(process.argv[3])];
const batches = 200;

/** µs of one of `count` repetitions, in each batch. */
function timed(count: number, repeat: () => void): number[] {
	return Array.from({ length: batches }, () => {
		comm.Barrier();
		const startedAt = MPI.Wtime();
		for (let i = 0; i < count; i++) repeat();
		return ((MPI.Wtime() - startedAt) * 1e6) / count;
	});
}

function report(samples: readonly number[]): void {
	if (rank === 0) console.log(JSON.stringify([Math.min(...samples)]));
}

/** Repetitions in a batch, messages in a window: so that a batch is over in less than a time slice. */
const count = Math.max(4, Math.min(500, Math.floor(1e6 / (bytes + 2000))));
const inWindow = Math.max(4, Math.min(64, Math.floor(2 ** 22 / bytes)));
switch (what) {
	case 'latency': {
		const buffer = new Uint8Array(bytes);
		const there = (): void => (rank === 0 ? comm.Send(buffer, 1, 0) : comm.Recv(buffer, 0, 0));
		const back = (): void => (rank === 0 ? comm.Recv(buffer, 1, 0) : comm.Send(buffer, 0, 0));
		report(timed(count, () => (there(), back())).map((us) => us / 2));
		break;
	}
	case 'bandwidth': {
		// Messages under way, then an answer.
		const buffers = Array.from({ length: inWindow }, () => new Uint8Array(bytes).fill(1));
		const answer = new Uint8Array(1);
		const window = (): void => {
			const requests = buffers.map((buffer) => (rank === 0 ? comm.Isend(buffer, 1, 0) : comm.Irecv(buffer, 0, 0)));
			MPI.Request.Waitall(requests);
			if (rank === 0) comm.Recv(answer, 1, 1);
			else comm.Send(answer, 0, 1);
		};
		if (rank === 0) console.log(JSON.stringify([(inWindow * bytes) / Math.min(...timed(1, window))]));
		else timed(1, window);
		break;
	}
	case 'objects': {
		const value = { a: 7, b: 3.14 };
		report(
			timed(200, () => {
				if (rank === 0) {
					comm.send(value, 1);
					comm.recv(1);
				} else comm.send(comm.recv(0), 0);
			}).map((us) => us / 2),
		);
		break;
	}
	case 'hello':
		console.log(`Hello from rank ${rank} of ${comm.Get_size()}`);
		break;
	case 'barrier':
		comm.Barrier();
		break;
}
