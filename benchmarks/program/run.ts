/**
 * Runs a whole program and measures it from outside: the time that passes, and the processor time of all its processes.
 *
 * What a process has used is told to its parent only when that waits for it, and a helper may outlive its parent. So
 * the program runs in a control group of its own (cgroups(7)), whose account has everybody: `cpu.stat` in the second
 * version, `cpuacct.usage` in the first. Where none can be made, there is no processor time, and it is said why.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Cost {
	wallMs: number;
	cpuMs: number | undefined;
}

export async function costOf(command: string, args: readonly string[]): Promise<Cost> {
	const group = makeGroup();
	try {
		const [file, all] =
			group === undefined ? [command, args] : ['/bin/sh', ['-c', `echo $$ > ${group.folder}/cgroup.procs; exec "$@"`, 'sh', command, ...args]];
		const startedAt = performance.now();
		const child = spawn(file, all, { stdio: ['ignore', 'pipe', 'inherit'] });
		child.stdout.resume();
		const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
		const wallMs = performance.now() - startedAt;
		if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}`);
		return { wallMs, cpuMs: group === undefined ? undefined : await usedMs(group) };
	} finally {
		if (group !== undefined) await remove(group.folder);
	}
}

/** When the last of its processes has ended: helpers outlive their program for a moment. */
async function usedMs({ folder, account }: Group): Promise<number> {
	while (readFileSync(join(folder, 'cgroup.procs'), 'utf8') !== '') await new Promise((resolve) => setTimeout(resolve, 2));
	return account(folder);
}

/** The kernel may still be about the last process when it is not listed any more. */
async function remove(folder: string): Promise<void> {
	for (let tries = 0; ; tries++) {
		try {
			return rmdirSync(folder);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries === 500) throw error;
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
	}
}

interface Group {
	readonly folder: string;
	/** Milliseconds. */
	readonly account: (folder: string) => number;
}

interface Version {
	/** Its mount in /proc/mounts, and this process's group in /proc/self/cgroup. */
	readonly mount: RegExp;
	readonly own: RegExp;
	readonly account: Group['account'];
}

const versions: readonly Version[] = [
	{
		mount: /^\S+ (\S+) cgroup2 /m,
		own: /^0::(.*)$/m,
		account: (folder) => Number(/^usage_usec (\d+)/m.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))![1]) / 1000,
	},
	{
		mount: /^\S+ (\S+) cgroup \S*\bcpuacct\b/m,
		own: /^\d+:(?:[^:]*,)?cpuacct(?:,[^:]*)?:(.*)$/m,
		account: (folder) => Number(readFileSync(join(folder, 'cpuacct.usage'), 'utf8')) / 1e6,
	},
];

let groups = 0;
let isToldWhy = false;
function makeGroup(): Group | undefined {
	const problems: string[] = [];
	for (const { mount, own, account } of versions) {
		const root = mount.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
		const path = own.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
		if (root === undefined || path === undefined) continue;
		const folder = join(root, path, `nprocs-benchmark-${process.pid}-${groups++}`);
		try {
			mkdirSync(folder);
			account(folder);
			return { folder, account };
		} catch (error) {
			problems.push(String(error));
			if (existsSync(folder)) rmdirSync(folder);
		}
	}
	if (!isToldWhy) console.log(`! No processor time: there is no control group to count it in (${problems.join('; ') || 'none is mounted'}).`);
	isToldWhy = true;
	return undefined;
}
