/**
 * How a program ends with its children: normally, by process.exit, by an error, by signals; and that nobody is left who
 * should not be.
 *
 * The start method `forkserver` carries the full table; of each way to end, the others show one. `npm run test:full`
 * shows all under each.
 *
 * Time limit: 400 s
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandFor, everyMethod, programFile } from '../helpers/cases.ts';
import { isFull } from '../helpers/full.ts';
import { gone, isRunning, Program, project } from '../helpers/programs.ts';

/** Starts it and reads the pids that all of its processes print. */
async function started(
	method: (typeof everyMethod)[number],
	[who, ending]: readonly [who: string, ending: string],
	kinds: readonly string[],
	count = kinds.length + 1,
): Promise<{ program: Program; pids: Map<string, number> }> {
	const program = new Program(commandFor(method, programFile('ends.js'), method, who, ending, ...kinds));
	const pids = new Map<string, number>();
	while (pids.size < count) {
		const [name, pid] = (await program.line()).split(' ') as [string, string];
		if (Number(pid) > 0) pids.set(name, Number(pid));
	}
	return { program, pids };
}

/** Exit codes of the endings that join; those below print an error too. */
const joining = { exit: 5, code: 9, 'exit-in-handler': 6, throw: 1, reject: 1, 'throw-in-handler': 5 };
const printing = ['throw', 'reject'];
/** What is tried in children too: one for each way by which the joining is reached. */
const inChildren = ['exit', 'exit-in-handler', 'throw'];
/** What is tried with the other start methods. */
const everywhere = { main: ['throw', 'SIGTERM'], middle: ['exit'] };

function isTried(method: string, who: 'main' | 'middle', ending: string): boolean {
	if (isFull) return true;
	if (method !== 'forkserver') return everywhere[who].includes(ending);
	return who === 'main' || inChildren.includes(ending) || ending in immediate;
}
/** Those that do not, by what is told of a main process and of a child. */
const immediate = { 'really-exit': [8, 8], abort: ['SIGABRT', -6], SIGTERM: ['SIGTERM', -15] } as const;

for (const method of everyMethod) {
	describe(method, { concurrency: 3 }, () => {
		for (const who of ['main', 'middle'] as const) {
			test(`${who}: a normal end ends the daemons, then joins the others`, async () => {
				const { program, pids } = await started(method, [who, 'normal'], ['brief', 'sleeps-daemon', 'spins-daemon', 'refuses-daemon']);
				process.kill(pids.get(who)!, 'SIGUSR2');
				for (const kind of ['sleeps-daemon', 'spins-daemon', 'refuses-daemon']) await gone(pids.get(kind)!);
				assert.ok(isRunning(pids.get('brief')!));
				process.kill(pids.get('brief')!, 'SIGUSR2');
				assert.equal(await program.end(), 0);
				assert.match(program.stdout, new RegExp(`refuses-daemon refuses\n[^]*brief ends\n${who} has nothing left to do\n${who} ends\n`));
				if (who === 'middle') assert.match(program.stdout, /exit code 0\n/);
				for (const pid of pids.values()) assert.equal(isRunning(pid), false);
			});

			for (const [ending, code] of Object.entries(joining)) {
				if (!isTried(method, who, ending)) continue;
				test(`${who}: so does ${ending}`, async () => {
					const { program, pids } = await started(method, [who, ending], ['brief', 'sleeps-daemon', 'spins-daemon']);
					process.kill(pids.get(who)!, 'SIGUSR2');
					for (const kind of ['sleeps-daemon', 'spins-daemon']) await gone(pids.get(kind)!);
					if (printing.includes(ending)) await program.error(/Error: the end[^]*\n$/);
					assert.ok(isRunning(pids.get(who)!) && isRunning(pids.get('brief')!));
					process.kill(pids.get('brief')!, 'SIGUSR2');
					assert.equal(await program.end(), who === 'main' ? code : 0);
					assert.match(program.stdout, new RegExp(`${who} ends\n[^]*brief ends\n`));
					if (who === 'middle') assert.match(program.stdout, new RegExp(`exit code ${code}\n`));
					assert.equal(program.stderr.split('Error: the end').length - 1, /throw|reject/.test(ending) ? 1 : 0, program.stderr);
					for (const pid of pids.values()) assert.equal(isRunning(pid), false);
				});
			}

			for (const [ending, [ofMain, ofChild]] of Object.entries(immediate)) {
				if (!isTried(method, who, ending)) continue;
				test(`${who}: ${ending} ends it at once, and its daemons; the others live on`, async () => {
					const { program, pids } = await started(method, [who, ending], ['outlives', 'brief', 'sleeps-daemon', 'spins-daemon']);
					process.kill(pids.get(who)!, ending === 'SIGTERM' ? ending : 'SIGUSR2');
					for (const kind of ['sleeps-daemon', 'spins-daemon', 'outlives', who]) await gone(pids.get(kind)!);
					assert.equal(await program.exit(), who === 'main' ? ofMain : 0);
					assert.ok(isRunning(pids.get('brief')!));
					process.kill(pids.get('brief')!, 'SIGUSR2');
					await program.end();
					assert.match(program.stdout, /outlives ends/);
					assert.match(program.stdout, /brief ends/);
					assert.doesNotMatch(program.stdout, new RegExp(`${who} ends`));
					if (who === 'middle') assert.match(program.stdout, new RegExp(`exit code ${ofChild}\n`));
					for (const pid of pids.values()) await gone(pid);
				});
			}
		}

		test('handlers of the program come first, and may end what would be joined', async () => {
			const { program } = await started(method, ['main', 'kill-in-handler'], ['sleeps', 'spins']);
			program.signal('SIGUSR2');
			assert.equal(await program.end(), 5);
		});

		test('what it would join does not wait in vain for its output to be read', async () => {
			const { program, pids } = await started(method, ['main', 'exit'], ['floods-piped']);
			program.signal('SIGUSR2');
			assert.equal(await program.end(), 5);
			assert.equal(isRunning(pids.get('floods-piped')!), false);
		});

		test('while it joins, a signal ends it', async () => {
			const { program, pids } = await started(method, ['main', 'exit'], ['outlives', 'sleeps-daemon']);
			program.signal('SIGUSR2');
			await gone(pids.get('sleeps-daemon')!);
			program.signal('SIGTERM');
			assert.equal(await program.exit(), 'SIGTERM');
			await program.end();
			assert.match(program.stdout, /outlives ends/);
		});

		test('killed, it takes its daemons along, whatever they do, and theirs; others notice and go on', async () => {
			const { program, pids } = await started(method, ['main', 'exit'], ['sleeps-daemon', 'spins-daemon', 'blocks-daemon', 'outlives'], 6);
			assert.ok(pids.has('grandchild'));
			program.signal('SIGKILL');
			assert.equal(await program.exit(), 'SIGKILL');
			for (const pid of pids.values()) await gone(pid);
			await program.end();
			assert.match(program.stdout, /outlives ends/);
		});

		test('Ctrl-C at a terminal ends the whole tree', async () => {
			const { program, pids } = await started(method, ['main', 'exit'], ['sleeps', 'sleeps-daemon', 'spins', 'blocks'], 6);
			program.signalGroup('SIGINT');
			assert.equal(await program.exit(), 'SIGINT');
			for (const pid of pids.values()) await gone(pid);
			await program.end();
		});

		test('standard streams that are closed do no harm', async () => {
			const command = [process.execPath, ...commandFor(method, programFile('closed-streams.js'), method)].map((word) => `'${word}'`).join(' ');
			for (const closed of ['0<&- 1>&- 2>&-', ...(method === 'forkserver' || isFull ? ['0<&-', '1>&-', '2>&-'] : [])]) {
				const shell = new Program(['-c', `exec ${command} ${closed}`], { node: '/bin/sh' });
				assert.equal(await shell.end(), 0, `${closed}: ${shell.stderr}`);
			}
		});
	});
}

test('at the end, a signal reaches its handler though no watch keeps the event loop alive', async () => {
	const program = new Program([programFile('unwatched.js')]);
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stdout, 'SIGTERM true\n');
});

test('a daemon that ends with the program before it has opened what it was given', async () => {
	const program = `
		import { isMain, Lock, Process, Queue } from 'nprocs';
		export function work() {}
		if (isMain(import.meta)) {
			const queue = new Queue();
			new Process({ target: work, args: [queue], daemon: true, context: 'spawn' }).start();
			queue.putSync(new Lock()); // what lies in it is looked after when its last holder gives it up
			queue.close();
		} else await new Promise(() => setInterval(() => {}, 1000));`;
	const running = new Program([join(project({ 'main.js': program }), 'main.js')]);
	assert.equal(await running.end(), 0, running.stderr);
	assert.equal(running.stderr, '');
});
