/**
 * A rank that awaits the answer of another one, and what makes it ask comes from no rank: `elsewhere.js FROM`. Prints
 * the answer.
 */
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Event, isMain, Process } from 'nprocs';
import { MPI } from 'nprocs/mpi';

/** Longer than it takes to report a deadlock. */
const longMs = 1500;

export async function endLate(): Promise<void> {
	await sleep(longMs);
}

export function serveLate(path: string, ready: Event): void {
	const server = net.createServer((socket) => {
		server.close();
		setTimeout(() => socket.end('late'), longMs);
	});
	server.listen(path, () => ready.set());
}

const sources: Record<string, () => Promise<void>> = {
	async process() {
		await new Process({ target: endLate }).start().join();
	},

	async thread() {
		await once(new Worker(`setTimeout(() => {}, ${longMs})`, { eval: true }), 'exit');
	},

	async socket() {
		const path = join(tmpdir(), `elsewhere-${process.pid}`);
		const ready = new Event();
		const server = new Process({ target: serveLate, args: [path, ready] }).start();
		await ready.wait();
		ready.close();
		for await (const _ of net.connect(path));
		await server.join();
	},
};

async function ask(from: string): Promise<string> {
	await sources[from]!();
	MPI.COMM_WORLD.send('?', 1);
	return from;
}

if (isMain(import.meta)) {
	const comm = MPI.COMM_WORLD;
	if (comm.rank === 0) console.log((await Promise.all([comm.irecv(1), ask(process.argv[2]!)])).join(' to '));
	else {
		comm.recv(0);
		comm.send('answer', 0);
	}
}
