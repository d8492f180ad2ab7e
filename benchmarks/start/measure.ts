/**
 * The measurements of starts, the same for all contenders that run on Node: `measure(way, question, times)` prints the
 * samples as JSON. What they have in common with python_peer.py: a child tells something by appending a line to a file.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Task = 'nothing' | 'noteTime' | 'noteTimeAndStay';

export interface Started {
	/** Undefined for a thread. */
	readonly pid: number | undefined;
	readonly ended: () => Promise<unknown>;
	readonly kill: () => unknown;
}

/** Starts a process that runs a task of targets.ts. */
export type Way = (task: Task, file: string) => Started;

export async function measure(start: Way, question: string, times: number): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'start-'));
	try {
		const fileFor = (i: number): string => join(folder, String(i));
		await start('noteTime', fileFor(-1)).ended(); // everything is loaded
		console.log(JSON.stringify(await measurements[question]!(start, times, fileFor)));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

type Measurement = (start: Way, times: number, fileFor: (i: number) => string) => Promise<number[]>;

const measurements: Record<string, Measurement> = {
	async returns(start, times, fileFor) {
		return repeat(times, async (i) => {
			const startedAt = performance.now();
			const started = start('nothing', fileFor(i));
			const returnedAt = performance.now();
			await started.ended();
			return returnedAt - startedAt;
		});
	},
	async firstLine(start, times, fileFor) {
		return repeat(times, async (i) => {
			const startedAt = process.hrtime.bigint();
			await start('noteTime', fileFor(i)).ended();
			return Number(timesIn(fileFor(i))[0]! - startedAt) / 1e6;
		});
	},
	async join(start, times, fileFor) {
		return repeat(times, async (i) => {
			const startedAt = performance.now();
			await start('nothing', fileFor(i)).ended();
			return performance.now() - startedAt;
		});
	},
	/** `times` processes at once: how long until all of them run. */
	async crowd(start, times, fileFor) {
		const startedAt = process.hrtime.bigint();
		const crowd = await startCrowd(start, times, fileFor(0));
		const last = timesIn(fileFor(0)).reduce((last, time) => (time > last ? time : last));
		await end(crowd);
		return [Number(last - startedAt) / 1e6];
	},
	/** MiB that each of `times` idle processes has for itself. */
	async memory(start, times, fileFor) {
		const before = process.memoryUsage.rss();
		const crowd = await startCrowd(start, times, fileFor(0));
		await sleep(500);
		const samples = crowd.map(({ pid }) => (pid === undefined ? (process.memoryUsage.rss() - before) / times / 2 ** 20 : privateMemory(pid)));
		await end(crowd);
		return samples;
	},
};

async function repeat(times: number, sample: (i: number) => Promise<number>): Promise<number[]> {
	const samples: number[] = [];
	for (let i = 0; i < times; i++) samples.push(await sample(i));
	return samples;
}

async function startCrowd(start: Way, times: number, file: string): Promise<Started[]> {
	const crowd = Array.from({ length: times }, () => start('noteTimeAndStay', file));
	while (timesIn(file).length < times) await sleep(5);
	return crowd;
}

async function end(crowd: readonly Started[]): Promise<void> {
	for (const { kill } of crowd) kill();
	for (const { ended } of crowd) await ended();
}

function timesIn(file: string): bigint[] {
	try {
		return readFileSync(file, 'utf8').split('\n').slice(0, -1).map(BigInt);
	} catch {
		return []; // nobody has written yet
	}
}

function privateMemory(pid: number): number {
	const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0) / 1024;
}
