/**
 * Programs that would start processes without end: a guard was forgotten, or a start is nested without end.
 *
 * Each program stops itself when it is two generations deep, by a count in the environment. `npm run test:full` tries
 * every way under each method. Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { methodsWithFreshMemory } from '../helpers/cases.ts';
import { isFull } from '../helpers/full.ts';
import { Program, project } from '../helpers/programs.ts';

const tsx = new URL('../../../node_modules/tsx/dist/loader.mjs', import.meta.url).href;
const tsxForRequire = new URL('../../../node_modules/tsx/dist/preflight.cjs', import.meta.url).pathname;
const byTsx = [`--require=${tsxForRequire}`, `--import=${tsx}`];

interface Outcome {
	exit: number | string | null;
	stdout: string;
	stderr: string;
}

async function run(command: readonly string[], files: Record<string, string>, env: Record<string, string> = {}): Promise<Outcome> {
	const program = new Program(command, { cwd: project(files), env });
	const exit = await program.end();
	return { exit, stdout: program.stdout, stderr: program.stderr };
}

function assertRefused({ stdout, stderr }: Outcome, guard: RegExp): void {
	assert.equal(stdout, 'exit code 1\n', stderr);
	assert.equal(stderr.match(/^ProcessError: /gm)?.length, 1, stderr);
	assert.match(stderr, /Process Process-1:\n/);
	assert.match(stderr, guard);
	assert.match(stderr, /ERR_NPROCS_MISSING_GUARD/);
}

const start = `
	const depth = Number(process.env.DEPTH ?? 0);
	if (depth > 1) throw new Error('runaway');
	process.env.DEPTH = String(depth + 1);
	const child = new Process({ target: work, context: METHOD }).start();
	await child.join();
	console.log('exit code ' + child.exitCode);`;

/** How a start comes later than the import itself. */
const later: Record<string, string> = {
	'at once': `await start();`,
	'in microtasks': `await null; await Promise.resolve(); await start();`,
	'in a tick': `process.nextTick(start);`,
	'in an immediate': `setImmediate(start);`,
	'after reading a file': `await readFile(new URL(import.meta.url)); await start();`,
	'in a timer': `setTimeout(start, 5);`,
	'after awaiting a lock and a timer': `const lock = new Lock(); await lock.acquire(); await sleep(5); await start();`,
	'after waiting for a queue': `await new Queue().get(5).catch(() => {}); await start();`,
	'when a child process of its own ends': `exec('true', start);`,
	'in the event of an emitter': `const emitter = new EventEmitter(); emitter.on('go', start); await sleep(5); emitter.emit('go');`,
};

/** Where each process is a new Node, which takes longer; how a start is judged is the same there. */
const withSpawn = ['at once', 'in a timer', 'when a child process of its own ends'];

const imports = `import { EventEmitter } from 'node:events';
	import { exec } from 'node:child_process';
	import { readFile } from 'node:fs/promises';
	import { setTimeout as sleep } from 'node:timers/promises';
	import { Lock, Process, Queue } from 'nprocs';`;

for (const method of methodsWithFreshMemory) {
	describe(`${method}: a start without a guard`, () => {
		for (const [when, code] of Object.entries(later)) {
			if (method === 'spawn' && !isFull && !withSpawn.includes(when)) continue;
			test(when, async () => {
				const program = `${imports}
					export function work() {}
					async function start() {${start.replace('METHOD', `'${method}'`)}}
					async function main() { ${code} }
					main();`;
				const outcome = await run(['main.js'], { 'main.js': program });
				assertRefused(outcome, /imports \S+main\.js to find .*below `if \(isMain\(import\.meta\)\)/);
			});
		}
	});
}

describe('spawn: a start without a guard', () => {
	test('in CommonJS', async () => {
		const program = `const { Process } = require('nprocs');
			function work() {}
			module.exports = { work };
			async function start() {${start.replace('METHOD', "'spawn'")}}
			setTimeout(start, 5);`;
		const outcome = await run(['main.cjs'], { 'main.cjs': program });
		assertRefused(outcome, /main\.cjs to find .*below `if \(isMain\(module\)\) { … }` or `if \(require\.main === module\)/);
	});

	test('by tsx in a CommonJS package', async () => {
		const program = `import { Process } from 'nprocs';
			export function work(): void {}
			async function start(): Promise<void> {${start.replace('METHOD', "'spawn'")}}
			setTimeout(start, 5);`;
		const outcome = await run([...byTsx, 'main.ts'], { 'package.json': '{ "type": "commonjs" }', 'main.ts': program });
		assertRefused(outcome, /main\.ts to find .*below `if \(isMain\(module\)\)/);
	});
});

for (const method of methodsWithFreshMemory) {
	describe(`${method}: what may be started`, () => {
		test('the target of a module that still has work to do starts processes', async () => {
			const program = `import { Process, isMain, setStartMethod } from 'nprocs';
				const timer = setInterval(() => {}, 1000);
				export async function work(depth) {
					clearInterval(timer);
					console.log('work', depth);
					await new Promise((resolve) => setTimeout(resolve, 1));
					if (depth > 0) await new Process({ target: work, args: [depth - 1] }).start().join();
				}
				if (isMain(import.meta)) {
					setStartMethod('${method}');
					await work(2);
				}`;
			const { exit, stdout, stderr } = await run(['main.js'], { 'main.js': program });
			assert.deepEqual([exit, stdout], [0, 'work 2\nwork 1\nwork 0\n'], stderr);
		});

		test('ten are nested, not eleven, unless the environment says so', async () => {
			const program = `import { Process, isMain, setStartMethod } from 'nprocs';
				export async function work(depth) {
					if (depth === 12) return console.log('depth', depth);
					try {
						await new Process({ target: work, args: [depth + 1] }).start().join();
					} catch (error) {
						console.log('depth', depth, error.code, /NPROCS_MAX_DEPTH/.test(error.message));
					}
				}
				if (isMain(import.meta)) {
					setStartMethod('${method}');
					await work(0);
				}`;
			const outcome = async (env: Record<string, string>): Promise<string> => (await run(['main.js'], { 'main.js': program }, env)).stdout;
			assert.equal(await outcome({ NPROCS_MAX_DEPTH: '2' }), 'depth 2 ERR_NPROCS_TOO_DEEP true\n');
			if (method === 'forkserver' || isFull) {
				assert.equal(await outcome({}), 'depth 10 ERR_NPROCS_TOO_DEEP true\n');
				assert.equal(await outcome({ NPROCS_MAX_DEPTH: '20' }), 'depth 12\n');
			}
			assert.equal(await outcome({ NPROCS_MAX_DEPTH: 'many' }), 'depth 1 ERR_NPROCS_INVALID_ARG true\n');
		});
	});
}

test('a worker thread has the place of its process', async () => {
	const program = `import { Worker, isMainThread } from 'node:worker_threads';
		import { Process, currentProcess, isMain, parentProcess } from 'nprocs';
		export async function work() {
			const worker = new Worker(new URL(import.meta.url));
			await new Promise((resolve) => worker.on('exit', resolve));
		}
		export function deeper() { console.log(currentProcess().name, parentProcess().name); }
		if (!isMainThread) {
			console.log(currentProcess().name, parentProcess().name, parentProcess().isAlive(), isMain(import.meta));
			await new Process({ target: deeper }).start().join();
		} else if (isMain(import.meta)) await new Process({ target: work, name: 'top', context: 'spawn' }).start().join();`;
	const { exit, stdout, stderr } = await run(['main.js'], { 'main.js': program });
	assert.deepEqual([exit, stdout], [0, 'top MainProcess true false\nProcess-1:1 top\n'], stderr);
});

const inCommonJs = (guard: string): string => `import { Process, isMain } from 'nprocs';
	import { other } from './other';
	export function work(name: string): void { console.log('hi', name, require.main === module, isMain(module)); }
	async function main(): Promise<void> {
		await null;
		for (const target of [work, other]) {
			const child = new Process({ target, args: ['bob'], context: METHOD }).start();
			await child.join();
			console.log('exit code', child.exitCode);
		}
	}
	if (${guard}) void main();`;

for (const method of methodsWithFreshMemory) {
	describe(`${method}: guards in CommonJS`, () => {
		for (const guard of ['isMain(module)', 'isMain(import.meta)', ...(isFull ? ['require.main === module'] : [])]) {
			test(`by tsx: ${guard}`, async (context) => {
				const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
				if (method === 'forkserver' && (major < 22 || (major === 22 && minor < 15))) return context.skip('its loader is a thread');
				const files = {
					'package.json': '{ "type": "commonjs" }',
					'main.ts': inCommonJs(guard).replace('METHOD', `'${method}' as const`),
					'other.ts': `export function other(name: string): void { console.log('other', name); }`,
				};
				const { exit, stdout, stderr } = await run([...byTsx, 'main.ts'], files);
				assert.deepEqual([exit, stdout], [0, 'hi bob false false\nexit code 0\nother bob\nexit code 0\n'], stderr);
			});
		}

		for (const guard of ['isMain(module)', 'require.main === module']) {
			test(`plain: ${guard}`, async () => {
				const program = `const { Process, isMain } = require('nprocs');
					exports.work = (name) => console.log('hi', name, require.main === module, isMain(module));
					if (${guard}) new Process({ target: exports.work, args: ['bob'], context: '${method}' }).start();`;
				for (const name of ['main.cjs', './main.cjs']) {
					const { exit, stdout, stderr } = await run([name], { 'main.cjs': program });
					assert.deepEqual([exit, stdout], [0, 'hi bob false false\n'], stderr);
				}
			});
		}
	});
}

test('isMain is false in a module that is only required, and refuses what is no module', async () => {
	const { exit, stdout, stderr } = await run(['main.js'], {
		'package.json': '{}',
		'main.js': `const { isMain } = require('nprocs');
			console.log(isMain(module), require('./other.js'));
			for (const wrong of [undefined, null, {}, 'main.js', require]) {
				try { isMain(wrong); } catch (error) { console.log(error.code); }
			}`,
		'other.js': `module.exports = require('nprocs').isMain(module);`,
	});
	assert.deepEqual([exit, stdout], [0, `true false\n${'ERR_NPROCS_INVALID_ARG\n'.repeat(5)}`], stderr);
});
