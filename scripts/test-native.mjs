/**
 * Compiles and runs the C++ tests, `node scripts/test-native.mjs [name…]`: each native/test/*_test.cc is a program of
 * its own, linked with everything in native/os, which needs no Node. Once under AddressSanitizer and
 * UndefinedBehaviorSanitizer, once under ThreadSanitizer. The last line is `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

const native = resolve(import.meta.dirname, '../native');
const build = resolve(import.meta.dirname, '../build/native-test');
const compiler = process.env.CXX ?? 'g++';
const common = [
	'-std=c++17',
	'-O1',
	'-g',
	'-fno-exceptions',
	'-fno-rtti',
	'-D_GNU_SOURCE',
	'-I',
	native,
	'-Wall',
	'-Wextra',
	'-Werror',
	'-Wno-unused-parameter',
];
const timeLimitMs = 60_000;
const filters = process.argv.slice(2);

const variants = [
	{ name: 'asan-ubsan', flags: ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'], env: { ASAN_OPTIONS: 'detect_leaks=1' } },
	{ name: 'tsan', flags: ['-fsanitize=thread'], env: { TSAN_OPTIONS: 'halt_on_error=1' } },
];
// ThreadSanitizer of older compilers cannot place its shadow memory where newer kernels randomize more bits of
// addresses.
const runner = spawnSync('setarch', ['-R', 'true']).status === 0 ? ['setarch', '-R'] : [];

const totals = { passed: 0, failed: 0 };
const sources = filesUnder(join(native, 'os'), '.cc');
const tests = filesUnder(join(native, 'test'), '_test.cc').filter((path) => filters.length === 0 || filters.some((name) => path.includes(name)));
const newestHeader = Math.max(...filesUnder(native, '.h').map((path) => statSync(path).mtimeMs));

for (const variant of variants) {
	const folder = join(build, variant.name);
	mkdirSync(folder, { recursive: true });
	const objects = await inParallel(sources, (source) => compile(source, variant, folder));
	const programs = await inParallel(tests, async (test) => link(await compile(test, variant, folder), objects, variant));
	programs.forEach((program, i) => run(tests[i], program, variant));
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && tests.length > 0 ? 0 : 1;

async function compile(source, variant, folder) {
	const object = join(folder, relative(native, source).replaceAll('/', '_').replace(/\.cc$/, '.o'));
	if (existsSync(object) && statSync(object).mtimeMs > Math.max(newestHeader, statSync(source).mtimeMs)) return object;
	return (await succeeds([...common, ...variant.flags, '-c', source, '-o', object])) ? object : undefined;
}

async function link(object, objects, variant) {
	if (object === undefined || objects.includes(undefined)) return undefined;
	const program = object.replace(/\.o$/, '');
	return (await succeeds([...variant.flags, object, ...objects, '-o', program, '-pthread'])) ? program : undefined;
}

function run(test, program, { name, env }) {
	const title = `${basename(test)} (${name})`;
	if (program === undefined) return fail(title, 'does not compile; see above');
	const { status, signal, stdout, stderr } = spawnSync(runner[0] ?? program, runner.length > 0 ? [...runner.slice(1), program] : [], {
		encoding: 'utf8',
		timeout: timeLimitMs,
		killSignal: 'SIGKILL',
		env: { ...process.env, ...env },
	});
	const closing = /^(\d+) passed, (\d+) failed$/m.exec(stdout);
	totals.passed += Number(closing?.[1] ?? 0);
	totals.failed += Number(closing?.[2] ?? 0);
	if (status === 0 && closing !== null) {
		console.log(`✔ ${title}  ${closing[0]}`);
		return;
	}
	console.log(stdout + stderr);
	if (closing?.[2] === undefined || closing[2] === '0') fail(title, `ended with ${signal ?? `exit code ${status}`}`);
	else console.log(`✖ ${title}  ${closing[0]}`);
}

function fail(title, why) {
	totals.failed += 1;
	console.log(`✖ ${title}  ${why}`);
}

function succeeds(args) {
	return new Promise((done) =>
		spawn(compiler, args, { stdio: 'inherit' })
			.once('error', () => done(false))
			.once('close', (code) => done(code === 0)),
	);
}

/** Two at a time: compilers with sanitizers need memory. */
async function inParallel(items, work) {
	const results = [];
	const queue = items.entries();
	const worker = async () => {
		for (const [i, item] of queue) results[i] = await work(item);
	};
	await Promise.all([worker(), worker()]);
	return results;
}

function filesUnder(folder, ending) {
	return readdirSync(folder, { recursive: true })
		.filter((name) => name.endsWith(ending) && !name.startsWith('build/'))
		.map((name) => join(folder, name))
		.sort();
}
