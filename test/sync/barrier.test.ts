/** Barrier: Python's rules with five parties, and parties that are killed. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Barrier, BrokenBarrierError } from 'nprocs';
import { toHandle } from '#nprocs/codec/handle.js';
import { isAlive, self, wasKilled } from '#nprocs/memory/registry.js';
import { Segment } from '#nprocs/memory/segment.js';
import { extensionAlign, extensionOf, TokenTable } from '#nprocs/memory/token-table.js';
import { Actor } from '../helpers/actor.js';

const parties = 5;
after(() => Actor.killAll());

async function actors(barrier: Barrier, count = parties - 1): Promise<Actor[]> {
	const made = Array.from({ length: count }, () => new Actor());
	for (const actor of made) await actor.open({ barrier });
	return made;
}

function membersOf(barrier: Barrier): TokenTable {
	const segment = Segment.open(barrier[toHandle]().segments[0]!, 'Barrier');
	const extension = extensionOf(segment, extensionAlign, extensionAlign);
	return new TokenTable({ what: 'members', int32: segment.int32, offset: 73, entryWords: 4, firstCount: 128, extension });
}

const isBroken = { code: 'ERR_NPROCS_BROKEN_BARRIER' };

test('all go on together, each with another number', async () => {
	using barrier = new Barrier(parties);
	const others = await actors(barrier);
	for (let pass = 0; pass < 20; pass++) {
		const waits = others.map((other, i) => other.invoke<number>('barrier', (i + pass) % 2 === 0 ? 'wait' : 'waitSync'));
		const numbers = await Promise.all([...waits, barrier.wait()]);
		assert.deepEqual(numbers.sort(), [0, 1, 2, 3, 4]);
	}
	assert.equal(barrier.nWaiting, 0);
	assert.equal(barrier.broken, false);
	assert.equal(barrier.parties, parties);
});

test('lock-step: nobody is a pass ahead', async () => {
	using barrier = new Barrier(parties);
	using counter = Segment.create({ kind: 'Test', size: 64 });
	const others = await actors(barrier, parties);
	for (const other of others) await other.call('open', counter.name, 'Test');
	const results = await Promise.all(
		others.map((other, i) => other.call<boolean>('lockStep', 'barrier', counter.name, 300, parties, i % 2 === 0 ? 'sync' : 'async')),
	);
	assert.deepEqual(results, [true, true, true, true, true]);
});

test('several waits of one process are parties too', async () => {
	using barrier = new Barrier(3);
	for (let pass = 0; pass < 50; pass++) assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()])).sort(), [0, 1, 2]);
	using single = new Barrier(1);
	assert.equal(await single.wait(), 0);
	assert.equal(single.waitSync(), 0);
});

test('the action runs once per pass, before anyone goes on', async () => {
	let runs = 0;
	const action = async (): Promise<void> => {
		await sleep(5);
		runs++;
	};
	using barrier = new Barrier(3, { action });
	const pass = async (): Promise<number> => {
		await barrier.wait();
		return runs;
	};
	assert.deepEqual(await Promise.all([pass(), pass(), pass()]), [1, 1, 1]);
	assert.deepEqual(await Promise.all([pass(), pass(), pass()]), [2, 2, 2]);
	using failing = new Barrier(2, {
		action: () => {
			throw new RangeError('no');
		},
	});
	const results = await Promise.allSettled([failing.wait(), failing.wait()]);
	const reasons = results.map((result) => (result as PromiseRejectedResult).reason as Error);
	assert.equal(reasons.filter((reason) => reason instanceof RangeError).length, 1);
	assert.equal(reasons.filter((reason) => reason instanceof BrokenBarrierError).length, 1);
	assert.equal(failing.broken, true);
});

test('abort breaks it for all, reset mends it', async () => {
	using barrier = new Barrier(parties);
	const others = await actors(barrier);
	const waits = others.map((other) => assert.rejects(other.invoke('barrier', 'wait'), isBroken));
	while (barrier.nWaiting < parties - 1) await sleep(1);
	assert.match(inspect(barrier), /^<Barrier at .* waiters=4\/5>$/);
	barrier.abort();
	await Promise.all(waits);
	assert.equal(barrier.broken, true);
	assert.match(inspect(barrier), /broken>$/);
	await assert.rejects(barrier.wait(), BrokenBarrierError);
	assert.throws(() => barrier.waitSync(), BrokenBarrierError);
	barrier.reset();
	assert.equal(barrier.broken, false);
	const again = others.map((other) => other.invoke<number>('barrier', 'waitSync'));
	assert.deepEqual((await Promise.all([...again, barrier.wait()])).sort(), [0, 1, 2, 3, 4]);
});

test('reset while others wait breaks only their pass', async () => {
	using barrier = new Barrier(parties);
	const others = await actors(barrier);
	for (let round = 0; round < 3; round++) {
		const waits = others.map((other, i) => assert.rejects(other.invoke('barrier', i % 2 === 0 ? 'wait' : 'waitSync'), isBroken));
		while (barrier.nWaiting < parties - 1) await sleep(1);
		barrier.reset();
		assert.equal(barrier.broken, false);
		await Promise.all(waits);
		const again = others.map((other) => other.invoke<number>('barrier', 'wait'));
		assert.deepEqual((await Promise.all([...again, barrier.wait()])).sort(), [0, 1, 2, 3, 4]);
	}
});

test('a timeout of one breaks it for all', async () => {
	using barrier = new Barrier(3);
	using byDefault = new Barrier(2, { timeout: 20 });
	const patient = barrier.wait();
	await assert.rejects(barrier.wait(20), BrokenBarrierError);
	await assert.rejects(patient, BrokenBarrierError);
	assert.equal(barrier.broken, true);
	await assert.rejects(byDefault.wait(), BrokenBarrierError);
	byDefault.reset();
	assert.throws(() => byDefault.waitSync(), BrokenBarrierError);
});

test('an aborted wait withdraws', async () => {
	using barrier = new Barrier(2);
	const controller = new AbortController();
	const waiting = barrier.wait(controller.signal);
	controller.abort(new RangeError('stop'));
	await assert.rejects(waiting, RangeError);
	assert.equal(barrier.nWaiting, 0);
	assert.equal(barrier.broken, false);
	assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
});

test('a killed waiter breaks it instead of a wait for ever', async () => {
	for (const method of ['wait', 'waitSync']) {
		using barrier = new Barrier(4);
		const [victim, other] = (await actors(barrier, 2)) as [Actor, Actor];
		const waits = [assert.rejects(barrier.wait(), BrokenBarrierError), assert.rejects(other.invoke('barrier', method), isBroken)];
		victim.tell('invoke', 'barrier', method);
		while (barrier.nWaiting < 3) await sleep(1);
		await victim.kill();
		await Promise.all(waits);
		barrier.reset();
		const again = [...(await actors(barrier, 2)), other].map((one) => one.invoke<number>('barrier', method));
		assert.deepEqual((await Promise.all([...again, barrier.wait()])).sort(), [0, 1, 2, 3]);
	}
});

test('a party killed between two passes breaks the next; one that ended regularly does not', async () => {
	using barrier = new Barrier(2);
	const [first] = (await actors(barrier, 1)) as [Actor];
	await Promise.all([first.invoke('barrier', 'wait'), barrier.wait()]);
	await first.kill();
	await assert.rejects(barrier.wait(), BrokenBarrierError);
	barrier.reset();
	const [second] = (await actors(barrier, 1)) as [Actor];
	await Promise.all([second.invoke('barrier', 'wait'), barrier.wait()]);
	await second.end();
	const waiting = barrier.wait();
	assert.equal(barrier.broken, false);
	const [third] = (await actors(barrier, 1)) as [Actor];
	assert.deepEqual([barrier.broken, barrier.nWaiting], [false, 1]);
	await Promise.all([third.invoke('barrier', 'wait'), waiting]);
});

for (const end of ['kill', 'end'] as const) {
	test(`a party that waited and is gone (${end}) breaks it for who comes later`, async () => {
		for (const method of ['wait', 'waitSync'] as const) {
			using barrier = new Barrier(2);
			const [victim] = (await actors(barrier, 1)) as [Actor];
			victim.tell('invoke', 'barrier', 'wait');
			while (barrier.nWaiting < 1) await sleep(1);
			if (end === 'kill') await victim.kill();
			else await victim.call('exit', 0).catch(() => {});
			if (method === 'wait') await assert.rejects(barrier.wait(), BrokenBarrierError);
			else assert.throws(() => barrier.waitSync(), BrokenBarrierError);
			assert.deepEqual([barrier.broken, barrier.nWaiting], [true, 0]);
			barrier.reset();
			assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
		}
	});
}

test('whoever looks is told of a waiting party that is gone', async () => {
	using barrier = new Barrier(3);
	const [victim] = (await actors(barrier, 1)) as [Actor];
	victim.tell('invoke', 'barrier', 'waitSync');
	while (barrier.nWaiting < 1) await sleep(1);
	await victim.kill();
	assert.equal(barrier.nWaiting, 0);
	assert.match(inspect(barrier), /broken>$/);
});

test('a wait whose barrier is closed there does not count as arrived', async () => {
	using barrier = new Barrier(2);
	const [other] = (await actors(barrier, 1)) as [Actor];
	const closed = assert.rejects(other.invoke('barrier', 'wait'), { code: 'ERR_NPROCS_CLOSED' });
	while (barrier.nWaiting < 1) await sleep(1);
	await other.invoke('barrier', 'close');
	await closed;
	assert.equal(barrier.nWaiting, 0);
	assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
});

test('thousands that have taken part and are gone leave room; one of them that was killed is missed all the same', async () => {
	using barrier = new Barrier(2);
	const [first, second] = (await actors(barrier)) as [Actor, Actor];
	await Promise.all([first.invoke('barrier', 'wait'), second.invoke('barrier', 'wait')]);
	await first.kill();
	const members = membersOf(barrier);
	// Tokens of earlier owners of this thread's slot.
	for (let i = 1; i <= 5000; i++) members.claim(self().token ^ (i << 12), (owner) => !isAlive(owner) && !wasKilled(owner));
	assert.ok(members.inUse <= 4, `${members.inUse} entries`);
	while (members.find(0) >= 0) members.claim(self().token ^ (1 << 12), () => false);
	await assert.rejects(barrier.wait(), BrokenBarrierError);
	barrier.reset();
	assert.deepEqual((await Promise.all([second.invoke('barrier', 'wait'), barrier.wait()])).sort(), [0, 1]);
});

test('more members that live than there are first entries', async () => {
	using barrier = new Barrier(2);
	const [first, second] = (await actors(barrier)) as [Actor, Actor];
	const living = await first.call<number>('token');
	for (let i = 0; i < 300; i++) membersOf(barrier).claim(living, () => false);
	assert.deepEqual((await Promise.all([second.invoke('barrier', 'wait'), barrier.wait()])).sort(), [0, 1]);
	second.tell('invoke', 'barrier', 'wait');
	while (barrier.nWaiting < 1) await sleep(1);
	await second.kill();
	await assert.rejects(barrier.wait(), BrokenBarrierError);
});

test('bad arguments', () => {
	for (const bad of [0, -1, 1.5, 1e9, '2' as unknown as number]) assert.throws(() => new Barrier(bad), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => new Barrier(1, { action: 5 as never }), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => new Barrier(1, { timeout: Number.NaN }), { code: 'ERR_NPROCS_INVALID_ARG' });
});
