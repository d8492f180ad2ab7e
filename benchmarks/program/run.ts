/**
 * Runs a whole program and measures it from outside: the time that passes, and the processor time of all its processes.
 *
 * What a process has used is told to its parent only if that waits for it, and a forkserver lets the kernel reap its
 * children. So the program runs in a control group of its own, whose account (`cpu.stat`, cgroups(7)) has everybody.
 * Where none can be made, there is no processor time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Cost {
	wallMs: number;
	cpuMs: number | undefined;
}

export async function costOf(command: string, args: readonly string[]): Promise<Cost> {
	const group = makeGroup();
	try {
		const [file, all] =
			group === undefined ? [command, args] : ['/bin/sh', ['-c', `echo $$ > ${group}/cgroup.procs; exec "$@"`, 'sh', command, ...args]];
		const startedAt = performance.now();
		const child = spawn(file, all, { stdio: ['ignore', 'pipe', 'inherit'] });
		child.stdout.resume();
		const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
		const wallMs = performance.now() - startedAt;
		if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}`);
		return { wallMs, cpuMs: group === undefined ? undefined : await usedMs(group) };
	} finally {
		if (group !== undefined) rmdirSync(group);
	}
}

/** When the last of its processes has ended: helpers outlive their program for a moment. */
async function usedMs(group: string): Promise<number> {
	while (/^populated 1/m.test(readFileSync(join(group, 'cgroup.events'), 'utf8'))) await new Promise((resolve) => setTimeout(resolve, 2));
	return Number(/^usage_usec (\d+)/m.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))![1]) / 1000;
}

let groups = 0;
function makeGroup(): string | undefined {
	const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
	const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
	if (mount === undefined || own === undefined) return undefined;
	const group = join(mount, own, `nprocs-benchmark-${process.pid}-${groups++}`);
	try {
		mkdirSync(group);
		return group;
	} catch {
		return undefined;
	}
}
