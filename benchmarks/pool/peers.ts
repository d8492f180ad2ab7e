/**
 * The pools that are compared, each behind the same two methods. Where a pool sends JSON by default, it is asked for
 * structured clones.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker as JestWorker } from 'jest-worker';
import { Pool } from 'nprocs';
import { Piscina } from 'piscina';
import { FixedClusterPool, FixedThreadPool } from 'poolifier';
import { Tinypool } from 'tinypool';
import workerpool from 'workerpool';
import { compute, echo, square, type TaskName } from './tasks.js';

export interface Peer {
	call(name: TaskName, value: unknown): Promise<unknown>;
	end(): unknown;
}

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const serialization = 'advanced' as const;
const tasks = { square, echo, compute } as Record<TaskName, (value: unknown) => unknown>;

/** By name: what makes a pool of that many workers. */
export const peers: Readonly<Record<string, (size: number) => Peer>> = {
	nprocs(size) {
		const pool = new Pool(size);
		return { call: (name, value) => pool.apply(tasks[name], [value]), end: () => pool.terminate() };
	},
	'piscina (threads)'(size) {
		const pool = new Piscina({ filename: beside('tasks.js'), minThreads: size, maxThreads: size });
		return { call: (name, value) => pool.run(value, { name }), end: () => pool.destroy() };
	},
	'tinypool (threads)': (size) => ofTinypool('worker_threads', size),
	'tinypool (processes)': (size) => ofTinypool('child_process', size),
	'workerpool (threads)': (size) => ofWorkerpool('thread', size),
	'workerpool (processes)': (size) => ofWorkerpool('process', size),
	'jest-worker (threads)': (size) => ofJestWorker('threads', size),
	'jest-worker (processes)': (size) => ofJestWorker('processes', size),
	'poolifier (threads)': (size) => ofPoolifier(new FixedThreadPool(size, beside('poolifier-thread.js'))),
	'poolifier (processes)'(size) {
		const settings = { serialization, execArgv: ['--no-warnings'] };
		return ofPoolifier(new FixedClusterPool(size, beside('poolifier-process.cjs'), { settings }));
	},
};

function ofTinypool(runtime: 'worker_threads' | 'child_process', size: number): Peer {
	const pool = new Tinypool({ filename: beside('tasks.js'), runtime, serialization, minThreads: size, maxThreads: size });
	return { call: (name, value) => pool.run(value, { name }) as Promise<unknown>, end: () => pool.destroy() };
}

function ofWorkerpool(workerType: 'thread' | 'process', size: number): Peer {
	const options = { workerType, minWorkers: size, maxWorkers: size, forkOpts: { serialization } };
	const pool = workerpool.pool(beside('workerpool-worker.js'), options);
	return { call: async (name, value) => (await pool.exec(name, [value])) as unknown, end: () => pool.terminate() };
}

function ofJestWorker(workers: 'threads' | 'processes', numWorkers: number): Peer {
	const options = { numWorkers, enableWorkerThreads: workers === 'threads', exposedMethods: ['square', 'echo', 'compute'] };
	const pool = new JestWorker(beside('tasks.js'), options) as JestWorker & Record<TaskName, (value: unknown) => Promise<unknown>>;
	return { call: (name, value) => pool[name](value), end: () => pool.end() };
}

/** Its `destroy()` may never settle after many calls at once; then its workers have ended all the same. */
function ofPoolifier(pool: FixedThreadPool | FixedClusterPool): Peer {
	return { call: (name, value) => pool.execute(value, name), end: () => Promise.race([pool.destroy(), sleep(1500)]) };
}
