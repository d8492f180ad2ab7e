/**
 * How a program ends with its children: normally, by process.exit, by an error, by signals; and that nobody is left who should not be.
 *
 * Time limit: 240 s
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandFor, everyMethod, programFile } from '../helpers/cases.ts';
import { gone, isRunning, Program } from '../helpers/programs.ts';

/** Starts it and reads the pids that all of its processes print. */
async function started(
	method: (typeof everyMethod)[number],
	ending: string,
	kinds: readonly string[],
	count = kinds.length + 1,
): Promise<{ program: Program; pids: Map<string, number> }> {
	const program = new Program(commandFor(method, programFile('ends.js'), method, ending, ...kinds));
	const pids = new Map<string, number>();
	while (pids.size < count) {
		const [name, pid] = (await program.line()).split(' ') as [string, string];
		if (Number(pid) > 0) pids.set(name, Number(pid));
	}
	return { program, pids };
}

for (const method of everyMethod) {
	describe(method, () => {
		test('a normal end joins what is no daemon, and ends daemons', async () => {
			const { program, pids } = await started(method, 'normal', ['brief', 'sleeps-daemon', 'spins-daemon']);
			process.kill(pids.get('brief')!, 'SIGUSR2');
			assert.equal(await program.end(), 0);
			assert.match(program.stdout, /brief ends\n[^]*main ends/);
			for (const pid of pids.values()) assert.equal(isRunning(pid), false);
		});

		test('process.exit ends daemons, and leaves others to themselves', async () => {
			const { program, pids } = await started(method, 'exit', ['sleeps-daemon', 'spins-daemon', 'outlives']);
			program.signal('SIGUSR2');
			assert.equal(await program.end(), 5);
			assert.match(program.stdout, /outlives ends/);
			for (const pid of pids.values()) await gone(pid);
		});

		test('so does an error that nobody caught', async () => {
			const { program, pids } = await started(method, 'throw', ['sleeps-daemon', 'outlives']);
			program.signal('SIGUSR2');
			assert.equal(await program.end(), 1);
			assert.match(program.stderr, /Error: the end/);
			for (const pid of pids.values()) await gone(pid);
		});

		test('killed, it takes its daemons along, whatever they do, and theirs; others notice and go on', async () => {
			const { program, pids } = await started(method, 'wait', ['sleeps-daemon', 'spins-daemon', 'blocks-daemon', 'outlives'], 6);
			assert.ok(pids.has('grandchild'));
			program.signal('SIGKILL');
			assert.equal(await program.exit(), 'SIGKILL');
			for (const pid of pids.values()) await gone(pid);
			await program.end();
			assert.match(program.stdout, /outlives ends/);
		});

		test('Ctrl-C at a terminal ends the whole tree', async () => {
			const { program, pids } = await started(method, 'wait', ['sleeps', 'sleeps-daemon', 'spins', 'blocks'], 6);
			program.signalGroup('SIGINT');
			assert.equal(await program.exit(), 'SIGINT');
			for (const pid of pids.values()) await gone(pid);
			await program.end();
		});

		test('standard streams that are closed do no harm', async () => {
			for (const closed of ['0<&-', '1>&-', '2>&-', '0<&- 1>&- 2>&-']) {
				const command = commandFor(method, programFile('closed-streams.js'), method)
					.map((word) => `'${word}'`)
					.join(' ');
				const shell = new Program([
					'-e',
					`process.exitCode = require('node:child_process').spawnSync('/bin/sh', ['-c', ${JSON.stringify(`exec '${process.execPath}' ${command} ${closed}`)}], { stdio: 'inherit' }).status ?? 99`,
				]);
				assert.equal(await shell.end(), 0, `${closed}: ${shell.stderr}`);
			}
		});
	});
}
