/** Semaphore and BoundedSemaphore: Python's rules, and permits of the dead. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { BoundedSemaphore, Semaphore, TimeoutError } from 'nprocs';
import { toHandle } from '#nprocs/codec/handle.js';
import { self } from '#nprocs/memory/registry.js';
import { Segment } from '#nprocs/memory/segment.js';
import { holdersOf } from '#nprocs/sync/semaphore.js';
import { until, untilWaiting } from '../helpers/waiting.ts';
import { Actor } from '../helpers/actor.js';

after(() => Actor.killAll());

test('a Semaphore counts, and may go above its first value', async () => {
	using semaphore = new Semaphore(2);
	const other = new Actor();
	await other.open({ semaphore });
	assert.equal(semaphore.getValue(), 2);
	assert.equal(await semaphore.acquire(), true);
	assert.equal(await other.invoke('semaphore', 'getValue'), 1);
	assert.equal(semaphore.acquireSync(), true);
	assert.equal(semaphore.acquireSync(0), false);
	assert.equal(await semaphore.acquire(10), false);
	assert.equal(await other.invoke('semaphore', 'acquireSync', 0), false);
	for (const value of [1, 2, 3, 4]) {
		semaphore.release();
		assert.equal(semaphore.getValue(), value);
	}
	assert.equal(inspect(semaphore), '<Semaphore(value=4)>');
	semaphore.release(3);
	assert.equal(semaphore.getValue(), 7);
});

test('a BoundedSemaphore does not go above its first value', async () => {
	using semaphore = new BoundedSemaphore(2);
	assert.equal(inspect(semaphore), '<BoundedSemaphore(value=2, maxvalue=2)>');
	assert.throws(() => semaphore.release(), { code: 'ERR_NPROCS_OVER_RELEASE' });
	await semaphore.acquire();
	assert.throws(() => semaphore.release(2), { code: 'ERR_NPROCS_OVER_RELEASE' });
	semaphore.release();
	assert.equal(semaphore.getValue(), 2);
});

test('a waiter gets a permit that is released elsewhere', async () => {
	using semaphore = new Semaphore(0);
	const others = [new Actor(), new Actor()];
	for (const other of others) await other.open({ semaphore });
	const waits = [others[0]!.invoke('semaphore', 'acquire'), others[1]!.invoke('semaphore', 'acquireSync'), semaphore.acquire()];
	await untilWaiting(semaphore, 3);
	semaphore.release(3);
	assert.deepEqual(await Promise.all(waits), [true, true, true]);
	assert.equal(semaphore.getValue(), 0);
});

test('what a dead process held comes back, to who waits and to who looks', async () => {
	using semaphore = new Semaphore(5);
	const [first, second] = [new Actor(), new Actor()];
	for (const other of [first, second]) await other.open({ semaphore });
	for (let i = 0; i < 3; i++) await first.invoke('semaphore', 'acquireSync');
	await second.invoke('semaphore', 'acquire');
	await semaphore.acquire();
	assert.equal(semaphore.getValue(), 0);
	const waiting = semaphore.acquire();
	await first.kill();
	assert.equal(await waiting, true);
	assert.equal(semaphore.getValue(), 2);
	await second.kill();
	assert.equal(semaphore.getValue(), 3);
	semaphore.release();
	semaphore.release();
	assert.equal(semaphore.getValue(), 5);
});

test('many killed holders: no permit is lost, none appears', async () => {
	using semaphore = new BoundedSemaphore(3);
	for (let round = 0; round < 8; round++) {
		const others = [new Actor(), new Actor()];
		for (const other of others) {
			await other.open({ semaphore });
			other.tell('useForever', 'semaphore');
		}
		let inUse = 0;
		await until(() => (inUse += semaphore.getValue() < 3 ? 1 : 0) > round);
		await Promise.all(others.map((other) => other.kill()));
		for (let i = 0; i < 3; i++) assert.equal(await semaphore.acquire(), true);
		assert.equal(await semaphore.acquire(0), false);
		semaphore.release(3);
	}
});

test('a semaphore that others release is a counter: nothing comes back', async () => {
	using semaphore = new Semaphore(1);
	const consumer = new Actor();
	await consumer.open({ semaphore });
	await consumer.invoke('semaphore', 'acquireSync');
	semaphore.release();
	await consumer.invoke('semaphore', 'acquireSync');
	await consumer.kill();
	assert.equal(await semaphore.acquire(300), false);
});

test('hold, run, names and bad values', async () => {
	using semaphore = new Semaphore(1, { name: `semaphore-test-${process.pid}` });
	using same = new Semaphore(99, { name: `semaphore-test-${process.pid}` });
	{
		using _ = await semaphore.hold();
		assert.equal(same.getValue(), 0);
		await assert.rejects(same.hold(1), TimeoutError);
	}
	assert.equal(await same.run(() => same.getValue()), 0);
	assert.equal(
		same.runSync(() => same.locked()),
		true,
	);
	assert.equal(semaphore.getValue(), 1);
	for (const value of [-1, 1.5, 2 ** 31, Number.NaN, '1' as unknown as number])
		assert.throws(() => new Semaphore(value), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => semaphore.release(0), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('permits come back from more users than there are first entries; the dead ones’ entries are used again', async () => {
	using semaphore = new Semaphore(2);
	const { segments } = semaphore[toHandle]();
	using segment = Segment.open(segments[0]!, 'Semaphore');
	const table = holdersOf(segment);
	const count = table.count();
	// Threads that live and hold nothing.
	for (let i = 0; i < count; i++) table.claim(self().token, () => false);
	for (let round = 0; round < 3; round++) {
		const [holder, other] = [new Actor(), new Actor()];
		for (const actor of [holder, other]) await actor.open({ semaphore });
		for (const actor of [other, holder]) assert.equal(await actor.invoke('semaphore', 'acquireSync', 10_000), true);
		const waiting = semaphore.acquire(60_000);
		await holder.kill();
		assert.equal(await waiting, true, 'a permit of one in the extension');
		await other.invoke('semaphore', 'release');
		semaphore.release();
		assert.equal(semaphore.getValue(), 2);
		await other.kill();
	}
	assert.ok(table.inUse < 2 * (count + 4));
});
