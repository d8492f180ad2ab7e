/** Command lines as people have them: what they name, by what they are run, and where their output goes. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launcherMain, missing, mpiexec, runCommand, runRanks } from '../../helpers/mpi.js';
import { Program, project } from '../../helpers/programs.js';

const hello = "console.log('hello');";

test('a program with a syntax error: it is shown, and the job ends', async () => {
	const folder = project({ 'main.js': 'const = 1;', 'main.cjs': 'const = 1;' });
	for (const name of ['main.js', 'main.cjs']) {
		const { code, stdout, stderr } = await mpiexec(['-n', '2', name], { cwd: folder });
		assert.deepEqual([code, stdout], [1, '']);
		assert.match(stderr, new RegExp(`${name.replace('.', String.raw`\.`)}:1\\nconst = 1;[\\s\\S]*SyntaxError`));
		assert.match(stderr, /nprocs mpiexec: rank \d ended with exit code 1; the job is ended\.\n/);
	}
});

test('a directory is what Node makes of it', async () => {
	const folder = project({
		'byPackage/package.json': '{ "main": "lib/start.cjs" }',
		'byPackage/lib/start.cjs': hello,
		'byIndex/index.js': hello,
		'empty/x.txt': '',
	});
	for (const name of ['byPackage', './byIndex/']) {
		const { code, stdout, stderr } = await mpiexec(['-n', '2', name], { cwd: folder });
		assert.deepEqual([code, stdout, stderr], [0, 'hello\nhello\n', '']);
	}
	const { code, stderr } = await mpiexec(['-n', '2', 'empty'], { cwd: folder });
	assert.equal(code, 2);
	assert.match(stderr, /Cannot find the program empty in /);
});

test('environment: -x of what there is and of what there is not, -genv for all, the program’s own last', async () => {
	const folder = project({ 'main.js': 'const { A, B, C } = process.env; console.log(JSON.stringify([A, B, C]));' });
	const words = ['-genv', 'A', '1', '-x', 'B', '-x', 'NOT_THERE', '-n', '1', 'main.js', ':', '-np', '1', '-env', 'A', '2', '-x=C=x=y', 'main.js'];
	const { code, lines, stderr } = await mpiexec(words, { cwd: folder, env: { B: 'b' } });
	assert.deepEqual([code, lines, stderr], [0, ['["1","b",null]', '["2","b","x=y"]'], '']);
});

test('options of other launchers do nothing; node may be followed by --', async () => {
	const folder = project({ 'main.js': 'console.log(process.argv.slice(2).join());' });
	const words = ['--oversubscribe', '--allow-run-as-root', '--bind-to', 'none', '--mca', 'btl', 'self', '-np', '2'];
	for (const program of [['main.js'], ['node', 'main.js'], ['node', '--no-warnings', '--', 'main.js'], ['--', 'main.js']]) {
		const { code, stdout, stderr } = await mpiexec([...words, ...program, '-n', 'x'], { cwd: folder });
		assert.deepEqual([code, stdout, stderr], [0, '-n,x\n-n,x\n', '']);
	}
});

test('from an npm script, and through npx', async () => {
	const folder = project({
		'main.js': hello,
		'package.json': '{ "type": "module", "scripts": { "job": "nprocs mpiexec -n 2 main.js" } }',
	});
	mkdirSync(join(folder, 'node_modules/.bin'));
	symlinkSync('../nprocs/dist/cli/main.js', join(folder, 'node_modules/.bin/nprocs'));
	chmodSync(launcherMain, 0o755); // as npm does when it installs
	const npm = await runCommand(['npm', 'run', '--silent', 'job'], { cwd: folder });
	assert.deepEqual([npm.code, npm.stdout, npm.stderr], [0, 'hello\nhello\n', '']);
	const npx = await runCommand(['npx', '--no-install', 'nprocs', 'mpiexec', '-n', '2', 'npx', 'nprocs', 'mpi-pool', 'main.js'], { cwd: folder });
	assert.deepEqual([npx.code, npx.stdout, npx.stderr], [0, 'hello\n', '']);
});

test('mpi-pool of a TypeScript program, under each launcher, and alone; flags of Node', async () => {
	const program = `
		import { isMain } from 'nprocs';
		import { MPIPoolExecutor } from 'nprocs/mpi';
		export enum Kind { Square = 2 }
		export function power(x: number, kind: Kind): number { return x ** kind; }
		if (isMain(import.meta)) {
			const executor = new MPIPoolExecutor();
			console.log(await executor.submit(power, 7, Kind.Square), typeof globalThis.gc);
			await executor.shutdown();
		}`;
	const folder = project({ 'main.ts': program });
	symlinkSync(join(import.meta.dirname, '../../../../node_modules/tsx'), join(folder, 'node_modules/tsx'));
	const tsx = ['--import=tsx', '--expose-gc'];
	for (const words of [
		['npx', 'nprocs', 'mpi-pool', 'tsx', 'main.ts'],
		['node', '--import=tsx', launcherMain, 'mpi-pool', 'main.ts'],
		['nprocs', 'mpi-pool', 'node', ...tsx, 'main.ts'],
	]) {
		const { code, stdout, stderr } = await mpiexec(['-n', '2', ...words], { cwd: folder });
		assert.deepEqual([code, stdout], [0, `49 ${words.includes('--expose-gc') ? 'function' : 'undefined'}\n`], stderr);
	}
	writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
	writeFileSync(
		join(folder, 'common.ts'),
		program.replace('isMain(import.meta)) {', 'require.main === module) void (async () => {').replace(/}\s*$/, '})();'),
	);
	const common = await mpiexec(['-n', '2', 'npx', 'nprocs', 'mpi-pool', 'tsx', 'common.ts'], { cwd: folder });
	assert.deepEqual([common.code, common.stdout], [0, '49 undefined\n'], common.stderr);
	writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
	const alone = await runCommand([process.execPath, launcherMain, 'mpi-pool', 'tsx', 'main.ts'], { cwd: folder });
	assert.deepEqual([alone.code, alone.stdout], [0, '49 undefined\n'], alone.stderr);
	const late = await runCommand([process.execPath, launcherMain, 'mpi-pool', 'node', ...tsx, 'main.ts'], { cwd: folder });
	assert.equal(late.code, 2);
	assert.match(late.stderr, /flag --import=tsx comes too late\. Expected `mpiexec -n 5 node --import=tsx node_modules/);
	for (const engine of ['openmpi', 'mpich'] as const) {
		if (missing(engine) !== false) continue;
		const { code, stdout, stderr } = await runRanks(2, launcherMain, { engine, args: ['mpi-pool', 'tsx', 'main.ts'], cwd: folder });
		assert.deepEqual([code, stdout], [0, '49 undefined\n'], stderr);
	}
});

test('flags of Node whose value is a word of its own', async () => {
	const folder = project({ 'main.js': hello });
	for (const flags of [
		['--disable-warning', 'ExperimentalWarning'],
		['--title', 'x'],
		['--report-dir', '.', '--no-warnings'],
		['--inspect-port', '0'],
	]) {
		const { code, stdout, stderr } = await mpiexec(['-n', '1', 'node', ...flags, 'main.js'], { cwd: folder });
		assert.deepEqual([code, stdout, stderr], [0, 'hello\n', '']);
	}
});

test('output that cannot be written is an error of the job, also what comes last', async () => {
	for (const print of ["console.log('line')", "process.stdout.write('no line')"]) {
		const folder = project({ 'main.js': `${print};` });
		const line = `'${process.execPath}' '${launcherMain}' mpiexec -n 2 main.js > /dev/full`;
		const { code, stderr } = await runCommand(['bash', '-c', line], { cwd: folder });
		assert.deepEqual([code, stderr], [1, 'nprocs mpiexec: what the ranks print cannot be written (ENOSPC).\n']);
	}
});

test('in a pipeline with head the job ends when head does, and as others do', async () => {
	const folder = project({ 'main.js': "for (let i = 0; ; i++) console.log('line', i);" });
	const line = `'${process.execPath}' '${launcherMain}' mpiexec -n 2 main.js | head -n 3; echo "\${PIPESTATUS[0]}"`;
	const { code, stdout, stderr } = await runCommand(['bash', '-c', line], { cwd: folder });
	assert.deepEqual([code, stderr], [0, '']);
	assert.match(stdout, /^(line \d+\n){3}141\n$/);
});

test('lines of 8 MiB are whole, tagged or not, whoever writes meanwhile', async () => {
	const length = 2 ** 23;
	const folder = project({ 'main.js': `console.log(process.argv[2].repeat(${length})); console.log('end', process.argv[2]);` });
	const words = ['-n', '1', 'main.js', 'a', ':', '-n', '1', 'main.js', 'b'];
	for (const [options, tags] of [
		[[], ['', '']],
		[['--tag-output'], ['[0] ', '[1] ']],
	] as const) {
		const { code, lines, stderr } = await mpiexec([...options, ...words], { cwd: folder });
		assert.deepEqual([code, stderr], [0, '']);
		const expected = ['a', 'b'].flatMap((letter, rank) => [tags[rank]! + letter.repeat(length), `${tags[rank]!}end ${letter}`]);
		assert.ok(lines.join('\n') === expected.sort().join('\n'), lines.map((line) => `${line.slice(0, 20)}… (${line.length})`).join('\n'));
	}
});

test('what a rank has written of a line when it is killed is not lost', async () => {
	const folder = project({ 'main.js': "process.stdout.write('whole\\nbegun', () => process.kill(process.pid, 'SIGKILL'));" });
	const { code, stdout, stderr } = await mpiexec(['-n', '1', '--tag-output', 'main.js'], { cwd: folder });
	assert.deepEqual([code, stdout.trimEnd()], [137, '[0] whole\n[0] begun']);
	assert.match(stderr, /rank 0 was killed by SIGKILL/);
});

test('Ctrl-C twice ends ranks that do not listen', async () => {
	const folder = project({ 'main.js': "process.on('SIGINT', () => console.log('no')); console.log('ready'); setInterval(() => {}, 1000);" });
	const job = new Program([launcherMain, 'mpiexec', '-n', '2', join(folder, 'main.js')]);
	assert.deepEqual([await job.line(), await job.line()], ['ready', 'ready']);
	job.signal('SIGINT');
	assert.deepEqual([await job.line(), await job.line()], ['no', 'no']);
	job.signal('SIGINT');
	assert.equal(await job.end(), 137);
});

test('standard input may be closed', async () => {
	const folder = project({ 'main.js': hello });
	writeFileSync(join(folder, 'run.sh'), `exec '${process.execPath}' '${launcherMain}' mpiexec -n 2 main.js <&-`);
	const { code, stdout, stderr } = await runCommand(['bash', 'run.sh'], { cwd: folder });
	assert.deepEqual([code, stdout, stderr], [0, 'hello\nhello\n', '']);
});
