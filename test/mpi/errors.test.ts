/** Calls that cannot be carried out: the same class on every engine, and nothing has happened. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, runRanks, type EngineName } from '../helpers/mpi.js';
import { badCallsOn } from './bad-calls.js';

const runs: readonly (readonly [EngineName, number])[] = [
	['embedded', 1],
	['embedded', 3],
	['openmpi', 2],
	['mpich', 2],
];

for (const [engine, size] of runs) {
	test(`bad calls on ${engine}, ${size} ranks`, { skip: missing(engine) }, async () => {
		const { code, lines, stderr } = await runRanks(size, 'bad-calls', { engine, args: [engine] });
		const expected = Array.from({ length: size }, (_, rank) =>
			badCallsOn(engine).map(({ name, errorClass }) => `${rank} | ${name} | ${errorClass}`),
		);
		assert.deepEqual(lines, expected.flat().sort());
		assert.equal(code, 0, stderr);
	});
}
