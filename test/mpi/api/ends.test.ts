/**
 * How a rank ends that has used MPI, while the others wait for it: blocked, or in their event loop. The job ends with
 * the right code, what was thrown is printed, and nobody hangs. Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { engines, runRanks, type JobOutcome, type EngineName } from '../../helpers/mpi.js';
import { project } from '../../helpers/programs.js';

const waits = { blocked: 'comm.recv(1);', awaiting: 'await comm.irecv(1);' };

/** Rank 1 of three does it; the others wait for a message from it. */
function jobIn(deed: string, { how = 'blocked', engine = 'embedded' }: { how?: keyof typeof waits; engine?: EngineName } = {}): Promise<JobOutcome> {
	const program = `
		import { MPI } from 'nprocs/mpi';
		const comm = MPI.COMM_WORLD;
		comm.Barrier();
		if (comm.rank === 1) { ${deed} }
		else { ${waits[how]} console.log('received'); }`;
	return runRanks(3, join(project({ 'main.js': program }), 'main.js'), { engine, timeoutMs: 60_000 });
}

/** Open MPI and MPICH add to what ranks print, and have codes of their own for signals: the codes here are of exits. */
const deeds = [
	['throws', "throw new Error('on purpose');", 1, /Error: on purpose/],
	['rejects', "Promise.reject(new Error('on purpose')); await new Promise((resolve) => setTimeout(resolve, 60_000));", 1, /Error: on purpose/],
	['exits', 'process.exit(3);', 3, /./],
	['sets an exit code', 'process.exitCode = 6;', 6, /./],
	['awaits what never comes', 'await new Promise(() => {});', 13, /top-level await/],
	['aborts the job', "console.log('last words'); comm.Abort(5);", 5, /./],
	[
		'makes an error that is fatal',
		'comm.Set_errhandler(MPI.ERRORS_ARE_FATAL); comm.send(1, 99);',
		1,
		/MPI_ERR_RANK: There is no rank 99[\s\S]*ERRORS_ARE_FATAL/,
	],
	[
		'ends by a signal handler of its own',
		"process.on('SIGTERM', () => process.exit(9)); process.kill(process.pid, 'SIGTERM'); await new Promise((resolve) => setTimeout(resolve, 60_000));",
		9,
		/./,
	],
] as const;

for (const engine of engines) {
	for (const how of ['blocked', 'awaiting'] as const) {
		for (const [what, deed, code, message] of deeds) {
			test(`a rank that ${what} ends those who wait (${how}, ${engine})`, async () => {
				const outcome = await jobIn(deed, { how, engine });
				assert.equal(outcome.code, code, outcome.stderr);
				assert.match(outcome.stderr + outcome.stdout, message);
				assert.doesNotMatch(outcome.stdout, /received/);
				if (what === 'aborts the job') assert.match(outcome.stdout, /last words/);
			});
		}
	}

	test(`a rank that ends with success finalizes, though receives are pending (${engine})`, async () => {
		const outcome = await jobIn("comm.Irecv(new Int8Array(1), 0, 9); comm.irecv(0, 8); comm.send('a', 0); comm.send('b', 2);", { engine });
		assert.equal(outcome.code, 0, outcome.stderr);
		assert.deepEqual(outcome.lines, ['received', 'received']);
	});
}

test('what a rank starts is no rank, and has a world of its own', async () => {
	const folder = project({
		'main.js': `
			import { getContext, isMain, Pool, Queue } from 'nprocs';
			import { MPI } from 'nprocs/mpi';
			export function world(_item, queue) {
				const sizes = [MPI.COMM_WORLD.rank, MPI.COMM_WORLD.size, MPI.COMM_WORLD.allreduce(1)];
				queue?.putSync(sizes);
				return sizes;
			}
			if (isMain(import.meta)) {
				const { rank, size } = MPI.COMM_WORLD;
				for (const method of ['spawn', 'forkserver']) {
					const queue = new Queue();
					const child = new (getContext(method).Process)({ target: world, args: [0, queue] });
					await child.start();
					console.log(method, JSON.stringify(await queue.get()));
					await child.join();
					if (child.exitCode !== 0) throw new Error(method + ' ended with ' + child.exitCode);
				}
				const pool = new Pool(2);
				console.log('pool', JSON.stringify(await pool.map(world, [1])));
				await pool.close();
				await pool.join();
				console.log('job', MPI.COMM_WORLD.allreduce(1) === size, rank === MPI.COMM_WORLD.rank);
			}`,
	});
	const { code, lines, stderr } = await runRanks(3, join(folder, 'main.js'));
	assert.equal(code, 0, stderr);
	const once = ['forkserver [0,1,1]', 'job true true', 'pool [[0,1,1]]', 'spawn [0,1,1]'];
	assert.deepEqual(
		lines,
		once.flatMap((line) => [line, line, line]),
	);
});

/** With a flag for Node, a rank is a new process: on Node 26, a worker thread of a forked one may not end by itself. */
const newProcess = Number.parseInt(process.versions.node, 10) >= 26 ? ['--no-deprecation'] : [];

test('a worker thread is told that MPI is for the main thread', async () => {
	const folder = project({
		'main.js': `
			import { Worker, isMainThread } from 'node:worker_threads';
			import { MPI } from 'nprocs/mpi';
			if (isMainThread) {
				MPI.COMM_WORLD.Barrier();
				new Worker(new URL(import.meta.url));
			} else {
				try { MPI.COMM_WORLD.Barrier(); } catch (error) { console.log(error.code, error.message); }
				console.log(MPI.Is_thread_main());
			}`,
	});
	const { code, stdout, stderr } = await runRanks(1, join(folder, 'main.js'), { nodeFlags: newProcess });
	assert.equal(code, 0, stderr);
	assert.match(stdout, /^ERR_NPROCS_MPI MPI_ERR_OTHER: Cannot use MPI in a worker thread.*\nfalse\n$/);
});

test('a rank that only imports MPI begins nothing', async () => {
	const folder = project({ 'main.js': "import { MPI } from 'nprocs/mpi'; console.log(MPI.Is_initialized(), MPI.ANY_SOURCE);" });
	const { code, stdout, stderr } = await runRanks(1, join(folder, 'main.js'));
	assert.deepEqual([code, stdout, stderr], [0, 'false -2\n', '']);
});

test('CommonJS programs use the same MPI', async () => {
	const folder = project({
		'main.cjs':
			"const { MPI } = require('nprocs/mpi'); import('nprocs/mpi').then((m) => console.log(m.MPI.COMM_WORLD === MPI.COMM_WORLD, MPI.COMM_WORLD.allreduce(2)));",
	});
	const { code, lines, stderr } = await runRanks(3, join(folder, 'main.cjs'));
	assert.equal(code, 0, stderr);
	assert.deepEqual(lines, ['true 6', 'true 6', 'true 6']);
});
