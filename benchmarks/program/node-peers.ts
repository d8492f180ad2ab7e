/**
 * The program of ours.ts with Node's own ways: `node node-peers.js child_process|worker_threads COUNT
 * one-by-one|at-once`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, workerData } from 'node:worker_threads';

const self = fileURLToPath(import.meta.url);

if (!isMainThread) print(workerData as number);
else if (process.argv[2] === '--print') print(Number(process.argv[3]));
else {
	const [way, count, how] = process.argv.slice(2) as [string, string, string];
	const start = (i: number): Promise<unknown> =>
		once(way === 'child_process' ? fork(self, ['--print', String(i)]) : new Worker(self, { workerData: i }), 'exit');
	const numbers = Array.from({ length: Number(count) }, (_, i) => i);
	if (how === 'at-once') await Promise.all(numbers.map(start));
	else for (const i of numbers) await start(i);
}

function print(i: number): void {
	console.log(`process ${i}`);
	if (isMainThread) process.disconnect();
}
