/**
 * Pages that children get ready when they begin are a matter of speed alone: each has the forkserver's memory, and
 * keeps what it changes to itself. native/test/pages_test.cc looks at the page faults.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Told, outcomeOf } from '../helpers/told.ts';
import { changeAll, note, noteForEver } from '../fixtures/process/pages.ts';

const rows = (20_000 * 19_999) / 2;
const bytes = 400_000;

test('each child has the memory of the forkserver, whatever the others have done to theirs', async () => {
	for (let i = 1; i <= 20; i++) {
		const { reported, exitCode } = await outcomeOf({ target: changeAll, args: [i] });
		assert.deepEqual(reported, [[rows, bytes, rows + i * 20_000, 2 * bytes]]);
		assert.equal(exitCode, 0);
	}
});

test('a child can tell which pages it has come to use', async () => {
	const { reported } = await outcomeOf({ target: note });
	assert.ok((reported[0] as number) > 100, `${reported[0] as number} pages`);
});

test('killed while it notes them, it harms no other', async () => {
	for (let i = 1; i <= 10; i++) {
		const victim = new Told({ target: noteForEver });
		await victim.next();
		victim.process.kill();
		assert.equal(await victim.exit(), -9);
		const { reported } = await outcomeOf({ target: changeAll, args: [i] });
		assert.deepEqual(reported, [[rows, bytes, rows + i * 20_000, 2 * bytes]]);
	}
});
