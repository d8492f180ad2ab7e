/**
 * Ranks of Node and of another language in one COMM_WORLD: what Node sends is what the others receive, in every
 * collective operation and for every type of numbers. Python with mpi4py on Open MPI, C on MPICH.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { missing, runCommand } from '../../helpers/mpi.ts';

const root = join(import.meta.dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'nprocs-mpi-mixed-'));
after(() => rmSync(folder, { recursive: true }));

const python = '/usr/bin/python3';
const cProgram = join(folder, 'mixed');
const isThere = (...[command, ...args]: [string, ...string[]]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const hasMpi4py = isThere(python, '-c', 'import numpy, mpi4py');
const hasC = isThere('mpicc.mpich', '-o', cProgram, join(root, 'test/mpi/real/mixed.c'));
const node = [process.execPath, join(root, 'build/test/mpi/programs/mixed.js')];
const asRoot = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none'];
const partners = [
	{
		name: 'python',
		command: [python, join(root, 'test/mpi/real/mixed.py')],
		launcher: ['mpiexec.openmpi', ...asRoot],
		skip:
			missing('openmpi') || !hasMpi4py
				? 'needs Open MPI, mpi4py, numpy (Debian: apt-get install openmpi-bin python3-mpi4py python3-numpy)'
				: false,
	},
	{
		name: 'c',
		command: [cProgram],
		launcher: ['mpiexec.mpich'],
		skip: missing('mpich') || !hasC ? 'needs MPICH and its compiler (Debian: apt-get install mpich libmpich-dev)' : false,
	},
];

for (const { name, command, launcher, skip } of partners) {
	for (const [title, ranks] of [
		['Node first', [node, command, node, command]],
		[`${name} first`, [command, node, command, node]],
	] as const) {
		test(`Node and ${name} in one world, ${title}`, { skip }, async () => {
			const parts = ranks.flatMap((rank, i) => [...(i === 0 ? [] : [':']), '-n', '1', ...rank]);
			const { code, lines, stderr } = await runCommand([...launcher, ...parts]);
			assert.equal(code, 0, stderr);
			assert.deepEqual(lines, ranks.map((kind, rank) => `${kind === node ? 'node' : name} ${rank} of 4: all as expected`).sort());
		});
	}
}
