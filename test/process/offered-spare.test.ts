/** Spares that the forkserver gives to a process that starts one after the other: what uses them, and what when they die, or their giver, or their owner. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process } from 'nprocs';
import { childrenOf, forkserverPid } from '../helpers/forkserver.ts';
import { outcomeOf, Told } from '../helpers/told.ts';
import { gone, Program, project } from '../helpers/programs.ts';
import { exits, nothing, reportAll, reportAndSleep, reportSelf, reportVariable, startsAnother } from '../fixtures/process/targets.ts';

/** Starts until spares are offered; resolves to their pids. Nothing else must be running. */
async function withSpares(target: () => void): Promise<number[]> {
	for (let i = 0; i < 3; i++) await new Process({ target }).start().join();
	for (;;) {
		const spares = childrenOf(forkserverPid());
		if (spares.length === 3) return spares;
		await new Promise((resolve) => setImmediate(resolve));
	}
}

test('the next start is one of them, and each is used once', async () => {
	const spares = await withSpares(nothing);
	const [first, second] = [new Process({ target: nothing }).start(), new Process({ target: nothing }).start()];
	assert.ok(spares.includes(first.pid!));
	assert.notEqual(first.pid, second.pid);
	await first.join();
	await second.join();
	const pids = new Set<number>();
	for (let code = 0; code < 60; code++) {
		const child = new Process({ target: exits, args: [code] }).start();
		pids.add(child.pid!);
		if (code % 2 === 0) await child.join();
		else child.joinSync();
		assert.equal(child.exitCode, code);
	}
	assert.equal(pids.size, 60);
});

test('it gets everything that a request has: values of any size, environment, name', async () => {
	await withSpares(nothing);
	const big = 'x'.repeat(300_000);
	for (let i = 0; i < 4; i++) {
		const { reported, exitCode } = await outcomeOf({ target: reportAll, args: [i, big, { nested: [i] }] });
		assert.deepEqual(reported, [[i, big, { nested: [i] }]]);
		assert.equal(exitCode, 0);
	}
	for (let i = 0; i < 4; i++) {
		const { reported } = await outcomeOf({ target: reportSelf, name: `number ${i}` });
		assert.equal((reported[0] as { name: string }).name, `number ${i}`);
	}
});

test('the environment is that of the moment of start()', async () => {
	await withSpares(nothing);
	for (let i = 0; i < 4; i++) {
		process.env['NPROCS_TEST_ROUND'] = String(i);
		const { reported } = await outcomeOf({ target: reportVariable, args: ['NPROCS_TEST_ROUND'] });
		assert.deepEqual(reported, [String(i)]);
	}
	delete process.env['NPROCS_TEST_ROUND'];
	assert.deepEqual((await outcomeOf({ target: reportVariable, args: ['NPROCS_TEST_ROUND'] })).reported, [null]);
});

test('killed before it is used: the start takes another way', async () => {
	for (let round = 0; round < 5; round++) {
		for (const pid of await withSpares(nothing)) {
			process.kill(pid, 'SIGKILL');
			if (round % 2 === 0) await gone(pid);
		}
		// Killed after it has got the request, it is a process that was killed.
		const child = new Process({ target: exits, args: [5] }).start();
		await child.join();
		assert.ok(child.exitCode === 5 || (round % 2 === 1 && child.exitCode === -9), `${child.exitCode}`);
	}
});

test('used while the forkserver is stopped: it runs, and its end is told exactly', async () => {
	await withSpares(nothing);
	const server = forkserverPid();
	process.kill(server, 'SIGSTOP');
	try {
		const child = new Process({ target: nothing }).start();
		await child.join();
		assert.equal(child.exitCode, 0);
	} finally {
		process.kill(server, 'SIGCONT');
	}
	for (let i = 0; i < 5; i++) assert.equal((await outcomeOf({ target: nothing })).exitCode, 0);
	assert.equal(forkserverPid(), server);
});

test('used when the forkserver has just been killed: it runs, and the next start makes another forkserver', async () => {
	for (let round = 0; round < 3; round++) {
		await withSpares(nothing);
		const server = forkserverPid();
		process.kill(server, 'SIGKILL');
		const child = new Process({ target: exits, args: [round] }).start();
		assert.equal(child.joinSync(), true);
		assert.equal(child.exitCode, round);
		await gone(server);
	}
});

test('a child that is one of them starts processes of its own, and is terminated as any other', async () => {
	await withSpares(nothing);
	for (let i = 0; i < 4; i++) {
		const { reported, exitCode } = await outcomeOf({ target: startsAnother, args: [1] });
		assert.equal(reported.length, 2);
		assert.equal(exitCode, 0);
		const other = new Told({ target: reportAndSleep });
		await other.next();
		other.process.terminate();
		assert.equal(await other.exit(), -15);
	}
});

test('they end with the process that they were given to, however it ends', async () => {
	const directory = project({
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			export function nothing() {}
			if (isMain(import.meta)) {
				for (let i = 0; i < 5; i++) await new Process({ target: nothing }).start().join();
				console.log('started');
				setInterval(() => {}, 1e8);
			}`,
	});
	for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
		const program = new Program([`${directory}/main.mjs`]);
		await program.line();
		const [server] = childrenOf(program.pid);
		const spares = childrenOf(server!);
		program.signal(signal);
		await program.end();
		assert.ok(spares.length > 0);
		for (const pid of [server!, ...spares]) await gone(pid);
	}
});
