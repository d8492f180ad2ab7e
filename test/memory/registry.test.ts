/** Tokens: who is alive. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { addon } from '#nprocs/native/addon.js';
import { participantOf, isAlive, participants, registryWords, self, setName, slotField, slotWords } from '#nprocs/memory/registry.js';
import { Actor } from '../helpers/actor.js';

const actor = (): Actor => new Actor();
after(() => Actor.killAll());

test('a thread has one token, which is alive', () => {
	const { token } = self();
	assert.equal(self().token, token);
	assert.ok(token > 0 && token < 2 ** 30);
	assert.ok(isAlive(token));
	setName('the test');
	assert.equal(participantOf(token)?.name, 'the test');
	assert.equal(participantOf(token)?.pid, process.pid);
	assert.ok(!isAlive(0));
});

test('the token of a killed process is dead, also before it is reaped and after its slot is used again', async () => {
	const one = actor();
	const token = await one.call<number>('token');
	assert.ok(isAlive(token));
	assert.ok(participants().some((participant) => participant.token === token));
	await one.kill();
	assert.ok(!isAlive(token));
	const other = actor();
	const next = await other.call<number>('token');
	assert.notEqual(next, token);
	assert.ok(!isAlive(token));
	assert.ok(isAlive(next));
});

test('a stopped process is alive', async () => {
	const one = actor();
	const token = await one.call<number>('token');
	one.signal('SIGSTOP');
	assert.ok(isAlive(token));
	one.signal('SIGCONT');
});

test('a normal end retires the slot', async () => {
	const one = actor();
	const token = await one.call<number>('token');
	await one.end();
	const generation = registryWords()[(token & 4095) * slotWords + slotField.generation]!;
	assert.notEqual(generation & 0x3ffff, token >>> 12);
	assert.equal(registryWords()[(token & 4095) * slotWords], 0);
});

test('a pid that is used again is not the old process', async () => {
	const one = actor();
	const token = await one.call<number>('token');
	// What a recycled pid looks like: the same pid with another start time.
	const base = (token & 4095) * slotWords;
	const words = registryWords();
	const startTime = words[base]!;
	words[base] = startTime - 100;
	assert.ok(!isAlive(token));
	words[base] = startTime;
	assert.ok(isAlive(token));
});

test('a zombie is dead', () => {
	// Its parent (this process) is in no event loop here, so it cannot have been reaped.
	assert.ok(addon().processStartTime(process.pid) > 0);
	assert.equal(addon().processStartTime(2 ** 22 + 1), -3);
});

test('worker threads have tokens of their own, which die with them', async () => {
	const code = `
		const { parentPort } = require('node:worker_threads');
		import(${JSON.stringify(new URL('../../../dist/memory/registry.js', import.meta.url).href)}).then(({ self }) => {
			parentPort.postMessage(self().token);
			setInterval(() => {}, 1000);
		});`;
	const worker = new Worker(code, { eval: true });
	const token = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
	assert.notEqual(token, self().token);
	assert.ok(isAlive(token));
	assert.equal(participantOf(token)?.pid, process.pid);
	await worker.terminate();
	assert.ok(!isAlive(token));
});

test('a forked child is a participant of its own, and its parent goes on', async () => {
	const program = new URL('../fixtures/memory/fork-participant.js', import.meta.url).pathname;
	const { stdout } = await promisify(execFile)(process.execPath, ['--single-threaded', '--v8-pool-size=0', program]);
	assert.deepEqual(stdout.split('\n').sort(), ['', 'child: [true,true,true,true] undefined', 'parent: true 7']);
});
