/** Diagnostics channels, and the output of workers with `stdio: 'prefix'`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { testCases } from '../helpers/cases.ts';
import { Program } from '../helpers/programs.ts';
import { cases } from '../fixtures/pool/watching.ts';

testCases('../pool/watching.js', cases, { methods: ['forkserver'] });

test("with stdio: 'prefix', output comes in whole lines with the worker in front, and a death has the last ones", async () => {
	const program = new Program([join(import.meta.dirname, '../fixtures/pool/prefixed.js')]);
	assert.equal(await program.end(), 0, program.stderr);
	const lines = program.stdout.trimEnd().split('\n');
	const message = JSON.parse(lines.find((line) => line.startsWith('"'))!) as string;
	const written = lines.filter((line) => !line.startsWith('"'));
	for (const line of written) assert.match(line, /^\[w:[01]\] /);
	assert.deepEqual(written.map((line) => line.slice('[w:0] '.length)).sort(), ['', 'blau', 'end', 'grün und', '漢字 🎉'].sort());
	const complaints = program.stderr.trimEnd().split('\n');
	assert.deepEqual(
		complaints.map((line) => line.replace(/^\[w:[01]\] /, '')),
		[...Array.from({ length: 30 }, (_, i) => `complaint ${i}`), 'the last words'],
	);
	assert.match(message, /complaint 29\nthe last words/);
	assert.doesNotMatch(message, /complaint 9\n/);
});
