/**
 * What it costs to await a message that does not come: the processor's time, which does not depend on what else a
 * machine does.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, runRanks } from '../helpers/mpi.js';

/** Of the time that it takes until the message comes. */
const bounds = { embedded: 0.1, openmpi: 0.1, mpich: 0.1 } as const;

for (const engine of ['embedded', 'openmpi', 'mpich'] as const) {
	test(`awaiting costs next to nothing, ${engine}`, { skip: missing(engine) }, async (t) => {
		const { code, stdout, stderr } = await runRanks(2, 'idle', { engine, args: ['1500'] });
		assert.equal(code, 0, stderr);
		t.diagnostic(stdout);
		const [cpuMs, ms] = stdout.split(' of ').map(Number) as [number, number];
		assert.ok(ms > 1000, stdout);
		assert.ok(cpuMs / ms < bounds[engine], stdout);
	});
}
