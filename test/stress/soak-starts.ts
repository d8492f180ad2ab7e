/** 10,000 starts one after another: no descriptor, no zombie and no memory may pile up. `soak-starts.js [--seconds N]`, by `npm run soak`. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isMain, Process } from 'nprocs';
import { nothing } from '../fixtures/process/targets.ts';

const count = 10_000;
const fdsOf = (pid: number | 'self'): number => readdirSync(`/proc/${pid}/fd`).length;
const residentKb = (pid: number | 'self'): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

/** Children of this process: the fork server. */
function helpers(): number[] {
	return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function measure(): { fds: number[]; kb: number[]; helpers: number } {
	const pids = ['self' as const, ...helpers()];
	return { fds: pids.map(fdsOf), kb: pids.map(residentKb), helpers: pids.length };
}

if (isMain(import.meta)) {
	let before: ReturnType<typeof measure> | undefined;
	for (let i = 0; i < count; i++) {
		const child = new Process({ target: nothing }).start();
		await child.join();
		assert.equal(child.exitCode, 0, `start ${i}`);
		if (i === count / 10) before = measure();
		if (i % (count / 10) === 0) console.log(i, JSON.stringify(measure()));
	}
	const after = measure();
	assert.deepEqual([after.fds, after.helpers], [before!.fds, before!.helpers]);
	after.kb.forEach((kb, i) => assert.ok(kb < before!.kb[i]! + 30_000, `${before!.kb[i]} KB → ${kb} KB`));
	console.log(`${count} starts`);
}
