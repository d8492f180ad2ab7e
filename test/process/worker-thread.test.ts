/** Worker threads may start processes, and end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { methodsWithFreshMemory, programFile } from '../helpers/cases.ts';
import { Program } from '../helpers/programs.ts';

for (const method of methodsWithFreshMemory) {
	test(method, () => {
		const { status, signal, stdout, stderr } = spawnSync(process.execPath, [programFile('in-worker.js'), method], { encoding: 'utf8' });
		assert.deepEqual({ status, signal, stdout }, { status: 0, signal: null, stdout: 'exit code 0\nworker 0\n' }, stderr);
	});
}

for (const method of methodsWithFreshMemory) {
	for (const how of ['returns', 'exits', 'terminated']) {
		test(`${method}: nothing of a thread that ${how} is left: forkserver, daemons, descriptors, zombies`, async () => {
			const program = new Program([programFile('thread-ends.js'), method, how]);
			after(() => program.child.kill('SIGKILL'));
			assert.equal(await program.end(), 0, program.stderr);
			assert.equal(program.stdout, 'nothing is left\n');
		});
	}
}
