/**
 * Programs as users write them: without a guard, in CommonJS, in TypeScript, with worker threads.
 *
 * Time limit: 240 s
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandFor, everyMethod, methodsWithFreshMemory } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const stripsTypes = major > 22 || (major === 22 && minor >= 18);

async function run(command: readonly string[], folder: string): Promise<{ exit: number | string | null; stdout: string; stderr: string }> {
	const program = new Program(command, { cwd: folder });
	const exit = await program.end();
	return { exit, stdout: program.stdout, stderr: program.stderr };
}

/** In every program below, a process tells that it works by this line. */
const works = 'work in Process-1: 42\n';

for (const method of methodsWithFreshMemory) {
	describe(method, () => {
		test('a missing guard is an error that names it, and no fork bomb', async () => {
			const folder = project({
				'main.js': `import { Process, setStartMethod } from 'nprocs';
					export function work() { console.log('never'); }
					setStartMethod('${method}', { force: true });
					const child = new Process({ target: work, name: 'Unguarded' }).start();
					await child.join();
					process.exitCode = child.exitCode === 1 ? 7 : 8;`,
			});
			const { exit, stdout, stderr } = await run(['main.js'], folder);
			assert.equal(exit, 7, stderr);
			assert.equal(stdout, '');
			assert.match(stderr, /Process Unguarded:\n[^]*isMain\(import\.meta\)/);
			// Node also shows the line that throws.
			assert.equal(stderr.split('ProcessError: Cannot start').length - 1, 1, stderr);
		});
	});
}

for (const method of everyMethod) {
	describe(method, () => {
		test('isMain is true in the program itself only', async () => {
			const folder = project({
				'main.js': `import { Process, isMain, setStartMethod } from 'nprocs';
					import { inOther } from './other.js';
					export function work() { console.log('child', isMain(import.meta), inOther()); }
					if (isMain(import.meta)) {
						console.log('main', isMain(import.meta), inOther());
						setStartMethod('${method}');
						await new Process({ target: work }).start().join();
					}`,
				'other.js': `import { isMain } from 'nprocs'; export const inOther = () => isMain(import.meta);`,
			});
			for (const name of ['main.js', './main', `${folder}/main.js`]) {
				if (name === './main') continue; // Node itself wants the extension of an ES module
				const { exit, stdout, stderr } = await run(commandFor(method, name), folder);
				assert.deepEqual([exit, stdout], [0, 'main true false\nchild false false\n'], stderr);
			}
		});

		test('a CommonJS program, with functions from CommonJS modules', async () => {
			const folder = project({
				'main.cjs': `const { Process, currentProcess, setStartMethod } = require('nprocs');
					const { nested, other } = require('./other.cjs');
					function work(x) { console.log('work in ' + currentProcess().name + ': ' + x); }
					module.exports = { work };
					if (require.main === module) {
						setStartMethod('${method}');
						const targets = [work, other, nested.deep];
						(async () => { for (const [i, target] of targets.entries()) await new Process({ target, args: [42], name: 'Process-' + (i + 1) }).start().join(); })();
					}`,
				'other.cjs': `exports.other = (x) => console.log('other', x); exports.nested = { deep(x) { console.log('deep', x); } };`,
			});
			const { exit, stdout, stderr } = await run(commandFor(method, 'main.cjs'), folder);
			assert.deepEqual([exit, stdout], [0, `${works}other 42\ndeep 42\n`], stderr);
		});

		test('an ES module whose function comes from a CommonJS one', async () => {
			const folder = project({
				'main.js': `import { Process, isMain, setStartMethod } from 'nprocs';
					import other from './other.cjs';
					if (isMain(import.meta)) { setStartMethod('${method}'); await new Process({ target: other.work, args: [42] }).start().join(); }`,
				'other.cjs': `const { currentProcess } = require('nprocs'); exports.work = (x) => console.log('work in ' + currentProcess().name + ': ' + x);`,
			});
			const { exit, stdout, stderr } = await run(commandFor(method, 'main.js'), folder);
			assert.deepEqual([exit, stdout], [0, works], stderr);
		});
	});
}

const typescript = `import { Process, currentProcess, getStartMethod, isMain } from 'nprocs';
	interface Job { n: number }
	export const work = async (job: Job): Promise<void> => console.log('work in ' + currentProcess().name + ': ' + job.n satisfies string);
	export class Worker extends Process { factor: number = 2; override run(): void { console.log('factor', this.factor); } }
	if (isMain(import.meta)) {
		for (const child of [new Process({ target: work, args: [{ n: 42 }] }), new Worker()]) await child.start().join();
		console.log(getStartMethod());
	}`;

test('TypeScript by tsx', async () => {
	const folder = project({ 'main.ts': typescript });
	const tsx = new URL('../../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href;
	const { exit, stdout, stderr } = await run([`--import=${tsx}`, 'main.ts'], folder);
	const expected = major > 22 || (major === 22 && minor >= 15) ? 'forkserver' : 'spawn';
	assert.deepEqual([exit, stdout], [0, `${works}factor 2\n${expected}\n`], stderr);
});

test('TypeScript by Node itself', { skip: !stripsTypes && 'this Node does not strip types' }, async () => {
	const folder = project({ 'main.ts': typescript });
	const { exit, stdout, stderr } = await run(['main.ts'], folder);
	assert.deepEqual([exit, stdout], [0, `${works}factor 2\nforkserver\n`], stderr);
});

test('a worker thread starts processes', async () => {
	const folder = project({
		'main.js': `import { Worker, isMainThread } from 'node:worker_threads';
			import { Process, currentProcess, isMain } from 'nprocs';
			export function work(x) { console.log('work in ' + currentProcess().name + ': ' + x); }
			if (!isMainThread) {
				const child = new Process({ target: work, args: [42] }).start();
				await child.join();
				console.log(child.exitCode, isMain(import.meta));
			} else if (isMain(import.meta)) new Worker(new URL(import.meta.url)).on('exit', (code) => console.log('worker', code));`,
	});
	const { exit, stdout, stderr } = await run(['main.js'], folder);
	assert.deepEqual([exit, stdout], [0, `${works}0 false\nworker 0\n`], stderr);
});

const failures = {
	'in a promise that nobody awaits': `void Promise.reject(new Error('nobody catches me'));`,
	'in a callback that is called while it is imported': `setImmediate(() => { throw new Error('nobody catches me'); }); await setTimeout(20);`,
	'in a module that handles uncaught errors': `process.on('uncaughtException', (error) => { console.error('handled ' + error.stack); process.exit(1); }); throw new Error('nobody catches me');`,
};
for (const method of methodsWithFreshMemory) {
	for (const [where, code] of Object.entries(failures)) {
		test(`${method}: an error ${where}, when a child imports it, is the child's, and told once`, async () => {
			const folder = project({
				'failing.js': `import { setTimeout } from 'node:timers/promises';\nexport function work() {}\n${code}`,
				'main.js': `import { Process, isMain } from 'nprocs';
					if (isMain(import.meta)) {
						const target = { module: new URL('failing.js', import.meta.url), name: 'work' };
						const child = new Process({ target, context: '${method}' }).start();
						await child.join();
						console.log(child.exitCode);
					}`,
			});
			const { exit, stdout, stderr } = await run(['main.js'], folder);
			assert.deepEqual([exit, stdout], [0, '1\n'], stderr);
			assert.equal(stderr.match(/Error: nobody catches me/g)?.length, 1, stderr);
			assert.doesNotMatch(stderr, /MainProcess/);
		});
	}
}

for (const method of everyMethod) {
	test(`${method}: running out of memory ends the child alone`, async () => {
		const folder = project({
			'main.js': `import { Process, isMain, setStartMethod } from 'nprocs';
				export function work() { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); }
				if (isMain(import.meta)) {
					setStartMethod('${method}');
					const child = new Process({ target: work, stdio: 'ignore' }).start();
					await child.join();
					console.log(child.exitCode);
				}`,
		});
		const flag = '--max-old-space-size=60';
		const [first, ...rest] = commandFor(method, 'main.js') as [string, ...string[]];
		const command = method === 'fork' ? [first, 'run', `--node-option=${flag}`, ...rest.slice(1)] : [flag, first];
		const { exit, stdout, stderr } = await run(command, folder);
		assert.deepEqual([exit, stdout], [0, '-6\n'], stderr);
	});
}
