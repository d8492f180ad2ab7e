/** Random trees of processes with random kills. The seed is in the test's name and repeats a run. Time limit: 240 s */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { commandFor, everyMethod, programFile } from '../helpers/cases.ts';
import { Program } from '../helpers/programs.ts';

const seed = Number(process.env['NPROCS_SEED'] ?? randomInt(2 ** 31));

for (const method of everyMethod) {
	test(`${method}: nothing hangs, nothing is left, seed ${seed}`, async () => {
		const program = new Program(commandFor(method, programFile('trees.js'), method, String(seed), '3000'));
		assert.equal(await program.end(), 0, program.stderr);
		assert.match(program.stdout, /^[1-9]\d* trees$/m);
		assert.doesNotMatch(program.stderr, /AssertionError/);
	});
}
