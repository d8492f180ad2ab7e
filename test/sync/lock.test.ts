/** Lock and RLock: Python's rules, tasks, names, and what happens when somebody is killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { ClosedError, Lock, RLock, TimeoutError } from 'nprocs';
import { Segment } from '#nprocs/memory/segment.js';
import { untilWaiting } from '../helpers/waiting.ts';
import { Actor } from '../helpers/actor.js';

after(() => Actor.killAll());

for (const Class of [Lock, RLock]) {
	test(`${Class.name}: excludes other processes, sync and async`, async () => {
		const other = new Actor();
		using lock = new Class();
		await other.open({ lock });
		assert.equal(lock.acquireSync(), true);
		assert.equal(lock.locked(), true);
		assert.equal(await other.invoke('lock', 'locked'), true);
		assert.equal(await other.invoke('lock', 'acquireSync', 0), false);
		assert.equal(await other.invoke('lock', 'acquire', 10), false);
		for (const method of ['acquire', 'acquireSync']) {
			const acquired = other.invoke('lock', method);
			await untilWaiting(lock, 1);
			lock.release();
			assert.equal(await acquired, true);
			assert.equal(await lock.acquire(0), false);
			assert.equal(lock.acquireSync(10), false);
			const mine = lock.acquire();
			await other.invoke('lock', 'release');
			assert.equal(await mine, true);
		}
		lock.release();
		assert.equal(lock.locked(), false);
	});

	test(`${Class.name}: the death of the holder frees it, and the next owner sees abandoned`, async () => {
		using lock = new Class();
		for (const method of ['acquire', 'acquireSync'] as const) {
			const holder = new Actor();
			await holder.open({ lock });
			await holder.invoke('lock', 'acquireSync');
			if (Class === RLock) await holder.invoke('lock', 'acquireSync');
			const acquired = method === 'acquire' ? lock.acquire() : undefined;
			await holder.kill();
			assert.equal(await (acquired ?? lock.acquireSync()), true);
			assert.equal(lock.abandoned, true);
			assert.equal(lock.owner?.pid, process.pid);
			lock.release();
			assert.equal(lock.locked(), false, 'its depth is not inherited');
			assert.equal(await lock.acquire(), true);
			assert.equal(lock.abandoned, false);
			lock.release();
		}
	});

	test(`${Class.name}: the death of the holder is seen by who does not want to wait`, async () => {
		using lock = new Class();
		const holder = new Actor();
		await holder.open({ lock });
		await holder.invoke('lock', 'acquireSync');
		await holder.kill();
		assert.equal(lock.locked(), false);
		assert.equal(lock.owner, null);
		assert.equal(lock.acquireSync(0), true);
		assert.equal(lock.abandoned, true);
	});

	test(`${Class.name}: a stopped holder keeps it`, async () => {
		using lock = new Class();
		const holder = new Actor();
		await holder.open({ lock });
		await holder.invoke('lock', 'acquireSync');
		holder.signal('SIGSTOP');
		assert.equal(await lock.acquire(400), false);
		holder.signal('SIGCONT');
		const mine = lock.acquire();
		await holder.invoke('lock', 'release');
		assert.equal(await mine, true);
		assert.equal(lock.abandoned, false);
	});

	test(`${Class.name}: killed waiters harm nobody`, async () => {
		using lock = new Class();
		lock.acquireSync();
		const waiters = [new Actor(), new Actor(), new Actor()];
		for (const [i, waiter] of waiters.entries()) {
			await waiter.open({ lock });
			waiter.tell('invoke', 'lock', i % 2 === 0 ? 'acquire' : 'acquireSync');
		}
		await untilWaiting(lock, 3);
		await waiters[0]!.kill();
		lock.release();
		await Promise.all(waiters.map((waiter) => waiter.kill()));
		assert.equal(await lock.acquire(), true);
		lock.release();
	});

	test(`${Class.name}: hold and run`, async () => {
		using lock = new Class();
		{
			using _ = await lock.hold();
			assert.ok(lock.locked());
		}
		{
			using _ = lock.holdSync();
			assert.ok(lock.locked());
		}
		assert.ok(!lock.locked());
		const held = await lock.hold();
		held[Symbol.dispose]();
		lock.acquireSync();
		held[Symbol.dispose]();
		assert.ok(lock.locked(), 'disposing again does nothing');
		lock.release();
		assert.equal(await lock.run(() => lock.locked()), true);
		assert.equal(await lock.run(async () => 5), 5);
		assert.equal(
			lock.runSync(() => 6),
			6,
		);
		await assert.rejects(
			lock.run(() => Promise.reject(new RangeError('x'))),
			RangeError,
		);
		assert.throws(() => lock.runSync(() => assert.fail('x')), assert.AssertionError);
		assert.ok(!lock.locked());
		const other = new Actor();
		await other.open({ lock });
		await other.invoke('lock', 'acquireSync');
		await assert.rejects(lock.hold(5), TimeoutError);
		assert.throws(() => lock.holdSync(5), TimeoutError);
		await assert.rejects(
			lock.run(() => 1, 5),
			TimeoutError,
		);
	});

	test(`${Class.name}: an aborted acquire leaves nothing behind`, async () => {
		using lock = new Class();
		const other = new Actor();
		await other.open({ lock });
		await other.invoke('lock', 'acquireSync');
		const reason = new Error('stop');
		const controller = new AbortController();
		const waiting = lock.acquire(controller.signal);
		controller.abort(reason);
		await assert.rejects(waiting, (error) => error === reason);
		await assert.rejects(lock.acquire({ signal: AbortSignal.abort(reason), timeout: 5 }), (error) => error === reason);
		assert.throws(
			() => lock.acquireSync(AbortSignal.abort(reason)),
			(error) => error === reason,
		);
		await other.invoke('lock', 'release');
		assert.equal(await other.invoke('lock', 'acquireSync', 0), true);
	});

	test(`${Class.name}: a name makes it one object for all`, async () => {
		const name = `lock-test-${process.pid}`;
		using one = new Class({ name });
		using two = new Class({ name });
		one.acquireSync();
		assert.equal(two.locked(), true);
		assert.equal(one.name, name);
		assert.throws(() => new Class({ name: '../x' }), { code: 'ERR_NPROCS_INVALID_ARG' });
	});

	test(`${Class.name}: closed`, async () => {
		const lock = new Class();
		const other = new Actor();
		await other.open({ lock });
		await other.invoke('lock', 'acquireSync');
		const waiting = lock.acquire();
		lock.close();
		lock.close();
		await assert.rejects(waiting, ClosedError);
		assert.throws(() => lock.release(), ClosedError);
		assert.throws(() => lock.acquireSync(), ClosedError);
		await assert.rejects(lock.acquire(), ClosedError);
		assert.match(inspect(lock), /closed/);
	});
}

test('worker threads take part; what a terminated one held is free', async () => {
	const name = `worker-${process.pid}`;
	using lock = new Lock({ name });
	const code = `
		const { parentPort } = require('node:worker_threads');
		import('nprocs').then(async ({ Lock }) => {
			const lock = new Lock({ name: '${name}' });
			await lock.acquire();
			parentPort.postMessage('held');
			parentPort.once('message', () => { lock.release(); parentPort.postMessage('released'); });
		});`;
	const worker = new Worker(code, { eval: true });
	await once(worker, 'message');
	assert.equal(await lock.acquire(20), false);
	assert.match(inspect(lock), /SomeOtherThread/);
	const mine = lock.acquire();
	worker.postMessage('release');
	assert.equal(await mine, true);
	lock.release();
	await worker.terminate();
	const second = new Worker(code, { eval: true });
	await once(second, 'message');
	const waiting = lock.acquire();
	await second.terminate();
	assert.equal(await waiting, true);
	assert.equal(lock.abandoned, true);
	lock.release();
});

test('a Lock may be released by anybody, but not when it is free', async () => {
	using lock = new Lock();
	const other = new Actor();
	await other.open({ lock });
	lock.acquireSync();
	await other.invoke('lock', 'release');
	assert.ok(!lock.locked());
	assert.throws(() => lock.release(), { code: 'ERR_NPROCS_NOT_HELD' });
	await assert.rejects(other.invoke('lock', 'release'), { code: 'ERR_NPROCS_NOT_HELD' });
	assert.equal(lock.acquireSync(0), true);
	assert.equal(lock.acquireSync(5), false, 'a Lock is not re-entrant');
});

test('inspect, as Python says it', async () => {
	const other = new Actor();
	using lock = new Lock();
	using rlock = new RLock();
	await other.open({ lock, rlock });
	assert.equal(inspect(lock), '<Lock(owner=None)>');
	assert.equal(inspect(rlock), '<RLock(None, 0)>');
	lock.acquireSync();
	for (let i = 0; i < 3; i++) rlock.acquireSync();
	assert.equal(inspect(lock), '<Lock(owner=MainProcess)>');
	assert.equal(inspect(rlock), '<RLock(MainProcess, 3)>');
	assert.equal(await other.call('inspect', 'lock'), '<Lock(owner=SomeOtherProcess)>');
	assert.equal(await other.call('inspect', 'rlock'), '<RLock(SomeOtherProcess, nonzero)>');
});

test('chains of awaits of one process get a lock in the order in which they asked', async () => {
	using lock = new Lock();
	const order: number[] = [];
	lock.acquireSync();
	const tasks = Array.from({ length: 20 }, async (_, i) => {
		await lock.acquire();
		order.push(i);
		await turn();
		lock.release();
	});
	lock.release();
	await Promise.all(tasks);
	assert.deepEqual(
		order,
		Array.from({ length: 20 }, (_, i) => i),
	);
});

test('RLock: as often released as acquired, by its owner only', async () => {
	using lock = new RLock();
	const other = new Actor();
	await other.open({ lock });
	for (let i = 0; i < 3; i++) assert.equal(lock.acquireSync(), true);
	await assert.rejects(other.invoke('lock', 'release'), { code: 'ERR_NPROCS_NOT_HELD', message: /not held/ });
	for (let i = 0; i < 2; i++) lock.release();
	assert.equal(await other.invoke('lock', 'acquireSync', 0), false);
	lock.release();
	assert.throws(() => lock.release(), { code: 'ERR_NPROCS_NOT_HELD' });
	assert.equal(await other.invoke('lock', 'acquireSync', 0), true);
});

test('RLock: two chains of awaits in one process exclude each other, each may acquire again', async () => {
	using lock = new RLock();
	const log: string[] = [];
	const inner = async (name: string): Promise<void> => {
		await lock.acquire();
		log.push(`${name} in`);
		await sleep(2);
		log.push(`${name} out`);
		lock.release();
	};
	const task = async (name: string): Promise<void> => {
		await lock.acquire();
		await inner(name);
		await lock.acquire();
		lock.release();
		lock.release();
	};
	await Promise.all([task('a'), task('b')]);
	// Started one by one from a loop in no chain, which must not become a part of the first.
	const running: Promise<void>[] = [];
	for (const name of ['c', 'd', 'e']) {
		running.push(task(name));
		await sleep(1);
	}
	await Promise.all(running);
	await Promise.all([task('f'), task('g')]);
	assert.deepEqual(
		log,
		['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((name) => [`${name} in`, `${name} out`]),
	);
	assert.ok(!lock.locked());
});

test('RLock: a helper that acquires hands its chain on to who awaits it', async () => {
	using lock = new RLock();
	const enter = async (): Promise<void> => {
		await sleep(1);
		await lock.acquire();
	};
	const task = async (): Promise<number> => {
		await enter();
		await sleep(1);
		assert.equal(await lock.acquire(100), true, 'it is the owner');
		lock.release();
		const depth = /, (\d)/.exec(inspect(lock))?.[1];
		lock.release();
		return Number(depth);
	};
	assert.deepEqual(await Promise.all([task(), task(), task()]), [1, 1, 1]);
});

test('RLock: a chain of awaits cannot release what another one holds', async () => {
	using lock = new RLock();
	using mine = new RLock();
	let letGo = (): void => {};
	const holding = (async () => {
		await lock.acquire();
		await new Promise<void>((resolve) => (letGo = resolve));
		lock.release();
	})();
	await mine.run(() => assert.throws(() => lock.release(), { code: 'ERR_NPROCS_NOT_HELD', message: /chain of awaits/ }));
	assert.equal(await lock.acquire(5), false);
	letGo();
	await holding;
	assert.ok(!lock.locked());
});

test('mutual exclusion: a plain counter under a lock, incremented by several processes', async () => {
	const actors = Array.from({ length: 4 }, () => new Actor());
	for (const Class of [Lock, RLock]) {
		using lock = new Class();
		using counter = Segment.create({ kind: 'Test', size: 64 });
		for (const actor of actors) {
			await actor.open({ lock });
			await actor.call('open', counter.name, 'Test');
		}
		await Promise.all(actors.map((actor, i) => actor.call('incrementUnder', 'lock', counter.name, 2000, i % 2 === 0 ? 'sync' : 'async')));
		assert.equal(counter.int32[0], 8000);
	}
});
