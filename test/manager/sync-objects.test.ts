/** Locks, semaphores, conditions, events, barriers and queues in a server, as several clients see them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { BrokenBarrierError, Empty, EOFError, Full, Manager, Pipe, Process, type SyncManager } from 'nprocs';
import * as programs from '../fixtures/manager/programs.js';
import * as targets from '../fixtures/manager/targets.js';

let manager: SyncManager;
before(async () => {
	manager = await Manager();
});
after(() => manager.shutdown());

test('Lock: acquired by one, released by another; over-release is an error', async () => {
	const lock = await manager.Lock();
	assert.deepEqual([await lock.acquire(), await lock.acquire(0), await lock.acquire(20), lock.acquireSync(-1)], [true, false, false, false]);
	assert.equal(await lock.locked(), true);
	const child = new Process({ target: programs.release, args: [lock] }).start();
	await child.join();
	assert.equal(child.exitCode, 0);
	assert.equal(lock.lockedSync(), false);
	await assert.rejects(lock.release(), { code: 'ERR_NPROCS_NOT_HELD' });
	assert.throws(() => lock.releaseSync(), { code: 'ERR_NPROCS_NOT_HELD' });
});

test('Lock: hold, run, and an aborted wait that leaves nothing behind', async () => {
	const lock = await manager.Lock();
	{
		await using _ = await lock.hold();
		await assert.rejects(lock.hold(10), { code: 'ERR_NPROCS_TIMEOUT' });
		const controller = new AbortController();
		const waiting = lock.acquire(controller.signal);
		assert.equal(await lock.locked(), true);
		controller.abort(new Error('changed my mind'));
		await assert.rejects(waiting, /changed my mind/);
	}
	assert.equal(await lock.locked(), false);
	assert.equal(await lock.run(async () => lock.locked()), true);
	assert.equal(
		lock.runSync(() => 5),
		5,
	);
	await assert.rejects(
		lock.run(() => {
			throw new Error('inside');
		}),
		/inside/,
	);
	assert.equal(await lock.locked(), false);
	const order: number[] = [];
	await lock.acquire();
	const waiters = [1, 2, 3].map((i) => lock.run(() => void order.push(i)));
	await lock.release();
	await Promise.all(waiters);
	assert.deepEqual(order, [1, 2, 3]);
});

test('RLock: again and again by its owner, a client, and by nobody else', async () => {
	const lock = await manager.RLock();
	assert.deepEqual([await lock.acquire(), await lock.acquire(), lock.acquireSync()], [true, true, true]);
	const [here, there] = Pipe<unknown>();
	const child = new Process({ target: programs.tryRLock, args: [lock, there] }).start();
	assert.deepEqual(await here.recv(), [false, 'ERR_NPROCS_NOT_HELD']);
	for (let i = 0; i < 3; i++) await lock.release();
	await assert.rejects(lock.release(), { code: 'ERR_NPROCS_NOT_HELD' });
	await here.send('go');
	assert.equal(await here.recv(), true);
	await child.join();
	here.close();
	there.close();
});

test('Semaphore and BoundedSemaphore', async () => {
	const semaphore = await manager.Semaphore(2);
	assert.deepEqual(
		[await semaphore.getValue(), await semaphore.acquire(), await semaphore.acquire(), await semaphore.acquire(0)],
		[2, true, true, false],
	);
	const waiting = semaphore.acquire();
	await semaphore.release();
	assert.equal(await waiting, true);
	for (let i = 0; i < 4; i++) await semaphore.release();
	assert.equal(await semaphore.getValue(), 4);
	const bounded = await manager.BoundedSemaphore(1);
	await bounded.acquire();
	await bounded.release();
	await assert.rejects(bounded.release(), { code: 'ERR_NPROCS_OVER_RELEASE' });
	await assert.rejects(manager.Semaphore(-1), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('Condition: notify wakes as many as it says, in processes too; wait holds the lock again', async () => {
	const lock = await manager.RLock();
	const condition = await manager.Condition(lock);
	const [here, there] = Pipe<unknown>();
	const children = [0, 1, 2].map(() => new Process({ target: programs.waitForCondition, args: [condition, there] }).start());
	for (let i = 0; i < 3; i++) assert.equal(await here.recv(), 'waiting');
	await assert.rejects(condition.notify(), { code: 'ERR_NPROCS_NOT_HELD' });
	await condition.acquire();
	await condition.notify();
	await condition.release();
	assert.equal(await here.recv(), true);
	assert.equal(await here.poll(20), false);
	await condition.run(() => condition.notifyAll());
	assert.deepEqual([await here.recv(), await here.recv()], [true, true]);
	for (const child of children) await child.join();

	await assert.rejects(condition.wait(), { code: 'ERR_NPROCS_NOT_HELD' });
	await lock.acquire();
	await lock.acquire();
	assert.equal(await condition.wait(10), false);
	assert.equal(await condition.wait(0), false);
	const controller = new AbortController();
	const waiting = condition.wait(controller.signal);
	const other = new Process({ target: programs.acquireAndRelease, args: [lock, there] }).start();
	assert.equal(await here.recv(), 'done'); // the lock was free, all levels of it
	controller.abort(new Error('no'));
	await assert.rejects(waiting, /no/);
	await lock.release();
	assert.equal(await lock.locked(), true); // and has both levels again
	await lock.release();
	assert.equal(await lock.locked(), false);
	await other.join();
	await assert.rejects(manager.Condition((await manager.Event()) as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	here.close();
	there.close();
});

test('Condition.waitFor asks the predicate here', async () => {
	const condition = await manager.Condition();
	const state = await manager.value(0);
	const child = new Process({ target: programs.countUp, args: [condition, state] }).start();
	await condition.acquire();
	assert.equal(await condition.waitFor(async () => (await state.get()) === 4), true);
	assert.equal(await condition.waitFor(() => false, 20), false);
	await condition.release();
	await child.join();
	assert.equal(child.exitCode, 0);
});

test('Event', async () => {
	const event = await manager.Event();
	assert.deepEqual([await event.isSet(), await event.wait(0), await event.wait(10)], [false, false, false]);
	const waiting = [event.wait(), event.wait()];
	const child = new Process({ target: programs.setEvent, args: [event] }).start();
	assert.equal(event.waitSync(), true);
	assert.deepEqual(await Promise.all(waiting), [true, true]);
	await event.clear();
	assert.equal(event.isSetSync(), false);
	await child.join();
});

test('Barrier: numbers, the action, reset, abort, a timeout', async () => {
	const barrier = await manager.Barrier(3, { action: targets.say });
	for (let round = 0; round < 3; round++) {
		const numbers = await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()]);
		assert.deepEqual(numbers.toSorted(), [0, 1, 2]);
	}
	assert.deepEqual([await barrier.parties(), await barrier.nWaiting(), await barrier.broken()], [3, 0, false]);
	const first = barrier.wait();
	assert.equal(await barrier.nWaiting(), 1);
	await barrier.reset();
	await assert.rejects(first, BrokenBarrierError);
	const second = barrier.wait();
	await barrier.abort();
	await assert.rejects(second, BrokenBarrierError);
	assert.equal(await barrier.broken(), true);
	await assert.rejects(barrier.wait(), { code: 'ERR_NPROCS_BROKEN_BARRIER' });
	await barrier.reset();
	await assert.rejects(Promise.all([barrier.wait(20), barrier.wait()]), BrokenBarrierError);
	await barrier.reset();
	const controller = new AbortController();
	const aborted = barrier.wait(controller.signal);
	controller.abort(new Error('left'));
	await assert.rejects(aborted, /left/);
	assert.deepEqual([await barrier.nWaiting(), await barrier.broken()], [0, false]);
	await assert.rejects(manager.Barrier(0), { code: 'ERR_NPROCS_INVALID_ARG' });
	await assert.rejects(manager.Barrier(2, { actoin: 1 } as never), { code: 'ERR_NPROCS_INVALID_ARG', message: /action/ });
	const quick = await manager.Barrier(2, { timeout: 20 });
	await assert.rejects(quick.wait(), BrokenBarrierError);
});

test('Queue: order, limits, waiting, many at once', async () => {
	const queue = await manager.Queue<number>(2);
	await queue.put(5);
	queue.putSync(6);
	assert.deepEqual([await queue.qsize(), await queue.full(), await queue.empty()], [2, true, false]);
	await assert.rejects(queue.putNowait(7), Full);
	await assert.rejects(queue.put(7, 10), { code: 'ERR_NPROCS_FULL' });
	const waiting = queue.put(7);
	assert.deepEqual([await queue.get(), await queue.getNowait(), await queue.get()], [5, 6, 7]);
	await waiting;
	assert.throws(() => queue.getNowaitSync(), Empty);
	await assert.rejects(queue.get(10), { code: 'ERR_NPROCS_EMPTY' });
	const many = queue.putMany([1, 2, 3, 4]);
	assert.deepEqual(await queue.getMany(2), [1, 2]);
	await many;
	assert.deepEqual(await queue.getMany(), [3, 4]);
});

test('Queue: takers are served in order, an aborted one gets nothing', async () => {
	const queue = await manager.Queue<unknown>();
	const controller = new AbortController();
	const first = queue.get(controller.signal);
	const second = queue.get();
	controller.abort(new Error('gone'));
	await assert.rejects(first, /gone/);
	await queue.put([1]);
	assert.deepEqual(await second, [1]);
	const answers = await manager.Queue<unknown>();
	const workers = [0, 1].map(() => new Process({ target: targets.exchange, args: [queue, answers] }).start());
	for (let i = 0; i < 100; i++) void queue.put(i);
	const got: number[] = [];
	for (let i = 0; i < 100; i++) got.push(((await answers.get()) as [number])[0]);
	assert.deepEqual(
		got.toSorted((a, b) => a - b),
		Array.from({ length: 100 }, (_, i) => i),
	);
	await queue.putMany([null, null]);
	for (const worker of workers) await worker.join();
});

test('JoinableQueue: join waits for taskDone', async () => {
	const queue = await manager.JoinableQueue<number>();
	assert.equal(await queue.join(), true);
	await queue.putMany([1, 2]);
	assert.equal(await queue.join(10), false);
	const joined = queue.join();
	for (let i = 0; i < 2; i++) {
		await queue.get();
		await queue.taskDone();
	}
	assert.equal(await joined, true);
	await assert.rejects(queue.taskDone(), { code: 'ERR_NPROCS_TASK_DONE' });
});

test('Lock: its owner is a client, and the one that follows a dead one is told', async () => {
	for (const lock of [await manager.Lock(), await manager.RLock(), await manager.Condition()]) {
		assert.deepEqual([await lock.owner(), await lock.abandoned()], [null, false]);
		const [here, there] = Pipe<unknown>();
		const child = new Process({ target: programs.acquireAndStay, args: [lock, there] }).start();
		await here.recv();
		assert.equal((await lock.owner())?.pid, child.pid);
		const next = lock.acquire();
		child.kill();
		assert.equal(await next, true);
		assert.deepEqual([(await lock.owner())?.pid, lock.abandonedSync()], [process.pid, true]);
		await lock.release();
		assert.equal(await lock.abandoned(), false);
		await lock.acquire();
		assert.equal(await lock.abandoned(), false);
		await lock.release();
		await child.join();
		here.close();
		there.close();
	}
});

test('Queue: end() is for everybody', async () => {
	for (const queue of [await manager.Queue<number>(2), await manager.JoinableQueue<number>(2)]) {
		await queue.putMany([1, 2]);
		const late = assert.rejects(queue.put(3), { code: 'ERR_NPROCS_CLOSED' });
		await queue.end();
		await late;
		await assert.rejects(queue.put(4), { code: 'ERR_NPROCS_CLOSED' });
		assert.throws(() => queue.putNowaitSync(4), { code: 'ERR_NPROCS_CLOSED' });
		const all: number[] = [];
		for await (const item of queue) all.push(item);
		assert.deepEqual(all, [1, 2]);
		await assert.rejects(queue.get(), EOFError);
		await assert.rejects(queue.getMany(3, 0), EOFError);
		queue.endSync();
		assert.equal(queue.closed, false);
		queue.close();
		queue.close();
		assert.equal(queue.closed, true);
		await assert.rejects(queue.qsize(), { code: 'ERR_NPROCS_CLOSED' });
	}
	const empty = await manager.Queue();
	const waiting = assert.rejects(empty.get(), EOFError);
	empty.endSync();
	await waiting;
});

test('Queue: a receiver hears that no sender is left, and a sender that no receiver is', async () => {
	const queue = await manager.Queue<number>();
	const [receiver, sender] = [await queue.receiver(), await queue.sender()];
	const [here, there] = Pipe<unknown>();
	const child = new Process({ target: programs.putAndStay, args: [sender, there] }).start();
	await here.recv();
	sender.close();
	queue.close();
	assert.equal(await receiver.get(), 1);
	assert.deepEqual(await receiver.getMany(), [2, 3]);
	await assert.rejects(receiver.get(1), { code: 'ERR_NPROCS_EMPTY' });
	const rest = (async () => {
		for await (const item of receiver) assert.fail(`got ${item}`);
	})();
	child.kill();
	await rest;
	await assert.rejects(receiver.getMany(), EOFError);
	await child.join();

	const other = await manager.Queue<number>(1);
	const [taker, putter] = [await other.receiver(), await other.sender()];
	other.close();
	await putter.put(1);
	const blocked = assert.rejects(putter.put(2), { code: 'ERR_NPROCS_NO_READER' });
	taker.close();
	await blocked;
	assert.throws(() => putter.putSync(3), { code: 'ERR_NPROCS_NO_READER' });
	here.close();
	there.close();
});

test('Set: what a Set has', async () => {
	const set = await manager.set([1, 'a']);
	assert.deepEqual(
		[await set.keys(), set.valuesSync(), await set.entries()],
		[
			[1, 'a'],
			[1, 'a'],
			[
				[1, 1],
				['a', 'a'],
			],
		],
	);
	const seen: unknown[] = [];
	await set.forEach(async (value, same, all) => void seen.push(value, same, all === set));
	set.forEachSync((value) => seen.push(value));
	assert.deepEqual(seen, [1, 1, true, 'a', 'a', true, 1, 'a']);
	await assert.rejects(set.forEach(5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('close() gives a proxy up, unless the object has a method of that name', async () => {
	const dict = await manager.dict({ a: 1 });
	dict.close();
	await assert.rejects(dict.get('a'), { code: 'ERR_NPROCS_CLOSED' });
	assert.match(inspect(dict), /closed>/);
	const namespace = await manager.namespace({ x: 1 });
	namespace.close();
	assert.equal(namespace.closed, true);
});
