/**
 * `nprocs doctor`: says whether the library works on this machine, and if not, what to do.
 *
 * What needs the addon is tried in a process of its own (`--self-test`): a broken addon may crash.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { cpuCount } from '../process/cpu-count.ts';
import type { Call, Command } from './command.ts';
import { examineProgram } from './doctor-program.ts';
import { mpiFindings, probeMpi } from './doctor-mpi.ts';
import type { Finding } from './finding.ts';
import { selfTest } from './self-test.ts';

export const command: Command = {
	usage: '[--json] [program]',
	help: `
Prints what nprocs found on this machine: platform, addon, kernel features, shared memory, limits, companions, MPI.
Exit code 0 when the library works, 1 when it does not.

With a program, it also says which of the program's modules the forkserver can import for all processes, and which it leaves
to them, and why. The modules are imported for that, as by a child process.

  --json        as an array of { what, verdict, detail, advice }
  --self-test   only what needs the addon, in this process (used by doctor itself)
  --mpi ENGINE  only what the library of this MPI says of itself, in this process (used by doctor itself)`,
	options: { json: { type: 'boolean' }, 'self-test': { type: 'boolean' }, mpi: { type: 'string' } },
	run: doctor,
};

async function doctor({ options, positionals: [program] }: Call): Promise<number> {
	const { mpi } = options;
	const findings = typeof mpi === 'string' ? [probeMpi(mpi)] : options['self-test'] === true ? await selfTest() : ofMachine();
	if (program !== undefined) findings.push(...examineProgram(program));
	if (options['json'] === true) console.log(JSON.stringify(findings, undefined, '\t'));
	else for (const finding of findings) console.log(lineOf(finding));
	return findings.some(({ verdict }) => verdict === 'error') ? 1 : 0;
}

function ofMachine(): Finding[] {
	return [...platform(), ...selfTestApart(), ...sharedMemory(), ...limits(), ...companions(), ...mpiFindings()];
}

function lineOf({ what, verdict, detail, advice }: Finding): string {
	const sign = { ok: '✔', warning: '!', error: '✖', info: '·' }[verdict];
	return `${sign} ${what}: ${detail}${advice === undefined ? '' : `\n    ${advice}`}`;
}

function platform(): Finding[] {
	const isSupported = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	const isNewEnough = major > 20 || (major === 20 && minor >= 19);
	return [
		isSupported
			? { what: 'platform', verdict: 'ok', detail: `${process.platform}-${process.arch}, kernel ${release()}` }
			: { what: 'platform', verdict: 'error', detail: `${process.platform}-${process.arch}`, advice: 'nprocs runs on Linux, x64 and arm64.' },
		isNewEnough
			? { what: 'Node.js', verdict: 'ok', detail: `${process.version} (Node-API ${process.versions['napi']})` }
			: { what: 'Node.js', verdict: 'error', detail: process.version, advice: 'nprocs needs Node.js 20.19 or later.' },
	];
}

function selfTestApart(): Finding[] {
	const main = process.argv[1]!;
	const { stdout, stderr, status, signal } = spawnSync(process.execPath, [...process.execArgv, main, 'doctor', '--self-test', '--json'], {
		encoding: 'utf8',
		timeout: 30_000,
	});
	try {
		return JSON.parse(stdout) as Finding[];
	} catch {
		const detail = `the self-test ended with ${signal ?? `exit code ${status}`}. ${stderr.trim()}`;
		return [{ what: 'addon', verdict: 'error', detail, advice: 'Compile it for this machine: `npx nprocs build-native --clean`.' }];
	}
}

function sharedMemory(): Finding[] {
	try {
		const { bsize, blocks, bavail } = statfsSync('/dev/shm');
		const detail = `${inMiB(blocks * bsize)} MiB, ${inMiB(bavail * bsize)} MiB free`;
		if (bavail * bsize >= 32 * 2 ** 20) return [{ what: '/dev/shm', verdict: 'ok', detail }];
		return [
			{
				what: '/dev/shm',
				verdict: 'warning',
				detail,
				advice: 'Little room for shared memory. `npx nprocs gc` removes what dead processes left; for a container, see --shm-size.',
			},
		];
	} catch (error) {
		return [{ what: '/dev/shm', verdict: 'error', detail: (error as Error).message, advice: 'Mount a tmpfs there: mount -t tmpfs shm /dev/shm' }];
	}
}

function limits(): Finding[] {
	const found: Finding[] = [];
	for (const [what, name, least] of [
		['open files', 'Max open files', 1024],
		['processes', 'Max processes', 256],
	] as const) {
		const soft = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(readText('/proc/self/limits'))?.[1];
		if (soft === undefined) continue;
		const isLow = Number(soft) < least;
		found.push({
			what,
			verdict: isLow ? 'warning' : 'ok',
			detail: `limit ${soft}`,
			...(isLow && { advice: `Less than ${least} is little for many processes.` }),
		});
	}
	found.push({ what: 'CPUs', verdict: 'ok', detail: `${cpuCount()} usable by this process, ${cpus().length} in the machine` });
	const pidsMax = readText('/sys/fs/cgroup/pids.max').trim();
	if (/^\d+$/.test(pidsMax)) found.push({ what: 'cgroup pids.max', verdict: Number(pidsMax) < 256 ? 'warning' : 'ok', detail: pidsMax });
	return found;
}

/** What is good to have: their absence is no fault. */
function companions(): Finding[] {
	return [{ what: 'python3', ...version('python3', 'for channels and shared memory between Node and Python') }];
}

function version(command: string, purpose: string): Omit<Finding, 'what'> {
	const { stdout, error } = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 10_000 });
	if (error !== undefined) return { verdict: 'info', detail: `not found (wanted only ${purpose})` };
	return { verdict: 'info', detail: stdout.split('\n', 1)[0]! };
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

function inMiB(bytes: number): number {
	return Math.round(bytes / 2 ** 20);
}
