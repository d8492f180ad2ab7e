/**
 * Rank 0 blocks in a call that rank 2 would have to do something for; rank 1 waits in its event loop; rank 2 never does
 * anything. Each prints its rank and pid first: `blocked <call>`.
 */
import { startEngine } from '#nprocs/mpi/choose-engine.js';

const engine = startEngine();
const [world, byte, int, sum, synchronous] = [1, 1, 9, 3, 1];
const { rank } = engine.describeComm(world);
const small = new Uint8Array(8);
const large = new Uint8Array(5_000_000);
const words = new Int32Array(4);

const calls: Record<string, () => unknown> = {
	recv: () => engine.recv(small, 8, byte, 2, 1, world),
	'recv of any': () => engine.recv(small, 8, byte, -2, -1, world),
	ssend: () => engine.send(small, 8, byte, 2, 1, world, synchronous),
	'large send': () => engine.send(large, large.length, byte, 2, 1, world, 0),
	'many sends': () => {
		for (;;) engine.send(small, 8, byte, 2, 1, world, 0);
	},
	'many large sends': () => {
		for (;;) engine.send(large, 60_000, byte, 2, 1, world, 0);
	},
	sendrecv: () => engine.sendrecv(small, 8, byte, 2, 1, words, 8, byte, 2, 1, world),
	probe: () => engine.probe(2, 1, world),
	mprobe: () => engine.mprobe(-2, 1, world),
	wait: () => engine.wait(engine.irecv(small, 8, byte, 2, 1, world)),
	'wait for any': () => engine.waitAny([engine.irecv(small, 8, byte, 2, 1, world), engine.isend(small, 8, byte, 2, 1, world, synchronous)]),
	'test in a loop': () => {
		const request = engine.irecv(small, 8, byte, 2, 1, world);
		for (;;) engine.test(request);
	},
	block: () => engine.block(() => false),
	barrier: () => engine.blocking.barrier(world),
	bcast: () => engine.blocking.bcast(small, 8, byte, 2, world),
	'large bcast': () => engine.blocking.bcast(large, large.length, byte, 2, world),
	allreduce: () => engine.blocking.allreduce(words.slice(), words, 4, int, sum, world),
	dup: () => engine.commDup(world),
	'wait for idup': () => engine.wait(engine.commIdup(world)),
	detach: () => {
		engine.attachBuffer(new Uint8Array(64_000_000));
		for (let i = 0; i < 100; i++) engine.send(large, 300_000, byte, 2, 1, world, 2);
		engine.attachBuffer(null);
	},
	finalize: () => {
		engine.isend(small, 8, byte, 2, 1, world, synchronous);
		engine.finalize();
	},
};

console.log(`${rank} ${process.pid}`);
if (rank === 0) {
	calls[process.argv[2]!]!();
	console.log('it went on');
} else if (rank === 1) engine.whenComplete(engine.irecv(small, 8, byte, 2, 99, world), () => console.log('it came'));
else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
