/**
 * 100,000 tasks over a pool whose workers are killed at random: each task has exactly one outcome, every result is
 * right, and nothing grows. `--tasks N` for another number.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMain, Pool } from 'nprocs';
import { later, square } from '../fixtures/pool/tasks.ts';

function random(seed: number): () => number {
	let state = seed >>> 0 || 1;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

const residentMb = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
const descriptors = (): number => readdirSync('/proc/self/fd').length;

async function batch(pool: Pool, next: () => number): Promise<{ right: number; died: number }> {
	const kind = Math.floor(next() * 4);
	const count = 1 + Math.floor(next() * 500);
	const items = Array.from({ length: count }, (_, i) => i);
	const counts = { right: 0, died: 0 };
	const note = (outcome: PromiseSettledResult<unknown>, wanted: unknown): void => {
		if (outcome.status === 'fulfilled') assert.equal(outcome.value, wanted);
		else assert.equal((outcome.reason as { code?: string }).code, 'ERR_NPROCS_WORKER_DIED', String(outcome.reason));
		counts[outcome.status === 'fulfilled' ? 'right' : 'died']++;
	};
	if (kind === 0) (await Promise.allSettled(items.map((i) => pool.apply(square, [i])))).forEach((outcome, i) => note(outcome, i * i));
	else if (kind === 1) (await pool.mapSettled(square, items)).forEach((outcome, i) => note(outcome, i * i));
	else if (kind === 2) {
		const few = items.slice(0, 50);
		(await Promise.allSettled(few.map((i) => pool.apply(later, [i, 1], { retries: 50 })))).forEach((outcome, i) => {
			assert.equal(outcome.status, 'fulfilled', `with retries: ${String((outcome as PromiseRejectedResult).reason)}`);
			note(outcome, i);
		});
	} else {
		let seen = 0;
		for await (const value of pool.imap(square, items, { retries: 50 })) assert.equal(value, (seen++) ** 2);
		assert.equal(seen, count);
		counts.right += seen;
	}
	return counts;
}

if (isMain(import.meta)) {
	const { values } = parseArgs({
		options: { seed: { type: 'string', default: '1' }, seconds: { type: 'string', default: '20' }, tasks: { type: 'string', default: '100000' } },
	});
	console.log(`seed ${values.seed}`);
	const next = random(Number(values.seed));
	const pool = new Pool(3);
	await pool.ready();
	let completed = 0;
	const killer = setInterval(() => {
		// On a machine that has no time for them, workers that were killed at each tick would get nothing done.
		if (pool.stats().completed === completed) return;
		completed = pool.stats().completed;
		// Mostly not while they boot: where that takes longer than the time between two kills, no pool could work.
		const alive = pool.workers.filter(({ state }) => state !== 'starting' || next() < 0.05);
		const victim = alive[Math.floor(next() * alive.length)];
		try {
			if (victim !== undefined) process.kill(victim.pid, next() < 0.8 ? 'SIGKILL' : 'SIGTERM');
		} catch {} // it had been killed already
	}, 40);
	const before = { mb: 0, fds: 0 };
	const total = { right: 0, died: 0 };
	const progress = setInterval(() => {
		const { workers, started, died } = pool.stats();
		console.log(
			`${total.right} right, ${total.died} died; ${workers} workers, ${started} started, ${died} killed; ${Math.round(residentMb())} MB`,
		);
	}, 5000);
	while (total.right + total.died < Number(values.tasks)) {
		const { right, died } = await batch(pool, next);
		total.right += right;
		total.died += died;
		if (before.mb === 0 && total.right > Number(values.tasks) / 4) Object.assign(before, { mb: residentMb(), fds: descriptors() });
	}
	for (const timer of [killer, progress]) clearInterval(timer);
	const stats = pool.stats();
	await pool.terminate();
	console.log(
		`${total.right} right, ${total.died} died with their workers; ${stats.died} of ${stats.started} workers were killed; ${Math.round(residentMb() - before.mb)} MB, ${descriptors() - before.fds} descriptors more than after a quarter`,
	);
	assert.ok(residentMb() - before.mb < 100, 'memory grows');
	assert.ok(descriptors() - before.fds < 20, 'descriptors grow');
}
