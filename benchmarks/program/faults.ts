/**
 * Page faults of a process of ours: `node faults.js` prints `[boot, before the target, of the first console.log, at the
 * end]` as JSON. The first is the forkserver's, the others are a forked child's, each from its beginning. The kernel
 * counts pages that a child has got ready at once (forkserver/pages.ts) as if it had faulted for each.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { Process, Queue, isMain } from 'nprocs';

export function report(queue: Queue<number[]>): void {
	const before = ownFaults();
	console.log('a line');
	const printed = ownFaults();
	process.on('exit', () => queue.putSync([before, printed - before, ownFaults()]));
}

if (isMain(import.meta)) {
	const queue = new Queue<number[]>();
	const samples: number[][] = [];
	for (let i = 0; i < 5; i++) {
		const p = new Process({ target: report, args: [queue] }).start();
		samples.push(await queue.get());
		await p.join();
	}
	const child = samples.sort((a, b) => a[2]! - b[2]!)[2]!;
	console.log(JSON.stringify([forkserverFaults(), ...child]));
}

function ownFaults(): number {
	return process.resourceUsage().minorPageFault;
}

/**
 * Of the one process that this one has, when it had served five starts. proc(5): the fourth field of its status is the
 * parent, the tenth `minflt`.
 */
function forkserverFaults(): number {
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		const fields = statusOf(pid);
		if (Number(fields[1]) === process.pid) return Number(fields[7]);
	}
	return NaN;
}

/** From the third field on: the second may contain spaces. */
function statusOf(pid: string): string[] {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	} catch {
		return []; // it has ended
	}
}
