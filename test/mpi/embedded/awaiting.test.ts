/** Requests that are awaited in the event loop. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRanks } from '../../helpers/mpi.js';

const line = 'tag 1 | tags 2,3 | own tag 4 | tag 5 | matched, and all are here | polled and blocked';

test('two ranks await messages', async () => {
	const { code, lines, stderr } = await runRanks(2, 'awaiting');
	assert.deepEqual([code, lines], [0, [line, line]], stderr);
});
