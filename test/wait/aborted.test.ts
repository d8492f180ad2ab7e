/**
 * A signal that is aborted already: each waiting call refuses it with its reason, also where it would not have to wait,
 * and does nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	Barrier,
	BoundedSemaphore,
	Condition,
	connect,
	connectSync,
	Event,
	JoinableQueue,
	Listener,
	Lock,
	Manager,
	Pipe,
	Pool,
	Process,
	Queue,
	RLock,
	Semaphore,
	SharedArray,
	SimpleQueue,
	Value,
	wait,
	waitSync,
} from 'nprocs';
import * as programs from '../fixtures/channel/programs.js';

const reason = new Error('it is too late');
const signal = AbortSignal.abort(reason);

type Calls = Record<string, (given: never) => unknown>;

async function refusesAll(calls: Calls): Promise<void> {
	for (const [name, call] of Object.entries(calls)) {
		for (const given of [signal, { signal }, { signal, timeout: 0 }]) {
			let thrown: unknown;
			try {
				await call(given as never);
			} catch (error) {
				thrown = error;
			}
			assert.equal(thrown, reason, `${name} with ${given === signal ? 'a signal' : Object.keys(given).join(' and ')}`);
		}
	}
}

/** `object.method(signal)` and `object.methodSync(signal)`. */
function both<K extends string>(object: Record<K | `${K}Sync`, (...args: never[]) => unknown>, method: K, ...args: unknown[]): Calls {
	const of = object as unknown as Record<string, (...args: unknown[]) => unknown>;
	return {
		[`${object.constructor.name}.${method}`]: (given) => of[method]!(...args, given),
		[`${object.constructor.name}.${method}Sync`]: (given) => of[`${method}Sync`]!(...args, given),
	};
}

for (const lock of [
	new Lock(),
	new RLock(),
	new Semaphore(1),
	new BoundedSemaphore(1),
	new Condition(),
	new Value('int32', 0),
	new SharedArray(Int32Array, 1),
]) {
	test(`${lock.constructor.name}: nobody has it afterwards`, async () => {
		let runs = 0;
		await refusesAll({ ...both(lock, 'acquire'), ...both(lock, 'hold'), ...both(lock, 'run', () => runs++) });
		assert.equal(runs, 0);
		assert.equal(await lock.acquire(0), true);
		lock.release();
		lock.close();
	});
}

test('Condition: it is still held, and nobody has let go of it', async () => {
	using condition = new Condition();
	await condition.acquire();
	await refusesAll({ ...both(condition, 'wait'), ...both(condition, 'waitFor', () => true) });
	condition.release();
});

test('Event, Barrier: what has happened already', async () => {
	using event = new Event();
	event.set();
	await refusesAll(both(event, 'wait'));
	using barrier = new Barrier(1);
	await refusesAll(both(barrier, 'wait'));
	assert.equal(await barrier.wait(), 0);
});

test('queues: nothing is taken, nothing is put', async () => {
	using queue = new Queue<number>();
	using tasks = new JoinableQueue<number>();
	using simple = new SimpleQueue<number>();
	await refusesAll({ ...both(tasks, 'join') });
	for (const each of [queue, tasks, simple]) {
		await each.put(1);
		await refusesAll(both(each, 'get'));
		if (each !== simple) {
			const [sender, receiver] = [(each as Queue<number>).sender(), (each as Queue<number>).receiver()];
			await refusesAll({ ...both(each as Queue<number>, 'getMany', 1), ...both(receiver, 'get'), ...both(receiver, 'getMany', 1) });
			await refusesAll({ ...both(each as Queue<number>, 'put', 2), ...both(each as Queue<number>, 'putMany', [2]) });
			await refusesAll({ ...both(sender, 'put', 2), ...both(sender, 'putMany', [2]) });
			sender.close();
			receiver.close();
		}
		assert.equal(await each.get(), 1);
		assert.equal(each.empty(), true);
	}
});

test('connections, listeners, wait()', async () => {
	const [reader, writer] = Pipe<number>();
	await writer.send(1);
	using listener = await new Listener().listen();
	const address = listener.address!;
	using _client = await connect(address);
	await refusesAll({
		...both(reader, 'recv'),
		...both(reader, 'poll'),
		...both(reader, 'recvBytes', 100),
		...both(reader, 'recvBytesInto', new Uint8Array(100), 0),
		...both(writer, 'send', 2),
		...both(listener, 'accept'),
		connect: (timeout: unknown) => connect(address, { timeout: timeout as AbortSignal }),
		connectSync: (timeout: unknown) => connectSync(address, { timeout: timeout as AbortSignal }),
		wait: (timeout: unknown) => wait([reader], timeout as AbortSignal),
		waitSync: (timeout: unknown) => waitSync([reader], timeout as AbortSignal),
	} as Calls);
	assert.equal(await reader.recv(), 1);
	assert.equal(await reader.poll(), false);
	(await listener.accept()).close();
	reader.close();
	writer.close();
});

test('processes and results that have ended already', async () => {
	using event = new Event();
	event.set();
	const child = new Process({ target: programs.waitForEvent, args: [event] }).start();
	await child.join();
	await refusesAll(both(child, 'join'));
	await using pool = new Pool(1);
	const result = pool.apply(programs.waitForEvent, [event]);
	await result.get();
	await refusesAll({ ...both(result, 'get'), ...both(result, 'wait') });
	for (const call of [
		() => pool.apply(programs.waitForEvent, [event], { signal }).get(),
		() => pool.map(programs.waitForEvent, [event], { signal }),
		() => pool.imap(programs.waitForEvent, [event], { signal }).next(),
	])
		await assert.rejects(async () => await call(), reason);
	assert.equal(pool.stats().completed, 1);
});

test('proxies of a manager: the server is not even asked', async () => {
	await using manager = await Manager();
	const [lock, queue, event] = [await manager.Lock(), await manager.Queue<number>(), await manager.Event()];
	await queue.put(1);
	await event.set();
	await refusesAll({ ...both(lock, 'acquire'), ...both(queue, 'get'), ...both(queue, 'put', 2), ...both(event, 'wait'), ...both(manager, 'join') });
	assert.equal(await lock.acquire(0), true);
	await lock.release();
	assert.equal(await queue.get(), 1);
	assert.equal(await queue.empty(), true);
});
