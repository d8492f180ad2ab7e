/**
 * Runs JavaScript tests over an addon that was built with AddressSanitizer and UBSan: `node scripts/test-asan.mjs
 * [name…]`, by default those of the layers that call the addon. Works on a copy of the build in build/asan, so that
 * nothing else sees that addon.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const copy = join(root, 'build/asan');
const names = process.argv.slice(2);
const sanitizers = '-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g';
const runtime = execFileSync(process.env.CXX ?? 'g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
// Node frees little at its end, so leaks cannot be told from what is meant to live.
const environment = {
	...process.env,
	LD_PRELOAD: runtime,
	ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:handle_segv=0',
	UBSAN_OPTIONS: 'print_stacktrace=1',
};

rmSync(copy, { recursive: true, force: true });
mkdirSync(join(copy, 'build'), { recursive: true });
for (const part of [
	'package.json',
	'dist',
	'native/binding.gyp',
	'native/exports.map',
	'native/bind',
	'native/mpi',
	'native/os',
	'scripts',
	'src',
	'test',
	'docs',
	'build/test',
]) {
	cpSync(join(root, part), join(copy, part), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

run(['dist/cli/main.js', 'build-native'], { ...environment, CXXFLAGS: sanitizers, LDFLAGS: sanitizers, JOBS: 'max' });
run(
	[
		'scripts/test.mjs',
		'--timeout',
		'300',
		...(names.length > 0
			? names
			: ['test/native/', 'test/memory/', 'test/wait/', 'test/sync/', 'test/stream/', 'test/queue/', 'test/connection/', 'test/shared/']),
	],
	environment,
);

function run(args, env) {
	const { status } = spawnSync(process.execPath, args, { cwd: copy, stdio: 'inherit', env });
	if (status !== 0) process.exit(status ?? 1);
}
