/** Circles of waits are found, and nothing else is taken for one. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Barrier, DeadlockError, Lock, RLock } from 'nprocs';
import { record } from '#nprocs/sync/lock-layout.js';
import { segmentOf, until } from '../helpers/waiting.ts';
import { Actor } from '../helpers/actor.js';

after(() => Actor.killAll());

/** Each actor i takes lock i, then waits for lock i + 1; resolves to their outcomes. */
async function circle(locks: Lock[], suffixes: string[]): Promise<PromiseSettledResult<unknown>[]> {
	const ids = locks.map((_, i) => `lock${i}`);
	const actors = locks.map(() => new Actor());
	for (const actor of actors) await actor.open(Object.fromEntries(locks.map((lock, i) => [ids[i]!, lock])));
	const steps = actors.map((_, i) => [ids[i]!, ids[(i + 1) % ids.length]!] as const);
	const started = actors.map((actor, i) =>
		actor.call('sequence', [
			[steps[i]![0], `acquire${suffixes[i]!}`],
			['', 'pause'],
		]),
	);
	await Promise.all(started);
	const outcomes = actors.map(async (actor, i) => {
		try {
			return await actor.call('continueInTask', [
				[steps[i]![1], `acquire${suffixes[i]!}`],
				[steps[i]![1], 'release'],
				[steps[i]![0], 'release'],
			]);
		} catch (error) {
			await actor.invoke(steps[i]![0], 'release');
			throw error;
		}
	});
	return Promise.allSettled(outcomes);
}

for (const [title, suffixes] of [
	['two sleeping threads', ['Sync', 'Sync']],
	['two chains', ['', '']],
	['a thread and a chain', ['Sync', '']],
	['four of both', ['', 'Sync', '', 'Sync']],
] as const) {
	test(`a circle of ${title}: one wait fails, the others go on`, async () => {
		const locks = suffixes.map((_, i) => new Lock({ name: `deadlock-${process.pid}-${i}` }));
		const outcomes = await circle(locks, [...suffixes]);
		const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason as Error & { code: string });
		assert.equal(failures.length, 1);
		assert.equal(failures[0]!.code, 'ERR_NPROCS_DEADLOCK');
		for (const [i] of locks.entries()) assert.match(failures[0]!.message, new RegExp(`holds "deadlock-${process.pid}-${i}"`));
		assert.match(failures[0]!.message, /pid \d+/);
		for (const lock of locks) {
			assert.ok(!lock.locked());
			lock.close();
		}
	});
}

test('two chains of awaits in one process', async () => {
	using a = new Lock();
	using b = new RLock();
	using bothHold = new Barrier(2);
	const task = async (first: Lock | RLock, second: Lock | RLock): Promise<string> => {
		using _ = await first.hold();
		await bothHold.wait();
		try {
			using __ = await second.hold();
			return 'both';
		} catch (error) {
			assert.ok(error instanceof DeadlockError);
			return 'deadlock';
		}
	};
	assert.deepEqual((await Promise.all([task(a, b), task(b, a)])).sort(), ['both', 'deadlock']);
});

test('with detectDeadlocks: false nobody fails', async () => {
	using a = new Lock({ detectDeadlocks: false });
	using b = new Lock({ detectDeadlocks: false });
	using bothHold = new Barrier(2);
	const task = async (first: Lock, second: Lock): Promise<boolean> => {
		await first.acquire();
		await bothHold.wait();
		const got = await second.acquire(700);
		if (got) second.release();
		first.release();
		return got;
	};
	assert.ok((await Promise.all([task(a, b), task(b, a)])).includes(false));
});

test('no false alarm: a long wait, a chain, another chain beside the one that waits', async () => {
	using a = new Lock();
	using b = new Lock();
	const other = new Actor();
	await other.open({ a, b });
	// The other process holds b and waits for a; here one chain of awaits holds a, and another waits for b.
	await other.invoke('b', 'acquireSync');
	let letGo = (): void => {};
	const holder = (async () => {
		await a.acquire();
		await new Promise<void>((resolve) => (letGo = resolve));
		a.release();
	})();
	const theirs = other.call('sequence', [
		['a', 'acquireSync'],
		['a', 'release'],
		['b', 'release'],
	]);
	const mine = (async () => {
		await b.acquire();
		b.release();
		return 'got it';
	})();
	// Its wait stands in the lock that it holds, with how often it has looked for a circle; two looks could find one.
	using records = segmentOf(b);
	await until(() => Atomics.load(records.int32, record.refreshed) > 4);
	letGo();
	await holder;
	await theirs;
	assert.equal(await mine, 'got it');
});
