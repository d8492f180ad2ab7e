import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nprocs } from '../helpers/nprocs-command.ts';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');
const packageJson = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as { version: string };

test('help lists the commands, each of which has a help of its own', () => {
	const { code, stdout } = nprocs('--help');
	assert.equal(code, 0);
	assert.deepEqual(nprocs('help'), { code: 0, stdout, stderr: '' });
	const names = [...stdout.matchAll(/^ {2}([a-z-]+) {2}/gm)].map((match) => match[1]!);
	assert.ok(names.includes('doctor') && names.includes('build-native') && names.includes('run'));
	for (const name of names) {
		const help = nprocs('help', name);
		assert.equal(help.code, 0);
		assert.match(help.stdout, new RegExp(`^Usage: nprocs ${name}`));
		assert.deepEqual(nprocs(name, '--help'), help);
	}
});

test('the version is the package’s', () => {
	assert.deepEqual(nprocs('--version'), { code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});

test('a wrong call is told on stderr with exit code 2', () => {
	const cases: [string[], RegExp][] = [
		[[], /^Usage: nprocs/],
		[['frobnicate'], /no command "frobnicate"/],
		[['help', 'frobnicate'], /no command "frobnicate"/],
		[['toString'], /no command "toString"/],
		[['doctor', '--frobnicate'], /Unknown option '--frobnicate'/],
		[['run'], /which program/],
	];
	for (const [args, message] of cases) {
		const { code, stdout, stderr } = nprocs(...args);
		assert.equal(code, 2, args.join(' '));
		assert.equal(stdout, '');
		assert.match(stderr, message);
		assert.doesNotMatch(stderr, /^\s+at /m, 'no stack');
	}
});

test('what the library refuses is said without a stack', () => {
	const path = join('/dev/shm', `nprocs-${process.geteuid!()}-refused-registry-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0]}`);
	mkdirSync(path);
	try {
		const { status, stderr } = spawnSync(process.execPath, [main, 'ps'], {
			encoding: 'utf8',
			env: { ...process.env, NPROCS_NAMESPACE: 'refused' },
		});
		assert.equal(status, 1);
		assert.match(stderr, /^nprocs: left alone: .*\nnprocs: Cannot open the Registry .* is a folder.*Remove it\.\n$/);
	} finally {
		rmdirSync(path);
	}
});
