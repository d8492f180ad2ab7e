/** What lies in channels whose last holders end is gone with them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { listNames } from '#nprocs/memory/janitor.js';
import { commandFor, everyMethod } from '../helpers/cases.ts';
import { Program } from '../helpers/programs.ts';

const program = join(import.meta.dirname, '../fixtures/channel/leaves-messages.js');

for (const method of everyMethod) {
	for (const how of ['return', 'exit', 'throw']) {
		test(`${method}, ${how}: no segment is left when the program has ended`, async () => {
			const running = new Program(commandFor(method, program, method, how));
			assert.equal(await running.end(), how === 'throw' ? 1 : 0, running.stderr);
			assert.deepEqual(listNames(), []);
		});
	}
}
