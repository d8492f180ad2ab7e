/** Requests that are awaited in the event loop, on each engine that is installed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, runRanks } from '../helpers/mpi.js';

const line = 'tag 1 | tags 2,3 | own tag 4 | tag 5 | matched, and all are here | polled and blocked';

for (const engine of ['embedded', 'openmpi', 'mpich'] as const) {
	test(`two ranks await messages, ${engine}`, { skip: missing(engine) }, async () => {
		const { code, lines, stderr } = await runRanks(2, 'awaiting', { engine });
		assert.deepEqual([code, lines], [0, [line, line]], stderr);
	});
}
