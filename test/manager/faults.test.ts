/** What happens when something goes wrong: dead servers, dead clients, strangers at the door. */
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
	AuthenticationError,
	BaseManager,
	connect,
	Manager,
	Pipe,
	Process,
	Queue,
	registerClass,
	ServerDiedError,
	SyncManager,
	type Connection,
	type QueueProxy,
} from 'nprocs';
import { gone } from '../helpers/programs.js';
import * as programs from '../fixtures/manager/programs.js';
import * as targets from '../fixtures/manager/targets.js';

class Mine extends BaseManager.with({ Counter: targets.Counter }) {}

const addresses: [name: string, make: (folder: string) => string | { host: string; port: number } | undefined][] = [
	['a name of its own', () => undefined],
	['a path', (folder) => join(folder, 'socket')],
	['TCP', () => ({ host: '127.0.0.1', port: 0 })],
];

/** A process that says what it does. */
function start<A extends unknown[]>(
	target: (...args: [...A, Connection<unknown>]) => unknown,
	...args: A
): [process: Process, told: Connection<unknown>] {
	const [here, there] = Pipe<unknown>();
	const child = new Process({ target: target as (...args: unknown[]) => unknown, args: [...args, there] }).start();
	there.close();
	return [child, here];
}

async function kill(child: Process): Promise<void> {
	child.kill();
	await child.join();
}

/** Asks again until it is so; what it waits for comes by itself. */
async function until(look: () => Promise<boolean>): Promise<void> {
	while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What is on its way in a queue that is gone, the server drops at its next look. */
async function untilServerHasLooked(manager: SyncManager): Promise<void> {
	const before = await manager.numberOfObjects();
	const queue = new Queue<unknown>();
	const marker = await manager.list([]);
	await queue.put(marker);
	marker[Symbol.dispose]();
	queue.close();
	await until(async () => (await manager.numberOfObjects()) === before);
}

for (const [name, makeAddress] of addresses) {
	test(`the server is killed with clients inside calls, at ${name}: each is told, and a new one on the same address works`, async () => {
		const folder = mkdtempSync(join(tmpdir(), 'manager-'));
		const manager = await new SyncManager({ address: makeAddress(folder) }).start();
		const { address, authkey } = manager;
		const queue = await manager.Queue();
		const [blocked, toldByBlocked] = start(programs.blockIn, queue);
		const [waiting, toldByWaiting] = start(programs.awaitIn, queue);
		assert.deepEqual([await toldByBlocked.recv(), await toldByWaiting.recv()], ['calling', 'calling']);
		const calls = [queue.get(), queue.get(50_000), queue.get(new AbortController().signal)].map((call) => assert.rejects(call, ServerDiedError));
		const flood = Promise.allSettled(Array.from({ length: 5000 }, (_, i) => queue.callMethod('putMany', [[], i])));
		await flood;
		manager.process!.kill();
		await Promise.all(calls);
		assert.equal(await toldByBlocked.recv(), 'ERR_NPROCS_SERVER_DIED');
		assert.deepEqual(await toldByWaiting.recv(), Array(3).fill('ERR_NPROCS_SERVER_DIED'));
		await assert.rejects(queue.qsize(), { code: 'ERR_NPROCS_SERVER_DIED', message: /has ended/ });
		assert.throws(() => queue.qsizeSync(), { code: 'ERR_NPROCS_SERVER_DIED' });
		await assert.rejects(manager.dict(), ServerDiedError);
		for (const child of [blocked, waiting]) await child.join();
		await manager.shutdown();

		await using next = await new SyncManager({ address, authkey }).start();
		const dict = await next.dict({ a: 1 });
		assert.equal(dict.getSync('a'), 1);
		await assert.rejects(queue.qsize(), ServerDiedError);
		for (const told of [toldByBlocked, toldByWaiting]) told.close();
		rmSync(folder, { recursive: true });
	});
}

test('a client is killed: its locks, permits, references and iterations are given up', async () => {
	await using manager = await Manager();
	const inner = await manager.list();
	const held = {
		lock: await manager.Lock(),
		rlock: await manager.RLock(),
		semaphore: await manager.Semaphore(1),
		dict: await manager.dict<string, unknown>({ a: inner, b: 2 }),
		made: await manager.list<unknown>(),
	};
	const before = await manager.numberOfObjects();
	const [child, told] = start(programs.holdAll, held);
	assert.equal(await told.recv(), 'holding');
	assert.ok((await manager.numberOfObjects()) > before);
	assert.deepEqual([await held.lock.acquire(0), await held.rlock.acquire(0), await held.semaphore.acquire(0)], [false, false, false]);
	const waiting = [held.lock.acquire(), held.rlock.acquire(), held.semaphore.acquire()];
	await kill(child);
	assert.deepEqual(await Promise.all(waiting), [true, true, true]);
	await until(async () => (await manager.numberOfObjects()) === before);
	assert.equal(await held.made.length(), 1);
	told.close();
});

test('a client is killed inside a condition, and at a barrier', async () => {
	await using manager = await Manager();
	const condition = await manager.Condition();
	const [inCondition, told] = start(programs.stayInCondition, condition);
	assert.equal(await told.recv(), 'waiting');
	await condition.acquire();
	await kill(inCondition);
	await condition.notifyAll();
	await condition.notify();
	assert.equal(await condition.wait(10), false);
	await condition.release();

	const barrier = await manager.Barrier(2);
	const [atBarrier, toldThere] = start(programs.stayAtBarrier, barrier);
	assert.equal(await toldThere.recv(), 'waiting');
	await kill(atBarrier);
	await until(() => barrier.broken());
	await assert.rejects(barrier.wait(), { code: 'ERR_NPROCS_BROKEN_BARRIER' });
	told.close();
	toldThere.close();
});

test('a client is killed inside a get: the item is not lost', async () => {
	await using manager = await Manager();
	const queue = await manager.Queue<unknown>();
	const [child, told] = start(programs.blockIn, queue);
	assert.equal(await told.recv(), 'calling');
	await kill(child);
	await queue.put('item');
	assert.equal(await queue.get(5000), 'item');

	const [other, toldByOther] = start(programs.askAndBlock, queue);
	assert.equal(await toldByOther.recv(), 'asked');
	await queue.put('for the blocked one');
	assert.equal(await queue.qsize(), 0);
	await kill(other);
	assert.equal(await queue.get(), 'for the blocked one');
	told.close();
	toldByOther.close();
});

test('a consumer of a JoinableQueue is killed with an item in hand: join says so, once', async () => {
	await using manager = await Manager();
	const queue = await manager.JoinableQueue();
	await queue.put(1);
	const [child, told] = start(programs.takeAndStay, queue);
	assert.equal(await told.recv(), 1);
	const refused = assert.rejects(queue.join(), { code: 'ERR_NPROCS_WORKER_DIED', pid: child.pid });
	await kill(child);
	await refused;
	assert.equal(await queue.join(), true);
	told.close();
});

test('references on their way keep an object, whoever ends; a dead channel’s and a dead holder’s do not', async () => {
	await using manager = await Manager();
	const idle = await manager.numberOfObjects();
	const queue = new Queue<unknown>();
	const first = await manager.list([1]);
	await queue.put(first);
	first[Symbol.dispose]();
	await untilServerHasLooked(manager);
	assert.equal(await manager.numberOfObjects(), idle + 1);
	const again = (await queue.get()) as typeof first;
	assert.deepEqual(await again.copy(), [1]);
	await queue.put(again);
	again[Symbol.dispose]();
	queue.close();
	await until(async () => (await manager.numberOfObjects()) === idle);

	const second = await manager.list([2]);
	const [child, told] = start(programs.keep, second);
	assert.equal(await told.recv(), 'kept');
	second[Symbol.dispose]();
	await untilServerHasLooked(manager);
	assert.equal(await manager.numberOfObjects(), idle + 1);
	await kill(child);
	await until(async () => (await manager.numberOfObjects()) === idle);
	told.close();
});

test('a stopped server: time limits hold, and what was not wanted any more has no effect', async () => {
	await using manager = await Manager();
	const lock = await manager.Lock();
	const { pid } = manager.process!;
	process.kill(pid!, 'SIGSTOP');
	await assert.rejects(lock.acquire(20), { code: 'ERR_NPROCS_TIMEOUT' });
	assert.throws(() => lock.acquireSync(20), { code: 'ERR_NPROCS_TIMEOUT' });
	await assert.rejects(lock.acquire(AbortSignal.timeout(20)), { name: 'TimeoutError' });
	await assert.rejects(lock.callMethod('locked', [], 20), { code: 'ERR_NPROCS_TIMEOUT' });
	process.kill(pid!, 'SIGCONT');
	await until(async () => !(await lock.locked()));
	assert.equal(await lock.acquire(0), true);
});

test('a server that computes: a call is aborted all the same', async () => {
	await using manager = await new Mine().start();
	const counter = await manager.Counter();
	const busy = counter.spin(500);
	await assert.rejects(counter.callMethod('get', [], 20), { code: 'ERR_NPROCS_TIMEOUT' });
	await busy;
	assert.equal(await counter.get(), 0);
});

test('an argument that the server cannot make is an error of that call alone', async () => {
	class Unknown {
		readonly x = 1;
	}
	registerClass(Unknown, { serialize: () => 1, deserialize: () => new Unknown() });
	await using manager = await new Mine().start();
	const counter = await manager.Counter();
	const calls = [
		counter.increment(),
		counter.echo(new Unknown()),
		counter.increment(),
		counter.echo([new Unknown(), Buffer.alloc(1e6)]),
		counter.get(),
	];
	const outcomes = await Promise.allSettled(calls);
	assert.deepEqual(
		outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : one.value)),
		[1, 'ERR_NPROCS_UNKNOWN_CLASS', 2, 'ERR_NPROCS_UNKNOWN_CLASS', 2],
	);
});

test('much at once: the ways fill up, nothing is lost and nobody is stuck', async () => {
	await using manager = await Manager();
	const list = await manager.list<number>();
	const text = 'x'.repeat(2000);
	const calls = Array.from({ length: 20_000 }, (_, i) => list.callMethod('push', [i, text]));
	assert.equal(list.lengthSync(), 40_000);
	assert.deepEqual((await Promise.all(calls)).at(-1), 40_000);
	const big = Buffer.alloc(8e6, 'b');
	await list.callMethod('push', [big, { big }]);
	assert.deepEqual(list.callMethodSync('at', [-1]), { big });
});

test('a wrong key', async () => {
	for (const address of ['\0nprocs-test-' + process.pid, { host: '127.0.0.1', port: 0 }]) {
		await using manager = await new SyncManager({ address, authkey: 'right' }).start();
		await assert.rejects(new SyncManager({ address: manager.address, authkey: 'wrong' }).connect(), AuthenticationError);
		await assert.rejects(new SyncManager({ address: manager.address }).connect(), AuthenticationError);
		assert.throws(() => new SyncManager({ address: manager.address, authkey: '' }).connectSync(), AuthenticationError);
		await using other = await new SyncManager({ address: manager.address, authkey: 'right' }).connect();
		assert.equal(await (await other.value(1)).get(), 1);
	}
	await assert.rejects(new SyncManager({ address: '/nowhere/at-all', authkey: 'k' }).connect(), { code: 'ERR_NPROCS_NOT_FOUND' });
	await assert.rejects(new SyncManager({ authkey: 'k' }).connect(), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => new SyncManager({ adress: 'x' } as never), { code: 'ERR_NPROCS_INVALID_ARG', message: /address/ });
});

test('garbage, half a message, silence and a client that says nonsense after its proof: others are served', async () => {
	await using manager = await new SyncManager({ address: { host: '127.0.0.1', port: 0 }, authkey: 'k' }).start();
	const { host, port } = manager.address as { host: string; port: number };
	const strangers = ['GET / HTTP/1.1\r\n\r\n', '\0\0\0', '\0\0\0\x14', '\xff\xff\xff\xff\xff\xff\xff\xff', ''].map((text) => {
		const socket = net.connect(port, host).on('error', () => {});
		socket.write(Buffer.from(text, 'latin1'));
		return socket;
	});
	await Promise.all(strangers.map((socket) => once(socket, 'connect')));
	const proven = await connect<unknown>({ host, port }, { authkey: 'k' });
	await proven.recv();
	await proven.sendBytes(Buffer.from([5, 0, 0, 0, 1, 2, 3]));
	await assert.rejects(proven.recv(), { code: 'ERR_NPROCS_EOF' });
	const another = await connect<unknown>({ host, port }, { authkey: 'k' });
	await another.recv();
	await another.sendBytes(Buffer.alloc(0));
	await another.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0x7f]));
	await assert.rejects(another.recv(), { code: 'ERR_NPROCS_EOF' });
	const dict = await manager.dict({ a: 1 });
	assert.equal(await dict.get('a'), 1);
	for (const socket of strangers) socket.destroy();
	proven.close();
	another.close();
});

test('a thousand TCP connections from a few processes', async () => {
	await using manager = await new SyncManager({ address: { host: '127.0.0.1', port: 0 }, authkey: 'k' }).start();
	const address = manager.address as { host: string; port: number };
	const children = [0, 1, 2, 3].map(() => new Process({ target: programs.connectOften, args: [address, 'k', 250] }).start());
	for (const child of children) assert.ok(await child.join());
	assert.deepEqual(
		children.map(({ exitCode }) => exitCode),
		[0, 0, 0, 0],
	);
	assert.equal(await (await manager.value('still there')).get(), 'still there');
});

test('SIGINT does not end the server while its owner lives; SIGTERM does', async () => {
	const manager = await Manager();
	const value = await manager.value(1);
	for (let i = 0; i < 3; i++) manager.process!.interrupt();
	assert.equal(await value.increment(), 2);
	manager.process!.terminate();
	await manager.join();
	await assert.rejects(value.get(), ServerDiedError);
	await manager.shutdown();
});

test('the server ends with its owner’s SIGKILL and leaves nothing; others are told', async () => {
	const [owner, told] = start(programs.own);
	const [pid, address, authkey, queue] = (await told.recv()) as [number, string, Uint8Array, QueueProxy<number>];
	const other = await new SyncManager({ address, authkey }).connect();
	const call = assert.rejects(queue.get(), ServerDiedError);
	assert.equal(await (await other.value(1)).get(), 1);
	await kill(owner);
	await call;
	await gone(pid);
	await assert.rejects(other.value(1), ServerDiedError);
	await other.shutdown();
	told.close();
});

test('shutdown gets a server that will not end', async () => {
	const manager = await new Mine({ shutdownTimeout: 50 }).start();
	const counter = await manager.Counter();
	const busy = assert.rejects(counter.spin(1e9), ServerDiedError);
	assert.equal(await counter.callMethod('get', [], 1).catch((error: { code: string }) => error.code), 'ERR_NPROCS_TIMEOUT');
	await manager.shutdown();
	await busy;
	assert.equal(manager.process!.exitCode, -15);
	const stopped = await new Mine({ shutdownTimeout: 50 }).start();
	process.kill(stopped.process!.pid!, 'SIGSTOP');
	await stopped.shutdown();
	assert.equal(stopped.process!.exitCode, -9);
});
