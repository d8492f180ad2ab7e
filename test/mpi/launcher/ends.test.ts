/**
 * How jobs end: by a rank that fails, by a signal, by the launcher's death; nothing is left. (The runner looks for
 * processes and segments after this file.) Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launcherMain, mpiexec } from '../../helpers/mpi.js';
import { gone, isRunning, Program, project } from '../../helpers/programs.js';

/** Rank 1 of three does it, while the others wait for ever: in their event loop, or blocked. */
async function jobIn(how: 'loop' | 'blocked', deed: string, more = ''): Promise<Awaited<ReturnType<typeof mpiexec>>> {
	const wait = how === 'loop' ? 'setInterval(() => {}, 1000);' : 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
	const folder = project({ 'wait.js': `${more}\n${wait}`, 'fail.js': deed });
	return mpiexec(['-n', '1', 'wait.js', ':', '-n', '1', 'fail.js', ':', '-n', '1', 'wait.js'], { cwd: folder });
}

for (const how of ['loop', 'blocked'] as const) {
	for (const [what, deed, code, message] of [
		['exits', 'process.exit(3)', 3, /rank 1 ended with exit code 3; the job is ended/],
		['sets an exit code', 'process.exitCode = 6', 6, /rank 1 ended with exit code 6/],
		['throws', "throw new Error('on purpose')", 1, /Error: on purpose[\s\S]*rank 1 ended with exit code 1/],
		['rejects', "Promise.reject(new Error('on purpose'))", 1, /Error: on purpose[\s\S]*rank 1 ended with exit code 1/],
		['cannot be loaded', "import './missing.js'", 1, /ERR_MODULE_NOT_FOUND[\s\S]*rank 1 ended with exit code 1/],
		['is killed', "process.kill(process.pid, 'SIGKILL')", 137, /rank 1 was killed by SIGKILL/],
		['is terminated', "process.kill(process.pid, 'SIGTERM')", 143, /rank 1 was killed by SIGTERM/],
		['aborts', 'process.abort()', 134, /rank 1 was killed by SIGABRT/],
		['awaits what never comes', 'await new Promise(() => {})', 13, /rank 1 ended with exit code 13: .*top-level await/],
	] as const) {
		test(`a rank that ${what} ends those who wait (${how})`, async () => {
			const outcome = await jobIn(how, deed);
			assert.equal(outcome.code, code, outcome.stderr);
			assert.match(outcome.stderr, message);
		});
	}
}

test('a rank that does not end when it is told to is killed', async () => {
	const { code, stderr } = await jobIn('loop', 'process.exit(2)', "process.on('SIGTERM', () => console.log('told'));");
	assert.equal(code, 2);
	assert.match(stderr, /rank 1 ended with exit code 2/);
});

test('what a failing rank has written comes before the message, and none of it is lost', async () => {
	const folder = project({ 'main.js': "for (let i = 0; i < 1000; i++) console.error('line', i); process.exit(4);" });
	const { code, stderr } = await mpiexec(['-n', '1', 'main.js'], { cwd: folder });
	assert.equal(code, 4);
	assert.deepEqual(stderr.trim().split('\n'), [
		...Array.from({ length: 1000 }, (_, i) => `line ${i}`),
		'nprocs mpiexec: rank 0 ended with exit code 4.',
	]);
});

test('an exit code of 0 on one rank ends nobody', async () => {
	const folder = project({ 'main.js': "if (process.argv[2] === 'late') setTimeout(() => console.log('late'), 300);" });
	const { code, stdout, stderr } = await mpiexec(['-n', '2', 'main.js', ':', '-n', '1', 'main.js', 'late'], { cwd: folder });
	assert.deepEqual([code, stdout, stderr], [0, 'late\n', '']);
});

test('--timeout ends a job that hangs', async () => {
	const folder = project({ 'main.js': 'setInterval(() => {}, 1000);' });
	const { code, stderr } = await mpiexec(['--timeout', '0.5', '-n', '2', 'main.js'], { cwd: folder });
	assert.deepEqual([code, stderr], [124, 'nprocs mpiexec: the job has not ended after 0.5 s.\n']);
});

const waiting = `
	console.log(process.pid);
	setInterval(() => {}, 1000);`;

/** The pids of its ranks, when all have said them. */
async function begin(source: string, n = 3): Promise<{ job: Program; pids: number[] }> {
	const folder = project({ 'main.js': source });
	const job = new Program([launcherMain, 'mpiexec', '-n', String(n), join(folder, 'main.js')]);
	const pids: number[] = [];
	while (pids.length < n) pids.push(Number(await job.line()));
	return { job, pids };
}

for (const [signal, code] of [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const) {
	test(`${signal} to the launcher goes to all ranks`, async () => {
		const { job, pids } = await begin(waiting);
		job.signal(signal);
		assert.equal(await job.end(), code);
		assert.equal(job.stderr, '');
		assert.deepEqual(
			pids.filter((pid) => isRunning(pid)),
			[],
		);
	});
}

test('ranks that handle the signal end as they like', async () => {
	const { job } = await begin(`process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });${waiting}`);
	job.signal('SIGTERM');
	assert.deepEqual([await job.line(), await job.line(), await job.line()], ['bye', 'bye', 'bye']);
	assert.equal(await job.end(), 0);
});

test('SIGUSR2 reaches the ranks, and ends nothing that handles it', async () => {
	const { job } = await begin(`process.on('SIGUSR2', () => { console.log('got it'); process.exit(0); });${waiting}`);
	job.signal('SIGUSR2');
	assert.deepEqual([await job.line(), await job.line(), await job.line()], ['got it', 'got it', 'got it']);
	assert.equal(await job.end(), 0);
});

test('the same signal again kills ranks that do not listen', async () => {
	const { job } = await begin(`process.on('SIGTERM', () => console.log('no'));${waiting}`);
	job.signal('SIGTERM');
	assert.deepEqual([await job.line(), await job.line(), await job.line()], ['no', 'no', 'no']);
	job.signal('SIGTERM');
	assert.equal(await job.end(), 137);
});

for (const how of ['setInterval(() => {}, 1000);', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);', 'for (;;) {}']) {
	test(`ranks end with a launcher that is killed: ${how}`, async () => {
		const { job, pids } = await begin(`console.log(process.pid); ${how}`);
		job.signal('SIGKILL');
		assert.equal(await job.end(), 'SIGKILL');
		for (const pid of pids) await gone(pid);
	});
}

test('a rank that is killed from outside', async () => {
	const { job, pids } = await begin(waiting);
	process.kill(pids[1]!, 'SIGKILL');
	assert.equal(await job.end(), 137);
	assert.match(job.stderr, /rank \d was killed by SIGKILL/);
	for (const pid of pids) await gone(pid);
});

test('a job goes on without the forkserver, and its end is told', async () => {
	const { job, pids } = await begin(`process.on('SIGUSR2', () => process.exit(0));${waiting}`);
	const helpers = readFileSync(`/proc/${job.pid}/task/${job.pid}/children`, 'utf8').trim().split(' ').map(Number);
	assert.equal(helpers.length, 1);
	process.kill(helpers[0]!, 'SIGKILL');
	await gone(helpers[0]!);
	assert.deepEqual(
		pids.filter((pid) => isRunning(pid)),
		pids,
	);
	job.signal('SIGUSR2');
	assert.deepEqual([await job.end(), job.stderr], [0, '']);
});

test('a reader that goes away ends the job', async () => {
	const folder = project({ 'main.js': "setInterval(() => console.log('y'));" });
	const job = spawn(process.execPath, [launcherMain, 'mpiexec', '-n', '2', join(folder, 'main.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
	job.stdout.once('data', () => job.stdout.destroy());
	assert.deepEqual(await once(job, 'exit'), [141, null]);
});
