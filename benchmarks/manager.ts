/** What does a call of a managed object cost, and how many clients can a server have? */
import { Manager, Process, type DictProxy, type SyncManager } from 'nprocs';
import { python, question, type Contender } from './harness.js';
import { setMany, type Form } from './manager/programs.js';

const calls = 20_000;

/** Calls per second of one client, this process. */
function ours(run: (dict: DictProxy<number, number>) => unknown, address?: { host: string; port: number }): Contender {
	return async () => {
		const manager = await Manager({ address });
		const dict = await manager.dict<number, number>();
		await dict.set(0, 0);
		await run(dict);
		const begun = performance.now();
		await run(dict);
		const seconds = (performance.now() - begun) / 1000;
		await manager.shutdown();
		return [calls / seconds];
	};
}

/**
 * Calls per second of several clients together, each a process, from when all are connected until the last has ended.
 */
function together(clients: number, form: Form): Contender {
	return async () => {
		const manager: SyncManager = await Manager();
		const [dict, start] = [await manager.dict<number, number>(), await manager.Barrier(clients + 1)];
		const each = Math.floor(calls / clients);
		const processes = Array.from({ length: clients }, (_, i) =>
			new Process({ target: setMany, args: [dict, start, { from: i * each, count: each, form }] }).start(),
		);
		await start.wait();
		const begun = performance.now();
		for (const one of processes) await one.join();
		const seconds = (performance.now() - begun) / 1000;
		const size = await dict.size();
		await manager.shutdown();
		if (size !== each * clients) throw new Error(`${each * clients - size} entries were lost`);
		return [(each * clients) / seconds];
	};
}

function pythons(body: string, clients = 1): Contender {
	return python(`
import multiprocessing as mp, time, json
def work(d, start, base, n):
    d[base] = 0
    start.wait()
    for i in range(base, base + n): ${body}
if __name__ == '__main__':
    ctx = mp.get_context('fork')
    with ctx.Manager() as m:
        d = m.dict({i: i for i in range(4000)})
        if ${clients} == 1:
            d[0] = 0
            begun = time.time()
            for i in range(4000): ${body}
            print(json.dumps([4000 / (time.time() - begun)]))
        else:
            start = ctx.Barrier(${clients} + 1)
            n = 4000 // ${clients}
            workers = [ctx.Process(target=work, args=(d, start, k * n, n)) for k in range(${clients})]
            for w in workers: w.start()
            start.wait()
            begun = time.time()
            for w in workers: w.join()
            print(json.dumps([n * ${clients} / (time.time() - begun)]))
`);
}

const each = <T>(call: (i: number) => T): T[] => Array.from({ length: calls }, (_, i) => call(i));
const tcp = { host: '127.0.0.1', port: 0 };

await question(
	'dict.set from one client',
	{ unit: 'calls/s', better: 'higher', ours: 'sync', aim: 'sync 10 x, pipelined 30 x Python' },
	{
		sync: ours((dict) => void each((i) => dict.setSync(i, i))),
		pipelined: ours((dict) => Promise.all(each((i) => dict.set(i, i)))),
		'awaited one by one': ours(async (dict) => {
			for (let i = 0; i < calls; i++) await dict.set(i, i);
		}),
		'pipelined, TCP': ours((dict) => Promise.all(each((i) => dict.set(i, i))), tcp),
		'sync, TCP': ours((dict) => void each((i) => dict.setSync(i, i)), tcp),
		Python: pythons('d[i] = i'),
	},
);

await question(
	'dict.get from one client',
	{ unit: 'calls/s', better: 'higher', ours: 'sync', aim: 'sync 10 x, pipelined 30 x Python' },
	{
		sync: ours((dict) => void each((i) => dict.getSync(i))),
		pipelined: ours((dict) => Promise.all(each((i) => dict.get(i)))),
		Python: pythons('d[i]'),
	},
);

await question(
	'dict.set from 8 clients at once',
	{ unit: 'calls/s', better: 'higher', ours: '8 clients, sync', aim: 'nothing is lost, and 8 are at least as fast as 1' },
	{
		'8 clients, sync': together(8, 'sync'),
		'8 clients, pipelined': together(8, 'pipelined'),
		'1 client, sync': together(1, 'sync'),
		'1 client, pipelined': together(1, 'pipelined'),
		'Python, 8 clients': pythons('d[i] = i', 8),
	},
);
