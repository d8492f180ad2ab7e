/**
 * Runs a program on several ranks, by the launcher of one of the engines. A job that hangs is killed with all that
 * belongs to it: this process waits in its event loop, so its timer fires however the ranks block.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isFull } from './full.js';

export type EngineName = 'embedded' | 'openmpi' | 'mpich';

export interface RunOptions {
	/** @default 'embedded' */
	readonly engine?: EngineName;
	/** Arguments of the program. */
	readonly args?: readonly string[];
	/** Options of the launcher, before the program. */
	readonly launcher?: readonly string[];
	/** Flags of Node, for each rank. */
	readonly nodeFlags?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
	/** Given to the launcher's standard input, which is closed then. @default '' */
	readonly input?: string;
	/** The Node of launcher and ranks. @default this one */
	readonly node?: string;
	/** The watchdog. @default 120_000 */
	readonly timeoutMs?: number;
}

export interface JobOutcome {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
	/** Lines of `stdout`, sorted: ranks write in no particular order. */
	readonly lines: readonly string[];
}

const root = join(import.meta.dirname, '../../..');
export const launcherMain: string = join(root, 'dist/cli/main.js');

/**
 * `program`: an absolute path, or the name of one of test/mpi/programs, without its ending. Throws when the watchdog
 * had to end the job.
 */
export async function runRanks(n: number, program: string, options: RunOptions = {}): Promise<JobOutcome> {
	const {
		engine = 'embedded',
		args = [],
		launcher = [],
		nodeFlags = [],
		env,
		cwd,
		input = '',
		node = process.execPath,
		timeoutMs = 120_000,
	} = options;
	const path = isAbsolute(program) ? program : join(root, 'build/test/mpi/programs', `${program}.js`);
	const command = [...commandOf(engine, node), ...launcher, '-n', String(n), node, ...nodeFlags, path, ...args];
	return runCommand(command, { env: { ...environmentOf(engine), ...env }, input, timeoutMs, ...(cwd !== undefined && { cwd }) });
}

/** A whole command line of `nprocs mpiexec`, as a user types it. */
export function mpiexec(args: readonly string[], options: Omit<RunOptions, 'engine' | 'args' | 'launcher' | 'nodeFlags'> = {}): Promise<JobOutcome> {
	const { env = {}, cwd, input = '', node = process.execPath, timeoutMs = 120_000 } = options;
	return runCommand([...commandOf('embedded', node), ...args], { env, input, timeoutMs, ...(cwd !== undefined && { cwd }) });
}

/** Why tests on this engine are skipped here; false when they can run. For `skip` of node:test. */
export function missing(engine: EngineName): string | false {
	if (engine === 'embedded') return false;
	const { error, status } = spawnSync(`mpiexec.${engine}`, ['--version'], { stdio: 'ignore' });
	return error === undefined && status === 0 ? false : `mpiexec.${engine} is not installed (Debian: apt-get install ${packageOf[engine]})`;
}

const packageOf = { openmpi: 'openmpi-bin libopenmpi3', mpich: 'mpich libmpich12' } as const;

/**
 * `npm run test:mpi` tries what `npm test` does not: other numbers of ranks, other engines. Both try more under `npm
 * run test:full`.
 */
const isThorough = process.env['NPROCS_TEST_MPI'] === '1';

/**
 * `npm run test:mpi-versions` tries libraries that a launcher alone would not choose: what NPROCS_MPI says in ranks of
 * each real engine, as JSON. Only these engines are tried then.
 */
const otherLibraries =
	(JSON.parse(process.env['NPROCS_TEST_MPI_LIBRARIES'] ?? 'null') as Partial<Record<EngineName, string>> | undefined) ?? undefined;

/** On how many ranks programs are tried. */
export function rankCounts(engine: EngineName): readonly number[] {
	if (engine !== 'embedded') return isFull ? [1, 2, 3, 5] : [1, 3, 5];
	if (isFull) return [1, 2, 3, 5, 8];
	return isThorough ? [2, 8] : [1, 3, 5];
}

/** On which engines. */
export const engines: readonly EngineName[] = (['embedded', 'openmpi', 'mpich'] as const).filter((name) =>
	name === 'embedded' ? otherLibraries === undefined : isThorough && missing(name) === false,
);

function commandOf(engine: EngineName, node: string): string[] {
	if (engine === 'embedded') return [node, launcherMain, 'mpiexec'];
	return engine === 'openmpi' ? ['mpiexec.openmpi', '--allow-run-as-root', '--oversubscribe', '--bind-to', 'none'] : ['mpiexec.mpich'];
}

/** What ranks need, and those who start them. Open MPI gives them a terminal, for which Node prints in colours. */
export function environmentOf(engine: EngineName): Record<string, string> {
	if (engine === 'embedded') return {};
	const library = otherLibraries?.[engine];
	const chosen: Record<string, string> = library === undefined ? {} : { NPROCS_MPI: library };
	if (engine === 'mpich') return chosen;
	const asRoot = Object.fromEntries(
		['OMPI', 'PRTE'].flatMap((name) => [`${name}_ALLOW_RUN_AS_ROOT`, `${name}_ALLOW_RUN_AS_ROOT_CONFIRM`].map((key) => [key, '1'])),
	);
	return { ...chosen, ...asRoot, NO_COLOR: '1', FORCE_COLOR: '0' };
}

export interface CommandOptions {
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
	readonly input?: string;
	readonly timeoutMs?: number;
}

/** Any command line, under the watchdog. */
export async function runCommand(
	[file = '', ...args]: readonly string[],
	{ env = {}, cwd, input = '', timeoutMs = 120_000 }: CommandOptions = {},
): Promise<JobOutcome> {
	const child = spawn(file, args, { stdio: 'pipe', detached: true, env: { ...process.env, ...env }, ...(cwd !== undefined && { cwd }) });
	child.stdin.on('error', () => {}); // a job that does not read it may have ended
	child.stdin.end(input);
	let hasHung = false;
	const watchdog = setTimeout(() => {
		hasHung = true;
		process.kill(-child.pid!, 'SIGKILL');
	}, timeoutMs);
	const [stdout, stderr, [code, signal]] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
	]);
	clearTimeout(watchdog);
	if (hasHung)
		throw new Error(`The job had not ended after ${timeoutMs} ms: ${[file, ...args].join(' ')}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`);
	return {
		code,
		signal,
		stdout,
		stderr,
		lines: stdout
			.split('\n')
			.filter((line) => line !== '')
			.sort(),
	};
}
