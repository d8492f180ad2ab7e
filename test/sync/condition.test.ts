/** Condition: Python's rules, and killed waiters. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import vm from 'node:vm';
import { Condition, Lock, RLock } from 'nprocs';
import { Segment } from '#nprocs/memory/segment.js';
import { Actor } from '../helpers/actor.js';

after(() => Actor.killAll());

/** How many wait, as `inspect` says it. */
const waiting = (condition: Condition): number => Number(/, (\d+)\)>$/.exec(inspect(condition))![1]);

async function untilWaiting(condition: Condition, count: number): Promise<void> {
	while (waiting(condition) !== count) await sleep(1);
}

/** Acquires, waits, releases; resolves to what wait gave. */
async function waitOn(condition: Condition, timeoutMs?: number): Promise<boolean> {
	await condition.acquire();
	const result = await condition.wait(timeoutMs);
	condition.release();
	return result;
}

function remoteWait(actor: Actor, way: 'sync' | 'async', timeoutMs?: number): Promise<boolean> {
	const suffix = way === 'sync' ? 'Sync' : '';
	const wait = timeoutMs === undefined ? [] : [timeoutMs];
	return actor
		.call<unknown[]>('sequence', [
			['condition', `acquire${suffix}`],
			['condition', `wait${suffix}`, ...wait],
			['condition', 'release'],
		])
		.then((results) => results[1] as boolean);
}

for (const makeLock of [() => undefined, () => new Lock(), () => new RLock()]) {
	const title = makeLock()?.constructor.name ?? 'its own lock';
	test(`notify lets go as many as it says, in order (${title})`, async () => {
		using condition = new Condition(makeLock());
		const others = [new Actor(), new Actor()];
		for (const other of others) await other.open({ condition });
		let done = 0;
		const count = (): void => void done++;
		const waits: Promise<void>[] = [];
		for (const [i, start] of [
			() => waitOn(condition),
			() => remoteWait(others[0]!, 'sync'),
			() => remoteWait(others[1]!, 'async'),
			() => waitOn(condition),
		].entries()) {
			waits.push(start().then(count));
			await untilWaiting(condition, i + 1);
		}
		for (const [n, expected] of [
			[1, 1],
			[2, 3],
			[5, 4],
		] as const) {
			await condition.run(() => condition.notify(n));
			await Promise.race([...waits.slice(expected), Promise.all(waits.slice(0, expected))]);
			assert.equal(done, expected);
		}
		await condition.run(() => condition.notifyAll());
		const again = [waitOn(condition), remoteWait(others[0]!, 'sync'), remoteWait(others[1]!, 'async')];
		await untilWaiting(condition, 3);
		await condition.run(() => condition.notifyAll());
		assert.deepEqual(await Promise.all(again), [true, true, true]);
		assert.equal(waiting(condition), 0);
		condition.lock.close();
	});
}

test('a wait that nobody notifies gives false and holds the lock again', async () => {
	using condition = new Condition();
	condition.acquireSync();
	condition.acquireSync();
	assert.equal(condition.waitSync(10), false);
	assert.equal(condition.waitSync(0), false);
	assert.match(inspect(condition), /<Condition\(<RLock\(MainProcess, 2\)>, 0\)>/);
	assert.equal(await condition.wait(10), false);
	condition.release();
	condition.release();
	assert.ok(!condition.lock.locked());
});

test('without the lock it is an error', async () => {
	using condition = new Condition();
	await assert.rejects(condition.wait(), { code: 'ERR_NPROCS_NOT_HELD' });
	assert.throws(() => condition.waitSync(), { code: 'ERR_NPROCS_NOT_HELD' });
	assert.throws(() => condition.notify(), { code: 'ERR_NPROCS_NOT_HELD' });
	assert.throws(() => condition.notifyAll(), { code: 'ERR_NPROCS_NOT_HELD' });
	const other = new Actor();
	await other.open({ condition });
	await other.invoke('condition', 'acquireSync');
	assert.throws(() => condition.notify(), { code: 'ERR_NPROCS_NOT_HELD' });
	assert.throws(() => new Condition(5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('waitFor', async () => {
	using condition = new Condition();
	using state = Segment.create({ kind: 'Test', size: 64 });
	const other = new Actor();
	await other.open({ condition });
	await other.call('open', state.name, 'Test');
	const theirs = other.call('waitForState', 'condition', state.name, 4);
	for (let i = 1; i <= 4; i++) {
		await untilWaiting(condition, 1);
		await condition.run(() => {
			state.int32[0] = i;
			condition.notify();
		});
	}
	assert.equal(await theirs, true);
	const isFive = (): boolean => state.int32[0] === 5;
	assert.equal(await condition.run(() => condition.waitFor(isFive, 20)), false);
	assert.equal(
		condition.runSync(() => condition.waitForSync(isFive, 20)),
		false,
	);
	assert.equal(await condition.run(() => condition.waitFor(() => true, 0)), true);
});

test('an aborted wait rejects, holding the lock, and passes a notification on', async () => {
	using condition = new Condition();
	const controller = new AbortController();
	const log: string[] = [];
	const aborted = (async () => {
		await condition.acquire();
		try {
			await condition.wait(controller.signal);
		} finally {
			log.push(inspect(condition.lock));
			condition.release();
		}
	})();
	await untilWaiting(condition, 1);
	const other = waitOn(condition);
	await untilWaiting(condition, 2);
	await condition.run(() => {
		condition.notify();
		controller.abort(new RangeError('stop'));
	});
	await assert.rejects(aborted, RangeError);
	assert.deepEqual(log, ['<RLock(MainProcess, 1)>']);
	assert.equal(await other, true);
});

test('killed waiters do not swallow notifications', async () => {
	using condition = new Condition();
	for (const way of ['sync', 'async'] as const) {
		const victims = [new Actor(), new Actor()];
		for (const victim of victims) {
			await victim.open({ condition });
			void remoteWait(victim, way).catch(() => {});
		}
		await untilWaiting(condition, 2);
		const mine = waitOn(condition);
		await untilWaiting(condition, 3);
		await Promise.all(victims.map((victim) => victim.kill()));
		await condition.run(() => condition.notify());
		assert.equal(await mine, true);
	}
});

test('a waiter killed after it was notified passes the notification on', async () => {
	using condition = new Condition();
	const victim = new Actor();
	await victim.open({ condition });
	void remoteWait(victim, 'sync').catch(() => {});
	await untilWaiting(condition, 1);
	const mine = waitOn(condition);
	await untilWaiting(condition, 2);
	// It is notified while it is stopped, so it cannot go on before it is killed.
	victim.signal('SIGSTOP');
	await condition.run(() => condition.notify());
	assert.equal(waiting(condition), 1);
	await victim.kill();
	assert.equal(await mine, true);
});

test('producers and consumers in several processes', async () => {
	using condition = new Condition();
	using state = Segment.create({ kind: 'Test', size: 64 });
	const consumers = Array.from({ length: 3 }, () => new Actor());
	for (const consumer of consumers) {
		await consumer.open({ condition });
		await consumer.call('open', state.name, 'Test');
	}
	const consumed = consumers.map((consumer, i) => consumer.call<number>('consume', 'condition', state.name, 100, i % 2 === 0 ? 'sync' : 'async'));
	for (let i = 0; i < 300; i++) {
		await condition.run(() => {
			state.int32[0] = state.int32[0]! + 1;
			condition.notify();
		});
	}
	assert.deepEqual(await Promise.all(consumed), [100, 100, 100]);
	assert.equal(state.int32[0], 0);
});

test('more waits than there are first entries, and all of them are notified', async () => {
	using condition = new Condition();
	let returned = 0;
	const waits = Array.from({ length: 300 }, async () => {
		await condition.acquire();
		await condition.wait();
		returned++;
		condition.release();
	});
	await untilWaiting(condition, 300);
	const other = new Actor();
	await other.open({ condition });
	await other.invoke('condition', 'acquireSync');
	await other.invoke('condition', 'notify', 100);
	await other.invoke('condition', 'release');
	while (returned < 100) await new Promise((resolve) => setImmediate(resolve));
	await condition.run(() => condition.notifyAll());
	await Promise.all(waits);
	assert.equal(waiting(condition), 0);
});

test('a notification for a wait whose Condition was closed goes to another one', async () => {
	using condition = new Condition();
	const [first, second] = [new Actor(), new Actor()];
	for (const actor of [first, second]) await actor.open({ condition });
	const waitIn = (actor: Actor): Promise<unknown> =>
		actor.call('sequence', [
			['condition', 'acquire'],
			['condition', 'wait'],
			['condition', 'release'],
		]);
	const closed = assert.rejects(waitIn(first), { code: 'ERR_NPROCS_CLOSED' });
	await untilWaiting(condition, 1);
	const served = waitIn(second);
	await untilWaiting(condition, 2);
	await first.invoke('condition', 'close');
	await closed;
	assert.equal(waiting(condition), 1);
	await condition.run(() => condition.notify());
	assert.deepEqual(await served, [true, true, null]);
});

test('a wait that was ended inside its call takes no notification from others', async () => {
	using condition = new Condition();
	const other = new Actor();
	await other.open({ condition });
	const context = vm.createContext({ wait: () => (condition.acquireSync(), condition.waitSync()) });
	assert.throws(() => vm.runInContext('wait()', context, { timeout: 30 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
	const served = other.call('sequence', [
		['condition', 'acquire'],
		['condition', 'wait'],
		['condition', 'release'],
	]);
	await untilWaiting(condition, 2);
	await condition.run(() => condition.notify());
	assert.deepEqual(await served, [true, true, null]);
});
