import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Process, Queue } from 'nprocs';
import { ITEMS_POLICY, ROOM_POLICY, type Stream } from '#nprocs/stream/stream.js';
import { policyWord, WakePolicy } from '#nprocs/stream/wake-policy.js';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { WaiterSet } from '#nprocs/wait/waiter-set.js';
import * as programs from '../fixtures/channel/programs.js';

after(() => {
	collectGarbage();
	assert.deepEqual(
		listNames().filter((name) => !name.includes('-registry-')),
		[],
	);
});

const own = 7;
const other = 9;

/** A policy whose set always has a waiter, and counts how often one is woken. */
function policy(): { words: Int32Array; own: WakePolicy; other: WakePolicy; woken: () => number; passedOn: () => number } {
	const words = new Int32Array(WakePolicy.words);
	const count = { woken: 0, passedOn: 0 };
	const set = { mayHaveWaiters: true, wakeOne: () => count.woken++ } as unknown as WaiterSet;
	const of = (token: number): WakePolicy => new WakePolicy({ words, base: 0, set, token: () => token, passOn: () => count.passedOn++ });
	return { words, own: of(own), other: of(other), woken: () => count.woken, passedOn: () => count.passedOn };
}

test('one is woken, and no other until somebody has looked', () => {
	const { own, other, woken } = policy();
	own.wakeFirst();
	own.wakeFirst();
	other.wakeNext();
	assert.equal(woken(), 1);
	other.arrive();
	own.wakeNext();
	assert.equal(woken(), 2);
});

test('nobody is woken while somebody looks all the time; who has found something passes on', () => {
	const { own, other, woken, passedOn } = policy();
	own.beginSpin();
	other.beginSpin();
	other.endSpin('in vain');
	other.wakeFirst();
	assert.equal(woken(), 0);
	own.endSpin('found');
	assert.equal(passedOn(), 1);
	other.wakeFirst();
	assert.equal(woken(), 1);
});

test('while somebody dozes, only the first message wakes; one dozes at a time', () => {
	const { own, other, woken } = policy();
	assert.ok(own.beginDoze()! > 0);
	assert.equal(other.beginDoze(), undefined);
	other.endDoze();
	other.wakeNext();
	assert.equal(woken(), 0);
	other.wakeFirst();
	assert.equal(woken(), 1);
	own.endDoze();
	own.arrive();
	assert.ok(other.beginDoze()! > 0);
});

test('who finds something late takes the words away, whoever left them', () => {
	const { words, own, woken } = policy();
	words.fill(other);
	own.wakeFirst();
	assert.equal(woken(), 0);
	own.foundLate();
	assert.deepEqual([...words], [0, 0, 0]);
	own.wakeFirst();
	assert.equal(woken(), 1);
});

/** Every word as one that died or was stopped would leave it. */
function spoil(queue: Queue): void {
	const { segment } = (queue as unknown as { stream: Stream }).stream;
	for (const base of [ITEMS_POLICY, ROOM_POLICY])
		for (let word = 0; word < WakePolicy.words; word++) Atomics.store(segment.int32, base + word, 123);
}

test('words that the dead have left hold nobody up for long: all consumers get what is theirs', async () => {
	const queue = new Queue<number | null>();
	const ready = new Queue<string>();
	const consumers = Array.from({ length: 4 }, () => new Process({ target: programs.takeSlowly, args: [queue, ready] }).start());
	for (const _ of consumers) await ready.get();
	for (let round = 0; round < 5; round++) {
		spoil(queue);
		for (let i = 0; i < 50; i++) queue.putSync(i);
		for (let i = 0; i < 50; i++) await ready.get();
	}
	spoil(queue);
	for (const _ of consumers) queue.putSync(null);
	for (const consumer of consumers) {
		await consumer.join();
		assert.equal(consumer.exitCode, 0);
	}
	queue.close();
	ready.close();
});

test('the same for a consumer that waits in its event loop: the words are gone when it has found something', async () => {
	const queue = new Queue<number>();
	const words = (queue as unknown as { stream: Stream }).stream.segment.int32;
	for (let i = 0; i < 3; i++) {
		const waiting = queue.get();
		await new Promise(setImmediate);
		spoil(queue);
		queue.putSync(i);
		assert.equal(await waiting, i);
		assert.deepEqual([words[ITEMS_POLICY + policyWord.spinner], words[ITEMS_POLICY + policyWord.dozer]], [0, 0]);
	}
	queue.close();
});

test('a stopped consumer keeps nothing from the others', async () => {
	const queue = new Queue<number | null>();
	const ready = new Queue<string>();
	const consumers = Array.from({ length: 4 }, () => new Process({ target: programs.takeSlowly, args: [queue, ready] }).start());
	for (const _ of consumers) await ready.get();
	const [stopped, ...others] = consumers as [Process, ...Process[]];
	process.kill(stopped.pid!, 'SIGSTOP');
	try {
		// It may be in the middle of taking one.
		for (let i = 0; i < 101; i++) queue.putSync(i);
		for (let i = 0; i < 100; i++) await ready.get();
		for (const _ of others) queue.putSync(null);
		for (const consumer of others) await consumer.join();
	} finally {
		process.kill(stopped.pid!, 'SIGKILL');
	}
	await stopped.join();
	queue.close();
	ready.close();
});
