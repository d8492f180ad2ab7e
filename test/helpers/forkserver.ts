/** The forkserver of this process and what it has forked, as the kernel knows them. */
import { readdirSync, readFileSync } from 'node:fs';

/** The children that it forks have the same command line, but another parent. */
export function findForkserver(): number | undefined {
	return childrenOf(process.pid).find((pid) => {
		try {
			return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('forkserver.js');
		} catch {
			return false; // it has ended
		}
	});
}

export function forkserverPid(): number {
	const pid = findForkserver();
	if (pid === undefined) throw new Error('There is no forkserver.');
	return pid;
}

/** Without zombies. */
export function childrenOf(parent: number): number[] {
	return readdirSync('/proc').flatMap((name) => {
		if (!/^\d+$/.test(name)) return [];
		try {
			const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
			const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			return Number(ppid) === parent && state !== 'Z' ? [Number(name)] : [];
		} catch {
			return []; // it has ended
		}
	});
}
