import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, statSync, unlinkSync } from 'node:fs';
import { test } from 'node:test';
import { addon } from '#nprocs/native/addon.js';
import { Ring } from '#nprocs/stream/ring.js';
import {
	CONTROL_WORDS,
	EXTENT_BYTES,
	HEAD_STATE,
	Outcome,
	PUBLISHED,
	SEEN_PUBLISHED,
	SEEN_TAKEN,
	STATE_WORDS,
	TAKEN,
	type Extents,
} from '#nprocs/stream/ring-layout.js';
import { Scratch } from '#nprocs/stream/scratch.js';
import { setStepHook } from '#nprocs/stream/step.js';

class Memory implements Extents {
	readonly path = `/dev/shm/nprocs-test-ring-${process.pid}-${Math.random().toString(36).slice(2)}`;
	readonly home: ArrayBuffer;
	readonly homeOffset = 4096;
	readonly dead = new Set<number>();
	reservable = Infinity;
	reserved = 0;
	released = 0;

	constructor(homeBytes = EXTENT_BYTES) {
		const fd = openSync(this.path, 'w+');
		ftruncateSync(fd, EXTENT_BYTES);
		closeSync(fd);
		this.home = addon().mapExtent(this.path, 0, homeBytes) as ArrayBuffer;
	}

	reserve(first: number, count: number): number {
		if (count > this.reservable) return -28;
		this.reserved += count;
		return addon().reserveExtent(this.path, first * EXTENT_BYTES, count * EXTENT_BYTES);
	}

	map(first: number, count: number): ArrayBuffer {
		return addon().mapExtent(this.path, first * EXTENT_BYTES, count * EXTENT_BYTES) as ArrayBuffer;
	}

	release(first: number, count: number): void {
		this.released += count;
		addon().releaseExtent(this.path, first * EXTENT_BYTES, count * EXTENT_BYTES);
	}

	ring(token: number): Ring {
		return new Ring(new Int32Array(this.home, 0, CONTROL_WORDS), this, { current: () => token, isDead: (other) => this.dead.has(other) });
	}

	[Symbol.dispose](): void {
		unlinkSync(this.path);
	}
}

const scratch = new Scratch(1 << 17);

function append(ring: Ring, message: Uint8Array, load = message.length): Outcome {
	assert.ok(ring.lockTail());
	const outcome = ring.append(message.length & 7, message, message.length, load);
	ring.unlockTail();
	return outcome;
}

function take(ring: Ring): Buffer | undefined {
	assert.ok(ring.lockHead());
	const outcome = ring.take(scratch, 0);
	ring.unlockHead();
	if (outcome === Outcome.empty) return undefined;
	assert.equal(ring.flags, ring.length & 7);
	return Buffer.from(scratch.bytes.subarray(0, ring.length));
}

/** Its length and number can be read from the message, and every byte is checked. */
function message(number: number, length: number): Buffer {
	const bytes = Buffer.alloc(length, number & 0xff);
	if (length >= 4) bytes.writeUInt32LE(number >>> 0, 0);
	return bytes;
}

function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		return (state >>> 0) / 2 ** 32;
	};
}

test('messages of all lengths come out as they went in, around the ring and through larger ones', (t) => {
	const memory = new Memory();
	t.after(() => memory[Symbol.dispose]());
	const producer = memory.ring(1);
	producer.format(0, 0);
	const consumer = memory.ring(2);
	const seed = Math.floor(Math.random() * 2 ** 31);
	t.diagnostic(`seed ${seed}`);
	const next = random(seed);
	let put = 0;
	let got = 0;
	const lengths: number[] = [];
	for (let i = 0; i < 20_000; i++) {
		if (next() < (i % 4000 < 2000 ? 0.6 : 0.4)) {
			const length = next() < 0.05 ? Math.floor(next() * 65536) : Math.floor(next() * 100);
			lengths.push(length);
			assert.equal(append(producer, message(put++, length)), Outcome.done);
		} else {
			const bytes = take(consumer);
			if (got === put) assert.equal(bytes, undefined);
			else assert.deepEqual(bytes, message(got, lengths[got++]!));
		}
		assert.equal(consumer.count(), put - got);
	}
	while (got < put) assert.deepEqual(take(consumer), message(got, lengths[got++]!));
	assert.equal(take(consumer), undefined);
});

test('an unbounded ring takes all, and gives its memory back', (t) => {
	const memory = new Memory();
	t.after(() => memory[Symbol.dispose]());
	const producer = memory.ring(1);
	producer.format(0, 0);
	const consumer = memory.ring(2);
	for (let i = 0; i < 4000; i++) append(producer, message(i, 5000));
	assert.ok(statSync(memory.path).blocks * 512 > 4000 * 5000);
	for (let i = 0; i < 4000; i++) assert.deepEqual(take(consumer), message(i, 5000));
	append(producer, message(0, 10));
	take(consumer);
	assert.equal(memory.released, memory.reserved);
	// A process that comes late starts where the others are.
	const late = memory.ring(3);
	append(late, message(7, 20));
	assert.deepEqual(take(memory.ring(4)), message(7, 20));
});

test('maxCount and maxLoad bound it; one message always has room', (t) => {
	const memory = new Memory();
	t.after(() => memory[Symbol.dispose]());
	const ring = memory.ring(1);
	ring.format(3, 1000);
	for (let i = 0; i < 3; i++) assert.equal(append(ring, message(i, 10)), Outcome.done);
	assert.equal(append(ring, message(3, 10)), Outcome.full);
	assert.equal(ring.hasRoom(), false);
	take(ring);
	assert.equal(append(ring, message(3, 10), 2000), Outcome.full);
	take(ring);
	take(ring);
	assert.equal(append(ring, message(3, 10), 2000), Outcome.done);
	assert.equal(append(ring, message(4, 10), 1), Outcome.full);
	take(ring);
	assert.equal(append(ring, message(4, 10), 1), Outcome.done);
});

test('no memory is an error, harms nothing, and is over when there is some', (t) => {
	const memory = new Memory();
	t.after(() => memory[Symbol.dispose]());
	const ring = memory.ring(1);
	ring.format(0, 0);
	memory.reservable = 0;
	let put = 0;
	assert.throws(
		() => {
			for (;;) {
				assert.ok(ring.lockTail());
				try {
					ring.append(1000 & 7, message(put, 1000), 1000, 0);
				} finally {
					ring.unlockTail();
				}
				put++;
			}
		},
		{ code: 'ERR_NPROCS_NO_SPACE' },
	);
	memory.reservable = 1;
	append(ring, message(put++, 1000));
	for (let i = 0; i < put; i++) assert.deepEqual(take(ring), message(i, 1000));
});

test('counts and lengths are right when the counts pass 2^31', (t) => {
	const memory = new Memory();
	t.after(() => memory[Symbol.dispose]());
	const ring = memory.ring(1);
	ring.format(2, 0);
	const words = new Int32Array(memory.home, 0, CONTROL_WORDS);
	// Both counts, and what the ends have seen of each other.
	for (const index of [PUBLISHED, TAKEN, SEEN_TAKEN, HEAD_STATE + SEEN_PUBLISHED, HEAD_STATE + STATE_WORDS + SEEN_PUBLISHED])
		words[index] = 2 ** 31 - 2;
	for (let i = 0; i < 6; i++) {
		assert.equal(append(ring, message(i, 8)), Outcome.done);
		assert.equal(append(ring, message(i, 8)), Outcome.done);
		assert.equal(append(ring, message(i, 8)), Outcome.full);
		assert.equal(ring.count(), 2);
		take(ring);
		take(ring);
		assert.equal(ring.count(), 0);
	}
});

class Killed extends Error {}

test('a kill at any step loses at most what the dead had in its hands', (t) => {
	t.after(() => setStepHook(undefined));
	const seed = Math.floor(Math.random() * 2 ** 31);
	t.diagnostic(`seed ${seed}`);
	const next = random(seed);
	const seen = new Set<string>();
	for (let round = 0; round < 60; round++) {
		const memory = new Memory();
		let token = 1;
		let producer = memory.ring(token);
		producer.format(0, 0);
		let consumer = memory.ring(++token);
		const inside: Buffer[] = [];
		let number = 0;
		for (let i = 0; i < 400; i++) {
			const dieAfter = next() < 0.2 ? Math.floor(next() * 6) : Infinity;
			let steps = 0;
			let last = '';
			setStepHook((label) => {
				seen.add((last = label));
				if (steps++ === dieAfter) throw new Killed();
			});
			const isPut = next() < (i < 200 ? 0.65 : 0.3);
			try {
				if (isPut) {
					const bytes = message(number++, Math.floor(next() * (next() < 0.1 ? 60000 : 400)));
					try {
						append(producer, bytes);
					} catch (error) {
						if (!(error instanceof Killed)) throw error;
						if (last === 'append: published') inside.push(bytes);
						throw error;
					}
					inside.push(bytes);
				} else {
					const bytes = take(consumer);
					assert.deepEqual(bytes, inside.shift());
				}
			} catch (error) {
				if (!(error instanceof Killed)) throw error;
				if (isPut) {
					memory.dead.add(lastOwner(memory, 0));
					producer = memory.ring(++token);
				} else {
					if (last === 'take: taken') inside.shift();
					memory.dead.add(lastOwner(memory, 32));
					consumer = memory.ring(++token);
				}
			}
			setStepHook(undefined);
			assert.equal(consumer.count(), inside.length);
		}
		while (inside.length > 0) assert.deepEqual(take(consumer), inside.shift());
		assert.equal(take(consumer), undefined);
		memory[Symbol.dispose]();
	}
	assert.deepEqual([...seen].sort(), [
		'append: linked',
		'append: placed',
		'append: prepared',
		'append: published',
		'append: reserved',
		'append: written',
		'take: copied',
		'take: prepared',
		'take: taken',
	]);
});

function lastOwner(memory: Memory, word: number): number {
	return new Int32Array(memory.home, 0, CONTROL_WORDS)[word]!;
}
