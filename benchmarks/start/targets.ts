/** What the processes do that are started to be measured. In a module of its own: every child imports it. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, getStartMethod } from 'nprocs';

export function nothing(): void {}

/** The clock is CLOCK_MONOTONIC, the same for all processes of the machine. */
export function noteTime(file: string): void {
	const now = process.hrtime.bigint();
	appendFileSync(file, `${now}\n`);
}

export async function noteTimeAndStay(file: string): Promise<void> {
	noteTime(file);
	await sleep(600_000);
}

/** Measures in a process how long it takes it to start and join further ones. */
export async function measureNested(file: string, times: number): Promise<void> {
	const samples: number[] = [];
	for (let i = 0; i <= times; i++) {
		const startedAt = performance.now();
		await new Process({ target: nothing }).start().join();
		if (i > 0) samples.push(performance.now() - startedAt);
	}
	writeFileSync(file, JSON.stringify({ method: getStartMethod(), samples }));
}
