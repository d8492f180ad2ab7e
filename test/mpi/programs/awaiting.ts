/**
 * Two ranks that wait in their event loops, by the seam: for messages of each other and of themselves, in any order,
 * beside blocking calls and timers, and for conditions. Each prints what happened.
 */
import { startEngine } from '#nprocs/mpi/choose-engine.js';

const engine = startEngine();
const [world, byte, standard, synchronous] = [1, 1, 0, 1];
const { rank } = engine.describeComm(world);
const other = 1 - rank;
const said: string[] = [];
const room = (): Uint8Array => new Uint8Array(8);

function done(request: number): Promise<number> {
	return new Promise((resolve) => {
		engine.whenComplete(request, () => {
			if (engine.test(request) !== 0 || engine.out[0] !== 1) said.push('it called back too early');
			resolve(engine.status[1]!);
		});
	});
}
const receive = (tag: number, from = other): Promise<number> => done(engine.irecv(room(), 8, byte, from, tag, world));
const send = (tag: number, to = other, mode = standard): number => engine.send(room(), 8, byte, to, tag, world, mode);

// There already; later; and the other way round.
send(1);
said.push(`tag ${await receive(1)}`);
const [second, first] = [receive(3), receive(2)];
const bothSent = new Promise<void>((resolve) => setTimeout(() => (send(2), send(3), resolve()), 20));
said.push(`tags ${(await Promise.all([first, second])).join()}`);
await bothSent; // the other one waits for them, and this one will block

// To oneself.
const own = receive(4, rank);
setTimeout(() => send(4, rank), 10);
said.push(`own tag ${await own}`);

// What is awaited is completed by a blocking call.
const before = receive(5);
send(5);
send(6);
engine.recv(room(), 8, byte, other, 6, world);
said.push(`tag ${await before}`);

// A synchronous send, and a collective operation.
const matched = done(engine.isend(room(), 8, byte, other, 7, world, synchronous));
setTimeout(() => engine.recv(room(), 8, byte, other, 7, world), 20);
await matched;
await done(engine.nonblocking.barrier(world));
said.push('matched, and all are here');

// A condition.
const sent = new Promise<void>((resolve) => setTimeout(() => (send(8), resolve()), 20));
await new Promise<void>((resolve) => {
	engine.poll(() => {
		engine.iprobe(other, 8, world);
		if (engine.out[0] === 1) resolve();
		return engine.out[0] === 1;
	});
});
engine.recv(room(), 8, byte, other, 8, world);
await sent;
let looks = 0;
send(9);
engine.block(() => ++looks > 1 && engine.iprobe(other, 9, world) === 0 && engine.out[0] === 1);
said.push('polled and blocked');

// Timers go on while it waits, and nothing is left that keeps the loop alive.
const late = receive(10);
let ticks = 0;
const clock = setInterval(() => {
	if (++ticks === 5) send(10);
}, 5);
await late;
while (ticks < 5) await new Promise((resolve) => setTimeout(resolve, 1));
clearInterval(clock);
engine.recv(room(), 8, byte, other, 9, world);
console.log(said.join(' | '));
engine.finalize();
