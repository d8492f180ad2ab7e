/**
 * Random plans of messages (test/mpi/plan.ts) on ranks of the embedded engine: with rings of the usual size and of 4
 * cells, with standard sends that are buffered and that are not; all must receive the same, and the same as on a real
 * MPI where one is installed. More seeds in `npm run test:full`. Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFull } from '../../../helpers/full.js';
import { missing, runRanks, type RunOptions } from '../../../helpers/mpi.js';

const seed = Number(process.env['NPROCS_TEST_SEED'] ?? Date.now() % 1_000_000);
const settings: Record<string, string>[] = [
	{},
	{ NPROCS_MPI_EAGER: '0' },
	{ NPROCS_MPI_RING_CELLS: '4' },
	{ NPROCS_MPI_RING_CELLS: '4', NPROCS_MPI_EAGER: '0' },
];

async function linesOf(ranks: number, planSeed: number, options: RunOptions): Promise<readonly string[]> {
	const { code, lines, stderr } = await runRanks(ranks, 'random-plan', { ...options, args: [String(planSeed), '80', '300000'] });
	assert.equal(code, 0, `seed ${planSeed}, ${JSON.stringify(options)}: ${stderr}`);
	assert.ok(lines.length > 20);
	return lines;
}

for (const ranks of isFull ? [1, 2, 3, 5, 8, 12] : [1, 3, 5]) {
	for (let round = 0; round < (isFull ? 6 : 1); round++) {
		const planSeed = seed + round;
		test(`random plan on ${ranks} ranks, seed ${planSeed}`, async (t) => {
			t.diagnostic(`NPROCS_TEST_SEED=${planSeed}`);
			const expected = await linesOf(ranks, planSeed, {});
			for (const env of settings.slice(1)) assert.deepEqual(await linesOf(ranks, planSeed, { env }), expected, JSON.stringify(env));
		});
	}
}

for (const engine of ['openmpi', 'mpich'] as const) {
	test(`the same on ${engine}`, { skip: missing(engine) }, async () => {
		assert.deepEqual(await linesOf(3, seed, { engine }), await linesOf(3, seed, {}));
	});
}
