/** The objects as arguments of processes, under each start method. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Barrier, Condition, Event, Lock, Process, Queue, Semaphore, SharedArray, SharedMemory, ShareableList, Value } from 'nprocs';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { holdAndWait, meet, meetAtSent, sayWhere, takeBoth, useEverything, waitAlone, type Everything } from '../fixtures/sync/targets.js';

after(() => collectGarbage());

function makeEverything(parties: number): Everything {
	return {
		lock: new Lock(),
		semaphore: new Semaphore(1),
		condition: new Condition(),
		event: new Event(),
		barrier: new Barrier(parties),
		value: new Value('int32', 0),
		array: new SharedArray(Float64Array, [0]),
		block: new SharedMemory({ create: true, size: 16 }),
		list: new ShareableList(['original']),
	};
}

for (const context of ['forkserver', 'spawn'] as const) {
	test(`every object works as an argument, nested too (${context})`, async () => {
		const all = makeEverything(3);
		const processes = [0, 1].map(() => new Process({ target: useEverything, args: [all, { deep: [all] }], context }).start());
		await all.barrier.wait();
		assert.equal(await all.event.wait(), true);
		await all.condition.run(() => all.condition.waitFor(() => new Uint8Array(all.block.buffer)[0] === 2));
		for (const process of processes) await process.join();
		assert.deepEqual(
			processes.map(({ exitCode }) => exitCode),
			[0, 0],
		);
		assert.deepEqual([all.value.value, all.array.array[0], all.list[0], all.lock.locked()], [2, 1, 'changed', false]);
		for (const object of Object.values(all)) (object as Lock).close();
	});

	test(`an object may be closed right after start() (${context})`, async () => {
		using barrier = new Barrier(2);
		const all = { ...makeEverything(2), barrier };
		const process = new Process({ target: useEverything, args: [all, { deep: [all] }], context }).start();
		for (const [key, object] of Object.entries(all)) if (key !== 'barrier') (object as Lock).close();
		await barrier.wait();
		await process.join();
		assert.equal(process.exitCode, 0);
	});

	test(`a killed holder frees its lock (${context})`, async () => {
		using lock = new Lock();
		using held = new Event();
		const process = new Process({ target: holdAndWait, args: [lock, held], context }).start();
		await held.wait();
		const waiting = lock.acquire();
		process.kill();
		assert.equal(await waiting, true);
		assert.equal(lock.abandoned, true);
		lock.release();
		await process.join();
	});

	test(`a deadlock of two processes (${context})`, async () => {
		using a = new Lock();
		using b = new Lock();
		using meet = new Barrier(2);
		const outcomes = new Queue<string>();
		const processes = [
			[a, b],
			[b, a],
		].map(([first, second]) => new Process({ target: takeBoth, args: [first!, second!, meet, outcomes], context }).start());
		assert.deepEqual([await outcomes.get(), await outcomes.get()].sort(), ['DeadlockError', 'both']);
		for (const process of processes) await process.join();
		outcomes.close();
	});
}

for (const form of ['wait', 'waitSync'] as const) {
	test(`a barrier's action goes along and runs once, in a process that arrives last (${form})`, async () => {
		const barrier = new Barrier(2, { action: sayWhere });
		const told = new Queue<number>();
		const sent = new Queue<Barrier>();
		const first = new Process({ target: meet, args: [barrier, form, told, sent] }).start();
		const second = new Process({ target: meetAtSent, args: [sent, form, told] }).start();
		for (const process of [first, second]) await process.join();
		assert.deepEqual([first.exitCode, second.exitCode], [0, 0]);
		assert.ok([first.pid, second.pid].includes(await told.get()));
		assert.equal(told.qsize(), 0);
		for (const object of [barrier, told, sent]) object.close();
	});
}

test("a barrier's timeout goes along", async () => {
	const outcomes = new Queue<string>();
	const barrier = new Barrier(2, { timeout: 50 });
	const process = new Process({ target: waitAlone, args: [barrier, outcomes] }).start();
	assert.equal(await outcomes.get(), 'BrokenBarrierError');
	await process.join();
	assert.equal(barrier.broken, true);
	barrier.close();
	outcomes.close();
});

test('a barrier whose action no other process can find is refused when it is sent', async () => {
	using barrier = new Barrier(1, { action: () => 'not exported' });
	using queue = new Queue<unknown>();
	await assert.rejects(queue.put({ nested: [barrier] }), {
		name: 'SerializationError',
		code: 'ERR_NPROCS_NOT_IMPORTABLE',
		path: 'value.nested[0]',
	});
	assert.equal(queue.qsize(), 0);
	assert.throws(() => new Process({ target: waitAlone, args: [barrier, queue as Queue<string>] }).start(), {
		name: 'SerializationError',
		code: 'ERR_NPROCS_NOT_IMPORTABLE',
	});
	assert.equal(await barrier.wait(), 0, 'here it works');
});
