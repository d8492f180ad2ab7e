/** A process gives up its user while it takes part. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { letOthersRead, obstacleToOtherUser } from '../helpers/other-user.ts';
import { Program, project } from '../helpers/programs.ts';

const skip = obstacleToOtherUser();

/** What the former user has left is for its programs to remove. */
after(() => void collectGarbage());

async function outputOf(main: string): Promise<string[]> {
	const folder = project({
		'main.mjs': `
			import { text } from 'node:stream/consumers';
			import { Event, Lock, Process, Queue, SharedMemory, isMain } from 'nprocs';
			const drop = () => { process.setgroups([]); process.setgid(65534); process.setuid(65534); };
			${main}`,
	});
	letOthersRead(folder);
	const program = new Program([`${folder}/main.mjs`]);
	assert.equal(await program.end(), 0, program.stderr);
	return program.stdout.trim().split('\n');
}

test('what is open can be used on, with those who have not changed', { skip }, async () => {
	const lines = await outputOf(`
		export async function worker(jobs, results, lock) {
			drop();
			for (;;) {
				const job = await jobs.get();
				if (job === null) break;
				await lock.acquire();
				await results.put([process.geteuid(), job * 2]);
				lock.release();
			}
			try { new Event(); } catch (error) { await results.put(error.code); }
			// What is large is a file of its sender.
			try { await results.put(new Uint8Array(1e6)); } catch (error) { await results.put(error.code); }
		}
		if (isMain(import.meta)) {
			const [jobs, results, lock] = [new Queue(), new Queue(), new Lock()];
			const child = new Process({ target: worker, args: [jobs, results, lock] }).start();
			for (const job of [1, 2, 3, null]) await jobs.put(job);
			for (let i = 0; i < 5; i++) console.log(JSON.stringify(await results.get()));
			await child.join();
			console.log(child.exitCode, await lock.acquire(0), lock.abandoned);
		}`);
	const code = '"ERR_NPROCS_USER_CHANGED"';
	assert.deepEqual(lines, ['[65534,2]', '[65534,4]', '[65534,6]', code, code, '0 true false']);
});

test('when all is closed, it takes part as its new user, with its new processes', { skip }, async () => {
	const lines = await outputOf(`
		export async function child(queue, lock) {
			await lock.acquire();
			await queue.put([process.geteuid(), new Uint8Array(1e6)]);
			process.kill(process.pid, 'SIGKILL');
		}
		if (isMain(import.meta)) {
			const before = new Queue();
			const first = new Lock();
			await before.put(new Uint8Array(1e6));
			await before.get();
			await new Process({ target: child, args: [before, first] }).start().join();
			console.log((await before.get())[0]);
			drop();
			try { new Lock(); } catch (error) { console.log(error.code); }
			before.close();
			first.close();
			const queue = new Queue();
			const lock = new Lock();
			const p = new Process({ target: child, args: [queue, lock] }).start();
			const [user, bytes] = await queue.get();
			console.log(user, bytes.length);
			await p.join();
			console.log(await lock.acquire(1000), lock.abandoned);
		}`);
	assert.deepEqual(lines, ['0', 'ERR_NPROCS_USER_CHANGED', '65534 1000000', 'true true']);
});

test('an object from before cannot be given to a process from after', { skip }, async () => {
	const lines = await outputOf(`
		export async function child(lock) { console.log('never'); }
		if (isMain(import.meta)) {
			const lock = new Lock();
			drop();
			const p = new Process({ target: child, args: [lock], stdio: 'pipe' }).start();
			const errors = await text(p.stderr);
			await p.join();
			console.log(p.exitCode, /ERR_NPROCS_NO_ACCESS/.test(errors), /belongs to user 0, and this process acts as user 65534/.test(errors));
		}`);
	assert.deepEqual(lines, ['1 true true']);
});

test('the effective user counts', { skip }, async () => {
	const lines = await outputOf(`
		import { readdirSync } from 'node:fs';
		process.seteuid(65534);
		const lock = new Lock();
		console.log(readdirSync('/dev/shm').some((name) => name.startsWith('nprocs-65534-' + process.env.NPROCS_NAMESPACE + '-')), await lock.acquire());`);
	assert.deepEqual(lines, ['true true']);
});
