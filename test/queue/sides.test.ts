/**
 * The sides of queues, and what becomes of who is left alone. `npm run test:full` goes through all cases under each
 * start method.
 */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { after, test } from 'node:test';
import { ClosedError, JoinableQueue, Queue, QueueReceiver, QueueSender, SimpleQueue, wait } from 'nprocs';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { cases } from '../fixtures/channel/queue-sides.ts';
import { methodsWithFreshMemory, testCases } from '../helpers/cases.ts';

after(() => {
	collectGarbage();
	assert.deepEqual(
		listNames().filter((name) => !name.includes('-registry-')),
		[],
	);
});

// A forked copy has all that its parent has.
testCases('../channel/queue-sides.js', cases, {
	methods: methodsWithFreshMemory,
	inBrief: { spawn: ['who waits in', 'a whole queue', 'a side in the arguments', 'sides go'] },
});

const kinds = { Queue: () => new Queue<number>(), SimpleQueue: () => new SimpleQueue<number>(), JoinableQueue: () => new JoinableQueue<number>() };

for (const [kind, create] of Object.entries(kinds)) {
	test(`${kind}: views hold nothing, close by themselves, and with the queue`, async () => {
		const queue = create();
		await queue.put(0);
		await queue.get();
		const before = listNames().length;
		const [tx, rx] = [queue.sender(), queue.receiver()];
		assert.ok(tx instanceof QueueSender && rx instanceof QueueReceiver);
		await tx.put(1);
		tx.putSync(2);
		assert.deepEqual([rx.qsize(), rx.empty(), inspect(rx)], [2, false, `<${rx.constructor.name} size=2>`]);
		assert.equal(await rx.get(), 1);
		assert.equal(await queue.get(), 2);
		const other = queue.receiver();
		const [mine, others] = [rx.get(), other.get()];
		rx.close();
		rx.close();
		await assert.rejects(mine, ClosedError);
		assert.deepEqual([rx.closed, other.closed, queue.closed], [true, false, false]);
		await assert.rejects(rx.get(), ClosedError);
		await assert.rejects(rx.getMany(), ClosedError);
		assert.throws(() => rx.getSync(), ClosedError);
		assert.throws(() => rx.empty(), ClosedError);
		await assert.rejects(wait([rx]), ClosedError);
		await queue.put(3);
		assert.equal(await others, 3);
		tx.close();
		for (const call of [() => tx.put(1), () => tx.putMany([1]), async () => tx.putSync(1), async () => tx.end()])
			await assert.rejects(call, ClosedError);
		await assert.rejects(queue.put(tx as never), { code: 'ERR_NPROCS_SERIALIZATION', message: /is closed/ });
		{
			using scoped = queue.sender();
			await scoped.put(4);
		}
		assert.equal(listNames().length, before);
		const pending = other.get().then(() => other.get());
		queue.close();
		await assert.rejects(pending, ClosedError);
		assert.deepEqual([other.closed, inspect(other)], [true, `<${other.constructor.name} closed>`]);
		assert.throws(() => queue.sender(), ClosedError);
		assert.throws(() => queue.receiver(), ClosedError);
	});
}

test('the sides of a queue are made by the queue', () => {
	for (const Side of [QueueSender, QueueReceiver])
		assert.throws(() => new (Side as never as new () => unknown)(), { code: 'ERR_NPROCS_INVALID_ARG', message: /queue\.(sender|receiver)\(\)/ });
});

test('iteration ends with the queue, and a consumer that leaves it early takes nothing with it', async () => {
	const queue = new Queue<number>();
	await queue.putMany([1, 2, 3]);
	for await (const item of queue) if (item === 1) break;
	for await (const item of queue.receiver()) if (item === 2) break;
	assert.equal(queue.qsize(), 1);
	setImmediate(() => queue.end());
	const rest: number[] = [];
	for await (const item of queue) rest.push(item);
	assert.deepEqual(rest, [3]);
	assert.match(inspect(queue), /^<Queue size=0 ended>$/);
	queue.close();
});
