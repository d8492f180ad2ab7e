/**
 * Programs whose ranks have no slices: a rank that sleeps, or waits in its event loop, is woken whenever it can go on,
 * and the event loop ends when nothing is waited for any more. With more ranks than cores, where there are few of
 * these. `npm run test:full` tries more ranks. Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFull } from '../../../helpers/full.js';
import { launcherMain, mpiexec, runRanks } from '../../../helpers/mpi.js';

/** For all processes of a job, before what its launcher has ranks load. */
const env = { NODE_OPTIONS: `--import ${new URL('../../../helpers/without-slices.js', import.meta.url).pathname}` };
const programs = ['buffer-messages', 'object-messages', 'requests', 'persistent-collectives', 'exchanges', 'comms', 'distributed-arrays'];
const ways = ['chunks', 'unordered', 'progress', 'window'];

for (const n of isFull ? [3, 5, 9] : [3]) {
	for (const program of programs) {
		test(`${program} on ${n} ranks`, async () => {
			const { code, stderr } = await runRanks(n, program, { env });
			assert.equal(code, 0, stderr);
		});
	}
}

test('ranks that await messages in their event loops', async () => {
	const { code, stderr } = await runRanks(2, 'awaiting', { env });
	assert.equal(code, 0, stderr);
});

for (const way of ways) {
	test(`an executor: ${way}`, async () => {
		const program = new URL('../../programs/pool.js', import.meta.url).pathname;
		const { code, stderr } = await mpiexec(['-n', '3', process.execPath, launcherMain, 'mpi-pool', program, way], { env });
		assert.equal(code, 0, stderr);
	});
}

test('a generalized request that is complete keeps no event loop alive', async () => {
	const { code, stdout, stderr } = await runRanks(2, 'generalized-alone', { env });
	assert.deepEqual([code, stdout], [0, 'complete\ncomplete\n'], stderr);
});
