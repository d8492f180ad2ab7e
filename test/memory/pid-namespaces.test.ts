/**
 * Two pid namespaces that share /dev/shm, as containers may: they never take each other's processes for their own, nor
 * remove what the other holds.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { objectName, pathOf } from '#nprocs/memory/names.js';
import { existsSync } from 'node:fs';
import { Lock, SharedMemory } from 'nprocs';
import { Program, project } from '../helpers/programs.ts';

const unshare = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const skip = spawnSync('unshare', [...unshare, 'true']).status === 0 ? false : 'this user cannot make pid namespaces';

const folder = project({
	'holder.mjs': `
		import { Lock, SharedMemory } from 'nprocs';
		import { once } from 'node:events';
		try {
			const lock = new Lock({ name: process.argv[2] });
			console.log(await lock.acquire(0), lock.abandoned, process.pid);
			if (process.argv[3] === 'wait') await once(process.stdin, 'data');
			else if (process.argv[3] === 'die') process.kill(process.pid, 'SIGKILL');
			lock.release();
			lock.close();
		} catch (error) {
			console.log(error.code, error.message);
		}
		process.exit();`,
	'memory.mjs': `
		import { SharedMemory } from 'nprocs';
		const block = new SharedMemory({ name: process.argv[2] });
		console.log(new Uint8Array(block.buffer)[3]);
		new Uint8Array(block.buffer)[4] = 9;`,
	'plain.mjs': `
		import { Queue, getAllStartMethods, Process, isMain } from 'nprocs';
		export async function answer(queue) { await queue.put(process.pid); }
		if (isMain(import.meta)) {
			const queue = new Queue();
			const child = new Process({ target: answer, args: [queue] }).start();
			console.log((await queue.get()) === child.pid);
			await child.join();
		}`,
});

/** In a pid namespace of its own, whose first process is a shell: that one cannot be killed from inside. */
function contained(...args: string[]): Program {
	return new Program([...unshare, 'sh', '-c', '"$@"; exit $?', 'sh', process.execPath, ...args], { node: 'unshare', cwd: folder, stdin: 'pipe' });
}

test('a named lock is refused to the other, and kept by its holder', { skip }, async () => {
	const holder = contained('holder.mjs', 'shared', 'wait');
	assert.match(await holder.line(), /^true false \d+$/);
	const other = contained('holder.mjs', 'shared');
	assert.match(await other.line(), /^ERR_NPROCS_OTHER_PID_NAMESPACE Cannot open the Lock .* pid namespace/);
	await other.end();
	assert.throws(() => new Lock({ name: 'shared' }), { code: 'ERR_NPROCS_OTHER_PID_NAMESPACE' });
	assert.deepEqual(collectGarbage(), [], 'what they hold is not removed');
	holder.child.stdin!.end('go\n');
	assert.equal(await holder.end(), 0, holder.stderr);
	using lock = new Lock({ name: 'shared' });
	assert.equal(lock.acquireSync(0), true);
});

test('what a dead one has left belongs to nobody', { skip }, async () => {
	const name = pathOf(objectName('Lock', 'left'));
	const holder = contained('holder.mjs', 'left', 'die');
	assert.match(await holder.line(), /^true /);
	await holder.end();
	// This process has looked for garbage already; so it is the opening that finds out.
	assert.ok(existsSync(name));
	using lock = new Lock({ name: 'left' });
	assert.equal(lock.acquireSync(0), true);
	assert.equal(lock.abandoned, false);
});

test('a block of shared memory refers to nobody, and is open to both', { skip }, async () => {
	using block = new SharedMemory({ create: true, size: 64 });
	new Uint8Array(block.buffer)[3] = 7;
	const other = contained('memory.mjs', block.name);
	assert.equal(await other.line(), '7');
	assert.equal(await other.end(), 0, other.stderr);
	assert.equal(new Uint8Array(block.buffer)[4], 9);
});

test('inside of one, all is as usual', { skip }, async () => {
	const program = contained('plain.mjs');
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stdout, 'true\n');
});

test('without a /proc of its own, it is an error that says what to do', { skip }, async () => {
	const args = ['--mount', '--pid', '--fork', '--kill-child', process.execPath, 'holder.mjs', 'no-proc'];
	const program = new Program(args, { node: 'unshare', cwd: folder });
	assert.equal(await program.end(), 0, program.stderr);
	assert.match(program.stdout, /^ERR_NPROCS_NO_PROC .*mount -t proc/);
});
