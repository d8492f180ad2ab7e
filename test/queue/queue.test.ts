import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Empty, Full, JoinableQueue, Lock, Pipe, Process, Queue, SerializationError, SimpleQueue } from 'nprocs';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { addon } from '#nprocs/native/addon.js';
import * as programs from '../fixtures/channel/programs.js';

after(() => {
	collectGarbage();
	assert.deepEqual(
		listNames().filter((name) => !name.includes('-registry-')),
		[],
	);
});

const kinds = { Queue: () => new Queue<unknown>(), SimpleQueue: () => new SimpleQueue<unknown>(), JoinableQueue: () => new JoinableQueue<unknown>() };

for (const [name, create] of Object.entries(kinds)) {
	test(`${name}: values go through in order, here and to another process`, async () => {
		const queue = create();
		assert.equal(queue.empty(), true);
		const values = [0, -0, 'text', null, undefined, { a: [1n] }, new Map([[1, new Set([2])]]), new Error('e'), Buffer.from('b')];
		for (const value of values) await queue.put(value);
		assert.equal(queue.empty(), false);
		for (const value of values) assert.deepEqual(await queue.get(), value);
		queue.putSync(1);
		assert.equal(queue.getSync(), 1);
		const waiting = queue.get();
		queue.putSync('late');
		assert.equal(await waiting, 'late');
		queue.close();
		queue.close();
		assert.equal(queue.closed, true);
		await assert.rejects(queue.put(1), { code: 'ERR_NPROCS_CLOSED', message: /is closed/ });
		await assert.rejects(queue.get(), { code: 'ERR_NPROCS_CLOSED' });
		assert.throws(() => queue.empty(), { code: 'ERR_NPROCS_CLOSED' });
	});
}

test('put: all forms, until it is full', async () => {
	const queue = new Queue<number>(6);
	assert.deepEqual([queue.empty(), queue.full(), queue.maxsize], [true, false, 6]);
	await queue.put(1);
	await queue.put(2, 1000);
	queue.putSync(3);
	queue.putSync(4, 0);
	queue.putNowait(5);
	await queue.put(6, -1);
	assert.deepEqual([queue.empty(), queue.full(), queue.qsize()], [false, true, 6]);
	await assert.rejects(queue.put(7, 0), Full);
	assert.throws(() => queue.putNowait(7), Full);
	assert.throws(() => queue.putSync(7, 30), Full);
	const begun = performance.now();
	await assert.rejects(queue.put(7, 100), { code: 'ERR_NPROCS_FULL' });
	assert.ok(performance.now() - begun >= 99);
	const drained = new Queue<number>();
	const child = new Process({ target: programs.drain, args: [queue, drained, 6] }).start();
	await child.join();
	assert.deepEqual([queue.empty(), queue.full()], [true, false]);
	assert.deepEqual(await drained.getMany(), [1, 2, 3, 4, 5, 6]);
	const blocked = (async () => {
		for (let i = 0; i < 20; i++) await queue.put(i);
	})();
	for (let i = 0; i < 20; i++) assert.equal(await queue.get(), i);
	await blocked;
	queue.close();
	drained.close();
});

test('get: all forms, until it is empty', async () => {
	const queue = new Queue<number>();
	const child = new Process({ target: programs.putRange, args: [queue, 2, 6] }).start();
	assert.equal(await queue.get(), 2);
	assert.equal(queue.getSync(), 3);
	assert.equal(await queue.get(10_000), 4);
	await child.join();
	assert.equal(queue.getNowait(), 5);
	assert.equal(queue.empty(), true);
	assert.throws(() => queue.getNowait(), Empty);
	await assert.rejects(queue.get(0), Empty);
	assert.throws(() => queue.getSync(30), { code: 'ERR_NPROCS_EMPTY' });
	const begun = performance.now();
	await assert.rejects(queue.get(200), Empty);
	assert.ok(performance.now() - begun >= 199);
	queue.close();
});

test('batches', async () => {
	const queue = new Queue<number>(10);
	await queue.putMany([1, 2, 3]);
	assert.deepEqual(await queue.getMany(2), [1, 2]);
	assert.deepEqual(queue.getManySync(100), [3]);
	await assert.rejects(queue.getMany(5, 10), Empty);
	await assert.rejects(queue.getMany(0), { code: 'ERR_NPROCS_INVALID_ARG' });
	const putting = queue.putMany(Array.from({ length: 1000 }, (_, i) => i));
	const got: number[] = [];
	while (got.length < 1000) got.push(...(await queue.getMany(7)));
	await putting;
	assert.deepEqual(
		got,
		Array.from({ length: 1000 }, (_, i) => i),
	);
	assert.throws(
		() => queue.putManySync(Array(12).fill(0), 20),
		(error: Full & { count?: number }) => error instanceof Full && error.count === 10,
	);
	queue.close();
});

test('putMany that ends half-way says how many are in, whatever the reason', async () => {
	type Counted = Error & { count?: number; code?: string; path?: string };
	const failure = async (call: () => unknown): Promise<Counted> => {
		try {
			await call();
		} catch (error) {
			return error as Counted;
		}
		return assert.fail('it has put all');
	};
	const make = (): Queue<unknown> => new Queue<unknown>(5);
	const eight = [1, 2, 3, 4, 5, 6, 7, 8];
	const reason = new Error('enough');
	const soon = (act: () => void): true => (setImmediate(act), true);
	const controller = new AbortController();
	const ways: Record<string, [(queue: Queue<unknown>) => unknown, number, RegExp]> = {
		'its time, sync': [(queue) => queue.putManySync(eight, 10), 5, /ERR_NPROCS_FULL.*5 of 8/],
		'its time': [(queue) => queue.putMany(eight, 10), 5, /ERR_NPROCS_FULL.*5 of 8/],
		'no time': [(queue) => queue.putMany(eight, 0), 5, /ERR_NPROCS_FULL/],
		'a signal': [(queue) => soon(() => controller.abort(reason)) && queue.putMany(eight, controller.signal), 5, /enough/],
		'a signal that was aborted before': [(queue) => queue.putMany(eight, AbortSignal.abort(new Error('before'))), 0, /before/],
		'close()': [(queue) => soon(() => queue.close()) && queue.putMany(eight), 5, /ERR_NPROCS_CLOSED/],
		'end()': [(queue) => soon(() => queue.end()) && queue.putMany(eight), 5, /ERR_NPROCS_CLOSED/],
		'a value that cannot cross': [(queue) => queue.putMany([1, 2, { f: [() => {}] }, 4]), 0, /ERR_NPROCS_SERIALIZATION.*values\[2\]\.f\[0\]/],
		'a value that cannot cross, sync': [(queue) => queue.putManySync([Symbol('s')]), 0, /values\[0\]/],
		'no list': [(queue) => queue.putMany(5 as never), 0, /ERR_NPROCS_INVALID_ARG/],
		'a list that throws': [
			(queue) =>
				queue.putMany(
					(function* () {
						yield 1;
						throw new Error('half a list');
					})(),
				),
			0,
			/half a list/,
		],
	};
	for (const [way, [call, count, pattern]] of Object.entries(ways)) {
		const queue = make();
		const error = await failure(() => call(queue));
		assert.match(`${error.code} ${error.message} ${error.path}`, pattern, way);
		assert.equal(error.count, count, way);
		if (!queue.closed) assert.deepEqual(count === 0 ? queue.qsize() : await queue.getMany(), count === 0 ? 0 : eight.slice(0, count), way);
		queue.close();
	}
	const frozen = Object.freeze(new Error('frozen'));
	const queue = make();
	const abort = new AbortController();
	soon(() => abort.abort(frozen));
	assert.equal(await failure(() => queue.putMany(eight, abort.signal)), frozen);
	queue.close();
});

test('an aborted wait rejects with the reason, and no item is lost', async () => {
	const queue = new Queue<number>(1);
	const control = new AbortController();
	const get = queue.get(control.signal);
	control.abort(new Error('enough'));
	await assert.rejects(get, /enough/);
	await queue.put(1);
	const second = new AbortController();
	const put = queue.put(2, { signal: second.signal, timeout: 60_000 });
	second.abort('no more');
	await assert.rejects(put, (reason) => reason === 'no more');
	assert.equal(queue.qsize(), 1);
	await assert.rejects(queue.get(AbortSignal.abort('before')), (reason) => reason === 'before');
	assert.equal(await queue.get(), 1);
	queue.close();
});

test('what cannot be sent fails at put, says what it is, and takes no place', async () => {
	const queue = new Queue<unknown>(1);
	await assert.rejects(
		queue.put({ a: [() => {}] }),
		(error: SerializationError) => error instanceof SerializationError && error.path === 'value.a[0]',
	);
	assert.throws(() => queue.putManySync([1, Symbol('s')]), SerializationError);
	assert.equal(queue.qsize(), 0);
	queue.putNowait('fits');
	assert.equal(await queue.get(), 'fits');
	queue.close();
});

test('maxsize must be a number that fits', () => {
	for (const bad of ['1', 1.5, NaN, 2 ** 31, {}]) assert.throws(() => new Queue(bad as number), { code: 'ERR_NPROCS_INVALID_ARG' });
	const unbounded = new Queue(-5);
	assert.equal(unbounded.maxsize, 0);
	unbounded.close();
});

test('waits of one process are served in order', async () => {
	const queue = new Queue<number>();
	const waits = [queue.get(), queue.get(), queue.get()];
	await pause(0);
	queue.putManySync([1, 2, 3]);
	assert.deepEqual(await Promise.all(waits), [1, 2, 3]);
	queue.close();
});

test('calls that need not wait let the event loop turn', async () => {
	const queue = new Queue<number>();
	let hasTurned = false;
	setImmediate(() => {
		hasTurned = true;
	});
	while (!hasTurned) {
		await queue.put(1);
		await queue.get();
	}
	queue.close();
});

test('closing ends what waits', async () => {
	const queue = new Queue<number>(1);
	const iterated = (async () => {
		const seen: number[] = [];
		for await (const item of queue) seen.push(item);
		return seen;
	})();
	await queue.put(1);
	while (!queue.empty()) await pause(1);
	const second = queue.get();
	queue.close();
	await assert.rejects(second, { code: 'ERR_NPROCS_CLOSED' });
	assert.deepEqual(await iterated, [1]);
});

test('a process may end right after put; joining it before draining does not block', async () => {
	for (const size of [0, 1, 50_000, 1_000_000]) {
		const queue = new Queue<Uint8Array | number>();
		const child = new Process({ target: programs.putAndExit, args: [queue, 100, size] }).start();
		await child.join();
		assert.equal(child.exitCode, 7);
		assert.equal(queue.qsize(), 100);
		for (let i = 0; i < 100; i++) {
			const item = await queue.get();
			if (typeof item === 'number') assert.equal(item, i);
			else assert.ok(item.length === size && item[0] === i + 1 && item[size - 1] === i + 1);
		}
		queue.close();
	}
});

test("many producers and consumers: nothing lost, nothing doubled, each producer's items in order", async () => {
	for (const maxsize of [0, 10]) {
		const queue = new Queue<unknown>(maxsize);
		const out = new Queue<[string, number]>();
		const producers = ['a', 'b', 'c'].map((name) => new Process({ target: programs.produceSome, args: [queue, name, 2000] }).start());
		const consumers = [0, 1, 2].map(() => new Process({ target: programs.consume, args: [queue, out] }).start());
		const seen = new Map<string, Set<number>>();
		let ended = 0;
		let count = 0;
		while (ended < 3 || count < 6000) {
			for (const [name, number] of await out.getMany(100)) {
				if (number === -1) ended++;
				else {
					count++;
					const numbers = seen.get(name) ?? new Set();
					assert.ok(!numbers.has(number), 'twice');
					seen.set(name, numbers.add(number));
				}
			}
		}
		for (const name of ['a', 'b', 'c']) assert.equal(seen.get(name)!.size, 2000);
		for (const process of producers) await process.join();
		for (const _ of consumers) await queue.put(null);
		for (const process of consumers) await process.join();
		queue.close();
		out.close();
	}
});

const putSteps = ['append: placed', 'append: reserved', 'append: linked', 'append: written', 'append: prepared', 'append: published'];
for (const step of putSteps) {
	test(`a producer killed at "${step}" loses at most its item, and blocks nobody`, async () => {
		// Growing is rarer.
		for (const after of /reserved|linked/.test(step) ? [0, 1, 3] : [0, 1, 7]) {
			const queue = new Queue<[string, number]>();
			const child = new Process({ target: programs.dieAtStep, args: [queue, step, after, 'put'] }).start();
			await child.join();
			assert.equal(child.exitCode, -9);
			await queue.put(['alive', 1]);
			let next = 0;
			for (;;) {
				const [name, number] = await queue.get(5000);
				if (name === 'alive') break;
				assert.equal(number, next++);
			}
			if (!/reserved|linked/.test(step)) assert.equal(next, step === 'append: published' ? after + 1 : after);
			assert.equal(queue.qsize(), 0);
			queue.close();
		}
	});
}

for (const step of ['take: copied', 'take: prepared', 'take: taken']) {
	test(`a consumer killed at "${step}" takes at most its item with it`, async () => {
		const queue = new Queue<number>();
		await queue.putMany([0, 1, 2, 3, 4, 5]);
		const child = new Process({ target: programs.dieAtStep, args: [queue, step, 2, 'get'] }).start();
		await child.join();
		assert.equal(child.exitCode, -9);
		assert.deepEqual(await queue.getMany(10, 5000), step === 'take: taken' ? [3, 4, 5] : [2, 3, 4, 5]);
		queue.close();
	});
}

test('random kills of producers and consumers', async (t) => {
	const seed = Math.floor(Math.random() * 2 ** 31);
	t.diagnostic(`seed ${seed}`);
	let state = seed;
	const next = (n: number): number => ((state = (Math.imul(state, 1664525) + 1013904223) | 0) >>> 8) % n;
	const queue = new Queue<unknown>(50);
	const out = new Queue<[string, number]>();
	const forms = ['async', 'sync', 'many'] as const;
	let names = 0;
	const startProducer = (): Process => new Process({ target: programs.produce, args: [queue, `p${names++}`, forms[next(3)]!] }).start();
	const startConsumer = (): Process => new Process({ target: programs.consumeForEver, args: [queue, out] }).start();
	const alive = [startProducer(), startProducer(), startConsumer(), startConsumer()];
	const seen = new Map<string, number[]>();
	const read = async (): Promise<void> => {
		for (const [name, number] of await out.getMany(1000, 20_000)) {
			const numbers = seen.get(name);
			if (numbers === undefined) seen.set(name, [number]);
			else numbers.push(number); // not a copy: there are hundreds of thousands
		}
	};
	for (let round = 0; round < 12; round++) {
		for (let i = next(20); i >= 0; i--) await read();
		const index = next(4);
		alive[index]!.kill();
		await alive[index]!.join();
		alive[index] = index < 2 ? startProducer() : startConsumer();
	}
	// All are still served: both new producers are heard of.
	const last = names - 1;
	while (!seen.has(`p${last}`)) await read();
	for (const process of alive) process.kill();
	for (const process of alive) await process.join();
	for (const [name, numbers] of seen) assert.equal(new Set(numbers).size, numbers.length, `${name} twice`);
	queue.close();
	out.close();
});

test('a stopped process is not a dead one: others wait for it, as long as they want', async () => {
	const queue = new Queue<unknown>();
	const [control, theirs] = Pipe();
	const child = new Process({ target: programs.stopAtStep, args: [queue, theirs, 'append: written'] }).start();
	while (!isStopped(child.pid!)) await pause(1);
	await assert.rejects(queue.put('mine', 300), Full);
	assert.throws(() => queue.putSync('mine', 300), Full);
	await assert.rejects(queue.get(0), Empty);
	const put = queue.put('mine');
	process.kill(child.pid!, 'SIGCONT');
	assert.equal(await control.recv(), 'done');
	await put;
	assert.deepEqual([await queue.get(), await queue.get()], ['from the stopped one', 'mine']);
	await child.join();
	for (const one of [queue, control, theirs]) one.close();
});

function isStopped(pid: number): boolean {
	return / T /.test(spawnSync('cat', [`/proc/${pid}/stat`]).stdout.toString());
}

test('large arrays arrive as mappings, and their memory comes back', async () => {
	const mapped = (): number => addon().openOutOfBandBytes();
	const queue = new Queue<unknown>();
	const size = 32 * 1024 * 1024;
	const before = mapped();
	const array = new Float64Array(size / 8);
	array[0] = 1.5;
	array[array.length - 1] = 2.5;
	await queue.put({ array, view: array.subarray(1) });
	let received: { array: Float64Array; view: Float64Array } | undefined = (await queue.get()) as { array: Float64Array; view: Float64Array };
	assert.equal(received.array[array.length - 1], 2.5);
	assert.equal(received.view.buffer, received.array.buffer);
	assert.ok(received.array.buffer !== array.buffer);
	received.array[0] = 9;
	assert.equal(array[0], 1.5);
	assert.equal(mapped(), before + size + 4096);
	received = undefined;
	const gc = globalThis.gc;
	if (gc === undefined) return queue.close();
	while (mapped() > before) {
		gc();
		await pause(5);
	}
	queue.close();
});

test('what a closed queue had inside is gone', async () => {
	collectGarbage();
	const names = (): number => listNames().length;
	const before = names();
	const queue = new Queue<unknown>();
	const inner = new Queue<unknown>();
	await queue.put([new Uint8Array(200_000), inner]);
	assert.equal(names(), before + 7); // both queues with their sides, and the array
	inner.close();
	assert.equal(names(), before + 7); // both queues with their sides, and the array
	queue.close();
	assert.equal(names(), before);
});

test('a queue goes through queues, at any depth, and lives on its way', async () => {
	const outer = new Queue<unknown>();
	const inner = new Queue<string>();
	await inner.put('inside');
	await outer.put({ deep: [new Map([['queue', inner]])] });
	inner.close();
	const { deep } = (await outer.get()) as { deep: [Map<string, unknown>] };
	const received = deep[0].get('queue') as Queue<string>;
	assert.equal(await received.get(), 'inside');
	await outer.put(outer);
	const same = (await outer.get()) as Queue<string>;
	await same.put('round');
	assert.equal(await outer.get(), 'round');
	for (const queue of [outer, same, received]) queue.close();
});

test('thousands of queues', async () => {
	const queues = Array.from({ length: 1500 }, () => new Queue<number>());
	for (const [i, queue] of queues.entries()) queue.putSync(i);
	for (const [i, queue] of queues.entries()) assert.equal(queue.getSync(), i);
	const waits = queues.map((queue) => queue.get());
	queues[1234]!.putSync(5);
	assert.equal(await waits[1234], 5);
	for (const queue of queues) queue.close();
	await Promise.allSettled(waits);
});

test('a full /dev/shm is an error at put, and the queue goes on', (t) => {
	const program = new URL('../fixtures/channel/full-shm.js', import.meta.url).pathname;
	const script = `mount -t tmpfs -o size=3m tmpfs /dev/shm && exec "${process.execPath}" "${program}"`;
	const { status, stderr, stdout } = spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-c', script], { encoding: 'utf8' });
	if (status === null || /unshare|mount:/.test(stderr)) return t.skip('mounting a small /dev/shm is not allowed here');
	assert.equal(status, 0, stderr);
	assert.equal(stdout.trim(), 'ok');
});

test('a dropped queue is closed by the collector', async (t) => {
	const gc = globalThis.gc;
	if (gc === undefined) return t.skip('needs --expose-gc');
	const path = (() => {
		const queue = new Queue();
		const before = listNames();
		const other = new Queue();
		const [name] = listNames().filter((one) => !before.includes(one));
		queue.close();
		void other;
		return `/dev/shm/${name}`;
	})();
	assert.ok(existsSync(path));
	while (existsSync(path)) {
		gc();
		await pause(5);
	}
});

test('JoinableQueue: workers, join, and too many taskDone', async () => {
	const queue = new JoinableQueue<number | null>();
	const results = new Queue<unknown>();
	const workers = [0, 1, 2, 3].map(() => new Process({ target: programs.work, args: [queue, results] }).start());
	for (let i = 0; i < 10; i++) await queue.put(i);
	assert.equal(await queue.join(), true);
	assert.equal(results.qsize(), 10);
	for (const _ of workers) await queue.put(null);
	assert.equal(queue.joinSync(20_000), true);
	for (const worker of workers) await worker.join();
	assert.throws(() => queue.taskDone(), { code: 'ERR_NPROCS_TASK_DONE' });
	await queue.put(1);
	assert.equal(await queue.join(20), false);
	assert.equal(queue.joinSync(20), false);
	queue.close();
	results.close();
});

test('JoinableQueue: a consumer that dies with items in hand is reported by join, once', async () => {
	const queue = new JoinableQueue<number>();
	await queue.putMany([1, 2, 3]);
	const [control, theirs] = Pipe();
	const child = new Process({ target: programs.takeAndHang, args: [queue, 2, theirs] }).start();
	await control.recv();
	const join = queue.join();
	child.kill();
	await assert.rejects(join, { code: 'ERR_NPROCS_WORKER_DIED', pid: child.pid! });
	assert.equal(await queue.join(10), false);
	assert.equal(await queue.get(), 3);
	queue.taskDone();
	assert.equal(await queue.join(5000), true);
	await child.join();
	for (const one of [queue, control, theirs]) one.close();
});

for (const [how, expected] of [
	['kill', { exitCode: -9, signal: 'SIGKILL', message: /killed by SIGKILL with an item in hand, number 2 of those/ }],
	['throw', { exitCode: 1, signal: null, message: /ended with exit code 1 with an item in hand/ }],
	['exit 3', { exitCode: 3, signal: null, message: /ended with exit code 3 with/ }],
] as const) {
	test(`JoinableQueue: join says how a consumer ended (${how}), and what is lost`, async () => {
		for (const form of ['join', 'joinSync'] as const) {
			const queue = new JoinableQueue<string>();
			await queue.putMany(['a', how, 'c']);
			const child = new Process({ target: programs.endWithItem, args: [queue], stdio: 'ignore' }).start();
			const wait = async (): Promise<boolean> => (form === 'join' ? queue.join(30_000) : queue.joinSync(30_000));
			await assert.rejects(wait, { name: 'WorkerDiedError', pid: child.pid!, task: 'item 2 of the queue', ...expected });
			await child.join();
			assert.equal(await queue.get(), 'c');
			queue.taskDone();
			assert.equal(await wait(), true);
			queue.close();
		}
	});
}

test('JoinableQueue: those who settle for others and are killed over it change no count twice', async () => {
	const queue = new JoinableQueue<string>();
	// Three that are gone: one has lost its item, two have handed theirs on.
	for (const item of ['kill', 'exit 0', 'exit 0']) {
		await queue.put(item);
		await new Process({ target: programs.endWithItem, args: [queue] }).start().join();
	}
	await queue.put('inside');
	// The first is killed over the lost one, the second over the last one that was handed on, the third over its own
	// report of one of them.
	for (const after of [0, 1, 0]) {
		const child = new Process({ target: programs.dieReporting, args: [queue, 'ledger: noted', after] }).start();
		await child.join();
		assert.equal(child.exitCode, -9);
	}
	await assert.rejects(queue.join(30_000), { code: 'ERR_NPROCS_WORKER_DIED', message: /an item/ });
	assert.equal(await queue.get(), 'inside');
	for (let left = 2; left > 0; left--) {
		assert.equal(await queue.join(0), false);
		queue.taskDone();
	}
	assert.equal(await queue.join(30_000), true);
	assert.throws(() => queue.taskDone(), { code: 'ERR_NPROCS_TASK_DONE' });
	queue.close();
});

test('JoinableQueue: an item is done by another process than the one that took it, which has ended', async () => {
	const queue = new JoinableQueue<string>();
	const handed = new Queue<string>();
	const [control, theirs] = Pipe();
	const worker = new Process({ target: programs.doneForOthers, args: [queue, handed, theirs] }).start();
	for (const item of ['first', 'second']) {
		await queue.put(item);
		await new Process({ target: programs.drain, args: [queue, handed, 1] }).start().join();
	}
	assert.equal(await control.recv(), 'first');
	assert.equal(await queue.join(300), false, 'the second one is being worked on');
	await control.send('go on');
	assert.equal(await control.recv(), 'second');
	assert.equal(await queue.join(30_000), true);
	assert.throws(() => queue.taskDone(), { code: 'ERR_NPROCS_TASK_DONE' });
	await worker.join();
	for (const one of [queue, handed, control, theirs]) one.close();
});

for (const [step, operation] of [
	['ledger: intended', 'get'],
	['take: taken', 'get'],
	['ledger: done noted', 'taskDone'],
	['ledger: done', 'taskDone'],
] as const) {
	test(`JoinableQueue: a consumer killed at "${step}" is accounted for exactly`, async () => {
		const queue = new JoinableQueue<number>();
		await queue.putMany([1, 2, 3, 4]);
		const child = new Process({ target: programs.dieAtStep, args: [queue, step, 1, operation] }).start();
		await child.join();
		// In hand: with `get` the first item, and the second one if it was taken; with `taskDone` the second one,
		// unless that was done.
		const inHand = step === 'take: taken' ? 2 : step === 'ledger: done' ? 0 : 1;
		if (inHand > 0) await assert.rejects(queue.join(5000), { code: 'ERR_NPROCS_WORKER_DIED', message: inHand === 1 ? /an item/ : /2 items/ });
		const left = await queue.getMany();
		assert.deepEqual(left, step === 'ledger: intended' ? [2, 3, 4] : [3, 4]);
		for (const _ of left) queue.taskDone();
		assert.equal(await queue.join(5000), true);
		assert.throws(() => queue.taskDone(), { code: 'ERR_NPROCS_TASK_DONE' });
		queue.close();
	});
}

test('thousands of shared objects in one message', async () => {
	const locks = Array.from({ length: 3000 }, () => new Lock());
	const queue = new Queue<Lock[]>();
	const [here, there] = Pipe<Lock[]>();
	await queue.put(locks);
	await here.send(locks);
	locks.forEach((lock) => lock.close());
	for (const got of [await queue.get(), await there.recv()]) {
		assert.equal(got.length, 3000);
		got.forEach((lock) => lock.acquireSync());
		got.forEach((lock) => lock.release());
		got.forEach((lock) => lock.close());
	}
	for (const one of [queue, here, there]) one.close();
});

test('SimpleQueue: empty, as another process sees it', async () => {
	const queue = new SimpleQueue<boolean>();
	assert.equal(queue.empty(), true);
	const child = new Process({ target: programs.simpleQueueEmpty, args: [queue] }).start();
	await child.join();
	assert.deepEqual([await queue.get(), await queue.get(), queue.empty()], [true, false, true]);
	queue.close();
});

test('a getter may put something into the same queue, and both arrive whole', () => {
	const queue = new Queue<unknown>();
	const outer = {
		before: 'before',
		get inner(): string {
			queue.putSync({ from: 'the getter', data: new Uint8Array([1, 2, 3]) });
			return 'inner';
		},
		after: 'after',
	};
	queue.putSync(outer);
	queue.putManySync([outer, 1]);
	const inner = { from: 'the getter', data: new Uint8Array([1, 2, 3]) };
	const whole = { before: 'before', inner: 'inner', after: 'after' };
	assert.deepEqual(queue.getManySync(), [inner, whole, inner, whole, 1]);
	queue.close();
});

test('what is put while the queue is full arrives as it was, whatever is put elsewhere meanwhile', async () => {
	const full = new Queue<unknown>(1);
	const other = new Queue<unknown>();
	full.putSync(0);
	const waiting = [full.put({ id: 1, text: 'first' }), full.put({ id: 2, text: 'second' })];
	for (let i = 0; i < 10; i++) other.putSync({ id: -i, text: 'something else' });
	assert.deepEqual([await full.get(), await full.get(), await full.get()], [0, { id: 1, text: 'first' }, { id: 2, text: 'second' }]);
	await Promise.all(waiting);
	full.close();
	other.close();
});
