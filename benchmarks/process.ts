/** What it takes to start processes, against Node's own ways and Python's. The measurements are in start/. */
import { join } from 'node:path';
import { nodeProgram, python, question, type Contender } from './harness.ts';

const root = join(import.meta.dirname, '../..');
const here = join(root, 'build/benchmarks/start');

/** All contenders for a question; the slow ones may have fewer samples. */
function contenders(what: string, times: number, { slow = times, threads = true } = {}): Record<string, Contender> {
	const node = (way: string): Contender => nodeProgram(join(here, 'node-peers.js'), way, what, String(slow));
	return {
		forkserver: ours('forkserver', what, times),
		fork: nodeProgram(join(root, 'dist/cli/main.js'), 'run', join(here, 'ours.js'), 'fork', what, String(times)),
		spawn: ours('spawn', what, slow),
		'child_process.fork': node('child_process'),
		...(threads && { worker_threads: node('worker_threads') }),
		...pythons(what, times, slow),
	};
}

function ours(method: string, what: string, times: number): Contender {
	return nodeProgram(join(here, 'ours.js'), method, what, String(times));
}

function pythons(what: string, times: number, slow: number): Record<string, Contender> {
	const program = 'import sys; sys.path.insert(0, sys.argv[1]); import python_peer; python_peer.main(*sys.argv[2:])';
	const peer = (method: string, times: number): Contender => python(program, join(root, 'benchmarks/start'), method, what, String(times));
	return { "Python's fork": peer('fork', times), "Python's forkserver": peer('forkserver', times), "Python's spawn": peer('spawn', slow) };
}

const inMs = { unit: 'ms', better: 'lower', ours: 'forkserver' } as const;

await question('After how long does start() return?', { ...inMs, aim: 'at most 2 ms' }, contenders('returns', 60, { slow: 10 }));

await question("After how long does the target's first line run?", { ...inMs, aim: 'at most 4 ms' }, contenders('firstLine', 60, { slow: 10 }));

await question(
	'How long do start and join of a target take that does nothing?',
	{ ...inMs, aim: "less than Python's fork" },
	{ 'forkserver, joinSync': ours('forkserver', 'joinSync', 60), ...contenders('join', 60, { slow: 10 }) },
);

await question(
	'How long do they take in a process that was started itself?',
	{ ...inMs, aim: 'as from the main process' },
	{
		forkserver: ours('forkserver', 'nested', 60),
		'forkserver, from the main process': ours('forkserver', 'join', 60),
		...pythons('nested', 60, 10),
	},
);

await question(
	'200 processes at once: after how long do all of them run?',
	{ ...inMs, rounds: 2, aim: 'less than 1500 ms' },
	contenders('crowd', 200, { threads: false }),
);

await question(
	'How much memory has an idle process for itself?',
	{ unit: 'MiB', better: 'lower', ours: 'forkserver', rounds: 1, aim: 'at most 3 MiB under forkserver' },
	contenders('memory', 20),
);
