/**
 * Runs the test files: `node scripts/test.mjs [--jobs N] [--timeout SECONDS] [--node PATH] [--retries N] [--slowest N]
 * [--full] [name…]`.
 *
 * Each file is a process of its own whose time limit *we* hold: a timer inside a test cannot fire while the
 * test blocks its thread, and blocking is what half of this library does. A file that hangs is killed with all
 * its descendants; a file that leaves a process, a segment, a socket or a file behind fails, however its tests went.
 * A file that needs longer than the default says so in its head: `Time limit: 300 s`.
 *
 * Those that may need longest begin first, so that none is waited for alone at the end.
 *
 * `--retries N` (or NPROCS_TEST_RETRIES, which `.ci/run` sets) runs a failed file again, and shows what failed at
 * first: tests that kill processes at random moments find rare faults, which are to be read and mended, but must not
 * hide the state of everything else.
 *
 * `--full` (`npm run test:full`) runs those files that do more when NPROCS_TEST_FULL is 1, which their heads say by
 * naming that command.
 *
 * `--slowest N` lists the N tests that took longest.
 *
 * The last line is `N passed, N failed, N skipped`; the exit code is 0 only if nothing failed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runFile } from './test-runner/run-file.mjs';

const root = resolve(import.meta.dirname, '..');
const { values: options, positionals: filters } = parseArgs({
	allowPositionals: true,
	options: {
		// More than there are processors: most of them wait most of the time.
		jobs: { type: 'string', default: String(Math.min(4, availableParallelism() + 1)) },
		timeout: { type: 'string', default: '240' },
		node: { type: 'string', default: process.execPath },
		full: { type: 'boolean', default: false },
		slowest: { type: 'string', default: '0' },
		retries: { type: 'string', default: process.env.NPROCS_TEST_RETRIES ?? '0' },
	},
});

const files = testFiles()
	.filter((file) => !options.full || headOf(file).includes('npm run test:full'))
	.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
	.sort((a, b) => timeoutOf(b) - timeoutOf(a));
if (files.length === 0) {
	console.error(filters.length === 0 ? 'No test files found. Run `npm run build` first.' : `No test file matches ${filters.join(', ')}.`);
	process.exit(1);
}

if (options.full) process.env.NPROCS_TEST_FULL = '1';
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const times = [];
/** What failed once and was run again. */
const unsteady = [];
const queue = files.values();
await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, work));

if (unsteady.length > 0) console.log(`\nFailed once, and were run again:\n\n${unsteady.join('\n\n')}\n`);
if (failures.length > 0) console.log(`\nFailures:\n\n${failures.join('\n\n')}\n`);
for (const { path, seconds } of times.sort((a, b) => b.seconds - a.seconds).slice(0, Number(options.slowest)))
	console.log(`${seconds.toFixed(1).padStart(6)} s  ${path}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;

async function work() {
	for (const file of queue) {
		let result = await run(file);
		for (let again = Number(options.retries); again > 0 && result.failed > 0; again--) {
			console.log(`↻ ${file}  ${result.failed} FAILED, is run again`);
			unsteady.push(`--- ${file}\n${result.details}`);
			result = await run(file);
		}
		report(file, result);
	}
}

function run(file) {
	return runFile({
		file: join(root, 'build', file.replace(/\.ts$/, '.js')),
		node: options.node,
		timeoutMs: 1000 * timeoutOf(file),
	});
}

function report(file, { passed, failed, skipped, seconds, times: ofFile, details }) {
	for (const { path, seconds: ofTest } of ofFile) times.push({ path: `${file} › ${path}`, seconds: ofTest });
	totals.passed += passed;
	totals.failed += failed;
	totals.skipped += skipped;
	const counts = `${passed} passed${failed > 0 ? `, ${failed} FAILED` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
	console.log(`${failed > 0 ? '✖' : '✔'} ${file}  ${counts}  (${seconds.toFixed(1)} s)`);
	if (details !== '') failures.push(`--- ${file}\n${details}`);
}

/** The sources are asked, so that the compiled rest of a test that was deleted or renamed is not run. */
function testFiles() {
	return readdirSync(join(root, 'test'), { recursive: true })
		.filter((name) => name.endsWith('.test.ts'))
		.map((name) => join('test', name))
		.sort();
}

/** In seconds. */
function timeoutOf(file) {
	const match = /Time limit: (\d+) s/.exec(headOf(file));
	return match === null ? Number(options.timeout) : Number(match[1]);
}

function headOf(file) {
	return readFileSync(join(root, file), 'utf8').slice(0, 2000);
}
