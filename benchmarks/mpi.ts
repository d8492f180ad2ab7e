/**
 * MPI beside Open MPI: in C, and in Python with mpi4py, on the same two ranks. What is not installed is left out
 * (Debian: apt-get install openmpi-bin libopenmpi-dev python3-mpi4py).
 *
 * A sample is the best of many batches, each of which is over in less than a time slice: ranks of all contenders spin,
 * so what else a machine does stops them for milliseconds.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { question, type Contender } from './harness.js';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'mpi-bench-'));
const cPeer = join(folder, 'peer');
const pythonPeer = join(root, 'benchmarks/mpi/peer.py');
const isThere = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const hasOpenMpi = isThere('mpiexec.openmpi', '--version');
const hasC = hasOpenMpi && isThere('mpicc.openmpi', '-O2', '-o', cPeer, join(root, 'benchmarks/mpi/peer.c'));
const hasPython = hasOpenMpi && isThere('/usr/bin/python3', '-c', 'import mpi4py');
for (const [name, isFound] of Object.entries({ 'Open MPI': hasOpenMpi, 'mpicc.openmpi': hasC, mpi4py: hasPython })) {
	if (!isFound) console.log(`${name} was not found: its contenders are left out.`);
}

/** Runs a job to its end; its output, and how long it took. */
function job(command: string, args: readonly string[]): Promise<{ output: string; ms: number }> {
	const startedAt = performance.now();
	return new Promise((resolve, reject) => {
		const env = { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
		let output = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
		child.once('error', reject);
		child.once('close', (code, signal) => {
			if (code === 0) resolve({ output, ms: performance.now() - startedAt });
			else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}`));
		});
	});
}

/** By name: how it starts so many ranks of its program. Ours without npx, whose start is npm's. */
const launchers: Record<string, ((ranks: number) => [command: string, ...args: string[]]) | undefined> = {
	nprocs: (ranks) => [
		process.execPath,
		join(root, 'dist/cli/main.js'),
		'mpiexec',
		'-n',
		String(ranks),
		join(root, 'build/benchmarks/mpi/ranks.js'),
	],
	'Open MPI, C': hasC ? (ranks) => ['mpiexec.openmpi', '--oversubscribe', '-n', String(ranks), cPeer] : undefined,
	'Open MPI, mpi4py': hasPython
		? (ranks) => ['mpiexec.openmpi', '--oversubscribe', '-n', String(ranks), '/usr/bin/python3', pythonPeer]
		: undefined,
};

function contenders(names: readonly string[], sample: (start: [string, ...string[]]) => Promise<number>, ranks = 2): Record<string, Contender> {
	return Object.fromEntries(
		names.map((name) => [
			name,
			async () => {
				const launcher = launchers[name];
				return launcher === undefined ? undefined : [await sample(launcher(ranks))];
			},
		]),
	);
}

const all = Object.keys(launchers);

function measured(...args: string[]): (start: [string, ...string[]]) => Promise<number> {
	return async ([command, ...rest]) => {
		const { output } = await job(command, [...rest, ...args]);
		return (JSON.parse(output.trim()) as number[])[0]!;
	};
}

for (const [bytes, aim] of [
	[1, '0.7 × the time of mpi4py'],
	[64, '0.7 × the time of mpi4py'],
	[1024, '0.8 × the time of mpi4py'],
	[16_384, undefined],
] as const) {
	const options = { unit: 'µs', better: 'lower', ours: 'nprocs', rounds: 2, ...(aim !== undefined && { aim }) } as const;
	await question(`One way of ${bytes} bytes`, options, contenders(all, measured('latency', String(bytes))));
}

for (const bytes of [16_384, 65_536, 262_144, 1_048_576]) {
	await question(
		`Bandwidth: messages of ${bytes} bytes, up to 64 under way`,
		{ unit: 'MB/s', better: 'higher', ours: 'nprocs', rounds: 2, aim: 'that of Open MPI in C' },
		contenders(all, measured('bandwidth', String(bytes))),
	);
}

await question(
	'One way of an object { a, b }',
	{ unit: 'µs', better: 'lower', ours: 'nprocs', rounds: 2 },
	contenders(['nprocs', 'Open MPI, mpi4py'], measured('objects')),
);

await question(
	'5 ranks say hello, from the command line to the end',
	{ unit: 'ms', better: 'lower', ours: 'nprocs', aim: 'the time of mpi4py' },
	contenders(['nprocs', 'Open MPI, mpi4py'], async ([command, ...args]) => (await job(command, [...args, 'hello'])).ms, 5),
);

await question(
	'64 ranks start, pass a barrier and end',
	{ unit: 'ms', better: 'lower', ours: 'nprocs', rounds: 1 },
	contenders(['nprocs', 'Open MPI, C'], async ([command, ...args]) => (await job(command, [...args, 'barrier'])).ms, 64),
);

rmSync(folder, { recursive: true });
