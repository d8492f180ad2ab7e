/** What a child of the forkserver has of it, and what not; and signals that come to both. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { Program, project } from '../helpers/programs.ts';

async function run(files: Record<string, string>, ...flags: string[]): Promise<{ exit: number | string | null; stdout: string; stderr: string }> {
	const program = new Program([...flags, 'main.js'], { cwd: project(files) });
	return { exit: await program.end(), stdout: program.stdout, stderr: program.stderr };
}

test('it is not the main process, and its age is not that of its children', async () => {
	const { stdout, stderr } = await run({
		'module.js': `import { currentProcess } from 'nprocs';
			export const atImport = String(currentProcess());
			export function tell() { console.log(/^<ForkServer name='ForkServer'/.test(atImport), currentProcess().name, process.uptime()); }`,
		'main.js': `import { Process } from 'nprocs';
			import { tell } from './module.js';
			await new Process({ target: tell, context: 'forkserver' }).start().join();
			const until = process.uptime() + 1;
			while (process.uptime() < until);
			await new Process({ target: tell, context: 'forkserver' }).start().join();`,
	});
	const lines = stdout.trim().split('\n');
	assert.match(lines.join(), /^true Process-1 [\d.e-]+,true Process-2 [\d.e-]+$/, stderr);
	const [first, second] = lines.map((line) => Number(line.split(' ')[2])) as [number, number];
	assert.ok(second < first + 1, `${first} ${second}`);
});

test("a module's handlers of exit run once in each child, and not in the forkserver", async () => {
	const { exit, stdout, stderr } = await run({
		'module.js': `const importedIn = process.pid;
			process.on('exit', () => console.log('exit', process.pid === importedIn));
			export function work() {}`,
		'main.js': `import { Process } from 'nprocs';
			const target = { module: new URL('./module.js', import.meta.url), name: 'work' };
			for (let i = 0; i < 3; i++) await new Process({ target, context: 'forkserver' }).start().join();`,
	});
	assert.deepEqual([exit, stdout], [0, 'exit false\nexit false\nexit false\n'], stderr);
});

describe('an error while importing is printed once for each process', () => {
	for (const [name, statement] of Object.entries({
		thrown: `throw new Error('at import')`,
		rejected: `await Promise.reject(new Error('at import'))`,
		syntax: `import './broken.js'`,
	})) {
		test(name, async () => {
			const { stdout, stderr } = await run({
				'broken.js': 'let 1;',
				'module.js': `import { isMain } from 'nprocs';\n${statement};\nexport function work() {}`,
				'main.js': `import { Process } from 'nprocs';
					const target = { module: new URL('./module.js', import.meta.url), name: 'work' };
					const p = new Process({ target, context: 'forkserver' }).start();
					await p.join();
					console.log(p.exitCode);`,
			});
			assert.equal(stdout, '1\n', stderr);
			assert.equal(stderr.match(/^Process Process-1:$/gm)?.length, 1, stderr);
			assert.equal(stderr.match(/^Node\.js v/gm)?.length, 1, stderr);
		});
	}
});

/** Runs a program at a terminal of its own; `keys` are typed when it has written `ready`. */
async function atTerminal(files: Record<string, string>, keys: string): Promise<{ code: number | null; output: string }> {
	const python = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:3])
output = b''
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    output += got
    if b'ready' in output and ${JSON.stringify(keys)}:
        os.write(fd, ${JSON.stringify(keys)}.encode())
        output = output.replace(b'ready', b'READY')
sys.stdout.buffer.write(output)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 0xff)
`;
	const child = spawn('python3', ['-c', python, process.execPath, 'main.js'], { cwd: project(files), stdio: ['ignore', 'pipe', 'inherit'] });
	const ended = once(child, 'exit') as Promise<[number | null]>;
	const output = await text(child.stdout);
	return { code: (await ended)[0], output };
}

describe('Ctrl-C at a terminal', () => {
	test('handlers of a module run in the children, not in the forkserver, which goes on', async () => {
		const { code, output } = await atTerminal(
			{
				'module.js': `const importedIn = process.pid;
					process.on('SIGINT', () => { console.log(process.pid === importedIn ? 'BAD' : 'handled'); process.exit(70); });
					export function wait() { console.log('ready'); setInterval(() => {}, 1e8); }
					export function after() { console.log('started afterwards'); }`,
				'late.js': `export function late() { console.log('imported afterwards'); }`,
				'main.js': `import { Process } from 'nprocs';
					const at = (file, name) => new Process({ target: { module: new URL(file, import.meta.url), name }, context: 'forkserver' }).start();
					process.on('SIGINT', () => {});
					const p = at('./module.js', 'wait');
					await p.join();
					console.log('exit code ' + p.exitCode);
					await at('./module.js', 'after').join();
					await at('./late.js', 'late').join();`,
			},
			'\u0003',
		);
		assert.equal(code, 0, output);
		assert.doesNotMatch(output, /BAD/);
		assert.equal(output.match(/handled/g)?.length, 1, output);
		assert.match(output, /exit code 70[^]*started afterwards[^]*imported afterwards/);
	});

	test('without handlers it ends the program and its children', async () => {
		const { code, output } = await atTerminal(
			{
				'module.js': `export function wait() { console.log('ready'); setInterval(() => {}, 1e8); }`,
				'main.js': `import { Process } from 'nprocs';
					import { wait } from './module.js';
					await new Process({ target: wait, context: 'forkserver' }).start().join();
					console.log('never');`,
			},
			'\u0003',
		);
		assert.equal(code, 256 - 2, output);
		assert.doesNotMatch(output, /never/);
	});
});
