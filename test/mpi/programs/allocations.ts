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

// Until the functions are compiled, which newer versions of V8 do later.
for (let i = 0; i < 40; i++) exchange();
globalThis.gc!();
const before = process.memoryUsage().heapUsed;
exchange();
const bytes = process.memoryUsage().heapUsed - before;
console.log(`${bytes} bytes in ${rounds * (inRound + 1)} calls`);
