/** How much memory a process has that it shares with nobody. */
import { readFileSync } from 'node:fs';

const pageBytes = 4096;

/**
 * Bytes; 0 when the process has ended. Exact only where it may be more than `limit`: to count pages that are shared
 * with the forkserver takes the kernel a thousand times as long as to say how many there are.
 */
export function privateBytes(pid: number, limit = 0): number {
	try {
		const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ').map(Number);
		const most = (resident - shared) * pageBytes;
		if (most <= limit) return most;
		const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
		let kilobytes = 0;
		for (const [, count] of rollup.matchAll(/^Private_(?:Clean|Dirty): *(\d+) kB$/gm)) kilobytes += Number(count);
		return kilobytes * 1024;
	} catch {
		return 0;
	}
}
