/**
 * The forkserver under faults: killed while children run, between two starts, while it imports a module.
 *
 * Time limit: 240 s
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { getStartMethod, Process, setForkserverPreload, wait } from 'nprocs';
import { outcomeOf, Told } from '../helpers/told.ts';
import { findForkserver, forkserverPid } from '../helpers/forkserver.ts';
import { gone, Program, project } from '../helpers/programs.ts';
import { nothing, reportAndSleep, reportSelf } from '../fixtures/process/targets.ts';
import { endsOnSignal, exitsOnSignal, startsWhenTold, type Ending } from '../fixtures/process/forkserver-targets.ts';

async function assertStartsWork(): Promise<void> {
	const { reported, exitCode, errors } = await outcomeOf({ target: reportSelf, name: 'next' });
	assert.equal((reported[0] as { name: string } | undefined)?.name, 'next', errors);
	assert.equal(exitCode, 0);
}

after(() => assert.equal(getStartMethod(), 'forkserver'));

test('killed while children run: they are unharmed, new starts work, every end is told; by a signal perhaps as unknown', async () => {
	for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const) {
		const children = await Promise.all(
			[0, 3, 0, 3].map(async (code) => {
				const told = new Told({ target: exitsOnSignal, args: [code] });
				await told.next();
				return { told, code };
			}),
		);
		const joining = children[0]!.told.process.join();
		const server = forkserverPid();
		process.kill(server, signal);
		await gone(server);
		for (const { told } of children) assert.equal(told.process.isAlive(), true, signal);
		await assertStartsWork();
		assert.notEqual(forkserverPid(), server);
		children[3]!.told.process.kill();
		for (const { told } of children.slice(0, 3)) process.kill(told.process.pid!, 'SIGUSR2');
		for (const { told, code } of children.slice(0, 3)) {
			assert.equal(await told.exit(), code, signal);
		}
		assert.equal(await joining, true);
		assert.equal(children[3]!.told.process.joinSync(), true);
		assert.ok([-9, 255].includes(children[3]!.told.process.exitCode!));
	}
});

test('signals that are meant to end programs do not end it', async () => {
	const child = new Told({ target: reportAndSleep });
	await child.next();
	const server = forkserverPid();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(server, signal);
	await assertStartsWork();
	assert.equal(forkserverPid(), server);
	child.process.terminate();
	assert.equal(await child.exit(), -15);
});

test('killed between two starts, again and again', async () => {
	for (let i = 0; i < 5; i++) {
		while (findForkserver() === undefined) await assertStartsWork(); // those that it has prepared do without it
		const server = forkserverPid();
		process.kill(server, 'SIGKILL');
		await gone(server);
	}
	await assertStartsWork();
});

test('killed just before a start that nobody has told of it', async () => {
	await assertStartsWork();
	for (let i = 0; i < 5; i++) {
		process.kill(forkserverPid(), 'SIGKILL');
		const child = new Process({ target: nothing }).start();
		assert.equal(child.joinSync(), true);
		assert.equal(child.exitCode, 0);
	}
});

test('killed while a child that it has forked wants to start one', async () => {
	const child = new Told({ target: startsWhenTold });
	assert.equal(await child.next(), 'ready');
	process.kill(forkserverPid(), 'SIGKILL');
	process.kill(child.process.pid!, 'SIGUSR2');
	assert.deepEqual(await child.rest(), ['grandchild', 0]);
	assert.equal(await child.exit(), 0);
});

test('stopped for a while, it goes on', async () => {
	await assertStartsWork();
	const server = forkserverPid();
	process.kill(server, 'SIGSTOP');
	const timer = new Program(['-e', `setTimeout(() => process.kill(${server}, 'SIGCONT'), 100)`]);
	await assertStartsWork();
	assert.equal(await timer.end(), 0);
});

test('stopped for ever: it is given up, starts work, and its children are told of', async () => {
	const child = new Told({ target: exitsOnSignal, args: [5] });
	await child.next();
	const server = forkserverPid();
	process.kill(server, 'SIGSTOP');
	// As long as there are spares, nobody needs it.
	const others = Array.from({ length: 5 }, () => new Process({ target: nothing }).start());
	for (const other of others) {
		await other.join();
		assert.equal(other.exitCode, 0);
	}
	await gone(server);
	process.kill(child.process.pid!, 'SIGUSR2');
	assert.equal(await child.exit(), 5);
});

test('stopped while its children end: their ends are seen, and told exactly', async () => {
	const endings: [how: Ending, expected: number][] = [
		['exit', 7],
		['exitCode', 2],
		['throw', 1],
		['return', 0],
		['SIGKILL', -9],
		['SIGTERM', -15],
		['abort', -6],
	];
	const start = async ([how, expected]: (typeof endings)[number]): Promise<{ told: Told; how: Ending; expected: number }> => {
		const told = new Told({ target: endsOnSignal, args: [how] }) as Told;
		await told.next();
		return { told, how, expected };
	};
	const waits: [name: string, join: (child: Process) => unknown][] = [
		['join', (child) => child.join()],
		['joinSync', (child) => child.joinSync()],
		['sentinel', (child) => wait([child.sentinel])],
	];
	for (const [name, join] of waits) {
		const children = await Promise.all(endings.map(start));
		const server = forkserverPid();
		process.kill(server, 'SIGSTOP');
		for (const { told, how, expected } of children) {
			process.kill(told.process.pid!, how.startsWith('SIG') ? (how as NodeJS.Signals) : 'SIGUSR2');
			await join(told.process);
			assert.equal(told.process.exitCode, expected, `${name}, ${how}`);
			assert.equal(told.process.isAlive(), false);
		}
		// It is stopped still: it has neither been killed nor gone on.
		assert.match(readFileSync(`/proc/${server}/stat`, 'utf8'), /\) T /);
		process.kill(server, 'SIGCONT');
		for (const { told } of children) await gone(told.process.pid!);
		await assertStartsWork();
		assert.equal(forkserverPid(), server);
	}
	// Killed while it is stopped: of those whose ends it has not told, some have been told otherwise.
	const children = await Promise.all(endings.slice(0, 2).map(start));
	const server = forkserverPid();
	process.kill(server, 'SIGSTOP');
	for (const { told } of children) process.kill(told.process.pid!, 'SIGUSR2');
	assert.equal(await children[0]!.told.exit(), children[0]!.expected);
	process.kill(server, 'SIGKILL');
	await gone(server);
	await assertStartsWork();
	assert.equal(await children[1]!.told.exit(), children[1]!.expected);
});

test('modules that end or break the process that imports them', async () => {
	const target = 'export function work() { console.log("worked"); }';
	// Each of them does it only in the forkserver, which is no child of the program and has no name.
	const inServer =
		"import { parentProcess } from 'nprocs'; import process from 'node:process'; const isServer = parentProcess() === null && process.argv[1].includes('forkserver');\n";
	const folder = project({
		'exits.js': `${inServer} if (isServer) process.exit(3);\n${target}`,
		'crashes.js': `${inServer} if (isServer) process.kill(process.pid, 'SIGKILL');\n${target}`,
		'throws.js': `${inServer} if (isServer) throw new Error('not here');\n${target}`,
		'aborts.js': `${inServer} if (isServer) process.abort();\n${target}`,
		'main.js': `import { Process, isMain, getStartMethod } from 'nprocs';
			export function other() { console.log('other worked'); }
			if (isMain(import.meta)) {
				for (const name of ['exits', 'throws', 'crashes', 'aborts']) {
					const { work } = await import(\`./\${name}.js\`);
					for (let i = 0; i < 2; i++) {
						const child = new Process({ target: work }).start();
						await child.join();
						console.log(name, child.exitCode, getStartMethod());
					}
				}
				const child = new Process({ target: other }).start();
				await child.join();
				console.log('main', child.exitCode);
			}`,
	});
	const program = new Program(['main.js'], { cwd: folder });
	assert.equal(await program.end(), 0, program.stderr);
	const once = (name: string): string => `worked\n${name} 0 forkserver\n`;
	assert.equal(program.stdout, `${['exits', 'throws', 'crashes', 'aborts'].map((name) => once(name) + once(name)).join('')}other worked\nmain 0\n`);
});

test('a module that never finishes in the forkserver does not stop starts', async () => {
	const folder = project({
		'main.js': `import { Process, isMain, parentProcess } from 'nprocs';
			if (parentProcess() === null && process.argv[1].includes('forkserver')) await new Promise(() => setInterval(() => {}, 1e8));
			export function work() { console.log('worked'); }
			if (isMain(import.meta)) for (let i = 0; i < 2; i++) await new Process({ target: work }).start().join();`,
	});
	const program = new Program(['main.js'], { cwd: folder });
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stdout, 'worked\nworked\n');
});

test('preloaded modules are imported once, in the server; those that cannot be do no harm', async () => {
	const folder = project({
		'preloaded.js': "import { writeSync } from 'node:fs'; writeSync(1, 'imported\\n'); export function work() { console.log('worked'); }",
		'main.js': `import { Process, isMain, setForkserverPreload } from 'nprocs';
			if (isMain(import.meta)) {
				setForkserverPreload([new URL('./preloaded.js', import.meta.url).href, 'file:///not/there.js']);
				const { work } = await import('./preloaded.js');
				for (let i = 0; i < 3; i++) await new Process({ target: work, context: 'forkserver' }).start().join();
			}`,
	});
	const program = new Program(['main.js'], { cwd: folder });
	assert.equal(await program.end(), 0, program.stderr);
	assert.deepEqual(program.stdout.trim().split('\n').sort(), ['imported', 'imported', 'worked', 'worked', 'worked']);
	assert.throws(() => setForkserverPreload([1, 2] as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => setForkserverPreload('x' as never), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('it ends with the last that could use it', async () => {
	const folder = project({
		'main.js': `import { Process, isMain } from 'nprocs';
			import { readFileSync } from 'node:fs';
			export function work() { console.log(readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[1]); }
			if (isMain(import.meta)) await new Process({ target: work, context: 'forkserver' }).start().join();`,
	});
	const program = new Program(['main.js'], { cwd: folder });
	assert.equal(await program.end(), 0, program.stderr);
	await gone(Number(program.stdout));
});
