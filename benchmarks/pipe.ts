/** How long does a round trip take, and how many bytes per second go through a pipe? */
import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { Pipe, Process, type Connection } from 'nprocs';
import { echo, echoSync, sink } from './channel/programs.js';
import { python, question, type Contender } from './harness.js';

const rounds = 20_000;

const message = { id: 1, name: 'message' };

function roundTrips(form: 'sync' | 'async'): Contender {
	return async () => {
		const [ours, theirs] = Pipe<unknown>();
		const child = new Process({ target: form === 'sync' ? echoSync : echo, args: [theirs] }).start();
		theirs.close();
		const once = form === 'sync' ? syncRound : asyncRound;
		await once(ours, rounds / 10);
		const us = await once(ours, rounds);
		await ours.send(null);
		await child.join();
		ours.close();
		return [us];
	};
}

function syncRound(connection: Connection, count: number): number {
	const begun = performance.now();
	for (let i = 0; i < count; i++) {
		connection.sendSync(message);
		connection.recvSync();
	}
	return ((performance.now() - begun) * 1000) / count;
}

async function asyncRound(connection: Connection, count: number): Promise<number> {
	const begun = performance.now();
	for (let i = 0; i < count; i++) {
		await connection.send(message);
		await connection.recv();
	}
	return ((performance.now() - begun) * 1000) / count;
}

const pythonPipe = python(`
import multiprocessing as mp, time, json
ctx = mp.get_context('fork')
a, b = ctx.Pipe()
def echo(c):
    while (m := c.recv()) is not None: c.send(m)
p = ctx.Process(target=echo, args=(b,))
p.start()
n = ${rounds}
begun = time.time()
for i in range(n):
    a.send({'id': 1, 'name': 'message'})
    a.recv()
print(json.dumps([(time.time() - begun) / n * 1e6]))
a.send(None)
p.join()
`);

const ipc: Contender = () =>
	new Promise((resolve) => {
		const child = fork(new URL('./channel/ipc-echo.js', import.meta.url), { serialization: 'advanced' });
		const count = rounds / 4;
		let left = count;
		let begun = 0;
		child.on('message', () => {
			if (begun === 0) begun = performance.now();
			if (left-- > 0) return void child.send(message);
			child.kill();
			resolve([((performance.now() - begun) * 1000) / count]);
		});
	});

const messagePort: Contender = () =>
	new Promise((resolve) => {
		const worker = new Worker(new URL('./channel/worker-echo.js', import.meta.url));
		let left = rounds;
		let begun = 0;
		worker.on('message', () => {
			if (begun === 0) begun = performance.now();
			if (left-- > 0) return worker.postMessage(message);
			void worker.terminate();
			resolve([((performance.now() - begun) * 1000) / rounds]);
		});
	});

await question(
	'Round trip of a small object',
	{ unit: 'µs', better: 'lower', ours: 'Pipe, sync', aim: '10 µs sync, 20 µs async, while both sides are busy' },
	{
		'Pipe, sync': roundTrips('sync'),
		'Pipe, async': roundTrips('async'),
		'Python Pipe': pythonPipe,
		'child_process IPC (advanced)': ipc,
		MessagePort: messagePort,
	},
);

function throughput(mebibytes: number, count: number): Contender {
	return async () => {
		const [ours, theirs] = Pipe<unknown>();
		const child = new Process({ target: sink, args: [theirs] }).start();
		theirs.close();
		const array = new Float64Array((mebibytes * 2 ** 20) / 8).fill(1);
		ours.sendSync(array);
		const begun = performance.now();
		for (let i = 0; i < count; i++) ours.sendSync(array);
		ours.sendSync(null);
		ours.recvSync();
		const seconds = (performance.now() - begun) / 1000;
		await child.join();
		ours.close();
		return [(count * mebibytes * 2 ** 20) / 1e9 / seconds];
	};
}

function pythonThroughput(mebibytes: number, count: number): Contender {
	return python(`
import multiprocessing as mp, time, json
ctx = mp.get_context('fork')
a, b = ctx.Pipe()
def sink(c):
    while len(c.recv_bytes()) > 1: pass
    c.send_bytes(b'done')
p = ctx.Process(target=sink, args=(b,))
p.start()
data = bytearray(${mebibytes} << 20)
begun = time.time()
for i in range(${count}): a.send_bytes(data)
a.send_bytes(b'x')
a.recv_bytes()
print(json.dumps([${count} * (${mebibytes} << 20) / 1e9 / (time.time() - begun)]))
p.join()
`);
}

function copying(mebibytes: number, count: number): Contender {
	return async () => {
		const from = new Uint8Array(mebibytes * 2 ** 20).fill(1);
		const begun = performance.now();
		for (let i = 0; i < count; i++) from.slice();
		return [(count * from.length) / 1e9 / ((performance.now() - begun) / 1000)];
	};
}

for (const [mebibytes, count] of [
	[1, 500],
	[64, 15],
] as const) {
	await question(
		`Typed arrays of ${mebibytes} MiB`,
		{ unit: 'GB/s', better: 'higher', ours: 'Pipe', aim: mebibytes === 1 ? '2 GB/s' : 'the speed of a copy' },
		{
			Pipe: throughput(mebibytes, count),
			'Python Pipe, send_bytes': pythonThroughput(mebibytes, Math.ceil(count / 2)),
			'a copy in memory': copying(mebibytes, count),
		},
	);
}
