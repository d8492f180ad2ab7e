/**
 * The start method `fork` alone: what the copy of a running program has of it, and what not.
 *
 * Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandFor, testCases } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';
import { cases } from '../fixtures/process/forked.ts';

testCases('forked.js', cases, { methods: ['fork'] });

async function run(command: readonly string[], cwd: string): Promise<{ exit: number | string | null; lines: string[]; stderr: string }> {
	const program = new Program(command, { cwd });
	const exit = await program.end();
	return { exit, lines: program.stdout.trim().split('\n'), stderr: program.stderr };
}

/** `nprocs run` with an option for Node before the program's name. */
function runWith(option: string, file: string): string[] {
	const [cli, verb, ...rest] = commandFor('fork', file) as [string, string, ...string[]];
	return [cli, verb, `--node-option=${option}`, ...rest];
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasSynchronousHooks = major > 22 || (major === 22 && minor >= 15);
const tsx = new URL('../../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href;
const tries = `
	export async function tries(load) {
		try { return await load(); } catch (error) { return error.code; }
	}`;

describe('a module loader in a thread', () => {
	test('what is loaded works, and an import of anything else is an error that says what to do', async () => {
		const folder = project({
			'hooks.js': `import { register } from 'node:module';
				register('data:text/javascript,export const resolve = (name, context, next) => next(name, context);');`,
			'tries.js': tries,
			'loaded.js': 'export const value = 1;',
			'late.js': 'export const value = 2;',
			'late.cjs': 'module.exports = 3;',
			'main.js': `import { createRequire } from 'node:module';
				import { Process } from 'nprocs';
				import { value } from './loaded.js';
				import { tries } from './tries.js';
				const loaded = import('./loaded.js');
				const again = async () => (await loaded).value;
				await again();
				const child = new Process({ context: 'fork', target: async () => {
					console.log(value, await tries(again));
					console.log(await tries(() => import('./late.js')));
					console.log(createRequire(import.meta.url)('./late.cjs'));
					const grandchild = new Process({ context: 'fork', target: async () => console.log(await tries(() => import('./late.js'))) }).start();
					await grandchild.join();
					await import('./late.js');
				} }).start();
				await child.join();
				console.log(child.exitCode, (await import('./late.js')).value);`,
		});
		const { exit, lines, stderr } = await run(runWith('--import=./hooks.js', 'main.js'), folder);
		assert.deepEqual([exit, lines], [0, ['1 1', 'ERR_NPROCS_LOST_THREAD', '3', 'ERR_NPROCS_LOST_THREAD', '1 2']], stderr);
		assert.match(stderr, /Process Process-1:\n[^]*Import the module before the process is started[^]*or start the process by 'spawn'/);
	});

	test('tsx', async () => {
		const unique = `${process.pid}.${Date.now()}`; // tsx keeps what it has compiled
		const folder = project({
			'tries.ts': tries.replace('load)', 'load: () => Promise<unknown>)').replace('error.code', '(error as { code: string }).code'),
			'late.ts': `export const value: string = 'late' satisfies string; // ${unique}`,
			'main.ts': `import { Process } from 'nprocs';
				import { tries } from './tries.ts';
				const label: string = 'main'; // ${unique}
				const late = async (): Promise<unknown> => (await import('./late.ts')).value;
				const child = new Process({ context: 'fork', target: async () => console.log(label, await tries(late)) }).start();
				await child.join();
				console.log(child.exitCode, await late());`,
		});
		const { exit, lines, stderr } = await run(runWith(`--import=${tsx}`, 'main.ts'), folder);
		const expected = hasSynchronousHooks ? 'late' : 'ERR_NPROCS_LOST_THREAD';
		assert.deepEqual([exit, lines], [0, [`main ${expected}`, '0 late']], stderr);
	});
});
