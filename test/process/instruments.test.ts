/**
 * Coverage, profiles, the inspector, and what the environment says to Node: they work in children, whatever the start
 * method.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandFor, everyMethod } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';

const modules = {
	'tasks.js': `export function work() { console.log('worked', process.execArgv.join()); }
		export function tells(name) { console.log(process.env[name], process.noDeprecation, process.title); }
		export function waits() { console.log(process.pid); setInterval(() => {}, 1e8); }
		export function handles() { process.on('SIGUSR1', () => { console.log('handled'); process.exit(0); }); waits(); }`,
	'main.js': `import { Process, getStartMethod } from 'nprocs';
		import { work } from './tasks.js';
		const context = process.argv[2] === 'default' ? undefined : process.argv[2];
		if (context === undefined) console.log(getStartMethod());
		const children = [1, 2].map(() => new Process({ target: work, context }).start());
		for (const child of children) await child.join();
		console.log(children.map(({ exitCode }) => exitCode).join());`,
};

/** Which modules of the project each file of coverage has. */
function covered(folder: string): string[][] {
	return readdirSync(folder).map((name) => {
		const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] };
		return result.map(({ url }) => url).filter((url) => /(tasks|main)\.js$/.test(url));
	});
}

for (const method of ['default', 'forkserver', 'spawn']) {
	describe(method, () => {
		test('NODE_V8_COVERAGE: a file for each child', async () => {
			const folder = project(modules);
			const program = new Program(['main.js', method], { cwd: folder, env: { NODE_V8_COVERAGE: join(folder, 'coverage') } });
			assert.equal(await program.end(), 0, program.stderr);
			assert.match(program.stdout, /0,0\n$/);
			const files = covered(join(folder, 'coverage'));
			assert.equal(files.filter((urls) => urls.length > 0 && urls.every((url) => url.endsWith('tasks.js'))).length, 2, JSON.stringify(files));
		});

		test('--cpu-prof and --heap-prof: a file for each child', async () => {
			const folder = project(modules);
			const program = new Program(['--cpu-prof', '--cpu-prof-dir=cpu', '--heap-prof', '--heap-prof-dir', 'heap', 'main.js', method], {
				cwd: folder,
			});
			assert.equal(await program.end(), 0, program.stderr);
			for (const kind of ['cpu', 'heap']) assert.equal(readdirSync(join(folder, kind)).length, 3, program.stdout);
		});

		test('--inspect: a port for each child', async () => {
			const program = new Program(['--inspect=127.0.0.1:0', 'main.js', method], { cwd: project(modules) });
			assert.equal(await program.end(), 0, program.stderr);
			const ports = [...program.stderr.matchAll(/Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)/g)].map((match) => match[1]);
			assert.equal(new Set(ports).size, 3, program.stderr);
			assert.match(program.stdout, /0,0\n$/);
		});

		test('NODE_OPTIONS=--inspect: a port for each child', async () => {
			const program = new Program(['main.js', method], { cwd: project(modules), env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } });
			assert.equal(await program.end(), 0, program.stderr);
			assert.equal([...program.stderr.matchAll(/Debugger listening/g)].length, 3, program.stderr);
			assert.doesNotMatch(program.stderr, /address already in use/);
		});
	});
}

for (const method of everyMethod) {
	describe(method, () => {
		test('SIGUSR1 opens the debugger on a port of its own, unless the program handles it', async () => {
			const folder = project({
				...modules,
				'signals.js': `import { Process } from 'nprocs';
					import { waits, handles } from './tasks.js';
					const context = process.argv[2];
					for (const target of [waits, waits, handles]) new Process({ target, context }).start();`,
			});
			const program = new Program(commandFor(method, 'signals.js', method), { cwd: folder });
			const pids = [Number(await program.line()), Number(await program.line()), Number(await program.line())];
			for (const pid of pids) process.kill(pid, 'SIGUSR1');
			assert.equal(await program.line(), 'handled');
			await program.error(/(Debugger listening on [^]*){2}/);
			const ports = [...program.stderr.matchAll(/Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)/g)].map((match) => match[1]!);
			assert.equal(new Set(ports).size, 2, program.stderr);
			for (const port of ports) {
				const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as unknown[];
				assert.equal(targets.length, 1);
			}
			program.signalGroup('SIGTERM');
			assert.equal(await program.exit(), 'SIGTERM');
			await program.end();
		});
	});
}

test('what the environment of a child says to Node holds there', async () => {
	const folder = project({
		...modules,
		'environment.js': `import { Process } from 'nprocs';
			import { tells } from './tasks.js';
			for (const NODE_OPTIONS of [undefined, '--no-deprecation --title=mine', '--title=other']) {
				await new Process({ target: tells, args: ['NODE_OPTIONS'], context: 'forkserver', env: { ...process.env, NODE_OPTIONS } }).start().join();
			}`,
	});
	const program = new Program(['environment.js'], { cwd: folder });
	assert.equal(await program.end(), 0, program.stderr);
	const [first, second, third] = program.stdout.split('\n');
	assert.match(first!, /^undefined undefined/);
	assert.equal(second, '--no-deprecation --title=mine true mine');
	assert.equal(third, '--title=other undefined other');
});
