import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { exitStep } from '#nprocs/base/at-exit.js';

const program = new URL('../fixtures/base/exit-steps.js', import.meta.url).pathname;

for (const end of ['natural', 'exit', 'exit in a handler']) {
	test(`hooks run once, step by step, after the program's own, whoever comes first: ${end}`, async () => {
		const [code, stdout] = await new Promise<[unknown, string]>((resolve) => {
			execFile(process.execPath, [program, end], (error, text) => resolve([error?.code, text]));
		});
		const hooks = Object.keys(exitStep).flatMap((name) => [`${name} a 3`, `${name} b 3`]);
		assert.deepEqual([code, stdout.trim().split('\n')], [3, ["the program's", ...hooks]]);
	});
}
