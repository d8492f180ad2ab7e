/** Large arrays: whose memory they are in, when it is filled again, and when it comes back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Pipe, Process, Queue } from 'nprocs';
import { findCollector } from '#nprocs/base/collector.js';
import { listNames } from '#nprocs/memory/janitor.js';
import { addon } from '#nprocs/native/addon.js';
import { consume, keepAll, putAndExit, receiveAndSleep, sumUp } from '../fixtures/channel/programs.ts';
import { gone } from '../helpers/programs.ts';

const mebibyte = 2 ** 20;

/** Large enough for all the bytes, and every page another one. */
function pattern(seed: number, bytes: number): Uint8Array {
	const array = new Uint8Array(bytes).fill(seed);
	for (let at = 0; at < bytes; at += 4096) array[at] = seed + at / 4096;
	return array;
}

function assertPattern(array: Uint8Array, seed: number): void {
	assert.ok(Buffer.from(array.buffer, array.byteOffset, array.length).equals(pattern(seed, array.length)), `array ${seed}`);
}

/** All files of this run in /dev/shm. */
async function untilOnly(names: readonly string[]): Promise<void> {
	while (listNames().some((name) => !names.includes(name))) await pause(5);
}

async function untilUnheld(name: string): Promise<void> {
	for (;;) {
		const fd = addon().openExclusive(`/dev/shm/${name}`);
		if (fd >= 0) return void addon().closeFd(fd);
		await pause(5);
	}
}

test('memory is filled again when the receiver has no use for it any more, also in threads that only make blocking calls', () => {
	const queue = new Queue<Uint8Array>();
	const before = listNames().length;
	let most = 0;
	for (let i = 0; i < 300; i++) {
		queue.putSync(pattern(i, mebibyte));
		const got = queue.getSync();
		assertPattern(got, i);
		got[5] = 1; // it is the receiver's own
		most = Math.max(most, listNames().length - before);
	}
	assert.ok(most < 100, `${most} files for 300 arrays`);
	assert.ok(addon().openOutOfBandBytes() < 100 * mebibyte, `${addon().openOutOfBandBytes()} bytes are open`);
	queue.close();
});

test('arrays that the receiver keeps are never filled again', () => {
	const queue = new Queue<Uint8Array>();
	const kept: Uint8Array[] = [];
	for (let i = 0; i < 200; i++) {
		queue.putSync(pattern(i, 128 * 1024));
		if (i % 3 === 0) kept.push(queue.getSync());
		else queue.getSync();
	}
	kept.forEach((array, i) => assertPattern(array, 3 * i));
	queue.close();
	kept.forEach((array, i) => assertPattern(array, 3 * i));
});

test('nor those that have gone on to another thread', () => {
	const queue = new Queue<Uint8Array>();
	const { port1, port2 } = new MessageChannel();
	queue.putSync(pattern(1, mebibyte));
	const got = queue.getSync();
	port1.postMessage(got, [got.buffer as ArrayBuffer]);
	for (let i = 2; i < 60; i++) {
		queue.putSync(pattern(i, mebibyte));
		queue.getSync();
	}
	assertPattern((receiveMessageOnPort(port2) as { message: Uint8Array }).message, 1);
	port1.close();
	queue.close();
});

test('sizes of all kinds: each array is what was sent', () => {
	const queue = new Queue<Uint8Array[]>();
	for (let i = 0; i < 120; i++) {
		const sizes = [65536 + i, 65536 * (1 + (i % 7)), i % 11 === 0 ? 3 * mebibyte + i : 70_000];
		queue.putSync(sizes.map((size, k) => pattern(i + k, size)));
		const got = queue.getSync();
		assert.deepEqual(
			got.map(({ length }) => length),
			sizes,
		);
		got.forEach((array, k) => assertPattern(array, i + k));
	}
	queue.close();
});

test('a message that was not sent after all leaves nothing', async () => {
	const before = listNames();
	const queue = new Queue<unknown>(1);
	queue.putSync(0);
	for (let i = 0; i < 20; i++) assert.throws(() => queue.putSync(pattern(i, mebibyte), 0), { code: 'ERR_NPROCS_FULL' });
	assert.ok(listNames().length <= before.length + 4);
	queue.close();
	await untilOnly(before);
});

test('a channel that is closed while a large array waits to be put: the put says so, and nothing is left', async () => {
	const before = listNames();
	const full = (): Queue<unknown> => {
		const queue = new Queue<unknown>(1);
		queue.putSync(0);
		return queue;
	};
	const atOnce = full();
	const inner = new Queue();
	const put = atOnce.put({ array: pattern(1, mebibyte), inner });
	atOnce.close();
	await assert.rejects(put, { code: 'ERR_NPROCS_CLOSED' });
	inner.close();
	await untilOnly(before);

	// Later, when the sender has let go of the file.
	const later = full();
	const open = listNames();
	const waiting = later.put(pattern(1, mebibyte));
	const [file] = listNames().filter((name) => !open.includes(name));
	await untilUnheld(file!);
	later.close();
	await assert.rejects(waiting, { code: 'ERR_NPROCS_CLOSED' });
	await untilOnly(before);
});

test('what the sender keeps to fill it again comes back when it closes the channel, or has sent nothing for a while', async () => {
	const before = listNames();
	const closed = new Queue<Uint8Array>();
	closed.putSync(pattern(1, mebibyte));
	closed.getSync();
	closed.putSync(pattern(2, mebibyte));
	assert.notEqual(listNames().length, before.length);
	closed.close();
	assert.deepEqual(
		listNames().filter((name) => !before.includes(name)),
		[],
	);

	const queue = new Queue<Uint8Array>();
	const open = listNames();
	queue.putSync(pattern(1, mebibyte));
	const got = queue.getSync();
	await untilOnly(open);
	assertPattern(got, 1);
	queue.close();
});

/** Kilobytes that this process has in memory of files of these names, and how many mappings of them. */
function mapped(names: readonly string[]): { count: number; kilobytes: number } {
	const parts = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
	const ours = parts.filter((part) => names.some((name) => part.split('\n', 1)[0]!.includes(name)));
	return { count: ours.length, kilobytes: ours.reduce((sum, part) => sum + Number(/^Rss:\s+(\d+)/m.exec(part)![1]), 0) };
}

test('what was collected stays mapped for its next filling, takes no memory when the sender has let go of it, and is unmapped soon', async () => {
	const queue = new Queue<Uint8Array>();
	const open = listNames();
	const files = (): string[] => listNames().filter((name) => !open.includes(name));
	const collect = findCollector();
	const pass = (seed: number): string[] => {
		queue.putSync(pattern(seed, mebibyte));
		assertPattern(queue.getSync(), seed);
		return files();
	};
	const names = pass(1);
	collect();
	while (addon().openOutOfBandBytes() > 0) await turn();
	assert.equal(mapped(names).count, 1, "the receiver's; the sender has mapped it before it had its name");
	assert.deepEqual(pass(2), names, 'the same file');
	assert.equal(mapped(names).count, 1);
	collect();
	while (addon().openOutOfBandBytes() > 0) await turn();
	queue.close();
	const { count, kilobytes } = mapped(names);
	assert.ok(count === 1 && kilobytes <= 4, `${count} mappings, ${kilobytes} kB`);
	while (mapped(names).count > 0) await pause(20);
});

test('a receiver that ends, or is killed, with arrays: the sender goes on, and nothing is left', async () => {
	const before = listNames();
	for (const [target, end] of [
		[keepAll, 'close'],
		[receiveAndSleep, 'SIGKILL'],
	] as const) {
		const [reader, writer] = Pipe<unknown>({ duplex: false });
		const [answers, answering] = Pipe<unknown>({ duplex: false });
		const child = new Process({ target, args: [reader, answering] }).start();
		reader.close();
		for (let i = 0; i < (end === 'close' ? 20 : 3); i++) await writer.send(pattern(i, mebibyte));
		if (end === 'close') {
			await writer.send(null);
			assert.equal(await answers.recv(), 20);
		} else {
			assert.equal(await answers.recv(), 'has one');
			child.kill();
		}
		await child.join();
		for (const one of [writer, answers, answering]) one.close();
	}
	await untilOnly(before);
});

test('a sender that ends, or is killed, with arrays on their way: they arrive', async () => {
	const before = listNames();
	const queue = new Queue<Uint8Array>();
	const sender = new Process({ target: putAndExit, args: [queue, 12, mebibyte] }).start();
	await sender.join();
	for (let i = 0; i < 12; i++) assert.deepEqual(queue.getSync(), new Uint8Array(mebibyte).fill(i + 1));
	queue.close();
	await untilOnly(before);

	const out = new Queue<Uint8Array>();
	const source = new Queue<unknown>();
	const forwarder = new Process({ target: consume, args: [source, out] }).start();
	for (let i = 0; i < 5; i++) source.putSync(pattern(i, mebibyte));
	while (out.qsize() < 5) await turn();
	forwarder.kill();
	await forwarder.join();
	await gone(forwarder.pid!);
	for (let i = 0; i < 5; i++) assertPattern(out.getSync(), i);
	for (const one of [out, source]) one.close();
	await untilOnly(before);
});

test('many senders and receivers: nothing is mixed up', async () => {
	const before = listNames();
	const work = new Queue<Uint8Array | null>(8);
	const sums = new Queue<number>();
	const workers = Array.from({ length: 3 }, () => new Process({ target: sumUp, args: [work, sums] }).start());
	let expected = 0;
	for (let i = 0; i < 150; i++) {
		const array = pattern(i, 65536 * (1 + (i % 5)));
		for (const byte of array) expected += byte;
		await work.put(array);
	}
	for (const _ of workers) await work.put(null);
	let sum = 0;
	for (const worker of workers) {
		sum += await sums.get();
		await worker.join();
	}
	assert.equal(sum, expected);
	for (const one of [work, sums]) one.close();
	await untilOnly(before);
});
