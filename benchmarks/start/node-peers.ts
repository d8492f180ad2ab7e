/** `node node-peers.js child_process|worker_threads QUESTION TIMES`; with `--task TASK FILE` it is what they start. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task, Way } from './measure.ts';

const self = fileURLToPath(import.meta.url);

if (!isMainThread) await work(...(workerData as [Task, string]));
else if (process.argv[2] === '--task') await work(...(process.argv.slice(3) as [Task, string]));
else {
	const { measure } = await import('./measure.ts');
	const [way, question, times] = process.argv.slice(2) as [string, string, string];
	await measure(way === 'child_process' ? byChildProcess : byWorker, question, Number(times));
}

function byChildProcess(...[task, file]: Parameters<Way>): ReturnType<Way> {
	const child = fork(self, ['--task', task, file]);
	const exited = once(child, 'exit');
	return { pid: child.pid, ended: () => exited, kill: () => child.kill('SIGKILL') };
}

function byWorker(...[task, file]: Parameters<Way>): ReturnType<Way> {
	const worker = new Worker(self, { workerData: [task, file] });
	const exited = once(worker, 'exit');
	return { pid: undefined, ended: () => exited, kill: () => worker.terminate() };
}

/** The tasks of targets.ts, without importing our library. */
async function work(task: Task, file: string): Promise<void> {
	if (task === 'nothing') return process.disconnect?.();
	const now = process.hrtime.bigint();
	appendFileSync(file, `${now}\n`);
	if (task === 'noteTimeAndStay') await sleep(600_000);
	process.disconnect?.();
}
