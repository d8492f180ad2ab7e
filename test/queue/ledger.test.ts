/**
 * The ledger of a JoinableQueue, with consumers that exist only as tokens: sums that hold whatever they do, and however
 * they end. Time limit: 120 s
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsumerLedger } from '#nprocs/queue/ledger.js';
import type { Ring } from '#nprocs/stream/ring.js';

type End = 'killed' | 'failed' | 'regular';

/** A queue whose ring is two numbers, and its consumers. */
class Bench {
	readonly words = new Int32Array(ConsumerLedger.words);
	readonly more = new ArrayBuffer(131_072);
	published = 0;
	taken = 0;
	current = 1;
	readonly ended = new Map<number, End>();
	readonly ledgers = new Map<number, ConsumerLedger>();

	ledger(token: number): ConsumerLedger {
		this.current = token;
		let ledger = this.ledgers.get(token);
		if (ledger === undefined) {
			const ring = { published: () => this.published, taken: () => this.taken } as unknown as Ring;
			const consumers = {
				current: () => this.current,
				isDead: (other: number) => this.ended.has(other),
				wasKilled: (other: number) => this.ended.get(other) === 'killed',
				exitCodeOf: () => -9,
			};
			const extension = { bytes: 131_072, reserve() {}, map: (): ArrayBuffer => this.more };
			this.ledgers.set(token, (ledger = new ConsumerLedger({ words: this.words, ring, consumers, extension })));
		}
		return ledger;
	}

	take(token: number): void {
		const ledger = this.ledger(token);
		ledger.intend(this.taken + 1);
		this.taken++;
		ledger.settle();
	}

	end(token: number, how: End): void {
		if (how === 'failed') this.ledger(token).fail(3);
		this.ended.set(token, how);
	}
}

test('hundreds of consumers that live and have items in hand, and the death of each is seen', () => {
	const bench = new Bench();
	const count = 1000;
	bench.published = count;
	for (let token = 1; token <= count; token++) bench.take(token);
	for (let token = 1; token <= count; token += 2) assert.equal(bench.ledger(token).done(), true);
	bench.end(count, 'killed');
	bench.end(count - 2, 'failed');
	const ledger = bench.ledger(5000);
	assert.equal(ledger.gone().length, 2);
	ledger.settleGone();
	assert.deepEqual([ledger.lost().count, ledger.unfinished(), ledger.gone().length], [2, count / 2 - 2, 0]);
	assert.deepEqual({ item: ledger.lost().item, exitCode: ledger.lost().exitCode }, { item: count, exitCode: -9 });
});

test('thousands of consumers ever, a few at a time', () => {
	const bench = new Bench();
	for (let token = 1; token <= 10_000; token++) {
		bench.published++;
		bench.take(token);
		if (token > 10) {
			bench.ledger(token - 10).done();
			bench.end(token - 10, token % 2 === 0 ? 'regular' : 'killed');
		}
	}
	assert.equal(bench.ledger(20_000).lost().count, 0);
	assert.equal(bench.ledger(20_000).unfinished(), 10);
	assert.ok(bench.words[16]! <= 32, `${bench.words[16]!} entries`);
});

test('an item is done by another one: of whom it is taken off', () => {
	const bench = new Bench();
	bench.published = 3;
	bench.take(1);
	bench.take(2);
	// Of one that has ended regularly before that of one that lives.
	bench.end(1, 'regular');
	assert.equal(bench.ledger(9).done(), true);
	bench.end(2, 'killed');
	bench.ledger(9).settleGone();
	assert.deepEqual([bench.ledger(9).lost().count, bench.ledger(9).unfinished()], [1, 1]);
	// What was given up is reported late: the one that is still inside is not done by that.
	assert.equal(bench.ledger(9).done(), true);
	assert.equal(bench.ledger(9).unfinished(), 1);
	bench.take(3);
	assert.equal(bench.ledger(9).done(), true);
	assert.equal(bench.ledger(9).unfinished(), 0);
	assert.equal(bench.ledger(9).done(), false);
});

test('random takes, reports and ends: nothing is counted twice, and in the end nothing is missing', () => {
	const seed = Math.floor(Math.random() * 2 ** 31);
	let state = seed;
	const random = (n: number): number => ((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 8) % n;
	for (let round = 0; round < 200; round++) {
		const bench = new Bench();
		let next = 100;
		const living = [1, 2, 3, 4, 5];
		for (let i = 0; i < 200; i++) {
			const at = random(living.length);
			const token = living[at]!;
			const action = random(10);
			if (action < 3) bench.published++;
			else if (action < 6 && bench.taken < bench.published) bench.take(token);
			else if (action < 9 && bench.ledger(token).unfinished() > 0) assert.equal(bench.ledger(token).done(), true, `seed ${seed}`);
			else if (action === 9 && random(3) === 0) {
				bench.end(token, (['killed', 'failed', 'regular'] as const)[random(3)]!);
				living[at] = next++;
			}
			assert.ok(bench.ledger(living[0]!).unfinished() >= 0, `seed ${seed}`);
		}
		const ledger = bench.ledger(9999);
		while (bench.taken < bench.published) bench.take(9999);
		for (const token of living) bench.end(token, 'killed');
		ledger.settleGone();
		for (let left = ledger.unfinished(); left > 0; left--) assert.equal(ledger.done(), true, `seed ${seed}`);
		assert.equal(ledger.unfinished(), 0, `seed ${seed}`);
		assert.equal(ledger.done(), false, `seed ${seed}`);
	}
});
