/**
 * Targets under vitest, jest and mocha, which are run for real: a function of a module of its own works, passed or
 * named; one of the test file works, or is refused with words that say what to do.
 *
 * Time limit: 400 s
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { privatePackage } from '../helpers/private-package.ts';
import { Program } from '../helpers/programs.ts';

const { folder, missing } = privatePackage('test-runners');
/** A runner that is run by a test is told so by the environment. */
const withoutContext = { NODE_TEST_CONTEXT: undefined } as unknown as Record<string, string>;

async function run(
	name: string,
	files: Record<string, string>,
	command: readonly string[],
	env: Record<string, string> = {},
): Promise<{ exit: unknown; output: string }> {
	const cwd = join(folder!, name);
	mkdirSync(cwd, { recursive: true });
	for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text);
	const [tool, ...args] = command;
	const program = new Program([join(folder!, 'node_modules', tool!), ...args], { cwd, env: { ...withoutContext, ...env } });
	const exit = await program.end();
	return { exit, output: program.stdout + program.stderr };
}

/** What the process of a target has put into a queue, or how else it has ended. */
const outcome = `async ({ Process, Queue }, target, options) => {
	const queue = new Queue();
	const process = new Process({ target, args: [queue, 5], stdio: 'pipe', ...options }).start();
	let errors = '';
	process.stderr.on('data', (data) => (errors += data));
	await process.join();
	return process.exitCode === 0 ? await queue.get(0) : errors;
}`;
const work = `async (queue, x) => { await queue.put(x * x); }`;
const tasks = `export const work = ${work};\nexport default async function (queue, x) { await queue.put(-x); }\nexport class Tools { static async clean(queue) { await queue.put('clean'); } }`;
const tasksInTypeScript = `import type { Queue } from 'nprocs';\nexport async function work(queue: Queue<number>, x: number): Promise<void> { await queue.put(x * x); }`;
const longTime = 60_000;

/** Test cases that vitest and jest have in common. */
const cases = (named: string): string => `
	test('passed', async () => { expect(await outcome(nprocs, work)).toBe(25); }, ${longTime});
	test('named', async () => { expect(await outcome(nprocs, { module: ${named}, name: 'work' })).toBe(25); }, ${longTime});
	test('of the test file', () => { expect(outcome(nprocs, inTestFile)).rejects.toThrow(/inTestFile as .target.: it is in a test file, .*module of its own/); });`;

const esm = `import * as nprocs from 'nprocs';
	import negative, { Tools, work } from './tasks.js';
	const outcome = ${outcome};
	export async function inTestFile(queue, x) { await queue.put(x * x); }
	${cases("new URL('./tasks.js', import.meta.url)")}
	test('default', async () => { expect(await outcome(nprocs, negative)).toBe(-5); }, ${longTime});
	test('a static method', async () => { expect(await outcome(nprocs, Tools.clean)).toBe('clean'); }, ${longTime});`;

describe('vitest', { skip: missing ?? false }, () => {
	for (const pool of ['forks', 'threads', 'vmThreads']) {
		test(pool, async () => {
			const files = {
				'package.json': '{ "type": "module" }',
				'tasks.js': tasks,
				'typed.ts': tasksInTypeScript,
				'own.test.js': `import { expect, test } from 'vitest';\n${esm}
					test('TypeScript by a loader', async () => {
						const { work } = await import('./typed.ts');
						expect(await outcome(nprocs, work, { execArgv: ['--import=tsx'] })).toBe(25);
					}, ${longTime});
					test('what only vitest can import', async () => {
						const { work } = await import('./aliased.js');
						expect(await outcome(nprocs, work)).toMatch(/NotImportableError: Cannot import .*aliased\\.js.*without vitest/);
					}, ${longTime});`,
				'aliased.js': `import '@/tasks.js';\nexport const work = ${work};`,
				'vitest.config.js': `export default { resolve: { alias: { '@': import.meta.dirname } }, test: { testTimeout: ${longTime} } };`,
			};
			const { exit, output } = await run('vitest', files, ['vitest/vitest.mjs', 'run', `--pool=${pool}`, '--no-color']);
			assert.equal(exit, 0, output);
			assert.match(output, /Tests {2}7 passed/);
		});
	}
});

const jest = ['jest/bin/jest.js', '--cacheDirectory=.cache'];

describe('jest', { skip: missing ?? false }, () => {
	test('ES modules', async () => {
		const files = {
			'package.json': '{ "type": "module", "jest": { "transform": {} } }',
			'tasks.js': tasks,
			'own.test.js': `import { expect, test } from '@jest/globals';\n${esm}`,
		};
		const { exit, output } = await run('jest-esm', files, jest, { NODE_OPTIONS: '--experimental-vm-modules' });
		assert.equal(exit, 0, output);
		assert.match(output, /Tests: +5 passed, 5 total/);
	});

	test('CommonJS', async () => {
		const files = {
			'package.json': '{ "type": "commonjs" }',
			'tasks.js': `exports.work = ${work};`,
			'own.test.js': `const nprocs = require('nprocs');
				const { work } = require('./tasks');
				const outcome = ${outcome};
				async function inTestFile(queue, x) { await queue.put(x * x); }
				exports.inTestFile = inTestFile;
				${cases("require.resolve('./tasks')")}`,
		};
		const { exit, output } = await run('jest-commonjs', files, jest);
		assert.equal(exit, 0, output);
		assert.match(output, /Tests: +3 passed, 3 total/);
	});

	test('ts-jest', async () => {
		const files = {
			'package.json':
				'{ "type": "commonjs", "jest": { "transform": { "\\\\.ts$": ["ts-jest", { "diagnostics": { "ignoreCodes": [151002] } }] } } }',
			'tsconfig.json':
				'{ "compilerOptions": { "module": "node16", "moduleResolution": "node16", "target": "es2022", "strict": true, "types": ["jest", "node"], "skipLibCheck": true, "esModuleInterop": true } }',
			'tasks.ts': tasksInTypeScript,
			'own.test.ts': `import * as nprocs from 'nprocs';
				import { work } from './tasks';
				const outcome: any = ${outcome.replace('({ Process, Queue }, target, options)', '({ Process, Queue }: any, target: any, options: any)').replace('(data)', '(data: any)')};
				const byTsx = { execArgv: ['--import=tsx'] };
				test('passed', async () => { expect(await outcome(nprocs, work, byTsx)).toBe(25); }, ${longTime});
				test('named', async () => { expect(await outcome(nprocs, { module: require.resolve('./tasks'), name: 'work' }, byTsx)).toBe(25); }, ${longTime});`,
		};
		const { exit, output } = await run('ts-jest', files, jest);
		assert.equal(exit, 0, output);
		assert.match(output, /Tests: +2 passed, 2 total/);
	});
});

test('mocha', { skip: missing ?? false }, async () => {
	const files = {
		'package.json': '{ "type": "module" }',
		'tasks.js': tasks,
		'own.test.js': `import assert from 'node:assert/strict';
			import * as nprocs from 'nprocs';
			import { Tools, work } from './tasks.js';
			const outcome = ${outcome};
			export async function inTestFile(queue, x) { await queue.put(x * x); }
			describe('targets', function () {
				this.timeout(${longTime});
				it('passed', async () => assert.equal(await outcome(nprocs, work), 25));
				it('named', async () => assert.equal(await outcome(nprocs, { module: new URL('./tasks.js', import.meta.url), name: 'Tools.clean' }), 'clean'));
				it('of the test file', async () => assert.match(await outcome(nprocs, inTestFile), /Cannot import .*own\\.test\\.js.*describe is not defined.*without mocha/));
			});`,
	};
	const { exit, output } = await run('mocha', files, ['mocha/bin/mocha.js', 'own.test.js']);
	assert.equal(exit, 0, output);
	assert.match(output, /3 passing/);
});
