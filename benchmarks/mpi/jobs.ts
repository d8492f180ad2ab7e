/**
 * The jobs that the benchmarks of MPI compare: ranks.ts on each engine, and the same in C and in Python with mpi4py.
 * What is not installed is left out (Debian: apt-get install openmpi-bin libopenmpi-dev mpich libmpich-dev
 * python3-mpi4py).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender } from '../harness.js';

const root = join(import.meta.dirname, '../../..');
const program = join(root, 'build/benchmarks/mpi/ranks.js');
const folder = mkdtempSync(join(tmpdir(), 'mpi-bench-'));
let running: ChildProcess | undefined;
process.once('exit', () => {
	running?.kill();
	rmSync(folder, { recursive: true });
});
// So that it comes to that.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts so many ranks of a contender's program. */
type Start = (ranks: number) => [command: string, ...args: string[]];

const isThere = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function engineOf(name: 'openmpi' | 'mpich', ...options: string[]): (command: string, ...args: string[]) => Start | undefined {
	const launcher = `mpiexec.${name}`;
	if (!isThere(launcher, '--version')) return () => undefined;
	return (command, ...args) =>
		(ranks) => [launcher, ...options, '-n', String(ranks), command, ...args];
}

function compiled(name: 'openmpi' | 'mpich'): string | undefined {
	const path = join(folder, name);
	return isThere(`mpicc.${name}`, '-O2', '-o', path, join(root, 'benchmarks/mpi/peer.c')) ? path : undefined;
}

const onOpenMpi = engineOf('openmpi', '--oversubscribe');
const onMpich = engineOf('mpich');
const [cOnOpenMpi, cOnMpich] = [compiled('openmpi'), compiled('mpich')];
const hasPython = isThere('/usr/bin/python3', '-c', 'import mpi4py');

/** By name. Ours on the embedded engine without npx, whose start is npm's. */
const starts = {
	embedded: (ranks) => [process.execPath, join(root, 'dist/cli/main.js'), 'mpiexec', '-n', String(ranks), program],
	'Open MPI': onOpenMpi(process.execPath, program),
	'Open MPI, C': cOnOpenMpi === undefined ? undefined : onOpenMpi(cOnOpenMpi),
	'Open MPI, mpi4py': hasPython ? onOpenMpi('/usr/bin/python3', join(root, 'benchmarks/mpi/peer.py')) : undefined,
	MPICH: onMpich(process.execPath, program),
	'MPICH, C': cOnMpich === undefined ? undefined : onMpich(cOnMpich),
} as const satisfies Record<string, Start | undefined>;

export type JobName = keyof typeof starts;

/** One that takes longer is stuck. */
const longestMs = 100_000;

/**
 * Runs a job to its end; its output, and how long it took. Undefined where it cannot run. A job that fails is told of,
 * and is missing in the figures: the others are worth having.
 */
export function runJob(name: JobName, ranks: number, ...args: string[]): Promise<{ output: string; ms: number } | undefined> {
	const start = starts[name];
	if (start === undefined) return Promise.resolve(undefined);
	const [command, ...rest] = start(ranks);
	const startedAt = performance.now();
	return new Promise((resolve, reject) => {
		// NO_COLOR: ranks of Open MPI have a terminal, for which Node prints in colours.
		const env = { ...process.env, NO_COLOR: '1', OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
		const child = spawn(command, [...rest, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
		running = child;
		// The launcher ends its ranks, too.
		const watchdog = setTimeout(() => child.kill(), longestMs);
		let output = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
		child.once('error', reject);
		child.once('close', (code, signal) => {
			clearTimeout(watchdog);
			running = undefined;
			if (code === 0) return resolve({ output, ms: performance.now() - startedAt });
			process.exitCode = 1;
			const seconds = Math.round((performance.now() - startedAt) / 1000);
			console.log(`! ${command} ${[...rest, ...args].join(' ')} ended with ${signal ?? `exit code ${code}`} after ${seconds} s`);
			resolve(undefined);
		});
	});
}

/** How long a job of so many ranks takes, from the command line to its end. */
export function wholeJob(name: JobName, ranks: number, what: string): Contender {
	return async () => {
		const ended = await runJob(name, ranks, what);
		return ended === undefined ? undefined : [ended.ms];
	};
}

/** What each of so many jobs of two ranks has measured. */
export function jobByJob(name: JobName, count: number, ...args: string[]): Contender {
	return async () => {
		const figures: number[] = [];
		for (let i = 0; i < count; i++) {
			const ended = await runJob(name, 2, ...args);
			if (ended !== undefined) figures.push(...(JSON.parse(ended.output) as number[]));
		}
		return figures;
	};
}
