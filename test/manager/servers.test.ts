/** Managers reached over TCP, servers in the program's own process, registered types, and several managers at once. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { BaseManager, BaseProxy, Lock, Manager, Pipe, Process, SyncManager, type DictProxy, type ListProxy } from 'nprocs';
import { commandFor } from '../helpers/cases.js';
import { Program, project } from '../helpers/programs.js';
import * as programs from '../fixtures/manager/programs.js';
import * as targets from '../fixtures/manager/targets.js';

const tcp = { host: '127.0.0.1', port: 0 };

test('over TCP: everything that goes over shared memory, proxies past the server too', async () => {
	await using manager = await new SyncManager({ address: tcp, authkey: 'k' }).start();
	const { port } = manager.address as { port: number };
	assert.ok(port > 0);
	const list = await manager.list<number>();
	const outer = await manager.dict<string, unknown>({ list });
	const nested = (await outer.get('list')) as ListProxy<number>;
	assert.ok(nested.is(list));
	nested.pushSync(7);
	const child = new Process({ target: targets.useList, args: [list] }).start();
	await child.join();
	assert.deepEqual([child.exitCode, await list.copy()], [0, [7, 0, 1, 2]]);
	const [a, b] = Pipe<unknown>();
	const [c, d] = Pipe<unknown>();
	const processes = [
		new Process({ target: targets.hand, args: [list, b] }).start(),
		new Process({ target: targets.forward, args: [a, d] }).start(),
	];
	for (const one of processes) await one.join();
	list[Symbol.dispose]();
	nested[Symbol.dispose]();
	await outer.clear();
	const came = (await c.recv()) as ListProxy<number>;
	assert.equal(await came.length(), 4);
	for (const end of [a, b, c, d]) end.close();

	const big = Buffer.alloc(3e6, 'x');
	assert.deepEqual(await (await manager.value(big)).get(), big);
	const counts = await manager.dict<string, number>();
	const sync = new Process({ target: targets.incrementSync, args: [counts, 100] }).start();
	await Promise.all(Array.from({ length: 2000 }, () => counts.increment('n')));
	await sync.join();
	assert.equal(counts.getSync('n'), 2100);
	const lock = new Lock();
	await assert.rejects(outer.set('lock', lock), { code: 'ERR_NPROCS_OTHER_MACHINE', message: /TCP/ });
	assert.throws(() => outer.setSync('lock', lock), { code: 'ERR_NPROCS_OTHER_MACHINE' });
	assert.equal(await outer.size(), 0, 'and everything goes on');
	lock.close();
});

test('two programs that have not started each other', async () => {
	const folder = project({
		'server.mjs': `
			import { SyncManager } from 'nprocs';
			const jobs = [];
			class M extends SyncManager.with({ getJobs: () => jobs }) {}
			const server = await new M({ address: { host: '127.0.0.1', port: 0 }, authkey: 'shared' }).getServer().listen();
			console.log(server.address.port);
			await server.serveForever();
			console.log('jobs', jobs.join());`,
		'client.mjs': `
			import { BaseManager } from 'nprocs';
			class M extends BaseManager.with({ getJobs: undefined }) {}
			const m = await new M({ address: { host: '127.0.0.1', port: Number(process.argv[2]) }, authkey: 'shared' }).connect();
			const jobs = await m.getJobs();
			await jobs.push('a', 'b');
			console.log(jobs.lengthSync());`,
	});
	const server = new Program([join(folder, 'server.mjs')]);
	const port = await server.line();
	for (const expected of ['2', '4']) {
		const client = new Program([join(folder, 'client.mjs'), port]);
		assert.equal(await client.line(), expected);
		assert.equal(await client.end(), 0, client.stderr);
	}
	server.signal('SIGINT');
	assert.equal(await server.end(), 'SIGINT');
});

test('started by fork, the server has the program’s state; what it cannot import there is an error', async () => {
	const folder = project({
		'main.mjs': `
			import { SyncManager, isMain, Process, setStartMethod } from 'nprocs';
			import { add } from './functions.mjs';
			export const increment = (value) => value + 1;
			if (isMain(import.meta)) {
				setStartMethod('fork');
				let state = 5;
				await using_(new (SyncManager.with({ getState: () => new Map([['state', state]]) }))(), async (manager) => {
					const dict = await manager.getState();
					console.log(await dict.compute('state', add, 2));
					console.log(await dict.compute('state', increment).catch((error) => error.code));
					console.log(await dict.get('state'));
				});
				await using_(new SyncManager(), async (manager) => {
					const dict = await manager.dict({ n: 1 });
					const child = new Process({ target: async () => void (await dict.compute('n', increment)) }).start();
					await child.join();
					console.log(child.exitCode, await dict.get('n'));
				});
			}
			async function using_(manager, use) {
				await use(await manager.start());
				await manager.shutdown();
			}`,
		'functions.mjs': 'export const add = (value, by) => value + by;',
	});
	const program = new Program(commandFor('fork', join(folder, 'main.mjs')));
	for (const expected of ['7', 'ERR_NPROCS_NOT_IMPORTABLE', '7', '0 2']) assert.equal(await program.line(), expected);
	assert.equal(await program.end(), 0, program.stderr);
});

test('a path; the same address again and again', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'manager-'));
	const address = join(folder, 'socket');
	for (let round = 0; round < 3; round++) {
		const manager = await new SyncManager({ address, authkey: 'k' }).start();
		const queue = await manager.Queue<string>();
		await queue.put('hello world');
		const other = await new SyncManager({ address, authkey: 'k' }).connect();
		assert.equal(await queue.get(), 'hello world');
		await assert.rejects(new SyncManager({ address, authkey: 'k' }).start(), { code: 'ERR_NPROCS_EADDRINUSE' });
		await other.shutdown();
		await manager.shutdown();
	}
	rmSync(folder, { recursive: true });
});

test('many servers at once for the path of a killed one: one gets it, and keeps it', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'manager-'));
	const address = join(folder, 'socket');
	for (let round = 0; round < 3; round++) {
		const killed = await new SyncManager({ address, authkey: 'k' }).start();
		killed.process!.kill();
		await killed.process!.join();
		const rivals = Array.from({ length: 4 }, () => new SyncManager({ address, authkey: 'k' }));
		const outcomes = await Promise.allSettled(rivals.map((rival) => rival.start()));
		const winners = rivals.filter((_, i) => outcomes[i]!.status === 'fulfilled');
		for (const outcome of outcomes)
			if (outcome.status === 'rejected')
				assert.equal((outcome.reason as { code: string }).code, 'ERR_NPROCS_EADDRINUSE', String(outcome.reason));
		assert.equal(winners.length, 1);
		const dict = await winners[0]!.dict({ round });
		assert.equal(await dict.get('round'), round);
		const other = await new SyncManager({ address, authkey: 'k' }).connect();
		const value = await other.value(round);
		assert.equal(await value.get(), round);
		await winners[0]!.shutdown();
		await killed.shutdown();
	}
	rmSync(folder, { recursive: true });
});

test('a start method that does not exist is refused at once', () => {
	assert.throws(() => new SyncManager({ context: 'zz' as never }), { code: /ERR_NPROCS/, message: /zz/ });
	assert.throws(() => new SyncManager({ context: 5 as never }), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('a server in this very process: any function is a factory, proxies reach the objects themselves', async () => {
	const objects = new Map<string, number>();
	const counter = new targets.Counter(1);
	class Here extends SyncManager.with({ getObjects: () => objects, getCounter: () => counter }) {}
	const manager = new Here({ authkey: 'k' });
	const server = await manager.getServer().listen();
	const client = await new Here({ address: server.address, authkey: 'k' }).connect();
	const proxy = await client.getObjects();
	await proxy.set('a', 1);
	assert.equal(objects.get('a'), 1);
	objects.set('b', 2);
	assert.deepEqual(await proxy.copy(), objects);
	const child = new Process({ target: programs.connectAndSet, args: [server.address as string, 'k'] }).start();
	await child.join();
	assert.deepEqual([child.exitCode, objects.get('from the child')], [0, 5]);
	const remote = await client.getCounter();
	assert.equal(await remote.increment(), 2);
	const held = await client.dict<string, unknown>();
	await held.set('counter', remote);
	assert.deepEqual(await held.entries().then((entries) => (entries[0]![1] as BaseProxy).is(remote)), true);
	server.close();
	await assert.rejects(remote.get(), { code: 'ERR_NPROCS_SERVER_DIED' });
	await client.shutdown();
	await manager.shutdown();
});

test('inside the server, proxies work too, and a wait that would block it is an error', async () => {
	await using manager = await new (SyncManager.with({ Inside: programs.Inside }))().start();
	const inside = await manager.Inside();
	const dict = await manager.dict<string, number>({ a: 1 });
	assert.equal(await inside.addTo(dict, 'a'), 2);
	assert.equal(await inside.addSync(dict, 'a'), 3);
	assert.equal(await inside.waitSync(await manager.Event()), 'ERR_NPROCS_WOULD_BLOCK');
	await inside.keep(dict);
	dict[Symbol.dispose]();
	const kept = (await inside.kept()) as DictProxy<string, number>;
	assert.equal(await kept.get('a'), 3);
});

test('an object of one manager in another one’s', async () => {
	await using first = await Manager();
	await using second = await Manager();
	const inner = await first.list([1]);
	const outer = await second.dict<string, unknown>({ inner });
	inner[Symbol.dispose]();
	const got = (await outer.get('inner')) as ListProxy<number>;
	await got.push(2);
	assert.deepEqual(await got.copy(), [1, 2]);
	assert.equal(got.is(outer), false);
});

test('register, as in Python; classes of proxies of the program’s own', async () => {
	class Loud extends BaseProxy {
		async shout(): Promise<string> {
			return String(await this.callMethod('f')).toUpperCase();
		}
	}
	class Parent extends BaseManager {}
	class Child extends Parent {}
	Parent.register('Shy', targets.Shy, { exposed: ['f'], proxy: Loud });
	Child.register('Counter', targets.Counter);
	await using manager = await new Child().start();
	const typed = manager as unknown as Record<string, (...args: unknown[]) => Promise<Loud & { get(): Promise<number> }>>;
	const shy = await typed['Shy']!();
	assert.ok(shy instanceof Loud);
	assert.equal(await shy.shout(), 'F');
	await assert.rejects(shy.callMethod('g'), { code: 'ERR_NPROCS_NOT_EXPOSED' });
	assert.match(inspect(shy), /^<Loud 'Shy' #\d+/);
	assert.equal(await (await typed['Counter']!(3)).get(), 3);
	assert.equal('Counter' in Parent.prototype, false);
	for (const typeid of ['start', 'create', 'constructor', 'toString']) {
		assert.throws(() => Child.register(typeid, targets.Counter), { code: 'ERR_NPROCS_INVALID_ARG' }, typeid);
	}
	assert.throws(() => Child.register('', targets.Counter), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => Child.register('X', 5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => Child.register('X', targets.Counter, { expose: [] } as never), { code: 'ERR_NPROCS_INVALID_ARG', message: /exposed/ });
	assert.throws(() => Child.register('X', targets.Counter, { proxy: targets.Counter as never }), { code: 'ERR_NPROCS_INVALID_ARG' });
	class Local {}
	Child.register('Local', Local);
	await assert.rejects(new Child().start(), { code: 'ERR_NPROCS_NOT_IMPORTABLE', message: /factory of Local/ });
});
