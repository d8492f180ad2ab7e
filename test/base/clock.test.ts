/** Waits take real time, whatever test tools have done to the clocks and timers of the program. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { project, Program } from '../helpers/programs.js';

// The first one is also what sinon, jest and vitest use.
for (const tool of ['@sinonjs/fake-timers', 'node:test', 'standstill']) {
	test(`waits end in their time under ${tool}`, async () => {
		const program = new Program([join(import.meta.dirname, '../fixtures/base/waits-under.js'), tool]);
		assert.equal(await program.end(), 0, program.stderr);
		assert.equal(program.stdout, 'waited\n');
	});
}

test('false timers in the global scope before the library is loaded are passed over', async () => {
	const folder = project({
		'main.mjs': `
			globalThis.setTimeout = globalThis.setInterval = globalThis.setImmediate = () => ({ unref() {}, ref() {} });
			const { Queue } = await import('nprocs');
			await new Queue().get(30).catch((error) => console.log(error.name));`,
	});
	assert.equal(await new Program(['main.mjs'], { cwd: folder }).line(), 'Empty');
});
