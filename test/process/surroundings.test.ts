/**
 * Surroundings in which something is missing: each an error that says what, with a code, and what can work without it
 * works. No error of Node's own comes out.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Process, type ProcessOptions } from 'nprocs';
import { nothing } from '../fixtures/process/targets.ts';
import { Program, project } from '../helpers/programs.ts';

const repository = join(import.meta.dirname, '../../..');
const seccomp = join(repository, 'test/helpers/seccomp.py');
const noMounts = spawnSync('unshare', ['--mount', 'true']).status === 0 ? false : 'this user cannot mount anything';
const noPython = spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3';

/** Tries one thing after the other, and prints `name: result` or `name: code message`. */
const folder = project({
	'main.mjs': `
		import { Listener, Lock, Process, Queue, SharedMemory, getAllStartMethods, isMain } from 'nprocs';
		export function work(text) { console.log('worked with', text?.length); }
		async function start(options) {
			const child = new Process({ target: work, ...options }).start();
			await child.join();
			return child.exitCode;
		}
		const things = {
			lock: () => new Lock().acquire(),
			block: () => new SharedMemory({ create: true, size: 2 ** 20 }).size,
			large: async () => { const queue = new Queue(); await queue.put(new Uint8Array(2 ** 20)); return (await queue.get()).length; },
			start: () => start({}),
			forkserver: () => start({ context: 'forkserver' }),
			spawn: () => start({ context: 'spawn' }),
			argument: () => start({ args: ['x'.repeat(2 ** 20)] }),
			elsewhere: () => start({ cwd: '/' }),
			listen: async () => { const listener = await new Listener().listen(); listener.close(); return 'listened'; },
			methods: () => getAllStartMethods().join(),
		};
		if (isMain(import.meta)) {
			const [, , names, prepare] = process.argv;
			if (prepare !== undefined) (await import(prepare)).default();
			for (const name of names.split(',')) {
				try { console.log(name + ':', await things[name]()); } catch (error) { console.log(name + ':', error.code, error.message); }
			}
		}`,
	'remove-directory.mjs': `
		import { mkdtempSync, rmdirSync } from 'node:fs';
		export default function () {
			const folder = mkdtempSync('removed-');
			process.chdir(folder);
			process.cwd(); // Node remembers it
			rmdirSync('../' + folder);
		}`,
	'other-platform.mjs': `Object.defineProperty(process, 'platform', { value: 'darwin' });`,
});

interface Options {
	/** What starts Node: `node` and its arguments come behind it. */
	prefix?: readonly string[];
	env?: Record<string, string>;
	prepare?: string;
}

async function outcomes(names: string, { prefix = [], env, prepare }: Options = {}): Promise<Record<string, string>> {
	const command = [...prefix, process.execPath, 'main.mjs', names, ...(prepare === undefined ? [] : [prepare])];
	const program = new Program(command.slice(1), { node: command[0]!, cwd: folder, ...(env !== undefined && { env }) });
	after(() => program.child.kill('SIGKILL'));
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stderr, '');
	return Object.fromEntries([...program.stdout.matchAll(/^(\w+): (.*)$/gm)].map(([, name, outcome]) => [name!, outcome!]));
}

/** In a mount namespace of its own, after these commands. */
const mounted = (commands: string): Options => ({ prefix: ['unshare', '--mount', 'sh', '-c', `${commands} && exec "$@"`, 'sh'] });

test('environments that no process could have are errors that name the variable, before anything starts', () => {
	const wrong: [env: unknown, message: RegExp][] = [
		[{ A: 'a\0b' }, /Expected A in `env`.*zero byte/],
		[{ 'A\0B': 'x' }, /"A\\u0000B"/],
		[{ 'A=B': 'c' }, /"A=B"/],
		[{ '': 'c' }, /got ""/],
		[{ A: 5 }, /Expected A in `env`/],
		[{ A: null }, /Expected A in `env`/],
		[new Map([['A', 'b']]), /got a Map/],
		[new Set(['A']), /`env`/],
		[['A=b'], /`env`/],
		['A=b', /`env`/],
	];
	for (const context of ['forkserver', 'spawn'] as const) {
		for (const [env, message] of wrong) {
			assert.throws(() => new Process({ target: nothing, env, context } as ProcessOptions<[]>), { code: 'ERR_NPROCS_INVALID_ARG', message });
		}
		const later: Record<string, string> = { A: 'b' };
		const child = new Process({ target: nothing, env: later, context });
		later['B'] = '\0';
		assert.throws(() => child.start(), { code: 'ERR_NPROCS_INVALID_ARG', message: /Expected B in `env`/ });
		assert.equal(child.pid, undefined);
	}
	assert.throws(() => new Process({ target: nothing, cwd: '/a\0b' }), { code: 'ERR_NPROCS_INVALID_ARG', message: /`cwd`/ });
	assert.throws(() => new Process({ target: nothing, execArgv: ['--no-warnings\0'] }), { code: 'ERR_NPROCS_INVALID_ARG', message: /`execArgv`/ });
});

test('a directory that cannot be looked at', () => {
	for (const [cwd, code] of [
		[`/${'x'.repeat(300)}`, 'ERR_NPROCS_ENAMETOOLONG'],
		['/etc/passwd/x', 'ERR_NPROCS_NOT_FOUND'],
	] as const) {
		assert.throws(
			() => new Process({ target: nothing, cwd }).start(),
			(error: { code: string; name: string }) => (error.code === code || error.code === 'ERR_NPROCS_ENOTDIR') && error.name === 'NprocsError',
		);
	}
});

test('the current directory has been removed', async () => {
	const found = await outcomes('start,forkserver,spawn,elsewhere', { prepare: './remove-directory.mjs' });
	for (const name of ['start', 'forkserver', 'spawn']) assert.match(found[name]!, /^ERR_NPROCS_NOT_FOUND .*current directory.*process\.chdir/);
	assert.equal(found['elsewhere'], '0');
});

test('there is no pidfd_open', { skip: noPython }, async () => {
	for (const [errno, name] of [
		['38', 'ENOSYS'],
		['1', 'EPERM'],
	] as const) {
		const found = await outcomes('lock,start,forkserver,spawn', { prefix: ['python3', seccomp, errno, '434', '--'] });
		assert.equal(found['lock'], 'true');
		for (const method of ['start', 'forkserver', 'spawn']) {
			assert.match(found[method]!, new RegExp(`^ERR_NPROCS_NO_PIDFD .*\\(${name}\\).*Needs Linux 5\\.3`));
		}
	}
});

test('there is no /proc', { skip: noMounts }, async () => {
	const found = await outcomes('lock,large,start,spawn,forkserver,argument,methods', mounted('mount -t tmpfs none /proc'));
	for (const name of ['lock', 'large']) assert.match(found[name]!, /^ERR_NPROCS_NO_PROC .*mount -t proc/);
	for (const name of ['start', 'spawn', 'argument']) assert.equal(found[name], '0');
	assert.match(found['forkserver']!, /^ERR_NPROCS_START_METHOD .*\/proc is not mounted/);
	assert.equal(found['methods'], 'spawn');
});

test('there is no /dev/shm, or it is no tmpfs', { skip: noMounts }, async () => {
	const devices = ['null', 'zero', 'urandom', 'random'].map((name) => `touch "$d/${name}" && mount --bind /dev/${name} "$d/${name}"`);
	const empty = mounted(
		`d=$(mktemp -d) && mount -t tmpfs none "$d" && ${devices.join(' && ')} && mount --rbind "$d" /dev && umount -l "$d" && rmdir "$d"`,
	);
	for (const [options, why] of [
		[empty, /^ERR_NPROCS_NO_SHARED_MEMORY .*\/dev\/shm does not exist.*mount -t tmpfs/],
		[mounted('mount --bind /proc /dev/shm'), /^ERR_NPROCS_NO_SHARED_MEMORY .*\/dev\/shm is no tmpfs.*mount -t tmpfs/],
	] as const) {
		const found = await outcomes('lock,block,large,start,forkserver,spawn,argument', options);
		for (const name of ['lock', 'block', 'large']) assert.match(found[name]!, why);
		for (const name of ['start', 'forkserver', 'spawn', 'argument']) assert.equal(found[name], '0');
	}
});

test('the folder for temporary files is missing or read-only', async (t) => {
	const missing = await outcomes('listen,lock,start', { env: { TMPDIR: '/not/there' } });
	assert.match(missing['listen']!, /^ERR_NPROCS_NOT_FOUND .*\/not\/there.*TMPDIR/);
	assert.deepEqual([missing['lock'], missing['start']], ['true', '0']);
	if (noMounts !== false) return t.skip(noMounts);
	const path = mkdtempSync(join(tmpdir(), 'ro-'));
	after(() => rmSync(path, { recursive: true }));
	const readOnly = await outcomes('listen,lock,start', { ...mounted(`mount -t tmpfs -o ro none ${path}`), env: { TMPDIR: path } });
	assert.match(readOnly['listen']!, /^ERR_NPROCS_NO_ACCESS .*read-only.*TMPDIR/);
	assert.deepEqual([readOnly['lock'], readOnly['start']], ['true', '0']);
});

test('the size of files is limited', async () => {
	const found = await outcomes('block,large,argument,start', { prefix: ['bash', '-c', 'ulimit -f 600; exec "$@"', 'bash'] });
	for (const name of ['block', 'large', 'argument']) assert.match(found[name]!, /^ERR_NPROCS_FILE_SIZE_LIMIT .*ulimit -f/);
	assert.equal(found['start'], '0');
});

test('the forkserver has too many open files: an error, until there is room', async (t) => {
	if (spawnSync('prlimit', ['--version']).status !== 0) return t.skip('there is no prlimit (util-linux)');
	const work = project({
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			import { execFileSync } from 'node:child_process';
			import { readFileSync, readdirSync } from 'node:fs';
			export function sleep() { setInterval(() => {}, 1e8); }
			export function nothing() {}
			const parentOf = (pid) => Number(readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[1]);
			if (isMain(import.meta)) {
				const one = new Process({ target: sleep, context: 'forkserver' }).start();
				const server = parentOf(one.pid);
				const limit = (count) => execFileSync('prlimit', ['--pid=' + server, '--nofile=' + count + ':']);
				for (let more = 0; more < 7; more++) {
					limit(readdirSync('/proc/' + server + '/fd').length + more);
					const started = [];
					try { for (;;) started.push(new Process({ target: sleep }).start()); } catch (error) { console.log(error.code, error.message); }
					limit(1000);
					const next = new Process({ target: nothing }).start();
					await next.join();
					console.log(next.exitCode, parentOf(one.pid) === server);
					for (const child of started) { child.kill(); await child.join(); }
				}
				one.kill();
			}`,
	});
	const program = new Program([`${work}/main.mjs`]);
	assert.equal(await program.end(), 0, program.stderr);
	const lines = program.stdout.trim().split('\n');
	assert.equal(lines.length, 14);
	lines.forEach((line, i) => assert.match(line, i % 2 === 0 ? /^ERR_NPROCS_TOO_MANY_FILES .*forkserver.*ulimit -n/ : /^0 true$/));
});

test('another platform: importing works, the first use says what is the matter', async () => {
	const found = await outcomes('lock,start,listen', { env: { NODE_OPTIONS: '--import=./other-platform.mjs' } });
	for (const name of ['lock', 'start']) assert.match(found[name]!, /^ERR_NPROCS_PLATFORM nprocs runs on Linux only: this is darwin/);
});

test('an addon that cannot be loaded: every file that was tried, and why', () => {
	const copy = mkdtempSync(join(tmpdir(), 'broken-'));
	after(() => rmSync(copy, { recursive: true }));
	for (const part of ['dist', 'package.json']) cpSync(join(repository, part), join(copy, part), { recursive: true });
	const use = (): string =>
		execFileSync(
			process.execPath,
			[
				'-e',
				`import(${JSON.stringify(join(copy, 'dist/index.js'))}).then(({ Lock }) => { try { new Lock(); } catch (e) { console.log(e.code, e.message, '|', e.cause?.code); } })`,
			],
			{ encoding: 'utf8' },
		);
	const prebuilt = join(copy, `prebuilds/${process.platform}-${process.arch}.node`);
	const built = join(copy, 'native/build/Release/nprocs.node');
	assert.ok(use().startsWith(`ERR_NPROCS_NO_ADDON nprocs has no native addon for ${process.platform}-${process.arch}`));
	assert.ok(use().includes(`there is neither ${built} nor ${prebuilt}.`), use());
	for (const path of [prebuilt, built]) {
		mkdirSync(join(path, '..'), { recursive: true });
		writeFileSync(path, 'no library at all');
		assert.match(use(), /^ERR_NPROCS_NO_ADDON nprocs cannot load its native addon on .*nprocs doctor/);
		assert.ok(use().includes(path), use());
		assert.ok(use().endsWith('| ERR_DLOPEN_FAILED\n'));
	}
	assert.ok(use().includes(prebuilt), 'both are named');
});

test('a program that pm2 has started is the main one, though pm2 has imported it into a process of its own', async () => {
	const program = `
		import { isMain, Process } from 'nprocs';
		export function work() { console.log('worked'); }
		if (isMain(import.meta)) {
			console.log('begins');
			await new Process({ target: work }).start().join();
		}`;
	const container = "import(require('node:url').pathToFileURL(process.env.pm_exec_path));";
	const files = { 'main.mjs': program, 'node_modules/pm2/package.json': '{}' };
	for (const name of ['ProcessContainerFork.js', 'ProcessContainer.js']) {
		const place = project({ ...files, [`node_modules/pm2/lib/${name}`]: container });
		const running = new Program([join(place, 'node_modules/pm2/lib', name)], { env: { pm_exec_path: join(place, 'main.mjs') } });
		assert.equal(await running.end(), 0, running.stderr);
		assert.equal(running.stdout, 'begins\nworked\n');
	}
});
