import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '#nprocs/pool/scheduling/histogram.js';

test('percentiles are those of a sorted list, to a thousandth', () => {
	const seed = Math.floor(Math.random() * 2 ** 31);
	let state = seed;
	const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
	const histogram = new Histogram();
	const values: number[] = [];
	for (let i = 0; i < 3000; i++) {
		const value = 10 ** (random() * 8 - 4);
		const count = 1 + Math.floor(random() * 3);
		histogram.record(value, count);
		for (let k = 0; k < count; k++) values.push(value);
	}
	values.sort((a, b) => a - b);
	const wanted = [0.001, 1, 10, 50, 90, 99, 99.999];
	for (const [i, value] of histogram.percentiles(wanted).entries()) {
		const exact = values[Math.max(1, Math.ceil((values.length * wanted[i]!) / 100)) - 1]!;
		assert.ok(Math.abs(value - exact) <= exact / 1000, `seed ${seed}: ${wanted[i]} % is ${value} and not ${exact}`);
	}
	const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
	const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
	assert.equal(histogram.count, values.length);
	assert.deepEqual([histogram.min, histogram.max], [values[0], values.at(-1)]);
	assert.ok(Math.abs(histogram.mean - mean) < mean * 1e-9);
	assert.ok(Math.abs(histogram.stddev - Math.sqrt(variance)) < mean * 1e-6);
});

test('an empty one is all zeros', () => {
	const histogram = new Histogram();
	assert.deepEqual([histogram.min, histogram.max, histogram.mean, histogram.stddev, ...histogram.percentiles([1, 50])], [0, 0, 0, 0, 0, 0]);
	histogram.record(0, 2);
	assert.deepEqual(histogram.percentiles([50, 100]), [0, 0]);
});
