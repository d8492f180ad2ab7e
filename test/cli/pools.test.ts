/** ps shows pools, whose they are, and what their workers do. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nprocs } from '../helpers/nprocs-command.ts';
import { Program } from '../helpers/programs.ts';

interface ShownPool {
	name: string;
	workers: { index: number; pid: number | null; state: string; function: string | null }[];
}

/** When they are as wanted: a worker says what it does a moment after it has begun with that. */
async function poolsOf(pid: number, areThey: (pools: ShownPool[]) => boolean): Promise<ShownPool[]> {
	for (;;) {
		const threads = JSON.parse(nprocs('ps', '--json').stdout) as { pid: number; pools: ShownPool[] }[];
		const pools = threads.find((thread) => thread.pid === pid)?.pools ?? [];
		if (areThey(pools)) return pools;
		await sleep(10);
	}
}

test('ps shows pools, their workers and what these do', async () => {
	const program = new Program([join(import.meta.dirname, '../fixtures/pool/shown.js')], { stdin: 'pipe' });
	const { busy, workers, other } = JSON.parse(await program.line()) as { busy: number; workers: number[]; other: number };
	const pools = await poolsOf(program.pid, (all) => all.flatMap((pool) => pool.workers).filter(({ state }) => state === 'is idle').length === 2);
	assert.deepEqual(
		pools.map(({ name }) => name),
		['shown', 'shown'],
	);
	const [own, second] = pools[0]!.workers.length === 2 ? [pools[0]!, pools[1]!] : [pools[1]!, pools[0]!];
	const expected = workers.map((pid, index) => ({
		index,
		pid,
		...(pid === busy ? { state: 'runs', function: 'tellAndWait' } : { state: 'is idle', function: null }),
	}));
	assert.deepEqual(own.workers, expected);
	assert.deepEqual(second.workers, [{ index: 0, pid: other, state: 'is idle', function: null }]);

	const text = nprocs('ps').stdout;
	assert.match(text, /^POOL +OWNER +WORKER +PID +DOES$/m);
	assert.match(text, new RegExp(`^shown +${program.pid} +${workers.indexOf(busy)} +${busy} +runs tellAndWait$`, 'm'));
	assert.match(text, new RegExp(`^shown +${program.pid} +0 +${other} +is idle$`, 'm'));

	program.signal('SIGSTOP'); // so that it cannot learn of the death
	process.kill(busy, 'SIGKILL');
	await poolsOf(program.pid, (all) => all.some((pool) => pool.workers.some(({ pid, state }) => pid === busy && state === 'has ended')));
	program.signal('SIGCONT');
	program.child.stdin!.end();
	assert.equal(await program.end(), 0, program.stderr);
	assert.deepEqual(await poolsOf(program.pid, (all) => all.length === 0), []);
});
