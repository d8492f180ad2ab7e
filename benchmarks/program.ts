/** Whole programs, cold, as users run them: from the command to its end, with processes that print a line each. */
import { join } from 'node:path';
import { each, nodeProgram, question, type Contender } from './harness.ts';
import { costOf, type Cost } from './program/run.ts';

const root = join(import.meta.dirname, '../..');
const here = join(root, 'build/benchmarks/program');

const programs: Record<string, readonly [command: string, ...args: string[]]> = {
	forkserver: [process.execPath, join(here, 'ours.js'), 'forkserver'],
	spawn: [process.execPath, join(here, 'ours.js'), 'spawn'],
	'child_process.fork': [process.execPath, join(here, 'node-peers.js'), 'child_process'],
	worker_threads: [process.execPath, join(here, 'node-peers.js'), 'worker_threads'],
	"Python's fork": ['python3', join(root, 'benchmarks/program/python_peer.py'), 'fork'],
	"Python's forkserver": ['python3', join(root, 'benchmarks/program/python_peer.py'), 'forkserver'],
};

/** Both figures of a run are wanted, and a question has one: the runs of the first are kept for the second. */
const kept = new Map<string, Cost[]>();

async function run(name: string, count: number, how: string): Promise<Cost> {
	const [command, ...args] = programs[name]!;
	const cost = await costOf(command, [...args, String(count), how]);
	const key = [name, count, how].join();
	kept.set(key, [...(kept.get(key) ?? []), cost]);
	return cost;
}

for (const [count, how, times] of [
	[1, 'one-by-one', 7],
	[5, 'one-by-one', 7],
	[50, 'one-by-one', 2],
	[8, 'at-once', 5],
] as const) {
	const title = `A program of ${count} process${count === 1 ? '' : 'es'}${count === 1 ? '' : how === 'at-once' ? ' at once' : ', one after the other'}`;
	const aim = count === 5 ? "at most child_process.fork's, and 1.5 times Python's fork" : undefined;
	const contenders = (sample: (name: string) => Contender): Record<string, Contender> =>
		Object.fromEntries(Object.keys(programs).map((name) => [name, sample(name)]));
	await question(
		`${title}: how long does it take?`,
		{ unit: 'ms', better: 'lower', ours: 'forkserver', ...(aim !== undefined && { aim }) },
		contenders((name) => each(times, async () => (await run(name, count, how)).wallMs)),
	);
	const cpuOf = (name: string): number[] => (kept.get([name, count, how].join()) ?? []).flatMap(({ cpuMs }) => cpuMs ?? []);
	if (cpuOf('forkserver').length === 0) continue;
	await question(
		`${title}: how much processor time do all of its processes take?`,
		{ unit: 'ms', better: 'lower', ours: 'forkserver', rounds: 1 },
		contenders((name) => () => Promise.resolve(cpuOf(name))),
	);
}

for (const [i, what] of [
	'has the forkserver had after five starts',
	"has a child had before its target's first line",
	'does the first console.log cost',
	'has a child that prints had at its end',
].entries()) {
	await question(
		`How many page faults ${what}?`,
		{ unit: 'faults', better: 'lower', ours: 'forkserver', rounds: 1 },
		{ forkserver: async () => [((await nodeProgram(join(here, 'faults.js'))()) ?? [])[i]!] },
	);
}
