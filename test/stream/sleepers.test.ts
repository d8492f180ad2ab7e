/**
 * Who sleeps beside a stream is woken by whoever leaves it with nothing that would be a wake-up by itself: after an end
 * of the ring was locked, at the stream's end, and when a woken one has closed it. The sleepers are processes that have
 * no slices. Time limit: 60 s
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Event, JoinableQueue, Queue, type ProcessOptions } from 'nprocs';
import { openHandle, toHandle } from '#nprocs/codec/handle.js';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { registryWords, self, slotField, slotMode, slotWords } from '#nprocs/memory/registry.js';
import { Outcome } from '#nprocs/stream/ring-layout.js';
import { ITEMS_POLICY, type Stream } from '#nprocs/stream/stream.js';
import { policyWord } from '#nprocs/stream/wake-policy.js';
import { take, takeAndSayDone } from '../fixtures/stream/sleepers.js';
import { Told } from '../helpers/told.js';

after(() => {
	collectGarbage();
	assert.deepEqual(
		listNames().filter((name) => !name.includes('-registry-')),
		[],
	);
});

const execArgv = ['--import', new URL('../helpers/without-slices.js', import.meta.url).pathname];

function started<A extends unknown[]>(target: (...args: A) => void, args: A): Told<A> {
	return new Told({ target, args, execArgv } as unknown as ProcessOptions<A>);
}

function streamOf(queue: Queue<number>): Stream {
	return (queue as unknown as { stream: Stream }).stream;
}

/** Of a set of waiters: where the next one is looked for. */
const rotorWord = 1;
const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Blocks until so many sleep beside the stream, and none of them for a moment only. */
function untilAsleep(stream: Stream, count: number): void {
	const words = registryWords();
	const isAsleep = (slot: number): boolean => (Atomics.load(words, slot * slotWords + slotField.mode) & slotMode.asleep) !== 0;
	const sets = [stream.items, ...stream.otherSets];
	for (;;) {
		const slots = sets.flatMap((set) => set.slots());
		const hasDozer = Atomics.load(stream.segment.int32, ITEMS_POLICY + policyWord.dozer) !== 0;
		if (slots.length === count && slots.every(isAsleep) && !hasDozer) return;
		Atomics.wait(nothing, 0, 0, 1);
	}
}

test('who waits for the end behind another one who looks for it', async () => {
	using queue = new Queue<number>();
	const stream = streamOf(queue);
	const waiting = [1, 2].map(() => started(take, [queue] as [Queue<number>]));
	untilAsleep(stream, 2);
	assert.equal(stream.ring.lockTail(), true);
	queue.end();
	untilAsleep(stream, 2);
	// The one who looks has had the lock for so long.
	assert.equal(stream.isOver(), true);
	for (const one of waiting) assert.deepEqual([await one.next(), await one.exit()], ['EOFError', 0]);
});

test('who waits for the end behind one who finds no room', async () => {
	using queue = new Queue<number>();
	const stream = streamOf(queue);
	const { ring } = stream;
	const waiting = [1, 2].map(() => started(take, [queue] as [Queue<number>]));
	untilAsleep(stream, 2);
	const { append } = ring;
	ring.append = () => {
		ring.append = append;
		queue.end();
		untilAsleep(stream, 2);
		return Outcome.full;
	};
	assert.throws(() => queue.putNowait(1), { code: 'ERR_NPROCS_CLOSED' });
	for (const one of waiting) assert.deepEqual([await one.next(), await one.exit()], ['EOFError', 0]);
});

test('who says that an item is done, behind one who has the head of an empty ring', async () => {
	using queue = new JoinableQueue<number>();
	using go = new Event();
	const stream = streamOf(queue);
	const worker = started(takeAndSayDone, [queue, go] as [JoinableQueue<number>, Event]);
	queue.putSync(1);
	assert.equal(await worker.next(), 1);
	assert.equal(stream.tryHead(), true);
	go.set();
	untilAsleep(stream, 1);
	stream.ring.unlockHead();
	stream.passOn();
	assert.equal(await worker.next(), 'done');
	assert.equal(await worker.exit(), 0);
	assert.equal(await queue.join(), true);
});

test('a wake-up of one who closes the stream is for another one', async () => {
	using queue = new Queue<number>();
	const again = openHandle(queue[toHandle]()) as Queue<number>;
	const stream = streamOf(queue);
	const waiting = started(take, [queue] as [Queue<number>]);
	untilAsleep(stream, 1);
	const mine = again.get();
	stream.segment.int32[stream.items.offset + rotorWord] = self().slot; // this thread's wait is next
	queue.putSync(1);
	assert.equal(stream.items.has(self().slot), false);
	again.close();
	await assert.rejects(mine, { code: 'ERR_NPROCS_CLOSED' });
	assert.deepEqual([await waiting.next(), await waiting.exit()], [1, 0]);
});
