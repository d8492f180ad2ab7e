/** The test runner itself: what it must notice, so that a green run means something. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface Result {
	passed: number;
	failed: number;
	skipped: number;
	details: string;
}

const { runFile } = (await import(join(import.meta.dirname, '../../../scripts/test-runner/run-file.mjs'))) as {
	runFile: (options: { file: string; node: string; timeoutMs: number }) => Promise<Result>;
};

function run(name: string, timeoutMs = 60_000): Promise<Result> {
	return runFile({ file: join(import.meta.dirname, `../fixtures/scripts/${name}.js`), node: process.execPath, timeoutMs });
}

const counts = ({ passed, failed, skipped }: Result): number[] => [passed, failed, skipped];

test('tests are counted, suites are not', async () => {
	const result = await run('passes');
	assert.deepEqual(counts(result), [4, 0, 1]);
	assert.equal(result.details, '');
});

test('a failed test is told with its place, its error and the output', async () => {
	const result = await run('fails');
	assert.deepEqual(counts(result), [1, 1, 0]);
	assert.match(result.details, /arithmetic › adds/);
	assert.match(result.details, /2 !== 3/);
	assert.match(result.details, /said on the way/);
});

test('a file that blocks is killed and named', async () => {
	const result = await run('blocks', 10_000);
	assert.deepEqual(counts(result), [1, 1, 0]);
	assert.match(result.details, /killed after 10 s in "blocks"/);
});

test('a file that crashes fails', async () => {
	const result = await run('crashes');
	assert.deepEqual(counts(result), [0, 1, 0]);
	assert.match(result.details, /SIGKILL in "crashes"/);
});

test('a file without tests, or not compiled, fails', async () => {
	assert.deepEqual(counts(await run('empty')), [0, 1, 0]);
	assert.deepEqual(counts(await run('no-such-file')), [0, 1, 0]);
});

test('what is left behind fails the file, is named and removed', async () => {
	const result = await run('leaves');
	assert.deepEqual(counts(result), [1, 1, 0]);
	for (const left of [/process \d+: sleep 1001/, /process \d+: sleep 1002/, /segment \/dev\/shm\/left-by-\w+/, /left\.txt/]) {
		assert.match(result.details, left);
	}
	const segment = /left-by-\w+/.exec(result.details)![0];
	assert.ok(!readdirSync('/dev/shm').includes(segment));
	for (const [, pid] of result.details.matchAll(/process (\d+): sleep/g)) assert.ok(!isRunning(Number(pid)));
});

/** A killed process may stay a zombie for a moment: its new parent reaps it when it likes. */
function isRunning(pid: number): boolean {
	try {
		return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}
