/**
 * 10,000 starts one after another: no descriptor, no zombie and no memory may pile up. `soak-starts.js [--seconds N]`,
 * by `npm run soak`.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMain, Process } from 'nprocs';
import { nothing } from '../fixtures/process/targets.ts';

const count = 10_000;
const fdsOf = (pid: number | 'self'): number => readdirSync(`/proc/${pid}/fd`).length;
/** Of this process only what is in use: how much room V8 takes for garbage is its own affair. */
function memoryKb(pid: number | 'self'): number {
	if (pid !== 'self') return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
	collectGarbage();
	const { heapUsed, external } = process.memoryUsage();
	return Math.round((heapUsed + external) / 1024);
}

const collectGarbage = (v8.setFlagsFromString('--expose-gc'), vm.runInNewContext('gc') as () => void);

/** Children of this process: the forkserver. */
function helpers(): number[] {
	return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

interface Measured {
	fds: number[];
	kb: number[];
	helpers: number;
}

/** When the forkserver has all its spares again. */
async function measure(): Promise<Measured> {
	for (let earlier = ''; ;) {
		const pids = ['self' as const, ...helpers()];
		const now = { fds: pids.map(fdsOf), kb: pids.map(memoryKb), helpers: pids.length };
		if (JSON.stringify(now.fds) === earlier) return now;
		earlier = JSON.stringify(now.fds);
		await sleep(50);
	}
}

if (isMain(import.meta)) {
	let before: Measured | undefined;
	for (let i = 0; i < count; i++) {
		const child = new Process({ target: nothing }).start();
		await child.join();
		assert.equal(child.exitCode, 0, `start ${i}`);
		if (i === count / 10) before = await measure();
		if (i % (count / 50) === 0) console.log(`${i} of ${count} starts`, JSON.stringify(await measure()));
	}
	const after = await measure();
	assert.deepEqual([after.fds, after.helpers], [before!.fds, before!.helpers]);
	after.kb.forEach((kb, i) => assert.ok(kb < before!.kb[i]! + (i === 0 ? 2000 : 12_000), `${before!.kb[i]} KB → ${kb} KB`));
	console.log(`${count} starts`);
}
