/** Numbers that C++ and TypeScript must agree on: those of TypeScript are made of the tables that C++ includes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { addon } from '#nprocs/native/addon.js';
import { errno, resultOf } from '#nprocs/native/errno.js';
import { inboxNotices, maxPassedFds, readable, noticeWords, ticketLength, writable } from '#nprocs/native/shared-numbers.js';

test('the modules of shared numbers are what the tables say', () => {
	const script = join(import.meta.dirname, '../../../scripts/shared-numbers.mjs');
	const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
	assert.equal(status, 0, stderr);
});

test('the addon takes as many descriptors with a message as TypeScript gives it, and no more', () => {
	const [left, right] = addon().socketPair(true) as [number, number];
	const send = (count: number): number => addon().sendMessage(left, Uint8Array.of(1), new Array<number>(count).fill(right), false);
	assert.equal(send(maxPassedFds + 1), resultOf(errno.EINVAL));
	assert.equal(send(maxPassedFds), 1);
	for (const fd of [left, right]) addon().closeFd(fd);
});

test('the addon tells what a descriptor is ready for by the same numbers', () => {
	const [left, right] = addon().socketPair(false) as [number, number];
	const ready = new Int32Array(1);
	assert.equal(addon().waitForFds(Int32Array.of(left), Int32Array.of(readable | writable), ready, 0), 1);
	assert.equal(ready[0], writable);
	addon().closeFd(right);
	assert.equal(addon().waitForFds(Int32Array.of(left), Int32Array.of(readable), ready, 0), 1);
	assert.equal(ready[0], readable);
	addon().closeFd(left);
});

test('the addon refuses an inbox that is smaller than what TypeScript makes', () => {
	assert.equal(
		addon().doorbellOpen(new Int32Array(noticeWords * inboxNotices - 1), () => {}),
		resultOf(errno.EFAULT),
	);
	assert.equal(
		addon().doorbellOpen(new Int32Array(noticeWords * inboxNotices), () => {}),
		0,
	);
	addon().doorbellClose();
});

test('tickets are made by random64()', () => {
	assert.equal(addon().random64().length, ticketLength);
});
