/** Worker threads may start processes, and end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { methodsWithFreshMemory, programFile } from '../helpers/cases.ts';

for (const method of methodsWithFreshMemory) {
	test(method, () => {
		const { status, signal, stdout, stderr } = spawnSync(process.execPath, [programFile('in-worker.js'), method], { encoding: 'utf8' });
		assert.deepEqual({ status, signal, stdout }, { status: 0, signal: null, stdout: 'exit code 0\nworker 0\n' }, stderr);
	});
}
