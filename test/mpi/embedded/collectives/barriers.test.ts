/** What is done in another way where ranks outnumber the cores, as five do on most machines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRanks } from '../../../helpers/mpi.js';

for (const size of [2, 5]) {
	test(`${size} ranks: nobody is through before all have come, on any communicator`, async () => {
		const seed = Math.floor(Math.random() * 1e6);
		const { code, lines, stderr } = await runRanks(size, 'barriers', { args: [String(seed)] });
		assert.equal(code, 0, `seed ${seed}: ${stderr}`);
		assert.deepEqual(
			lines.toSorted(),
			Array.from({ length: size }, (_, rank) => `rank ${rank} is through`),
		);
	});
}

for (const size of [5, 17]) {
	test(`${size} ranks: a small Allreduce keeps the order of ranks, whichever way it takes`, async () => {
		const { code, lines, stderr } = await runRanks(size, 'small-allreduce');
		assert.equal(code, 0, stderr);
		assert.deepEqual(lines.toSorted(), Array.from({ length: size }, (_, rank) => `rank ${rank} agrees`).toSorted());
	});
}
