/**
 * Every collective operation between real ranks, blocking and by requests; beside Open MPI, whose buffers must be the
 * same to the last byte. (MPICH 4.0 puts an Allgatherv of one rank elsewhere.)
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFull } from '../../../helpers/full.js';
import { missing, runRanks } from '../../../helpers/mpi.js';

const reportsOfRank = 22;

for (const size of isFull ? [2, 3, 4] : [2]) {
	test(`${size} ranks, beside Open MPI`, { skip: missing('openmpi') }, async () => {
		const [ours, theirs] = [await runRanks(size, 'engine-collectives'), await runRanks(size, 'engine-collectives', { engine: 'openmpi' })];
		assert.equal(ours.stderr, '');
		assert.equal(ours.code, 0);
		assert.equal(theirs.code, 0, theirs.stderr);
		assert.equal(ours.lines.length, size * reportsOfRank);
		assert.deepEqual(ours.lines, theirs.lines);
	});
}

for (const size of isFull ? [1, 3, 5] : [1]) {
	test(`${size} ranks: requests leave what blocking calls leave`, async () => {
		const { code, lines, stderr } = await runRanks(size, 'engine-collectives');
		assert.equal(stderr, '');
		assert.equal(code, 0);
		assert.equal(lines.length, size * reportsOfRank);
	});
}
