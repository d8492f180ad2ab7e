/**
 * A part of the collectives matrix (test/mpi/programs/collectives-matrix.ts) on installed MPIs: the oracle that the
 * embedded engine agrees with holds for them, too.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFull } from '../../helpers/full.js';
import { missing, runRanks } from '../../helpers/mpi.js';

const seed = Number(process.env['NPROCS_TEST_SEED'] ?? Date.now() % 1_000_000);
const every = isFull ? 5 : 40;

for (const engine of ['openmpi', 'mpich'] as const) {
	for (const what of ['movements', 'reductions']) {
		test(`${engine}: ${what}, seed ${seed}`, { skip: missing(engine) }, async (t) => {
			t.diagnostic(`NPROCS_TEST_SEED=${seed}`);
			const { code, stdout, stderr } = await runRanks(3, 'collectives-matrix', { engine, args: [what, String(every), String(seed)] });
			assert.equal(code, 0, stderr);
			assert.match(stdout, /^[1-9]\d* plans$/m);
		});
	}
}
