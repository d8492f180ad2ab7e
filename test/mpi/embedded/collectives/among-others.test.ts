/** Blocking collective operations beside whatever else ranks have under way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRanks } from '../../../helpers/mpi.js';

for (const size of [2, 3, 5]) {
	test(`${size} ranks: collective operations find their messages among others`, async () => {
		for (let run = 0; run < 3; run++) {
			const seed = Math.floor(Math.random() * 1e6);
			const { code, lines, stderr } = await runRanks(size, 'collectives-among-others', { args: [String(seed)] });
			assert.equal(code, 0, `seed ${seed}: ${stderr}`);
			assert.equal(lines.length, size, `seed ${seed}`);
		}
	});
}
