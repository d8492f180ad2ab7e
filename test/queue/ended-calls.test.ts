/**
 * JavaScript that is ended inside any call, as a time limit of node:vm ends it: no `finally` runs. What channels share
 * goes on, here and elsewhere.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import vm from 'node:vm';
import { Barrier, JoinableQueue, Pipe, Process, Queue } from 'nprocs';
import { setStepHook } from '#nprocs/stream/step.js';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import * as programs from '../fixtures/channel/programs.js';

after(() => collectGarbage());

/** Calls it for ever and is ended after so many milliseconds, again and again. */
function endIn(operation: () => void, rounds: number, between: () => void): void {
	performance.now(); // Node makes the global when it is first asked for, and never again when it is ended in that
	const context = vm.createContext({ operation });
	for (let i = 0; i < rounds; i++) {
		assert.throws(() => vm.runInContext('for (;;) operation()', context, { timeout: 1 + (i % 5) }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
		between();
	}
}

for (const maxsize of [0, 4]) {
	test(`a queue${maxsize > 0 ? ' with a limit' : ''}: puts and gets that are ended`, async () => {
		const queue = new Queue<unknown>(maxsize);
		const back = new Queue<unknown>();
		const other = new Process({ target: programs.consume, args: [queue, back] }).start();
		const mine = new Queue<unknown>(maxsize);
		const operation = (): void => {
			mine.putManySync([1, { two: 2 }, 'three', 4], 1000);
			mine.getManySync(4, 1000);
			mine.putSync('x'.repeat(500), 1000);
			mine.getSync(1000);
		};
		endIn(operation, 150, () => {
			while (!mine.empty()) mine.getSync(10_000);
			mine.putSync('through', 10_000);
			assert.equal(mine.getSync(10_000), 'through');
		});
		endIn(
			() => queue.putSync('ended or not', 1000),
			50,
			() => {
				queue.putSync('whole', 10_000);
				while (back.getSync(10_000) !== 'whole');
			},
		);
		queue.putSync(null);
		await other.join();
		for (const one of [queue, back, mine]) one.close();
	});
}

test('others go on when the thread whose call was ended uses another queue', async () => {
	const [left, back] = [new Queue<unknown>(), new Queue<unknown>()];
	const other = new Process({ target: programs.consume, args: [left, back] }).start();
	let inside = 0;
	setStepHook((label) => {
		if (label !== 'append: written' || ++inside !== 3) return;
		setStepHook(undefined);
		for (;;);
	});
	const context = vm.createContext({ operation: () => left.putSync('some', 1000) });
	assert.throws(() => vm.runInContext('for (;;) operation()', context, { timeout: 200 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
	for (const _ of [1, 2]) assert.equal(await back.get(), 'some');
	const theirs = new Queue<unknown>();
	theirs.putSync('of another one');
	theirs.putSync(null);
	const another = new Process({ target: programs.consume, args: [theirs, left] }).start();
	await another.join();
	assert.equal(await back.get(), 'of another one');
	left.putSync(null);
	await other.join();
	for (const one of [left, back, theirs]) one.close();
});

test('a barrier: a wait that is ended has not arrived', async () => {
	const barrier = new Barrier(2);
	const context = vm.createContext({ wait: () => barrier.waitSync() });
	assert.throws(() => vm.runInContext('wait()', context, { timeout: 30 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
	assert.equal(barrier.nWaiting, 0);
	assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
	barrier.close();
});

test('a pipe: sends and receives that are ended', () => {
	const [here, there] = Pipe<unknown>();
	let sent = 0;
	const operation = (): void => {
		here.sendSync(sent++);
		there.recvSync(1000);
	};
	endIn(operation, 100, () => {
		while (there.pollSync(0)) there.recvSync(1000);
		here.sendSync('through');
		assert.equal(there.recvSync(10_000), 'through');
	});
	here.close();
	there.close();
});

test('a JoinableQueue: every item can be done, also after a taskDone that was ended', async () => {
	const queue = new JoinableQueue<unknown>();
	const operation = (): void => {
		queue.putSync(1);
		queue.getSync(1000);
		queue.taskDone();
	};
	endIn(operation, 100, () => {
		while (!queue.empty()) queue.getSync(1000);
		for (;;) {
			if (queue.joinSync(0)) break;
			queue.taskDone();
		}
	});
	assert.throws(() => queue.taskDone(), { code: 'ERR_NPROCS_TASK_DONE' });
	assert.equal(await queue.join(), true);
	queue.close();
});
