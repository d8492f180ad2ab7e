/**
 * Pools of two workers beside Python's and those of Node: single calls, many calls at once, a map of tiny items, large
 * arrays, and how two processors scale; then what a pool costs before its first call and while it does nothing. Each
 * contender's pool lives for its turn only.
 */
import { fileURLToPath } from 'node:url';
import { Pool } from 'nprocs';
import { each, milliseconds, nodeProgram, python, question, type Contender } from './harness.js';
import { peers, type Peer } from './pool/peers.js';
import { square } from './pool/tasks.js';

const workers = 2;
const atOnce = 256;
const ready = 8;
const beside = (name: string): string => fileURLToPath(new URL(`./pool/${name}`, import.meta.url));

/** Calls one after another for a while, of as many callers: how many calls were answered per second. */
async function rate(peer: Peer, call: (peer: Peer, i: number) => Promise<unknown>, { callers = 1, ms = 250 } = {}): Promise<number> {
	const startedAt = performance.now();
	let count = 0;
	const caller = async (): Promise<void> => {
		while (performance.now() - startedAt < ms) await call(peer, count++);
	};
	await Promise.all(Array.from({ length: callers }, caller));
	return (count * 1000) / (performance.now() - startedAt);
}

/** A contender for each pool, or for those named: two samples of a warm pool of two. */
function contenders(sample: (peer: Peer) => Promise<number>, names: readonly string[] = Object.keys(peers)): Record<string, Contender> {
	return Object.fromEntries(
		names.map((name) => [
			name,
			async () => {
				const peer = peers[name]!(workers);
				try {
					await sample(peer);
					return await each(2, () => sample(peer))();
				} finally {
					await peer.end();
				}
			},
		]),
	);
}

/** Python's pool of two, forked; `body` is an expression that gives a sample. */
const pythons = (body: string, prepare = ''): Contender =>
	python(`
import json, multiprocessing, time
def square(x): return x * x
def compute(steps):
    state = 1
    for i in range(steps): state = (state * 1664525 + 1013904223) & 0xffffffff
    return state
def seconds(run):
    begun = time.perf_counter(); run(); return time.perf_counter() - begun
context = multiprocessing.get_context('fork')
pool = context.Pool(${workers})
pool.map(square, range(1000))
${prepare}
print(json.dumps([${body} for _ in range(3)]))
pool.terminate()
`);

await question(
	'One call at a time',
	{ unit: 'µs', better: 'lower', ours: 'nprocs', aim: 'a third of the time of piscina' },
	{
		...contenders(async (peer) => 1e6 / (await rate(peer, (peer, i) => peer.call('square', i)))),
		'Python Pool.apply': pythons('1e6 * seconds(lambda: [pool.apply(square, (i,)) for i in range(500)]) / 500'),
	},
);

await question(
	`Small calls, ${atOnce} at once`,
	{ unit: 'calls/s', better: 'higher', ours: 'nprocs', aim: '5 × the best pool of Node, 200,000/s' },
	{
		...contenders((peer) => rate(peer, (peer, i) => peer.call('square', i), { callers: atOnce })),
		'Python Pool.map, chunksize 1': pythons('5000 / seconds(lambda: pool.map(square, range(5000), 1))'),
	},
);

const items = Array.from({ length: 100_000 }, (_, i) => i);
await question(
	'map of 100,000 tiny items',
	{ unit: 'ms', better: 'lower', ours: 'nprocs', aim: "Python's with default chunks" },
	{
		async nprocs() {
			await using pool = new Pool(workers);
			await pool.map(square, items);
			return await each(3, () => milliseconds(() => pool.map(square, items)))();
		},
		'Python Pool.map': pythons('1000 * seconds(lambda: pool.map(square, range(100000)))'),
	},
);

const array = new Float64Array(131_072).fill(0.5);
await question(
	'Echo of a typed array of 1 MiB',
	{ unit: 'calls/s', better: 'higher', ours: 'nprocs', aim: "5 × tinypool's processes" },
	contenders(async (peer) => {
		const back = await peer.call('echo', array);
		if (!(back instanceof Float64Array) || back.length !== array.length) throw new Error('the array did not come back');
		return rate(peer, (peer) => peer.call('echo', array));
	}),
);

const speedUps = ['nprocs', 'piscina (threads)', 'tinypool (processes)'];
const steps = 40_000_000;
/** How many times as fast two workers are as one, with four tasks. */
function speedUp(name: string): Contender {
	return async () => {
		const [one, two] = [peers[name]!(1), peers[name]!(2)];
		const fourTasks = (peer: Peer): Promise<number> => milliseconds(() => Promise.all([1, 2, 3, 4].map(() => peer.call('compute', steps))));
		await Promise.all([fourTasks(one), fourTasks(two)]);
		const samples = await each(2, async () => (await fourTasks(one)) / (await fourTasks(two)))();
		await Promise.all([one.end(), two.end()]);
		return samples;
	};
}
await question(
	'CPU-bound tasks: two workers against one',
	{ unit: '×', better: 'higher', ours: 'nprocs', aim: '1.9 ×, on a machine with two idle cores' },
	{
		...Object.fromEntries(speedUps.map((name) => [name, speedUp(name)])),
		'Python Pool.map, chunksize 1': pythons(
			'seconds(lambda: one.map(compute, [500000] * 4, 1)) / seconds(lambda: pool.map(compute, [500000] * 4, 1))',
			'one = context.Pool(1)',
		),
	},
);

await question(
	`After how long is a pool of ${ready} ready, with a warm forkserver?`,
	{ unit: 'ms', better: 'lower', ours: 'nprocs', aim: 'the time of two processes of Node' },
	{
		async nprocs() {
			await using first = await new Pool(1).ready();
			await first.apply(square, [1]);
			return await each(5, readyMs)();
		},
		'2 processes of Node': nodeProgram(beside('node-ready.js'), '2', '5'),
		'8 processes of Node': nodeProgram(beside('node-ready.js'), String(ready), '2'),
		"Python's fork": pythons(`1000 * seconds(lambda: context.Pool(${ready}).map(square, range(${ready}), 1))`),
	},
);

async function readyMs(): Promise<number> {
	const pool = new Pool(ready);
	const ms = await milliseconds(() => pool.ready());
	await pool.terminate();
	return ms;
}

const idle = (name: string): Contender => nodeProgram(beside('idle.js'), name, String(workers));
await question(
	'What does an idle pool use of a processor?',
	{ unit: '%', better: 'lower', ours: 'nprocs', rounds: 2, aim: '0 %' },
	Object.fromEntries(['nprocs', 'piscina (threads)', 'tinypool (processes)'].map((name) => [name, idle(name)])),
);
