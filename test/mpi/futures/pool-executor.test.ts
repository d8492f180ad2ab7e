/** MPIPoolExecutor on the ranks of a job, and in a world of one; its workers die. Time limit: 600 s */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { launcherMain, missing, mpiexec, runRanks, type JobOutcome } from '../../helpers/mpi.js';
import { project } from '../../helpers/programs.js';

const program = join(import.meta.dirname, '../programs/pool.js');
const squares = Array.from({ length: 50 }, (_, i) => i * i);

function run(way: string, n = 3): Promise<JobOutcome> {
	return mpiexec(['-n', String(n), 'npx', 'nprocs', 'mpi-pool', program, way]);
}

const aborted = 'AbortError';
const died = { name: 'WorkerDiedError', code: 'ERR_NPROCS_WORKER_DIED', signal: 'SIGKILL', exitCode: -9, task: 'die' };

const cases: readonly (readonly [way: string, expected: unknown])[] = [
	['submit', [49, 3, 64]],
	['map', [squares, [3, 7]]],
	['unordered', '1,300'],
	['chunks', 50],
	['arrays', [100_000, 49_999.5]],
	['inline', [3, 6, 9]],
	['completed', [1, 300]],
	[
		'progress',
		[
			[0, 1, 2],
			['at 10 0', 'at 11 1', 'at 12 2'],
		],
	],
	['cancel', [1, aborted, 9]],
	['signal', ['enough', 9]],
	['shutdownCancel', 2],
	['timeout', ['TimeoutError', 'ERR_NPROCS_TIMEOUT', [1, 2, 3], 2]],
	['taskTimeout', 'ERR_NPROCS_TIMEOUT'],
	['taskTimeoutSync', 'ERR_NPROCS_TIMEOUT'],
	['affinity', [1, 1, 1, 1]],
	['window', true],
	['unreadable', [true, 50, true, 2]],
	['refused', Array.from({ length: 6 }, () => 'ERR_NPROCS_INVALID_ARG')],
	['initializer', ['done', 1, 'ERR_NPROCS_POOL_BROKEN', 'ERR_NPROCS_POOL_BROKEN']],
];

/** In these a worker ends, with which a real MPI ends the job. */
const deaths: readonly (readonly [way: string, expected: unknown])[] = [
	['overTime', ['ERR_NPROCS_TIMEOUT', 25]],
	['executorRetries', 2],
];

for (const [way, expected] of [...cases, ...deaths]) {
	test(`${way}, on workers`, async () => {
		const { code, stdout, stderr } = await run(way);
		assert.deepEqual([code, stderr], [0, '']);
		assert.deepEqual(JSON.parse(stdout), expected);
	});
}

for (const engine of ['openmpi', 'mpich'] as const) {
	test(`the same on ${engine}, by its own launcher`, { skip: missing(engine) }, async () => {
		for (const [way, expected] of cases) {
			const { code, stdout, stderr } = await runRanks(3, launcherMain, { engine, args: ['mpi-pool', program, way] });
			assert.equal(code, 0, stderr);
			assert.deepEqual(JSON.parse(stdout), expected);
		}
	});

	test(`a worker that is killed, or an error on rank 0, ends the job on ${engine}`, { skip: missing(engine) }, async () => {
		for (const [way, expected] of [
			['death', engine === 'openmpi' ? 137 : 9],
			['throws', 1],
			['never', 13],
		] as const) {
			const { code, stderr } = await runRanks(3, launcherMain, { engine, args: ['mpi-pool', program, way] });
			assert.equal(code, expected, stderr);
		}
	});
}

test('an endless input is read so far as it is needed, and closed', async () => {
	const { code, stdout, stderr } = await run('iterables');
	assert.deepEqual([code, stderr, stdout], [0, '', 'closed\n[20,[1,4,9]]\n']);
});

test('the others work, and rank 0 does not; one worker is enough', async () => {
	for (const n of [2, 4]) {
		const { code, stdout } = await run('everywhere', n);
		assert.deepEqual([code, JSON.parse(stdout)], [0, [n - 1, false]]);
	}
});

test('errors keep their class; what cannot be sent or imported is the failure of its call alone', async () => {
	const { code, stdout, stderr } = await run('errors');
	assert.deepEqual([code, stderr], [0, '']);
	const [own, inMap, result, argument, missing, after] = JSON.parse(stdout) as { name: string; message: string; code?: string }[];
	for (const error of [own, inMap]) assert.deepEqual([error!.name, error!.message], ['RangeError', 'not 3']);
	for (const error of [result, argument]) assert.equal(error!.code, 'ERR_NPROCS_SERIALIZATION');
	assert.ok(missing!.code !== undefined && missing!.message.includes('missing.js'), JSON.stringify(missing));
	assert.equal(after, 4);
});

test('shutdown waits for what has been asked for; afterwards calls are refused, and another executor goes on', async () => {
	const { code, stdout, stderr } = await run('shutdown');
	assert.deepEqual([code, stderr], [0, '']);
	const [ready, refused, other] = JSON.parse(stdout) as [boolean[], { code: string }, { value: number }];
	assert.deepEqual([ready, refused.code, other.value], [[true, true, true], 'ERR_NPROCS_CLOSED', 16]);
});

test('a worker that is killed loses its task; the others go on', async () => {
	const { code, stdout, stderr } = await run('death', 4);
	assert.deepEqual([code, stderr], [0, '']);
	const [lost, workers, count] = JSON.parse(stdout) as [Record<string, unknown>, number, number];
	assert.deepEqual({ ...lost, message: undefined }, { ...died, message: undefined });
	assert.match(String(lost['message']), /worker on rank \d was killed by SIGKILL while it ran die/);
	assert.deepEqual([workers, count], [2, 50]);
});

test('a worker that ends itself, or by an error that nobody catches, is missed as one that is killed', async () => {
	const { code, stdout, stderr } = await run('exits', 5);
	assert.equal(code, 0, stderr);
	assert.match(stderr, /Error: on purpose/);
	const ends = [4, 0, 1].map((exitCode) => ['ERR_NPROCS_WORKER_DIED', exitCode]);
	assert.deepEqual(JSON.parse(stdout), [ends, 25]);
});

test('retries: a call is run again when its worker has died, on another one', async () => {
	const { code, stdout, stderr } = await run('retries', 4);
	assert.deepEqual([code, stderr, JSON.parse(stdout)], [0, '', [[2], 'ERR_NPROCS_WORKER_DIED', 1]]);
});

test('priority: what waits is handed out by it', async () => {
	const { code, stdout, stderr } = await run('priority', 2);
	assert.deepEqual([code, stderr, JSON.parse(stdout)], [0, '', ['first', 'second', 'high', 'usual', 'low', 'last']]);
});

for (const [n, workers] of [
	[2, 0],
	[3, 1],
] as const) {
	test(`large messages to a worker that dies hold up nobody (${n} ranks)`, async () => {
		const { code, stdout, stderr } = await run('largeToDying', n);
		assert.deepEqual([code, stderr, JSON.parse(stdout)], [0, '', ['ERR_NPROCS_WORKER_DIED', workers]]);
	});
}

test('a worker that dies while its result is under way holds up nobody', async () => {
	const { code, stdout, stderr } = await run('largeFromDying');
	assert.deepEqual([code, stderr, JSON.parse(stdout)], [0, '', ['ERR_NPROCS_WORKER_DIED', 9]]);
});

test('when all workers have died, what waits fails', async () => {
	const { code, stdout, stderr } = await run('allDead');
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(JSON.parse(stdout), [['WorkerDiedError', 'WorkerDiedError'], 'ERR_NPROCS_POOL_BROKEN']);
});

test('a program that shuts nothing down ends all the same', async () => {
	const { code, stdout, stderr } = await run('idle');
	assert.deepEqual([code, stdout, stderr], [0, '"nobody shuts it down"\n', '']);
});

test('a program that awaits what never comes ends with the exit code that Node has for it', async () => {
	const { code, stderr } = await run('never');
	assert.equal(code, 13);
	assert.match(stderr, /unsettled top-level await at .*pool\.js[\s\S]*rank 0 ended with exit code 13/);
});

test('an error on rank 0 ends the job', async () => {
	const { code, stderr } = await run('throws');
	assert.equal(code, 1);
	assert.match(stderr, /Error: on purpose[\s\S]*rank 0 ended with exit code 1; the job is ended/);
});

test('alone, calls run in processes of this machine', () => {
	const alone = (...words: string[]): unknown => JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
	assert.deepEqual(alone(program, 'submit'), [49, 3, 64]);
	assert.deepEqual(alone(program, 'map'), [squares, [3, 7]]);
	assert.equal(alone(program, 'taskTimeout'), 'ERR_NPROCS_TIMEOUT');
	assert.equal(alone(program, 'executorRetries'), 2);
	assert.deepEqual(alone(program, 'affinity'), [1, 1, 1, 1]);
	assert.equal(alone(program, 'window'), true);
	assert.deepEqual(alone(join(import.meta.dirname, '../../../../dist/cli/main.js'), 'mpi-pool', program, 'submit'), [49, 3, 64]);
});

test('on several ranks without mpi-pool, or without a guard, the error says what to do', async () => {
	const { code, stderr } = await mpiexec(['-n', '2', program, 'submit']);
	assert.equal(code, 1);
	assert.match(stderr, /ERR_NPROCS_MPI_POOL[\s\S]*|nobody serves it/);
	const folder = project({
		'main.js': `import { MPIPoolExecutor } from 'nprocs/mpi';
			export const square = (x) => x * x;
			const executor = new MPIPoolExecutor();
			executor.submit(square, 2).then(console.log, (error) => { console.log(error.code ?? error.cause?.code); });`,
	});
	const unguarded = await mpiexec(['-n', '2', 'nprocs', 'mpi-pool', join(folder, 'main.js')]);
	assert.deepEqual([unguarded.code, unguarded.stdout], [0, 'ERR_NPROCS_MISSING_GUARD\n'], unguarded.stderr);
});

test('MPICommExecutor: one rank has the executor, the others serve it and go on', async () => {
	const folder = project({
		'main.js': `import { MPI, MPICommExecutor } from 'nprocs/mpi';
			import { square } from './tasks.js';
			const root = Number(process.argv[2]);
			const executor = await MPICommExecutor(MPI.COMM_WORLD, { root });
			if (executor !== null) {
				let sum = 0;
				for await (const value of executor.map(square, [1, 2, 3, 4])) sum += value;
				console.log('sum', sum, executor.numWorkers);
				await executor.shutdown();
			}
			console.log(MPI.COMM_WORLD.allreduce(1));`,
		'tasks.js': 'export const square = (x) => x * x;',
		'own.js': `import { MPI, MPICommExecutor } from 'nprocs/mpi';
			export const square = (x) => x * x;
			const executor = await MPICommExecutor();
			if (executor !== null) {
				await executor.submit(square, 2).catch((error) => console.log(error.code, error.message));
				await executor.shutdown();
			}`,
	});
	for (const [n, root] of [
		[3, 0],
		[3, 2],
		[1, 0],
	] as const) {
		const { code, lines, stderr } = await mpiexec(['-n', String(n), join(folder, 'main.js'), String(root)]);
		assert.deepEqual([code, stderr], [0, '']);
		assert.deepEqual(
			lines.filter((line) => !line.startsWith('sum')),
			Array.from({ length: n }, () => String(n)),
		);
		assert.match(lines.join('\n'), /sum 30/);
	}
	const { code, stderr } = await mpiexec(['-n', '2', join(folder, 'main.js'), '5']);
	assert.equal(code, 1);
	assert.match(stderr, /Expected `root` of MPICommExecutor\(\) to be a rank from 0 to 1/);
	const own = await mpiexec(['-n', '2', join(folder, 'own.js')]);
	assert.equal(own.code, 0, own.stderr);
	assert.match(own.stdout, /ERR_NPROCS_NOT_IMPORTABLE .*Put the functions that workers call into a module of their own/);
});
