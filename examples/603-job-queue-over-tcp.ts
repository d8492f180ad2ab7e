/**
 * A queue of jobs between programs that have not started each other, over TCP: they could run on several machines. One
 * has the queues, any number of workers connect to it with its address and the key.
 *
 * Both are in this file, and the first starts the second as a program of its own: `worker HOST PORT`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMain, JoinableQueue, Queue, SyncManager } from 'nprocs';

const authkey = process.env['JOB_KEY'] ?? 'a secret that both have from elsewhere';

let jobs: JoinableQueue<number | null> | undefined;
let results: Queue<string> | undefined;

/** In the manager's server: the same queues for everybody. */
export function getJobs(): JoinableQueue<number | null> {
	return (jobs ??= new JoinableQueue());
}

export function getResults(): Queue<string> {
	return (results ??= new Queue());
}

class JobManager extends SyncManager.with({ getJobs, getResults }) {}

async function work(host: string, port: number): Promise<void> {
	const manager = await new JobManager({ address: { host, port }, authkey }).connect();
	const jobs = await manager.getJobs();
	const results = await manager.getResults();
	for (let job = await jobs.get(); job !== null; job = await jobs.get()) {
		await results.put(`${job}! = ${factorial(BigInt(job))}`);
		await jobs.taskDone();
	}
	await jobs.taskDone();
}

function factorial(n: bigint): bigint {
	return n < 2n ? 1n : n * factorial(n - 1n);
}

async function main(): Promise<void> {
	await using manager = await new JobManager({ address: { host: '127.0.0.1', port: 0 }, authkey }).start();
	const { host, port } = manager.address as { host: string; port: number };
	const jobs = await manager.getJobs();
	await jobs.putMany([3, 5, 10, 20, null]);

	const self = fileURLToPath(import.meta.url);
	const worker = spawn(process.execPath, [...process.execArgv, self, 'worker', host, String(port)], { stdio: 'inherit' });
	const workerEnds = once(worker, 'exit');
	await jobs.join();
	for (const result of await (await manager.getResults()).getMany()) console.log(result);
	await workerEnds;
}

if (isMain(import.meta)) {
	const [role, host, port] = process.argv.slice(2);
	if (role === 'worker') await work(host!, Number(port));
	else await main();
}
