/** What is seen of a process beside its memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookOutside } from '#nprocs/process/outside.js';

test('the thread that looks is none of those that may be at work: it always is, and a fork would wait for it', () => {
	assert.equal(lookOutside().threads.has(process.pid), false);
	assert.notEqual(lookOutside().threads.size, 0);
});
