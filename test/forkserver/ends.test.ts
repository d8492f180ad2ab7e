/** When all processes of a program are killed at once, its forkserver removes what they have left. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gone, Program } from '../helpers/programs.ts';

const rounds = 4;

test('what is held until the last moment of a process is removed, too', async () => {
	for (let round = 0; round < rounds; round++) {
		const namespace = `${process.env['NPROCS_NAMESPACE'] ?? ''}ends${round}`;
		const program = new Program([join(import.meta.dirname, '../fixtures/process/many-files.js'), String(fileCount())], {
			env: { NPROCS_NAMESPACE: namespace },
		});
		const forkserver = Number(await program.line());
		process.kill(-program.pid, 'SIGINT');
		assert.equal(await program.end(), 'SIGINT', program.stderr);
		await gone(forkserver);
		assert.deepEqual(
			readdirSync('/dev/shm').filter((name) => name.includes(`-${namespace}-`)),
			[],
		);
	}
});

/** Leaves some for the rest. Node raises its soft limit to the hard one. */
function fileCount(): number {
	const limit = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))![1];
	return Math.min(15_000, Number(limit) - 200);
}
