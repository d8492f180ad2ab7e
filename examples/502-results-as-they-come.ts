/**
 * An endless input, results in order as they come, and a worker that is killed: its task runs again, and nothing else
 * is concerned.
 */
import { currentTask, isMain, Pool } from 'nprocs';

export function collatz(n: number): number {
	if (n === 7 && currentTask()?.attempt === 1) process.kill(process.pid, 'SIGKILL');
	let steps = 0;
	for (let at = n; at !== 1; at = at % 2 === 0 ? at / 2 : 3 * at + 1) steps++;
	return steps;
}

function* naturals(): Generator<number> {
	for (let n = 1; ; n++) yield n;
}

if (isMain(import.meta)) {
	const pool = new Pool(2, { retries: 1 });
	let n = 0;
	for await (const steps of pool.imap(collatz, naturals())) {
		console.log(`${++n} needs ${steps} steps`);
		if (n === 10) break;
	}
	await pool.terminate();
}
