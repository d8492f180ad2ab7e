/** Node's flags: which of the program's its processes have, and that none of them breaks a start. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { programFlags } from '#nprocs/process/start/program-flags.js';
import { Program, project } from '../helpers/programs.ts';

/** The flags of this Node that take a value, with their other names. */
function flagsWithValues(): string[] {
	const help = execFileSync(process.execPath, ['--help'], { encoding: 'utf8' });
	const heads = [...help.matchAll(/^ {1,8}(-\S.*?)(?: {2}|$)/gm)].map(([, head]) => head!.split(', '));
	return heads.filter((names) => names.some((name) => /\w=/.test(name))).flatMap((names) => names.map((name) => name.split('=', 1)[0]!));
}

test('a value that is a word of its own goes where its flag goes', () => {
	const flags = flagsWithValues();
	assert.ok(flags.length > 40 && flags.includes('--cpu-prof-dir') && flags.includes('-C'));
	for (const flag of flags) {
		const kept = programFlags(['--stack-trace-limit=20', flag, 'value', '--no-warnings']).join(' ');
		assert.ok(
			[`--stack-trace-limit=20 ${flag} value --no-warnings`, '--stack-trace-limit=20 --no-warnings'].includes(kept),
			`${flag} became ${kept}`,
		);
	}
});

test('what is for the main process only is left out, however it is written', () => {
	const mainOnly = [
		...[
			'-e 1',
			'-p 1',
			'-pe 1',
			'--eval=1',
			'-i',
			'-c',
			'--input-type module',
			'--test',
			'--test-name-pattern x',
			'--experimental-test-coverage',
		],
		...[
			'--watch',
			'--watch-path src',
			'--inspect',
			'--inspect-brk=0',
			'--inspect_port 1',
			'--cpu-prof',
			'--cpu-prof-dir x',
			'--heap-prof-name x',
		],
		...['--env-file x', '--entry-url', '--snapshot-blob x', '--build-snapshot', '--no-force-async-hooks-checks', '--no_force_async_hooks_checks'],
	];
	for (const given of mainOnly) assert.deepEqual(programFlags(given.split(' ')), [], given);
	const kept = [
		'--import',
		'./a.js',
		'-r',
		'b',
		'--title',
		'c',
		'--max-old-space-size=100',
		'--experimental-strip-types',
		'--no-warnings',
		'-C',
		'x',
	];
	assert.deepEqual(programFlags(kept), kept);
});

const program = `
	import { Process, isMain, setStartMethod } from 'nprocs';
	export function target() { console.log('hi', process.title.length > 0); }
	if (isMain(import.meta)) {
		setStartMethod(process.argv[2]);
		const child = new Process({ target }).start();
		await child.join();
		process.exitCode = child.exitCode;
	}`;
const lines = [
	['--cpu-prof', '--cpu-prof-dir', 'profiles'],
	['--heap-prof', '--heap-prof-interval', '4096', '--heap-prof-dir=profiles'],
	['--inspect-port', '0', '--title', 'name'],
	['--disable-warning', 'ExperimentalWarning', '--stack-trace-limit=20'],
	['--preserve-symlinks', '-C', 'x', '--require', 'node:fs'],
	['--env-file', 'variables', '--unhandled-rejections', 'strict'],
];

for (const method of ['forkserver', 'spawn']) {
	describe(method, () => {
		for (const flags of lines) {
			test(flags.join(' '), async () => {
				const folder = project({ 'main.mjs': program, variables: 'A=1\n' });
				const run = new Program([...flags, 'main.mjs', method], { cwd: folder });
				assert.equal(await run.end(), 0, run.stderr);
				assert.equal(run.stdout, 'hi true\n');
				if (flags.includes('profiles')) assert.ok(existsSync(join(folder, 'profiles')) && readdirSync(join(folder, 'profiles')).length > 0);
			});
		}
	});
}
