/**
 * What becomes of a pool when its owner ends, however that ends. The runner looks for what is left over.
 * Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Program } from '../helpers/programs.ts';

const owner = join(import.meta.dirname, '../fixtures/pool/owner.js');

async function start(...args: string[]): Promise<{ program: Program; pids: number[] }> {
	const program = new Program([owner, ...args]);
	return { program, pids: (await program.line()).split(' ').map(Number) };
}

async function checkGone(pids: readonly number[]): Promise<void> {
	for (const pid of pids) while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a program that does not close its pool ends by itself, when there is nothing to do', async () => {
	const { program, pids } = await start('idle');
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stderr, '', 'no worker is started in the place of one that ends with the program');
	await checkGone(pids);
});

test('the end of the program waits for what is wanted of the pool, and for nothing else', async () => {
	const { program, pids } = await start('finish');
	assert.equal(await program.end(), 0, program.stderr);
	assert.deepEqual(program.stdout.trim().split('\n').slice(1).toSorted(), ['imap 1000', 'map 1000']);
	assert.equal(program.stderr, '');
	await checkGone(pids);
});

for (const call of ['apply', 'map', 'mapInChunks', 'imap', 'imapUnordered', 'stream']) {
	test(`process.exit() with work under way from ${call}`, async () => {
		const { program, pids } = await start('exit', call);
		assert.equal(await program.end(), 3, program.stderr);
		await checkGone(pids);
	});

	test(`an error that nobody catches, with work under way from ${call}`, async () => {
		const { program, pids } = await start('throw', call);
		assert.equal(await program.end(), 1);
		assert.match(program.stderr, /RangeError: in the program/);
		await checkGone(pids);
	});

	for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
		test(`the owner is ended by ${signal}, with work under way from ${call}`, async () => {
			const { program, pids } = await start('wait', call);
			// Ctrl-C goes to all of a terminal's processes.
			process.kill(signal === 'SIGINT' ? -program.pid : program.pid, signal);
			assert.equal(await program.end(), signal);
			await checkGone(pids);
		});
	}
}
