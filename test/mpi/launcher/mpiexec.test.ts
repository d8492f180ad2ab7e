/** Programs on ranks: how they are started, and what they see. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launcherMain, mpiexec, runRanks } from '../../helpers/mpi.js';
import { project } from '../../helpers/programs.js';

const programs = join(import.meta.dirname, '../programs');
const placeProgram = join(programs, 'place.js');

interface Said {
	readonly rank: number;
	readonly size: number;
	readonly isMain: boolean;
	readonly args: readonly string[];
	readonly directory: string;
	readonly extra?: string;
}

function said(stdout: string): Said[] {
	return stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Said)
		.sort((a, b) => a.rank - b.rank);
}

for (const n of [1, 3, 5]) {
	test(`${n} ranks: each knows its place, and is the main process of the program`, async () => {
		const { code, stdout, stderr } = await runRanks(n, 'place', { args: ['a', '--b', ':x'] });
		assert.equal(stderr, '');
		assert.equal(code, 0);
		assert.deepEqual(
			said(stdout).map(({ rank, size, isMain, args }) => ({ rank, size, isMain, args })),
			Array.from({ length: n }, (_, rank) => ({ rank, size: n, isMain: true, args: ['a', '--b', ':x'] })),
		);
	});
}

test('64 ranks start on however few processors there are', async () => {
	const { code, stdout } = await runRanks(64, 'place', { timeoutMs: 220_000 });
	assert.equal(code, 0);
	assert.deepEqual(
		said(stdout).map(({ rank }) => rank),
		Array.from({ length: 64 }, (_, rank) => rank),
	);
});

test('flags of Node, environment, directory, several programs', async () => {
	const words = ['-n', '2', '-x', 'EXTRA=1', 'node', '--max-old-space-size=200', placeProgram, 'one'];
	const more = [':', '-n', '1', '-wdir', tmpdir(), '-env', 'EXTRA', '2', placeProgram, 'two'];
	const { code, stdout, stderr } = await mpiexec([...words, ...more]);
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(
		said(stdout).map(({ rank, size, isMain, args, extra }) => ({ rank, size, isMain, args, extra })),
		[
			{ rank: 0, size: 3, isMain: true, args: ['one'], extra: '1' },
			{ rank: 1, size: 3, isMain: true, args: ['one'], extra: '1' },
			{ rank: 2, size: 3, isMain: true, args: ['two'], extra: '2' },
		],
	);
	assert.equal(said(stdout)[2]!.directory, realpathSync(tmpdir()));
});

test('CommonJS: require.main, module, exit codes that are set', async () => {
	const folder = project({
		'main.cjs': `const { isMain } = require('nprocs');
			console.log(require.main === module, isMain(module), __filename === process.argv[1], process.argv.length);
			process.exitCode = 0;`,
	});
	const { code, stdout, stderr } = await mpiexec(['-n', '2', 'main.cjs'], { cwd: folder });
	assert.deepEqual([code, stdout, stderr], [0, 'true true true 2\n'.repeat(2), '']);
});

test('ES modules: top-level await, import.meta.main where Node has it, a file without its ending', async () => {
	const folder = project({
		'main.js': `const later = await new Promise((resolve) => setTimeout(resolve, 5, 'later'));
			console.log(later, import.meta.main ?? true, import.meta.url.endsWith('/main.js'));`,
	});
	for (const name of ['main.js', './main', join(folder, 'main.js')]) {
		const { code, stdout, stderr } = await mpiexec(['-n', '2', name], { cwd: folder });
		assert.deepEqual([code, stdout, stderr], [0, 'later true true\n'.repeat(2), '']);
	}
});

test('a TypeScript program', async () => {
	const folder = project({ 'main.ts': `const text: string = 'typed'; console.log(text);` });
	const { code, stdout, stderr } = await mpiexec(['-n', '2', join(folder, 'main.ts')]);
	assert.deepEqual([code, stdout, stderr.replace(/.*(ExperimentalWarning|--trace-warnings).*\n/g, '')], [0, 'typed\n'.repeat(2), '']);
});

test('a TypeScript program without tsx, where Node needs it', { skip: 'typescript' in process.features && 'Node runs TypeScript' }, async () => {
	const folder = project({ 'main.ts': `console.log(1)` });
	const { code, stderr } = await mpiexec(['-n', '2', 'main.ts'], { cwd: folder });
	assert.equal(code, 2);
	assert.match(stderr, /does not run TypeScript, and tsx is not installed/);
});

test('node -e, and a port for each rank that is inspected', async () => {
	const evaluated = await mpiexec(['-n', '2', 'node', '-e', 'console.log(process.argv.length, process.execArgv[0])', 'x']);
	assert.deepEqual([evaluated.code, evaluated.stdout], [0, '2 -e\n'.repeat(2)]);
	const { code, stderr } = await mpiexec(['-n', '2', 'node', '--inspect=127.0.0.1:9229', placeProgram]);
	assert.equal(code, 0);
	const ports = [...stderr.matchAll(/Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)/g)].map((match) => match[1]);
	assert.equal(new Set(ports).size, 2, stderr);
});

test('standard input goes to rank 0; for the others it is at its end', async () => {
	const folder = project({
		'main.js': `let text = ''; for await (const part of process.stdin) text += part; console.log(JSON.stringify(text));`,
	});
	const { code, lines } = await mpiexec(['-n', '3', join(folder, 'main.js')], { input: 'for rank 0\n' });
	assert.deepEqual([code, lines], [0, ['""', '""', '"for rank 0\\n"']]);
});

test('lines are whole, however ranks write them; --tag-output says whose they are', async () => {
	const folder = project({
		'main.js': `const name = process.argv[2];
			for (let line = 0; line < 50; line++) {
				for (const part of [name, ' line ', String(line), ' ', 'x'.repeat(line * 40), '\\n']) process.stdout.write(part);
				if (line % 10 === 0) await new Promise(setImmediate);
			}
			process.stdout.write('end of ' + name);`,
	});
	const line = ['-n', '2', join(folder, 'main.js'), 'a', ':', '-n', '2', join(folder, 'main.js'), 'b'];
	const { code, stdout } = await mpiexec(line);
	assert.equal(code, 0);
	const expected = Array.from({ length: 50 }, (_, i) => ` line ${i} ${'x'.repeat(i * 40)}`);
	const whole = ['a', 'b'].flatMap((name) => [...expected, ...expected].map((rest) => name + rest));
	assert.deepEqual(stdout.split('\n').sort(), [...whole, ...['end of a', 'end of a', 'end of b', 'end of b']].sort());
	const tagged = await mpiexec(['--tag-output', ...line]);
	const byRank = [0, 1, 2, 3].map((rank) => tagged.stdout.split('\n').filter((text) => text.startsWith(`[${rank}] ${rank < 2 ? 'a' : 'b'} line`)));
	assert.deepEqual(
		byRank.map(({ length }) => length),
		[50, 50, 50, 50],
	);
	assert.match(tagged.stdout, /\[3\] end of b/);
});

test('processes that a rank starts are no ranks', async () => {
	const folder = project({
		'main.js': `import { Process, Pool, isMain } from 'nprocs';
			const place = () => Object.getOwnPropertySymbols(globalThis).filter((s) => String(s).includes('mpi-job')).map((s) => JSON.stringify(globalThis[s]?.place ?? null)).join();
			export function look(where) { console.log(where, place()); return place(); }
			if (isMain(import.meta)) {
				for (const context of ['forkserver', 'spawn']) { const p = new Process({ target: look, args: [context], context }); p.start(); await p.join(); }
				const pool = new Pool(1);
				console.log('pool', await pool.apply(look, ['worker']));
				await pool[Symbol.asyncDispose]();
			}`,
	});
	const { code, stdout, stderr } = await mpiexec(['-n', '2', join(folder, 'main.js')]);
	assert.deepEqual([code, stderr], [0, '']);
	assert.doesNotMatch(stdout, /rank/);
});

test('wrong calls: no such program, no such directory, another language, more ranks than there can be', async () => {
	for (const [words, message] of [
		[['-n', '2', 'missing.js'], /Cannot find the program missing\.js in /],
		[['-n', '2', '-wdir', '/no/such', placeProgram], /no such directory/],
		[['-n', '2', 'python3', 'x.py'], /Cannot find the program python3 .* Node programs/],
		[['-n', '600', placeProgram, ':', '-n', '600', placeProgram], /1024 at most/],
		[['-n', '2', '--frob', placeProgram], /There is no option --frob/],
		[['-n', '2'], /Which program/],
	] as const) {
		const { code, stderr, stdout } = await mpiexec(words);
		assert.deepEqual([code, stdout], [2, '']);
		assert.match(stderr, message);
	}
});

test('--help, --version', () => {
	const run = (...words: string[]): string => execFileSync(process.execPath, [launcherMain, 'mpiexec', ...words], { encoding: 'utf8' });
	assert.match(run('--help'), /--tag-output/);
	assert.equal(run('-n', '2', '--help', 'x.js'), run('--help'));
	assert.match(run('--version'), /^nprocs \d+\.\d+\.\d+/);
});

test('a program without a launcher is no rank', () => {
	const stdout = execFileSync(process.execPath, [placeProgram], { encoding: 'utf8' });
	assert.equal(said(stdout)[0]!.rank, -1);
});
