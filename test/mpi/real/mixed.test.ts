/**
 * Ranks of Node and of Python in one COMM_WORLD: what Node sends is what mpi4py receives, in every collective operation
 * and for every type of numbers.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing, runCommand } from '../../helpers/mpi.ts';

const root = join(import.meta.dirname, '../../../..');
const python = '/usr/bin/python3';
const node = [process.execPath, join(root, 'build/test/mpi/programs/mixed.js')];
const mpi4py = [python, join(root, 'test/mpi/real/mixed.py')];

const hasMpi4py = spawnSync(python, ['-c', 'import numpy, mpi4py'], { stdio: 'ignore' }).status === 0;
const skip = missing('openmpi') || (hasMpi4py ? false : `${python} has no mpi4py or no numpy (Debian: apt-get install python3-mpi4py python3-numpy)`);

for (const [title, ranks] of [
	['Node first', [node, mpi4py, node, mpi4py]],
	['Python first', [mpi4py, node, mpi4py, node]],
] as const) {
	test(`Node and mpi4py in one world, ${title}`, { skip }, async () => {
		const parts = ranks.map((command) => ['-n', '1', ...command]);
		const command = parts.flatMap((part, i) => (i === 0 ? part : [':', ...part]));
		const { code, lines, stderr } = await runCommand([
			'mpiexec.openmpi',
			'--allow-run-as-root',
			'--oversubscribe',
			'--bind-to',
			'none',
			...command,
		]);
		assert.equal(code, 0, stderr);
		assert.deepEqual(lines, ranks.map((kind, rank) => `${kind === node ? 'node' : 'python'} ${rank} of 4: all as expected`).sort());
	});
}
