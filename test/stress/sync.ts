/**
 * Processes that use two locks, an RLock and a semaphore at random, sync and async, nested in one order, while they are
 * killed and stopped at random. Invariants: mutual exclusion; no permit is lost or appears; whoever lives goes on (no
 * lost wake-up); no DeadlockError, since there is no circle; nothing is left.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedSemaphore, Lock, RLock } from 'nprocs';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { Segment } from '#nprocs/memory/segment.js';
import { Actor } from '../helpers/actor.js';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, seconds: { type: 'string', default: '20' } } });
const workers = 4;
const permits = 3;

/** mulberry32 */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

const random = randomFrom(Number(values.seed));
const objects = { lock: new Lock(), second: new Lock(), rlock: new RLock(), semaphore: new BoundedSemaphore(permits) };
// Word 0: rounds done. Words 8, 16, 24: the token of who is inside of lock, second, rlock.
const state = Segment.create({ kind: 'Test', size: 256 });

async function startWorker(): Promise<Actor> {
	const worker = new Actor();
	await worker.open(objects);
	await worker.call('open', state.name, 'Test');
	worker.call('stressLocks', state.name, Math.floor(random() * 2 ** 31)).catch((error: Error) => {
		if (error.message === 'The process ended.') return;
		console.error(error);
		process.exitCode = 1;
	});
	return worker;
}

const running = await Promise.all(Array.from({ length: workers }, startWorker));
const endsAt = performance.now() + Number(values.seconds) * 1000;
let kills = 0;
let before = 0;
while (performance.now() < endsAt && process.exitCode === undefined) {
	await sleep(5 + random() * 60);
	const victim = Math.floor(random() * workers);
	const worker = running[victim]!;
	if (random() < 0.3) {
		worker.signal('SIGSTOP');
		await sleep(random() * 150);
		worker.signal('SIGCONT');
	} else {
		await worker.kill();
		kills++;
		running[victim] = await startWorker();
	}
	// Somebody goes on: within seconds there is a round more.
	const until = performance.now() + 20_000;
	while (Atomics.load(state.int32, 0) === before) {
		assert.ok(performance.now() < until, 'nobody goes on: a wake-up was lost');
		await sleep(1);
	}
	before = Atomics.load(state.int32, 0);
}
await Promise.all(running.map((worker) => worker.kill()));

for (const object of [objects.lock, objects.second, objects.rlock]) {
	assert.equal(await object.acquire(5000), true);
	object.release();
}
for (let i = 0; i < permits; i++) assert.equal(await objects.semaphore.acquire(5000), true, 'a permit was lost');
assert.equal(await objects.semaphore.acquire(0), false, 'a permit too many');
for (const object of Object.values(objects)) object.close();
state.close();
collectGarbage();
console.log(`${before} rounds, ${kills} kills`);
