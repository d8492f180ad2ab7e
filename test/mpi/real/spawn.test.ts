/**
 * Processes that ranks start, and jobs that meet at a port (test/mpi/programs/spawn.ts): Open MPI can do that, MPICH
 * 4.0 as Debian has it cannot, in programs in C, too.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { environmentOf, missing, runCommand, runRanks } from '../../helpers/mpi.js';
import { until } from '../../helpers/waiting.js';

const program = join(import.meta.dirname, '../programs/spawn.js');
const done = (n: number): string[] => Array.from({ length: n }, (_, rank) => `rank ${rank} is done`);

for (const way of ['self', 'world', 'multiple']) {
	for (const n of [1, 3]) {
		test(`${way}: ${n} ${n === 1 ? 'rank starts' : 'ranks start'} others, openmpi`, { skip: missing('openmpi') }, async () => {
			const { code, lines, stderr } = await runRanks(n, 'spawn', { engine: 'openmpi', args: [way] });
			assert.deepEqual([code, lines], [0, done(n)], stderr);
		});
	}
}

test('a process that no launcher has started starts others, openmpi', { skip: missing('openmpi') }, async () => {
	const env = { ...environmentOf('openmpi'), NPROCS_MPI: 'openmpi', OMPI_MCA_rmaps_base_oversubscribe: '1' };
	const { code, lines, stderr } = await runCommand([process.execPath, program, 'self'], { env });
	assert.deepEqual([code, lines], [0, done(1)], stderr);
});

test('a process that was started throws: the job ends, and the error is printed', { skip: missing('openmpi') }, async () => {
	const { code, stdout, stderr } = await runRanks(2, 'spawn', { engine: 'openmpi', args: ['worker-throws'] });
	assert.deepEqual([code, stdout], [1, '']);
	assert.match(stderr, /Error: on purpose, on rank 0/);
});

for (const engine of ['openmpi', 'mpich'] as const) {
	test(`what cannot be started is an error that says so, ${engine}`, { skip: missing(engine) }, async () => {
		const { code, stdout, stderr } = await runRanks(2, 'spawn', { engine, args: ['fails'] });
		// Open MPI's launcher ends the job itself
		if (code === 0) assert.deepEqual(stdout.match(/done/g)?.length, 2);
		else assert.match(stderr, /spawn\.js\.none/);
	});
}

test('ranks of one job meet at a port, and find it by a name', { skip: missing('openmpi') }, async () => {
	for (const way of ['ports', 'names']) {
		const { code, lines, stderr } = await runRanks(3, 'spawn', { engine: 'openmpi', args: [way] });
		assert.deepEqual([code, lines], [0, done(3)], stderr);
	}
});

test('jobs that were started apart meet at a port', { skip: missing('openmpi') }, async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'mpi-ports-'));
	const uri = join(folder, 'uri');
	const server = spawn('ompi-server', ['--no-daemonize', '--report-uri', uri], {
		stdio: 'ignore',
		env: { ...process.env, ...environmentOf('openmpi') },
	});
	t.after(async () => {
		if (server.kill()) await once(server, 'exit');
		rmSync(folder, { recursive: true });
	});
	await until(() => existsSync(uri) && readFileSync(uri, 'utf8').includes('\n'));
	const launcher = ['--ompi-server', `file:${uri}`];
	const jobs = ['accept', 'connect'].map((role) => runRanks(2, 'ports-apart', { engine: 'openmpi', launcher, args: [role, join(folder, 'port')] }));
	const [accepting, connecting] = await Promise.all(jobs);
	assert.deepEqual([accepting!.code, connecting!.code], [0, 0], accepting!.stderr + connecting!.stderr);
	assert.deepEqual(accepting!.lines, ['accept 0 of 2 with 2: connect 0,connect 1', 'accept 1 of 2 with 2: connect 0,connect 1']);
	assert.deepEqual(connecting!.lines, ['connect 0 of 2 with 2: accept 0,accept 1', 'connect 1 of 2 with 2: accept 0,accept 1']);
});

test('what MPICH cannot do is an error, and the job goes on', { skip: missing('mpich') }, async () => {
	const { code, lines, stderr } = await runRanks(2, 'spawn', { engine: 'mpich', args: ['refusals'] });
	assert.deepEqual([code, lines], [0, done(2)], stderr);
});
