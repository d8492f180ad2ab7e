/**
 * The forkserver compiles what its children will need. That it helps is for the benchmark of queues to show; here: that
 * it does no harm.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process, Queue } from 'nprocs';
import { self } from '#nprocs/memory/registry.js';
import { listNames } from '#nprocs/memory/janitor.js';
import { warmUp } from '#nprocs/forkserver/warm-up.js';
import * as programs from '../fixtures/channel/programs.js';

test('it leaves nothing behind, and nothing between its steps', () => {
	const own = self().token;
	const before = listNames();
	let steps = 0;
	let collections = 0;
	for (const _ of warmUp(() => collections++)) {
		assert.deepEqual(listNames(), before);
		assert.equal(self().token, own);
		steps++;
	}
	assert.ok(steps > 10);
	assert.equal(collections, 1);
});

test('processes that are started before, during and after it work alike', async () => {
	const queue = new Queue<[string, number, string]>();
	for (let i = 0; i < 60; i++) {
		const child = new Process({ target: programs.produceSome, args: [queue, `child ${i}`, 3] }).start();
		for (const k of [0, 1, 2, -1]) assert.deepEqual((await queue.get()).slice(0, 2), [`child ${i}`, k]);
		await child.join();
		assert.equal(child.exitCode, 0);
	}
	queue.close();
});
