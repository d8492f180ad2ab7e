import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atFork, forkHook, forkStep, prepareFork, settleFork } from '#nprocs/base/at-fork.js';

test('hooks run step by step, in the order of their registration in each, whoever comes first', () => {
	const seen: string[] = [];
	const steps = Object.entries(forkStep);
	for (const [name, step] of steps.toReversed()) {
		for (const which of ['a', 'b'])
			atFork({ step, before: () => void seen.push(`before ${name} ${which}`), inCopy: () => void seen.push(`${name} ${which}`) });
	}
	const expected = steps.flatMap(([name]) => [`${name} a`, `${name} b`]);
	prepareFork();
	assert.deepEqual(
		seen.splice(0),
		expected.map((one) => `before ${one}`),
	);
	settleFork();
	assert.deepEqual(seen, expected);
});

test('what is registered at the first need is registered once', () => {
	let count = 0;
	const register = forkHook({ step: forkStep.duties, inCopy: () => void count++ });
	settleFork();
	assert.equal(count, 0);
	register();
	register();
	settleFork();
	assert.equal(count, 1);
});
