/**
 * The forkserver is killed or stopped while it starts: the start tries again, and only a second one that comes to
 * nothing means that it does not work here.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { Program, project } from '../helpers/programs.ts';

const skip = existsSync(`/proc/self/task/${process.pid}/children`) ? false : 'the kernel does not list the children of a process';

/**
 * `main.mjs SIGNAL TIMES`: while this thread blocks in start(), another one looks for forkservers of the process, hits
 * the first TIMES of them before they are ready, and tells how many.
 */
const files = {
	'hit.mjs': `
		import { readFileSync, readdirSync } from 'node:fs';
		import { workerData } from 'node:worker_threads';
		const { signal, times, count } = workerData;
		const hit = new Set();
		const read = (path) => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };
		while (hit.size < times) {
			for (const pid of readdirSync('/proc/self/task').flatMap((task) => read('/proc/self/task/' + task + '/children').split(' ')).filter(Boolean)) {
				if (hit.has(pid) || !read('/proc/' + pid + '/cmdline').includes('forkserver.js') || hit.size === times) continue;
				try { process.kill(Number(pid), signal); } catch { continue; }
				hit.add(pid);
				Atomics.add(count, 0, 1);
			}
		}`,
	'main.mjs': `
		import { Worker } from 'node:worker_threads';
		import { once } from 'node:events';
		import { Process, getAllStartMethods, isMain } from 'nprocs';
		export function nothing() {}
		if (isMain(import.meta)) {
			const count = new Int32Array(new SharedArrayBuffer(4));
			const worker = new Worker(new URL('./hit.mjs', import.meta.url), { workerData: { signal: process.argv[2], times: Number(process.argv[3]), count } });
			await once(worker, 'online');
			for (let i = 0; i < 3; i++) {
				let child;
				try { child = new Process({ target: nothing, ...(process.argv[4] && { context: process.argv[4] }) }).start(); } catch (error) { console.log(error.code); continue; }
				child.joinSync();
				console.log(child.exitCode, getAllStartMethods().join());
			}
			console.log('hit', count[0]);
			await worker.terminate();
		}`,
};

async function outputOf(...args: string[]): Promise<string[]> {
	const folder = project(files);
	const program = new Program([`${folder}/main.mjs`, ...args]);
	after(() => program.child.kill('SIGKILL'));
	assert.equal(await program.end(), 0, program.stderr);
	return program.stdout.trim().split('\n');
}

for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGSTOP']) {
	test(`${signal} once: the start goes on with another one`, { skip }, async () => {
		assert.deepEqual(await outputOf(signal, '1'), ['0 forkserver,spawn', '0 forkserver,spawn', '0 forkserver,spawn', 'hit 1']);
	});
}

test('twice in a row: processes are spawned from then on', { skip }, async () => {
	assert.deepEqual(await outputOf('SIGKILL', '2'), ['0 spawn', '0 spawn', '0 spawn', 'hit 2']);
});

test('twice in a row where it was asked for: an error', { skip }, async () => {
	const codes = ['ERR_NPROCS_FORKSERVER_UNUSABLE', 'ERR_NPROCS_START_METHOD', 'ERR_NPROCS_START_METHOD'];
	assert.deepEqual(await outputOf('SIGKILL', '2', 'forkserver'), [...codes, 'hit 2']);
});
