/**
 * Two ranks exchange a typed array many times, and print how many bytes of V8's heap that took: `<n> bytes in <n>
 * calls`. Run with `--expose-gc` and a young generation that is so large that nothing is collected meanwhile.
 */
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const { rank } = comm;
const [name, length] = [process.argv[2], Number(process.argv[3])];
const buffer = name === 'Float64Array' ? new Float64Array(length) : new Uint8Array(length);
const rounds = 50;
const inRound = 100;
const mostExchanges = 100;

/**
 * Many messages one way and one back, since ranks that wait for each other at each message get on slowly where
 * processors are busy.
 */
function exchange(): void {
	for (let round = 0; round < rounds; round++) {
		if (rank === 0) {
			for (let i = 0; i < inRound; i++) comm.Send(buffer, 1, 7);
			comm.Recv(buffer, 1, 8);
		} else {
			for (let i = 0; i < inRound; i++) comm.Recv(buffer, 0, 7);
			comm.Send(buffer, 0, 8);
		}
	}
}

/** The bytes that one exchange takes. */
function measure(): number {
	globalThis.gc!();
	const before = process.memoryUsage().heapUsed;
	exchange();
	return process.memoryUsage().heapUsed - before;
}

const calls = rounds * (inRound + 1);
let bytes = measure();
// Until the functions are compiled, which V8 does when it likes, and which leaves something in the heap, too.
for (let i = 0; i < mostExchanges && comm.allreduce(bytes, MPI.MAX) >= calls; i++) bytes = measure();
console.log(`${bytes} bytes in ${calls} calls`);
