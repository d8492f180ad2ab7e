/**
 * A child has what its parent has at the moment of the start, however long ago the forkserver was started: never more
 * rights, nor other limits. `npm run test:full` tries each change alone too, and all under each start method.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { changes, startsOf, togetherToo } from '../fixtures/process/inheritance.js';
import { commandFor, everyMethod, programFile } from '../helpers/cases.ts';
import { isFull } from '../helpers/full.ts';
import { letOthersRead, obstacleToOtherUser } from '../helpers/other-user.ts';
import { Program, project } from '../helpers/programs.ts';

const isRoot = process.getuid!() === 0;
const noOtherUser = obstacleToOtherUser();
const source = fileURLToPath(new URL('../../../test/fixtures/process/inheritance.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'inheritance-'));
after(() => rmSync(folder, { recursive: true }));

/** Some change nothing for root, or need its rights. */
const libraries: Record<string, { isRoots?: boolean }> = {
	no_new_privileges: {},
	seccomp_filter: {},
	blocked_signals: {},
	no_capabilities: { isRoots: true },
	network_namespace: { isRoots: true },
};

function compile(change: string): string {
	const library = join(folder, `${change}.so`);
	const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', `-DCHANGE=${change}`, source, '-o', library], { encoding: 'utf8' });
	assert.equal(status, 0, stderr);
	return library;
}

async function assertInherits(method: (typeof everyMethod)[number], ...args: string[]): Promise<void> {
	const program = new Program(commandFor(method, programFile('inheritance.js'), method, ...args));
	after(() => program.child.kill('SIGKILL'));
	const states: Record<string, unknown>[] = [];
	for await (const line of program.lines()) states.push(JSON.parse(line) as Record<string, unknown>);
	assert.equal(await program.end(), 0, program.stderr);
	const starts = startsOf(method);
	assert.equal(states.length, 4 * starts);
	const changed = args[0] !== 'soft limits, up again';
	assert.equal(JSON.stringify(states[0]) !== JSON.stringify(states[2 * starts]), changed, 'the parent has been changed');
	for (let i = 0; i < states.length; i += 2) assert.deepEqual(states[i + 1], states[i], `start ${i / 2}`);
}

function obstacle(change: string): string | false {
	if (change.startsWith('root: ') && noOtherUser !== false) return noOtherUser;
	if (/processors|all/.test(change) && availableParallelism() < 2) return 'there is only one processor';
	for (const tool of ['taskset', 'chrt', 'prlimit']) if (spawnSync(tool, ['--version']).status !== 0) return `there is no ${tool} (util-linux)`;
	return false;
}

const noCompiler = spawnSync('cc', ['--version']).status === 0 ? false : 'there is no C compiler';

/** The kernel gives it all to what is made by `fork` and `spawn`, but for what Node changes when it starts. */
const forAllMethods = isFull
	? [...Object.keys(changes), ...Object.keys(libraries)]
	: ['all of them', 'root: user and groups', 'root: effective user alone', 'blocked_signals'];

for (const method of everyMethod) {
	const isTested = (change: string): boolean =>
		(method === 'forkserver' && (isFull || !togetherToo.includes(change))) || forAllMethods.includes(change);
	describe(method, () => {
		for (const change of Object.keys(changes).filter(isTested)) {
			if (change !== 'a library') test(change, { skip: obstacle(change) }, () => assertInherits(method, change));
		}
		for (const [change, { isRoots = false }] of Object.entries(libraries)) {
			if (!isTested(change)) continue;
			const skip = noCompiler || (isRoots && !isRoot && 'needs root');
			test(change, { skip }, () => assertInherits(method, 'a library', compile(change)));
		}
	});
}

test('a child that has changed itself hands that on', { skip: noOtherUser }, async () => {
	const work = project({
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			import { setPriority } from 'node:os';
			import { getPriority } from 'node:os';
			export function grandchild() { console.log(process.getuid(), process.getgid(), getPriority(), process.umask()); }
			export async function child() {
				process.umask(0o77);
				setPriority(3);
				await new Process({ target: grandchild }).start().join();
				process.setgid(65534);
				process.setuid(65534);
				await new Process({ target: grandchild }).start().join();
			}
			if (isMain(import.meta)) {
				await new Process({ target: child }).start().join();
				await new Process({ target: grandchild }).start().join();
			}`,
	});
	letOthersRead(work);
	const program = new Program([join(work, 'main.mjs')]);
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stdout, `0 0 3 63\n65534 65534 3 63\n0 0 0 ${process.umask()}\n`);
});

test('a module that changes its process while it is imported changes the processes that need it, not the forkserver', async () => {
	const work = project({
		'lowers.mjs':
			"import { getPriority, setPriority } from 'node:os'; setPriority(9); export function show() { console.log('lowers', getPriority()); }",
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			import { getPriority } from 'node:os';
			export function show() { console.log(getPriority()); }
			if (isMain(import.meta)) {
				const lowers = { module: new URL('./lowers.mjs', import.meta.url), name: 'show' };
				for (const target of [show, lowers, show, lowers, show]) await new Process({ target }).start().join();
			}`,
	});
	const program = new Program([join(work, 'main.mjs')]);
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stdout, '0\nlowers 9\n0\nlowers 9\n0\n');
});

test("what cannot be signalled is an error; the program's end goes on all the same", { skip: noOtherUser }, async () => {
	const work = project({
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			export function waits(first) { console.log('runs'); setInterval(() => {}, 1e6); }
			export function asks() { try { process.ppid; } catch {} }
			if (isMain(import.meta)) {
				const daemons = ['forkserver', 'spawn'].map((context) => new Process({ target: waits, daemon: true, context }).start());
				process.stdin.resume();
				process.stdin.once('data', () => {
					process.setgid(65534);
					process.setuid(65534);
					for (const daemon of daemons) {
						for (const how of ['terminate', 'kill', 'interrupt']) try { daemon[how](); } catch (error) { console.log(how, error.code, error.message.includes('EPERM')); }
					}
					process.exit(3);
				});
			}`,
	});
	letOthersRead(work);
	const program = new Program([join(work, 'main.mjs')], { stdin: 'pipe' });
	for (let i = 0; i < 2; i++) assert.equal(await program.line(), 'runs');
	program.child.stdin!.end('go\n');
	assert.equal(await program.end(), 3, program.stderr);
	const each = ['terminate', 'kill', 'interrupt'].map((how) => `${how} ERR_NPROCS_NO_ACCESS true\n`).join('');
	assert.equal(program.stdout, `runs\nruns\n${each}${each}`);
});

test('a directory to which the new user has no path', { skip: noOtherUser }, async () => {
	const work = project({
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			import { mkdirSync } from 'node:fs';
			export function show() { console.log(process.cwd() === process.argv[2] + '/closed/inner', process.getuid()); }
			if (isMain(import.meta)) {
				mkdirSync(process.argv[2] + '/closed/inner', { recursive: true, mode: 0o700 });
				process.chdir(process.argv[2] + '/closed/inner');
				process.setgid(65534);
				process.setuid(65534);
				for (const context of ['forkserver', 'spawn']) await new Process({ target: show, context }).start().join();
			}`,
	});
	letOthersRead(work);
	const program = new Program([join(work, 'main.mjs'), work]);
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stdout, 'true 65534\n'.repeat(2));
});

test('a program that has given up its user gets nothing from the old forkserver, whatever it sends there', { skip: noOtherUser }, async () => {
	const work = project({
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			import { createRequire } from 'node:module';
			import { existsSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
			const up = import.meta.dirname + '/up';
			export function keeps() { console.log('started', process.getuid()); writeFileSync(up, ''); setInterval(() => {}, 1e8); }
			export function forged() { console.log('forged', process.getuid()); }
			if (isMain(import.meta)) {
				const addon = createRequire(realpathSync(import.meta.dirname + '/node_modules/nprocs') + '/package.json')('./native/build/Release/nprocs.node');
				const { sendMessage } = addon;
				let request;
				addon.sendMessage = (fd, bytes, fds, block) => {
					if (fds.length === 4) request ??= [fd, bytes.slice()];
					return sendMessage(fd, bytes, fds, block);
				};
				await new Process({ target: forged }).start().join();
				new Process({ target: keeps, daemon: true }).start();
				while (!existsSync(up)) await new Promise((resolve) => setTimeout(resolve, 5));
				rmSync(up);
				if (process.argv[2] === 'drop') {
					process.setgid(65534);
					process.setuid(65534);
				}
				const [own, theirs] = addon.socketPair(false);
				const [server, bytes] = request;
				sendMessage(server, bytes, [0, 1, 2, theirs], true);
				addon.closeFd(theirs);
				// Until it has ended, or has never been: then the other end of its control socket is closed.
				while (addon.receiveMessage(own, new Uint8Array(64), true, []) > 0);
				console.log('over');
				process.exit();
			}`,
	});
	letOthersRead(work);
	for (const how of ['keep', 'drop']) {
		const program = new Program([join(work, 'main.mjs'), how]);
		assert.equal(await program.end(), 0, program.stderr);
		const lines = program.stdout.trim().split('\n');
		assert.equal(lines.at(-1), 'over');
		// Of the first start; and where the user is still the same, of what was sent as the library would do it.
		assert.equal(lines.filter((line) => /^(forged|started) 0$/.test(line)).length, how === 'keep' ? 3 : 2, program.stdout);
	}
});
