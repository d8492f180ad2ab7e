/**
 * Windows between real ranks, of memory that the engine has allocated and of memory that programs bring along; and of
 * ranks that are killed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFull } from '../../../helpers/full.js';
import { missing, runRanks, type EngineName } from '../../../helpers/mpi.js';

for (const flavor of ['allocate', 'create']) {
	for (const size of isFull ? [1, 2, 3, 5] : [1, 3]) {
		test(`${flavor}, ${size} ranks`, async () => {
			const { code, lines, stderr } = await runRanks(size, 'engine-windows', { args: [flavor] });
			assert.equal(stderr, '');
			assert.equal(code, 0);
			assert.deepEqual(
				lines,
				Array.from({ length: size }, (_, rank) => `ok ${rank}`),
			);
		});
	}
}

for (const engine of ['openmpi', 'mpich'] satisfies EngineName[]) {
	test(`the same on ${engine}`, { skip: missing(engine) }, async () => {
		const { code, stderr } = await runRanks(3, 'engine-windows', { engine, args: ['allocate'] });
		assert.equal(code, 0, stderr);
	});
}

test('a rank that is killed with a lock in its hand ends the job, and nothing is left over', async () => {
	const { code, stderr } = await runRanks(3, 'lock-holder-killed');
	assert.equal(code, 137);
	assert.match(stderr, /rank 1\b.*SIGKILL/);
});
