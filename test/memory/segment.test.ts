/** Segments: making, opening, holding, and that nothing is left whoever is killed. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync, unlinkSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { newName, objectName, pathOf } from '#nprocs/memory/names.js';
import { Segment } from '#nprocs/memory/segment.js';
import { isInFlight, release, retain } from '#nprocs/memory/in-flight.js';
import { Actor } from '../helpers/actor.js';

const exists = (name: string): boolean => listNames().includes(name);
const actor = (): Actor => new Actor();
after(() => Actor.killAll());

test('two processes see the same memory', async () => {
	const other = actor();
	using segment = Segment.create({ kind: 'Test', size: 100 });
	assert.equal(segment.size, 100);
	assert.equal(segment.int32.length, 25);
	segment.int32[3] = 42;
	await other.call('open', segment.name, 'Test');
	assert.equal(await other.call('read', segment.name, 3), 42);
	await other.call('write', segment.name, 4, 7);
	assert.equal(segment.int32[4], 7);
});

test('init runs before anyone can open it, and its failure leaves nothing', () => {
	const before = listNames();
	assert.throws(
		() =>
			Segment.create({
				kind: 'Test',
				size: 4,
				init(segment) {
					assert.ok(!exists(segment.name));
					throw new RangeError('no');
				},
			}),
		RangeError,
	);
	assert.deepEqual(listNames(), before);
});

test('the last close removes the name, in whichever process it happens', async () => {
	const other = actor();
	const segment = Segment.create({ kind: 'Test', size: 4 });
	await other.call('open', segment.name, 'Test');
	segment.close();
	segment.close();
	assert.ok(exists(segment.name));
	await other.call('close', segment.name);
	assert.ok(!exists(segment.name));
	assert.throws(() => segment.buffer, { code: 'ERR_NPROCS_CLOSED' });
	assert.throws(() => Segment.open(segment.name, 'Test'), { code: 'ERR_NPROCS_CLOSED' });
});

test('one thread maps an object once; the last of its handles closes it', () => {
	const first = Segment.create({ kind: 'Test', size: 4 });
	const second = Segment.open(first.name, 'Test');
	assert.equal(first.buffer, second.buffer);
	const view = second.int32;
	first.close();
	assert.equal(view.length, 1);
	second.close();
	assert.equal(view.length, 0, 'views become empty, never dangling');
	assert.ok(!exists(first.name));
});

test('a holder that ends normally, or is killed, leaves nothing that outlives the next sweep', async () => {
	for (const end of ['end', 'kill'] as const) {
		const other = actor();
		const name = await other.call<string>('create', 'Test', 4);
		await other[end]();
		if (end === 'end') assert.ok(!exists(name), 'removed at a normal end');
		else
			assert.deepEqual(
				collectGarbage().filter((removed) => removed === name),
				[name],
			);
		assert.ok(!exists(name));
	}
});

test('process.exit removes too', async () => {
	const other = actor();
	const name = await other.call<string>('create', 'Test', 4);
	other.tell('exit', 3);
	await other.end();
	assert.equal(other.exitCode, 3);
	assert.ok(!exists(name));
});

test('the sweep leaves what a stopped process holds', async () => {
	const other = actor();
	const name = await other.call<string>('create', 'Test', 4);
	other.signal('SIGSTOP');
	collectGarbage();
	assert.ok(exists(name));
	other.signal('SIGCONT');
	await other.end();
});

test('openOrCreate: out of many processes one makes it, all get it', async () => {
	const name = objectName('Test', 'race');
	const others = Array.from({ length: 4 }, actor);
	await Promise.all(others.map((one) => one.call('ping')));
	for (let round = 0; round < 50; round++) {
		const made = await Promise.all(others.map((one) => one.call<boolean>('openOrCreate', name, 'Test')));
		assert.equal(made.filter(Boolean).length, 1);
		await others[round % 4]!.call('write', name, 0, round);
		assert.equal(await others[(round + 1) % 4]!.call('read', name, 0), round);
		await Promise.all(others.map((one) => one.call('close', name)));
		assert.ok(!exists(name));
	}
});

test('opening while the last holder closes gives the object or a clear error', async () => {
	const other = actor();
	for (let round = 0; round < 200; round++) {
		const name = await other.call<string>('create', 'Test', 4);
		other.tell('close', name);
		try {
			Segment.open(name, 'Test').close();
		} catch (error) {
			assert.equal((error as { code: string }).code, 'ERR_NPROCS_CLOSED');
		}
		await other.call('ping');
		assert.ok(!exists(name));
	}
});

test('wrong kind, wrong version and foreign files are told apart', () => {
	using segment = Segment.create({ kind: 'Lock', version: 2, size: 4 });
	assert.throws(() => Segment.open(segment.name, 'Queue', { version: 2 }), { code: 'ERR_NPROCS_WRONG_KIND', message: /as a Queue: it is a Lock/ });
	assert.throws(() => Segment.open(segment.name, 'Lock'), { code: 'ERR_NPROCS_VERSION' });
	const foreign = newName();
	writeFileSync(pathOf(foreign), 'x'.repeat(5000));
	try {
		assert.throws(() => Segment.open(foreign, 'Lock'), { code: 'ERR_NPROCS_BAD_SEGMENT' });
	} finally {
		try {
			unlinkSync(pathOf(foreign));
		} catch {}
	}
});

test('bad names and sizes are errors at the call', () => {
	for (const name of ['', 'a/b', 'x'.repeat(181), 'ä', 5 as unknown as string])
		assert.throws(() => objectName('Lock', name), { code: 'ERR_NPROCS_INVALID_ARG' });
	for (const size of [-1, 1.5, Number.NaN, '4' as unknown as number])
		assert.throws(() => Segment.create({ kind: 'Test', size }), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => Segment.create({ kind: 'Test', size: 2 ** 50 }), { code: 'ERR_NPROCS_NO_SPACE' });
});

test('a held segment costs no descriptor', () => {
	const count = (): number => readdirSync('/proc/self/fd').length;
	const warm = Segment.create({ kind: 'Test', size: 4 });
	const before = count();
	const many = Array.from({ length: 200 }, () => Segment.create({ kind: 'Test', size: 4 }));
	assert.equal(count(), before);
	for (const segment of [warm, ...many]) segment.close();
});

test('a collected buffer gives its segment up', async () => {
	const { setFlagsFromString } = await import('node:v8');
	const { runInNewContext } = await import('node:vm');
	setFlagsFromString('--expose-gc');
	const gc = runInNewContext('gc') as () => void;
	const names = (() => Array.from({ length: 10 }, () => Segment.create({ kind: 'Test', size: 4 }).name))();
	while (names.some(exists)) {
		gc();
		await sleep(1);
	}
});

test('a worker thread that is terminated gives up what it held', async () => {
	const code = `
		const { parentPort } = require('node:worker_threads');
		import(${JSON.stringify(new URL('../../../dist/memory/segment.js', import.meta.url).href)}).then(({ Segment }) => {
			globalThis.kept = Segment.create({ kind: 'Test', size: 4 });
			parentPort.postMessage(kept.name);
			setInterval(() => {}, 1000);
		});`;
	const worker = new Worker(code, { eval: true });
	const name = await new Promise<string>((resolve, reject) => worker.once('message', resolve).once('error', reject));
	assert.ok(exists(name));
	await worker.terminate();
	assert.ok(!exists(name));
});

test('a message keeps an object alive as long as its channel lives', async () => {
	const [sender, receiver] = [actor(), actor()];
	using channel = Segment.create({ kind: 'Channel', size: 4 });
	const name = await sender.call<string>('create', 'Test', 4);
	await sender.call('retain', name, channel.name);
	await sender.call('close', name);
	assert.ok(exists(name), 'in flight');
	collectGarbage();
	assert.ok(exists(name), 'the channel lives');
	await receiver.call('open', name, 'Test');
	await receiver.call('release', name, channel.name);
	await receiver.call('close', name);
	assert.ok(!exists(name), 'received and closed');
});

test('an object in flight goes with its channel, also when channels carry each other', async () => {
	const holder = actor();
	const [a, b, object] = [
		await holder.call<string>('create', 'Queue', 4),
		await holder.call<string>('create', 'Queue', 4),
		await holder.call<string>('create', 'Test', 4),
	];
	await holder.call('retain', a, b);
	await holder.call('retain', b, a);
	await holder.call('retain', object, a);
	await holder.call('close', object);
	collectGarbage();
	assert.ok(exists(object));
	await holder.kill();
	collectGarbage();
	for (const name of [a, b, object]) assert.ok(!exists(name));
});

test('removing a channel removes at once what was in flight in it', () => {
	const channel = Segment.create({ kind: 'Queue', size: 4 });
	const object = Segment.create({ kind: 'Test', size: 4 });
	retain(object, channel.name);
	object.close();
	assert.ok(exists(object.name));
	channel.close();
	assert.ok(!exists(object.name));
});

test('references in flight are counted per channel', () => {
	using channel = Segment.create({ kind: 'Queue', size: 4 });
	const object = Segment.create({ kind: 'Test', size: 4 });
	for (let i = 0; i < 3; i++) retain(object, channel.name);
	for (let i = 0; i < 2; i++) release(object, channel.name);
	object.close();
	assert.ok(exists(object.name));
	const again = Segment.open(object.name, 'Test');
	release(again, channel.name);
	release(again, channel.name);
	again.close();
	assert.ok(!exists(object.name));
});

test('more channels than there are counters: it lives until the last message is received, and goes with the last channel', () => {
	for (const received of [true, false]) {
		const object = Segment.create({ kind: 'Test', size: 4 });
		const channels = Array.from({ length: 300 }, () => Segment.create({ kind: 'Queue', size: 4 }));
		for (const channel of channels) for (let i = 0; i < 2; i++) retain(object, channel.name);
		object.close();
		assert.ok(exists(object.name));
		const again = Segment.open(object.name, 'Test');
		// The first ones have counters of their own, the last ones share one.
		const order = received ? channels.toReversed() : [];
		for (const channel of order.slice(1)) for (let i = 0; i < 2; i++) release(again, channel.name);
		if (received) release(again, channels[0]!.name);
		again.close();
		assert.ok(exists(object.name), 'a message is on its way');
		collectGarbage();
		assert.ok(exists(object.name), 'and its channel is held');
		if (received) {
			const last = Segment.open(object.name, 'Test');
			release(last, channels[0]!.name);
			last.close();
			assert.ok(!exists(object.name));
		}
		for (const channel of channels) channel.close();
		collectGarbage();
		assert.ok(!exists(object.name));
	}
});

test('counters of channels that are gone are used again', () => {
	using object = Segment.create({ kind: 'Test', size: 4 });
	for (let i = 0; i < 500; i++) retain(object, `gone-${i}`);
	using channel = Segment.create({ kind: 'Queue', size: 4 });
	retain(object, channel.name);
	assert.ok(!isInFlight(object.name, 'another one'), 'the counter of any channel was not needed');
	assert.ok(isInFlight(object.name, channel.name));
	release(object, channel.name);
	assert.ok(!isInFlight(object.name, channel.name));
});
