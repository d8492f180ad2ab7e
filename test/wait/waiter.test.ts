/** Waiting and waking, bare: a counter in a segment that waiters take one from. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Deadline } from '#nprocs/base/deadline.js';
import { Segment } from '#nprocs/memory/segment.js';
import { registryWords, self, slotField, slotMode } from '#nprocs/memory/registry.js';
import { waiterSetWords } from '#nprocs/memory/word-counts.js';
import type { Lookout } from '#nprocs/wait/lookout.js';
import { WaiterSet } from '#nprocs/wait/waiter-set.js';
import { endWaits, lookAgain, sliceMs, waitFor, waitForSync } from '#nprocs/wait/waiter.js';
import { Actor } from '../helpers/actor.js';

const actor = (): Actor => new Actor();
const segments: Segment[] = [];

function newCounter(): { name: string; set: WaiterSet; take: () => number | undefined; add: () => void; value: () => number } {
	const segment = Segment.create({ kind: 'Test', size: (1 + waiterSetWords) * 4 });
	segments.push(segment);
	const { int32 } = segment;
	const set = new WaiterSet(segment, 1);
	return {
		name: segment.name,
		set,
		take() {
			const seen = Atomics.load(int32, 0);
			return seen > 0 && Atomics.compareExchange(int32, 0, seen, seen - 1) === seen ? seen : undefined;
		},
		add() {
			Atomics.add(int32, 0, 1);
			set.wakeOne();
		},
		value: () => Atomics.load(int32, 0),
	};
}

/** Until so many participants have said that they wait. */
async function waiters(set: WaiterSet, count: number): Promise<void> {
	while (set.slots().length !== count) await turn();
}

afterEach(() => {
	const words = registryWords();
	const { base } = self();
	assert.equal(words[base + slotField.loopWaits], 0, 'nothing waits any more');
	assert.equal(words[base + slotField.mode]! & slotMode.inLoop, 0);
	for (const segment of segments.splice(0)) segment.close();
});
after(() => Actor.killAll());

test('a thread that sleeps and one in its event loop are woken by another process', async () => {
	const other = actor();
	for (const operation of ['take', 'takeSync']) {
		const { name, set, add } = newCounter();
		await other.call('open', name, 'Test');
		const taken = other.call(operation, name);
		await waiters(set, 1);
		add();
		assert.equal(await taken, 1);
		assert.deepEqual(set.slots(), []);
	}
});

test('an immediate or expired wait looks once', async () => {
	const { set, take, add } = newCounter();
	assert.equal(waitForSync(set, take, Deadline.from(0)), undefined);
	assert.equal(await waitFor(set, take, Deadline.from(-5)), undefined);
	assert.equal(waitForSync(set, take, Deadline.from(20)), undefined);
	assert.equal(await waitFor(set, take, Deadline.from(20)), undefined);
	assert.deepEqual(set.slots(), []);
	add();
	assert.equal(await waitFor(set, take, Deadline.from(0)), 1);
});

test('tasks of one thread are served in order', async () => {
	const { set, take, add } = newCounter();
	const order: number[] = [];
	const tasks = Array.from({ length: 10 }, (_, i) => waitFor(set, take, Deadline.never).then(() => order.push(i)));
	for (let i = 0; i < 10; i++) add();
	await Promise.all(tasks);
	assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('an aborted wait rejects with the reason and leaves nothing behind', async () => {
	const { set, take, add, value } = newCounter();
	const controller = new AbortController();
	const reason = new Error('enough');
	const aborted = waitFor(set, take, Deadline.from(controller.signal));
	const other = waitFor(set, take, Deadline.never);
	controller.abort(reason);
	await assert.rejects(aborted, (error) => error === reason);
	add();
	assert.equal(await other, 1);
	assert.equal(value(), 0);
	await assert.rejects(
		async () => waitFor(set, take, Deadline.from(AbortSignal.abort(reason))),
		(error) => error === reason,
	);
	assert.deepEqual(set.slots(), []);
});

test('a wake-up that its receiver does not need any more is passed on', async () => {
	const other = actor();
	for (let round = 0; round < 100; round++) {
		const { name, set, take, add } = newCounter();
		const controller = new AbortController();
		const mine = waitFor(set, take, Deadline.from(controller.signal)).catch(() => 'aborted');
		await other.call('open', name, 'Test');
		const theirs = other.call<number | undefined>('take', name);
		await waiters(set, 2);
		// One of the two is woken. If it is this thread, it does not know yet and gives up.
		add();
		controller.abort();
		assert.equal(await mine, 'aborted');
		assert.equal(await theirs, 1);
	}
});

test('dead waiters, asleep or in their loop, do not swallow wake-ups', async () => {
	const { name, set, take, add } = newCounter();
	const [asleep, inLoop] = [actor(), actor()];
	for (const one of [asleep, inLoop]) await one.call('open', name, 'Test');
	asleep.tell('takeSync', name);
	inLoop.tell('take', name);
	await waiters(set, 2);
	await Promise.all([asleep.kill(), inLoop.kill()]);
	const mine = waitFor(set, take, Deadline.never);
	add();
	assert.equal(await mine, 1);
});

test('a stopped waiter delays others by a slice at most', async () => {
	const { name, set, take, add } = newCounter();
	const stopped = actor();
	await stopped.call('open', name, 'Test');
	const theirs = stopped.call('take', name);
	await waiters(set, 1);
	stopped.signal('SIGSTOP');
	const mine = waitFor(set, take, Deadline.never);
	add();
	assert.equal(await mine, 1);
	stopped.signal('SIGCONT');
	add();
	assert.equal(await theirs, 1);
});

test('onSlice is called while waiting, and what it throws ends the wait', async () => {
	const { set, take } = newCounter();
	const fail = (): never => {
		throw new RangeError('found something');
	};
	await assert.rejects(waitFor(set, take, Deadline.never, { onSlice: fail }), RangeError);
	assert.throws(() => waitForSync(set, take, Deadline.never, { onSlice: fail }), RangeError);
	assert.deepEqual(set.slots(), []);
});

test('a wait that is looked after looks by itself more and more rarely', async () => {
	const { set, take } = newCounter();
	let looks = 0;
	const look = (): number | undefined => {
		looks++;
		return take();
	};
	const taken = waitFor(set, look, Deadline.never, { isLookedAfter: true });
	const before = looks;
	await new Promise((resolve) => setTimeout(resolve, 12 * sliceMs));
	// It looks after 1, 3 and 7 slices, and says each time anew that it waits.
	assert.ok(looks - before <= 3 * 2, `${looks - before} looks`);
	Atomics.add(set.segment.int32, 0, 1); // and nobody wakes
	lookAgain(set);
	assert.equal(await taken, 1);
	for (const isLookedAfter of [false, true]) {
		const late = waitFor(set, look, Deadline.never, { isLookedAfter });
		Atomics.add(set.segment.int32, 0, 1);
		assert.equal(await late, 1);
	}
});

test('independent waits do not hold each other up', async () => {
	const { set } = newCounter();
	let open = false;
	const never = waitFor(set, () => undefined as number | undefined, Deadline.from(200), { independent: true });
	const soon = waitFor(set, () => (open ? 1 : undefined), Deadline.never, { independent: true });
	open = true;
	set.wakeAll();
	assert.equal(await soon, 1);
	assert.equal(await never, undefined);
});

test('closing ends the waits with an error', async () => {
	const { set, take } = newCounter();
	const waits = [waitFor(set, take, Deadline.never), waitFor(set, take, Deadline.never)];
	endWaits(set, new RangeError('closed'));
	for (const wait of waits) await assert.rejects(wait, RangeError);
});

test('a pending wait keeps its process alive and costs no CPU', async () => {
	const other = actor();
	const { name, set, add } = newCounter();
	await other.call('open', name, 'Test');
	const taken = other.call('take', name);
	await waiters(set, 1);
	const spentMs = await other.call<number>('cpuMs', 1000);
	assert.ok(spentMs < 50, `${spentMs} ms of CPU in 1 s of waiting`);
	const ended = other.end();
	add();
	assert.equal(await taken, 1);
	await ended;
});

test('thousands of waited objects: each ring finds its own', async () => {
	const counters = Array.from({ length: 3000 }, newCounter);
	const waits = counters.map(({ set, take }) => waitFor(set, take, Deadline.never));
	for (const { add } of counters) add();
	await Promise.all(waits);
});

test('many takers, many givers: nothing is lost and nothing taken twice', async () => {
	const { name, value } = newCounter();
	const takers = Array.from({ length: 3 }, actor);
	const givers = Array.from({ length: 2 }, actor);
	for (const one of [...takers, ...givers]) await one.call('open', name, 'Test');
	const takes = takers.flatMap((one, i) => Array.from({ length: 200 }, () => one.call(i === 0 ? 'takeSync' : 'take', name)));
	for (let i = 0; i < 300; i++) for (const one of givers) one.tell('add', name);
	await Promise.all(takes);
	assert.equal(value(), 0);
});

test('who finds an error while he spins looks no more: others are told', () => {
	const { set } = newCounter();
	const outcomes: string[] = [];
	const lookout: Lookout = {
		beginSpin: () => outcomes.push('begins'),
		endSpin: (outcome) => outcomes.push(outcome),
		beginDoze: () => undefined,
		endDoze: () => {},
		foundLate: () => {},
	};
	const error = new Error('of the attempt');
	const attempt = (): undefined => {
		if (outcomes.length > 0) throw error;
	};
	assert.throws(() => waitForSync(set, attempt, Deadline.never, { lookout }), error);
	assert.deepEqual(outcomes, ['begins', 'found']);
});
