/**
 * The process that the forkserver has forked ahead: what uses it, and what when it dies, or the forkserver, or the
 * program.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process } from 'nprocs';
import { childrenOf, forkserverPid } from '../helpers/forkserver.ts';
import { outcomeOf, Told } from '../helpers/told.ts';
import { gone, Program, project } from '../helpers/programs.ts';
import { exits, nothing, reportAll, reportAndSleep, reportSelf, reportVariable, startsAnother } from '../fixtures/process/targets.ts';

/** Starts until there is one; resolves to its pid. Nothing else must be running. */
async function withSpare(target: () => void): Promise<number> {
	await new Process({ target }).start().join();
	for (;;) {
		const [spare, ...others] = childrenOf(forkserverPid());
		if (spare !== undefined && others.length === 0) return spare;
		await new Promise((resolve) => setImmediate(resolve));
	}
}

test('the next start is the spare, which is used once', async () => {
	const spare = await withSpare(nothing);
	const [first, second] = [new Process({ target: nothing }).start(), new Process({ target: nothing }).start()];
	assert.equal(first.pid, spare);
	assert.notEqual(second.pid, spare);
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
	await withSpare(nothing);
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
	await withSpare(nothing);
	for (let i = 0; i < 4; i++) {
		process.env['NPROCS_TEST_ROUND'] = String(i);
		const { reported } = await outcomeOf({ target: reportVariable, args: ['NPROCS_TEST_ROUND'] });
		assert.deepEqual(reported, [String(i)]);
	}
	delete process.env['NPROCS_TEST_ROUND'];
	assert.deepEqual((await outcomeOf({ target: reportVariable, args: ['NPROCS_TEST_ROUND'] })).reported, [null]);
});

test('killed before it is used: the start takes another way', async () => {
	for (let round = 0; round < 10; round++) {
		const spare = await withSpare(nothing);
		process.kill(spare, 'SIGKILL');
		if (round % 2 === 0) await gone(spare);
		// Killed after it has got the request, it is a process that was killed.
		const child = new Process({ target: exits, args: [5] }).start();
		await child.join();
		assert.ok(child.exitCode === 5 || (round % 2 === 1 && child.exitCode === -9), `${child.exitCode}`);
	}
});

test('a child that was one starts processes of its own, and is terminated as any other', async () => {
	await withSpare(nothing);
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

test('it ends with the forkserver, however the program ends', async () => {
	const directory = project({
		'main.mjs': `
			import { Process, isMain } from 'nprocs';
			export function nothing() {}
			if (isMain(import.meta)) {
				for (let i = 0; i < 3; i++) await new Process({ target: nothing }).start().join();
				console.log('started');
				setInterval(() => {}, 1e8);
			}`,
	});
	for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
		const program = new Program([`${directory}/main.mjs`]);
		await program.line();
		const [server] = childrenOf(program.pid);
		let spares: number[] = [];
		while (spares.length === 0) spares = childrenOf(server!);
		program.signal(signal);
		await program.end();
		for (const pid of [server!, ...spares]) await gone(pid);
	}
});
