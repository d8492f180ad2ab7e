/** What ends a wait in the event loop: its time, its signal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, Listener, Lock, Pipe, Process, Queue, wait } from 'nprocs';
import { Deadline } from '#nprocs/base/deadline.js';
import { firstOf, pauseFor, until, untilSettled } from '#nprocs/wait/until.js';
import * as programs from '../fixtures/channel/programs.js';

test('hundreds of waits of all kinds end with one signal, and Node warns of nothing', async () => {
	const warnings: Error[] = [];
	const warn = (warning: Error): void => void warnings.push(warning);
	process.on('warning', warn);
	using queue = new Queue();
	using full = new Queue(1);
	using lock = new Lock();
	using event = new Event();
	using listener = await new Listener().listen();
	const [reader, writer] = Pipe();
	await full.put(1);
	await lock.acquire();
	const gate = new Event();
	const child = new Process({ target: programs.waitForEvent, args: [gate] }).start();
	const { signal, controller } = abortable();
	const reason = new Error('enough');
	const kinds: (() => Promise<unknown>)[] = [
		() => queue.get(signal),
		() => queue.getMany(2, signal),
		() => full.put(2, signal),
		() => full.putMany([2, 3], signal),
		() => lock.acquire(signal),
		() => event.wait(signal),
		() => listener.accept(signal),
		() => reader.recv(signal),
		() => reader.poll({ signal, timeout: 1e9 }),
		() => wait([reader, queue], signal),
		() => child.join(signal),
	];
	const waits = kinds.flatMap((kind) => Array.from({ length: 30 }, kind));
	const outcomes = Promise.allSettled(waits);
	await new Promise((resolve) => setImmediate(resolve));
	controller.abort(reason);
	for (const outcome of await outcomes) assert.equal(outcome.status === 'rejected' && outcome.reason, reason);
	assert.deepEqual([queue.qsize(), full.qsize(), lock.locked()], [0, 1, true]);
	lock.release();
	gate.set();
	await child.join();
	assert.equal(child.exitCode, 0);
	gate.close();
	for (const connection of [reader, writer]) connection.close();
	await new Promise((resolve) => setImmediate(resolve));
	process.off('warning', warn);
	assert.deepEqual(warnings, []);
});

test('a signal that was aborted while nobody listened, and one whose waits end at different times', async () => {
	const { signal, controller } = abortable();
	const early = until(Deadline.from({ timeout: 1, signal }), () => () => {});
	const late = pauseFor(Deadline.from(signal));
	assert.equal(await early, false);
	controller.abort('now');
	await assert.rejects(late, (error: unknown) => error === 'now');
	const aborted = { at: Infinity, signal, left: () => Infinity } as unknown as Deadline;
	await assert.rejects(
		until(aborted, () => assert.fail('subscribed though it is over')),
		(error: unknown) => error === 'now',
	);
});

test('one wait that ends others within the same signal', async () => {
	const { signal, controller } = abortable();
	const ended: number[] = [];
	let endSecond = (): void => {};
	const first = pauseFor(Deadline.from(signal)).catch(() => ended.push(1));
	const second = until(Deadline.from(signal), (onEvent) => {
		endSecond = onEvent;
		return () => {};
	});
	signal.addEventListener('abort', () => ended.push(0));
	endSecond();
	assert.equal(await second, true);
	controller.abort();
	await first;
	assert.deepEqual(ended, [0, 1]);
});

test('a subscription ends exactly once, however its wait ends', async () => {
	const { signal, controller } = abortable();
	let open = 0;
	const subscribe = (): (() => void) => {
		open++;
		return () => open--;
	};
	await Promise.all([
		until(Deadline.from(1), subscribe),
		until(Deadline.never, (onEvent) => {
			onEvent(); // at once, before the subscription is complete
			onEvent();
			return subscribe();
		}),
		assert.rejects(until(Deadline.from(signal), subscribe)),
		assert.rejects(
			firstOf(Deadline.never, () => {
				throw new TypeError('cannot subscribe');
			}),
			/cannot subscribe/,
		),
		Promise.resolve().then(() => controller.abort()),
	]);
	assert.equal(open, 0);
});

test('a promise that is settled too late is nobody’s business', async () => {
	assert.equal(await untilSettled(Deadline.from(1), new Promise(() => {})), undefined);
	assert.equal(await untilSettled(Deadline.from(1e9), Promise.resolve(7)), 7);
	await assert.rejects(untilSettled(Deadline.never, Promise.reject(new Error('soon'))), /soon/);
	let reject = (_: Error): void => {};
	const late = new Promise((_, fail) => (reject = fail));
	assert.equal(await untilSettled(Deadline.from(1), late), undefined);
	reject(new Error('late'));
	await new Promise((resolve) => setImmediate(resolve)); // no unhandled rejection
});

function abortable(): { signal: AbortSignal; controller: AbortController } {
	const controller = new AbortController();
	return { signal: controller.signal, controller };
}
