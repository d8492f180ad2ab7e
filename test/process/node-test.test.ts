/**
 * Targets in files with tests of node:test, which children import: no test runs there, and none is reported.
 *
 * Time limit: 240 s
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { methodsWithFreshMemory } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';

/** A runner that is run by a test says so to what it runs, and that would report to us. */
const env = { NODE_TEST_CONTEXT: undefined } as unknown as Record<string, string>;

async function run(command: readonly string[], files: Record<string, string>): Promise<{ exit: unknown; stdout: string; stderr: string }> {
	const program = new Program(command, { cwd: project(files), env });
	const exit = await program.end();
	return { exit, stdout: program.stdout, stderr: program.stderr };
}

function count(text: string, pattern: RegExp): number {
	return text.match(pattern)?.length ?? 0;
}

const testFile = (method: string): string => `
	import assert from 'node:assert/strict';
	import test, { after, before, describe, it, suite } from 'node:test';
	import { Process, Queue } from 'nprocs';
	export async function work(queue) { console.log('ran', 'work'); await queue.put(5); }
	export async function nested(queue) { await new Process({ target: work, args: [queue] }).start().join(); }
	before(() => console.log('ran', 'before'));
	after(() => console.log('ran', 'after'));
	for (const target of [work, nested]) {
		test('runs ' + target.name, async () => {
			const queue = new Queue();
			const p = new Process({ target, args: [queue], context: '${method}' }).start();
			await p.join();
			assert.equal(await queue.get(0), 5);
			assert.equal(p.exitCode, 0);
		});
	}
	test.skip('skipped', () => {});
	describe('a group', () => { console.log('ran', 'group'); it('member', () => console.log('ran', 'member')); });
	await test('awaited', async (t) => { await t.test('below', () => console.log('ran', 'below')); });
	suite('a suite', () => it('in a suite', () => console.log('ran', 'suite')));`;

for (const method of methodsWithFreshMemory) {
	for (const command of [['--test', 'own.test.mjs'], ['own.test.mjs'], ['--test', '--test-reporter=spec', 'own.test.mjs']]) {
		test(`${method}: a target in a test file, by node ${command.join(' ')}`, async () => {
			const { exit, stdout, stderr } = await run(command, { 'own.test.mjs': testFile(method) });
			assert.equal(exit, 0, stdout + stderr);
			assert.equal(count(stdout, /ran work/g), 2, stdout);
			for (const once of ['before', 'after', 'group', 'member', 'below', 'suite'])
				assert.equal(count(stdout, new RegExp(`ran ${once}`, 'g')), 1, stdout);
			assert.ok(count(stdout, /TAP version/g) <= 1, stdout);
			assert.equal(count(stdout, /^(#|ℹ) fail 0$/gm), 1, stdout);
			assert.equal(stderr, '');
		});
	}
}

describe('a CommonJS test file', () => {
	test('works too', async () => {
		const { exit, stdout, stderr } = await run(['--test', 'own.test.cjs'], {
			'own.test.cjs': `const test = require('node:test');
				const { Process } = require('nprocs');
				exports.work = () => console.log('ran', 'work');
				test('it', async () => { console.log('ran', 'test'); await new Process({ target: exports.work }).start().join(); });`,
		});
		assert.equal(exit, 0, stdout + stderr);
		assert.deepEqual([count(stdout, /ran work/g), count(stdout, /ran test/g)], [1, 1], stdout);
	});
});

test('a target that defines tests gets an error, since nobody would report them', async () => {
	const { exit, stdout } = await run(['own.test.mjs'], {
		'own.test.mjs': `import assert from 'node:assert/strict';
			import { test } from 'node:test';
			import { Process } from 'nprocs';
			export function work() { test('inside', () => {}); }
			test('outside', async () => {
				const p = new Process({ target: work, stdio: 'pipe' }).start();
				let errors = '';
				for await (const text of p.stderr) errors += text;
				await p.join();
				assert.equal(p.exitCode, 1);
				assert.match(errors, /Cannot define a test in a process that a test has started/);
			});`,
	});
	assert.equal(exit, 0, stdout);
});
