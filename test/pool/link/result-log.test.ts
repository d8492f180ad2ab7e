/**
 * The log of results: what is written is read, by messages and by looks into it, and nothing is taken out of its turn.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAround, type ReplyListener } from '#nprocs/pool/scheduling/replies.js';
import { logWords, readLog, ResultLog, Results } from '#nprocs/pool/link/result-log.js';
import type { WorkerSlot } from '#nprocs/pool/scheduling/worker-slot.js';

const newWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(logWords * 4));
const values = [1, 'text', undefined, null, true, false, -0, NaN, { a: [1n] }, 2 ** 60, '', [[]], 7];

function filled(words: Int32Array, first: number, given: readonly unknown[]): ResultLog {
	const log = new ResultLog(words);
	log.begin(3, first);
	for (const value of given) assert.equal(log.add(value), true);
	return log;
}

test('what is written is read, from any place', () => {
	const words = newWords();
	const log = filled(words, 5, values);
	assert.equal(log.next, 5 + values.length);
	for (const bytes of [log.message(1300), readLog(words, 3)!]) {
		const results = new Results(bytes);
		assert.deepEqual([results.first, results.count], [5, values.length]);
		for (let place = 0; place <= values.length; place++) assert.deepEqual(results.from(place), { values: values.slice(place) });
	}
	assert.equal(new Results(log.message(1300)).microseconds, 1300);
	assert.equal(readLog(words, 4), undefined, 'of another call');
	log.begin(3, log.next);
	assert.equal(readLog(words, 3), undefined, 'empty');
});

test('what has no room or is large travels by itself, and what cannot be sent is an error', () => {
	const log = filled(newWords(), 0, []);
	assert.equal(log.add('x'.repeat(10_000)), false);
	const other = filled(newWords(), 0, []);
	let count = 0;
	while (other.add('y'.repeat(1000))) count++;
	assert.ok(count > 5 && count < 50, String(count));
	const numbers = filled(newWords(), 0, []);
	while (!numbers.isFull) numbers.add(1);
	assert.deepEqual(new Results(numbers.message(1)).from(numbers.count - 2).values, [1, 1]);
	assert.throws(() => other.add(() => {}), { code: 'ERR_NPROCS_SERIALIZATION' });
});

test('a look into the log leaves alone what comes behind results that were sent meanwhile', () => {
	const words = newWords();
	const got: [number, unknown][] = [];
	const job = {
		fn: {},
		isOver: false,
		onValues: (first: number, all: readonly unknown[]) => all.forEach((value, i) => got.push([first + i, value])),
	};
	const unit = { from: 0, until: 30, payload: { kind: 'chunk', first: 0, job, settle: () => {} } };
	const entry = { sequence: 3, unit, replied: 0 };
	const link = { replies: { closed: false, mayTake: () => false }, log: () => words };
	const slot = { link, head: () => entry, expectLog: () => {}, hasLookedInVain: () => {}, itemsDone: 0, begunMs: 0, stoppedItem: -1 };
	const listener = { onItems: () => {} };
	const look = (): boolean => lookAround(slot as unknown as WorkerSlot, listener as unknown as ReplyListener);
	filled(words, 10, ['ten']);
	assert.equal(look(), false);
	assert.deepEqual([got, entry.replied], [[], 0]);
	filled(words, 0, ['zero', 'one']);
	assert.equal(look(), true);
	assert.equal(look(), false);
	assert.deepEqual(got, [
		[0, 'zero'],
		[1, 'one'],
	]);
});
