/** The table of tokens: claim, find, free, sweep, grow; by several at once it is in test/model. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Segment } from '#nprocs/memory/segment.js';
import { extensionAlign, extensionOf, TokenTable } from '#nprocs/memory/token-table.js';
import { tableWords } from '#nprocs/memory/word-counts.js';

const firstCount = 4;
const entryWords = 8;
const never = (): boolean => false;
const always = (): boolean => true;

function tableOf(segment: Segment, bytes = extensionAlign): TokenTable {
	return new TokenTable({
		what: 'tests',
		int32: segment.int32,
		offset: 3,
		entryWords,
		firstCount,
		extension: extensionOf(segment, extensionAlign, bytes),
	});
}

const made = (): Segment => Segment.create({ kind: 'Test', size: (3 + tableWords(entryWords, firstCount)) * 4 });

test('claim, find, free', () => {
	using segment = made();
	const table = tableOf(segment);
	assert.deepEqual([table.inUse, table.count(), table.find(7)], [0, 4, -1]);
	assert.deepEqual([table.claim(7, never), table.claim(8, never), table.claim(7, never)], [0, 1, 2]);
	assert.deepEqual([table.find(8), table.find(9), table.inUse], [1, -1, 3]);
	table.write(1, 3, 33);
	assert.equal(table.exchange(1, 3, 32, 1), false);
	assert.equal(table.exchange(1, 3, 33, 34), true);
	table.free(1, 9);
	assert.equal(table.load(1), 8, 'not its entry');
	table.free(1, 8);
	assert.equal(table.claim(9, never), 1);
	assert.equal(table.read(1, 3), 34, 'fields are the new owner’s to set');
});

test('entries that may be freed are used again before it grows', () => {
	using segment = made();
	const table = tableOf(segment);
	for (let token = 1; token <= firstCount; token++) table.claim(token, never);
	assert.equal(
		table.claim(10, (owner, index) => owner === 3 && index === 2),
		2,
	);
	assert.equal(table.count(), firstCount);
	assert.equal(table.sweep(always), firstCount);
	assert.equal(table.claim(11, never), 0);
});

test('entries of the dead are used again before their number passes a power of two', () => {
	using segment = made();
	const table = tableOf(segment);
	for (let i = 0; i < 10_000; i++) table.claim(i + 1, (owner) => owner < i - 4);
	assert.ok(table.inUse <= 16, `${table.inUse} entries for 6 owners at a time`);
});

test('it grows in its file, and another one sees that', () => {
	using segment = made();
	const [table, other] = [tableOf(segment), tableOf(segment)];
	const more = extensionAlign / 4 / entryWords;
	for (let i = 0; i < firstCount + more; i++) {
		assert.equal(table.claim(i + 1, never), i);
		table.write(i, entryWords - 1, -i);
	}
	assert.throws(() => table.claim(9999, never), { code: 'ERR_NPROCS_TOO_MANY_PARTICIPANTS', message: /all 2052 entries for tests are in use/ });
	assert.deepEqual([other.inUse, other.count(), other.find(more)], [firstCount + more, firstCount + more, more - 1]);
	for (let i = 0; i < firstCount + more; i++) assert.equal(other.read(i, entryWords - 1), -i | 0);
	other.free(firstCount, firstCount + 1);
	assert.equal(table.claim(5000, never), firstCount);
	assert.throws(() => tableOf(segment, 0).claim(9999, never), { code: 'ERR_NPROCS_TOO_MANY_PARTICIPANTS' });
});
