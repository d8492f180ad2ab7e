/**
 * Ranks that all wait for messages, for longer than it takes to tell a deadlock, while rank 0 has something else that
 * lets it go on, which the first argument names.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect, isMain, Listener, Process, Queue } from 'nprocs';
import { MPI } from 'nprocs/mpi';

const forMs = 1500;
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

export async function child(queue?: Queue<string>, address?: string): Promise<void> {
	await later();
	await queue?.put('go on');
	if (address !== undefined) (await connect(address)).close();
}

const ways: Record<string, () => unknown> = {
	computes: () => {
		for (const end = Date.now() + forMs; Date.now() < end;);
	},
	timer: later,
	child: async () => {
		await new Process({ target: child }).start().join();
	},
	'child-of-node': () => once(spawn(process.execPath, ['-e', `setTimeout(() => {}, ${forMs})`], { stdio: 'ignore' }), 'exit'),
	'child-queue': async () => {
		using queue = new Queue<string>();
		const process = new Process({ target: child, args: [queue] }).start();
		await queue.get();
		await process.join();
	},
	accept: async () => {
		using listener = await new Listener().listen();
		const process = new Process({ target: child, args: [undefined, listener.address as string] }).start();
		(await listener.accept()).close();
		await process.join();
	},
	/** Reads from a FIFO, in a thread of Node's. */
	file: async () => {
		const folder = await mkdtemp(join(tmpdir(), 'alive-'));
		const path = join(folder, 'fifo');
		await once(spawn('mkfifo', [path]), 'exit');
		spawn('sh', ['-c', `sleep ${forMs / 1000}; echo go on > ${path}`], { stdio: 'ignore' });
		const file = await open(path);
		await file.readFile();
		await file.close();
		await rm(folder, { recursive: true });
	},
	stdin: () => {
		console.log('waiting');
		return new Promise<void>((resolve) => {
			process.stdin.once('data', () => {
				process.stdin.pause();
				resolve();
			});
		});
	},
	readline: async () => {
		console.log('waiting');
		const lines = createInterface({ input: process.stdin });
		await once(lines, 'line');
		lines.close();
	},
	http: async () => {
		const server = createServer((_, response) => void response.end('yes', () => server.close()));
		await once(server.listen(0, '127.0.0.1'), 'listening');
		console.log((server.address() as { port: number }).port);
		await once(server, 'request');
	},
};

async function main(way: string): Promise<void> {
	const comm = MPI.COMM_WORLD;
	const { rank } = comm;
	if (way === 'changed') return changed();
	if (rank === 0) {
		const own = comm.irecv(1, 1);
		void own.then(() => {});
		await ways[way]!();
		comm.send('go on', 1);
		await own;
	} else if (rank === 1) {
		await comm.irecv(0);
		comm.send('well', 0, 1);
		comm.send('go on', 2);
	} else comm.recv(1);
	console.log(rank, 'done');
}

/** Rank 0 blocks in one call, which waits for both others and then for rank 2 alone, while rank 1 waits for it. */
function changed(): void {
	const comm = MPI.COMM_WORLD;
	const { rank } = comm;
	for (const end = Date.now() + [0, 700, 3 * forMs][rank]!; Date.now() < end;);
	comm.Gather(Int32Array.of(rank), rank === 0 ? new Int32Array(3) : null);
	if (rank === 0) comm.send('go on', 1);
	if (rank === 1) comm.recv(0);
	console.log(rank, 'done');
}

if (isMain(import.meta)) await main(process.argv[2]!);
