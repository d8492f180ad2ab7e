import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../../..');
const { differences } = (await import(pathToFileURL(join(root, 'scripts/test-runner/expected-output.mjs')).href)) as {
	differences: (expected: string, printed: string) => string[];
};

test('the same lines in the same order', () => {
	assert.deepEqual(differences('a\nb (1)\n', 'a\nb (1)\n'), []);
	assert.deepEqual(differences('a\nb\n', 'a\nc\n'), ['printed "c" instead of "b"']);
	assert.deepEqual(differences('a\nb\n', 'a\n'), ['did not print "b"']);
	assert.deepEqual(differences('a\n', 'a\nb\n'), ['printed "b", which is not expected']);
	assert.equal(differences('a\nb\n', 'b\na\n').length, 2);
});

test('numbers and any text', () => {
	assert.deepEqual(differences('<int>: <any>.\n', '-12: what is this.\n'), []);
	assert.equal(differences('<int>\n', 'x\n').length, 1);
	assert.equal(differences('a.c\n', 'abc\n').length, 1);
});

test('lines that may be missing', () => {
	for (const printed of ['a\nb\n', 'a\nx\nb\n']) assert.deepEqual(differences('a\n<maybe>x\nb\n<maybe>y\n', printed), []);
	assert.deepEqual(differences('a\n<maybe>x\nb\n', 'a\nx\nx\nb\n'), ['printed "x" instead of "b"', 'printed "b", which is not expected']);
});

test('lines in any order', () => {
	assert.deepEqual(differences('# any order\na\n<int>\n<maybe>c\n', '7\na\n'), []);
	assert.deepEqual(differences('# any order\na\nb\n', 'b\nc\n'), ['printed "c", which is not expected', 'did not print "a"']);
});
