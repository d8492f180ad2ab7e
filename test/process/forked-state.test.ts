/**
 * State of the library in a forked process (base/at-fork.ts).
 *
 * Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, testCases } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';
import { cases } from '../fixtures/process/forked-state.ts';

testCases('forked-state.js', cases, { methods: ['fork'] });

test("a handler of 'exit' cannot fork, and is told why; other methods work there", async () => {
	const main = `import { isMain, Process } from 'nprocs';
		export function work() {}
		const tries = () => {
			try {
				new Process({ context: 'fork', target: work }).start();
			} catch (error) {
				console.log(error.code, error.message);
			}
			const child = new Process({ context: 'spawn', target: work }).start();
			child.joinSync();
			console.log(child.exitCode);
		};
		if (isMain(import.meta)) {
			process.on('exit', tries);
			if (process.argv[2] === 'exit') process.exit(0);
		}`;
	for (const args of [[], ['exit']]) {
		const program = new Program(commandFor('fork', 'main.js', ...args), { cwd: project({ 'main.js': main }) });
		assert.equal(await program.end(), 0, program.stderr);
		assert.match(program.stdout, /^ERR_NPROCS_START_METHOD Cannot fork this process in a handler of its 'exit' event[^\n]*\n0\n$/);
	}
});

test('a program that may fork is as old as it is, and not as the machine', async () => {
	const cwd = project({ 'main.js': 'console.log(process.uptime());' });
	const startMs = performance.now();
	const program = new Program(commandFor('fork', 'main.js'), { cwd });
	assert.equal(await program.end(), 0, program.stderr);
	const uptimeMs = Number(program.stdout) * 1000;
	assert.ok(uptimeMs > 0 && uptimeMs < performance.now() - startMs, `${uptimeMs}`);
});
