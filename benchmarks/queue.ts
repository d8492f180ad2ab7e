/** How many small objects per second go from process to process? */
import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { Process, Queue } from 'nprocs';
import { consume, produce, type Form } from './channel/programs.js';
import { python, question, type Contender } from './harness.js';

const count = 200_000;

/** From the moment when all processes are up until the last message was taken. */
function ours(producers: number, consumers: number, each: number, form: Form): Contender {
	return async () => {
		const queue = new Queue<unknown>();
		const ready = new Queue<string>();
		const takers = Array.from({ length: consumers }, () => new Process({ target: consume, args: [queue, ready, form] }).start());
		for (let i = 0; i < consumers; i++) await ready.get();
		const begun = performance.now();
		const makers = Array.from({ length: producers }, () => new Process({ target: produce, args: [queue, ready, each, form] }).start());
		for (const maker of makers) await maker.join();
		for (let i = 0; i < consumers; i++) queue.putSync(null);
		for (const taker of takers) await taker.join();
		const seconds = (performance.now() - begun) / 1000;
		queue.close();
		ready.close();
		return [(producers * each) / seconds];
	};
}

function pythons(kind: 'Queue' | 'SimpleQueue', producers: number, consumers: number, each: number): Contender {
	return python(`
import multiprocessing as mp, time, json
ctx = mp.get_context('fork')
def produce(q, n):
    for i in range(n): q.put({'id': i, 'name': 'message'})
def consume(q):
    while q.get() is not None: pass
q = ctx.${kind}()
takers = [ctx.Process(target=consume, args=(q,)) for _ in range(${consumers})]
for p in takers: p.start()
begun = time.time()
makers = [ctx.Process(target=produce, args=(q, ${each})) for _ in range(${producers})]
for p in makers: p.start()
for p in makers: p.join()
for p in takers: q.put(None)
for p in takers: p.join()
print(json.dumps([${producers * each} / (time.time() - begun)]))
`);
}

const ipc: Contender = () =>
	new Promise((resolve) => {
		const child = fork(new URL('./channel/ipc-sink.js', import.meta.url), { serialization: 'advanced' });
		child.once('message', () => {
			const begun = performance.now();
			child.once('message', () => {
				child.kill();
				resolve([(count / 4 / (performance.now() - begun)) * 1000]);
			});
			for (let i = 0; i < count / 4; i++) child.send({ id: i, name: 'message' });
			child.send('end');
		});
	});

const messagePort: Contender = () =>
	new Promise((resolve) => {
		const worker = new Worker(new URL('./channel/worker-sink.js', import.meta.url));
		worker.once('message', () => {
			const begun = performance.now();
			worker.once('message', () => {
				void worker.terminate();
				resolve([(count / (performance.now() - begun)) * 1000]);
			});
			for (let i = 0; i < count; i++) worker.postMessage({ id: i, name: 'message' });
			worker.postMessage('end');
		});
	});

await question(
	'Small objects through a Queue, 1 producer, 1 consumer',
	{ unit: 'messages/s', better: 'higher', ours: 'Queue, sync', aim: '1,000,000/s, 5 x Python' },
	{
		'Queue, sync': ours(1, 1, count * 3, 'sync'),
		'Queue, async': ours(1, 1, count * 3, 'async'),
		'Queue, putMany/getMany': ours(1, 1, count * 3, 'many'),
		'Python Queue': pythons('Queue', 1, 1, count),
		'Python SimpleQueue': pythons('SimpleQueue', 1, 1, count),
		'child_process IPC (advanced)': ipc,
		MessagePort: messagePort,
	},
);

// The mixes of faster-fifo's comparison; with a quarter of its messages if `--quick` is given, and then the start of
// the processes is most of it.
const mixes = [
	[1, 10, 200_000],
	[10, 1, 100_000],
	[3, 20, 100_000],
	[20, 3, 50_000],
	[20, 20, 50_000],
] as const;
for (const [producers, consumers, each] of mixes) {
	const share = process.argv.includes('--quick') ? each / 4 : each;
	await question(
		`${producers} producers, ${consumers} consumers`,
		{ unit: 'messages/s', better: 'higher', ours: 'Queue, sync', aim: '5 x Python' },
		{
			'Queue, sync': ours(producers, consumers, share, 'sync'),
			'Queue, putMany/getMany': ours(producers, consumers, share, 'many'),
			'Python Queue': pythons('Queue', producers, consumers, share),
		},
	);
}
