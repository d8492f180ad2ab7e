/** ps, locks, shm and gc show what is there. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lock, Semaphore } from 'nprocs';
import { nprocs } from '../helpers/nprocs-command.ts';
import { Actor } from '../helpers/actor.js';

after(() => Actor.killAll());

interface Shown {
	kind: string;
	name: string;
	state: string;
	holders: { pid: number }[];
	waiters: { pid: number }[];
}

const locks = (): Shown[] => JSON.parse(nprocs('locks', '--json').stdout) as Shown[];

test('locks shows holders and waiters', async () => {
	using lock = new Lock({ name: 'shown' });
	using semaphore = new Semaphore(2);
	const [holder, waiter] = [new Actor(), new Actor()];
	for (const actor of [holder, waiter]) await actor.open({ lock, semaphore });
	await holder.call('setName', 'the holder');
	await holder.invoke('lock', 'acquireSync');
	await holder.invoke('semaphore', 'acquireSync');
	waiter.tell('invoke', 'lock', 'acquireSync');
	let shown: Shown | undefined;
	do {
		await sleep(10);
		shown = locks().find(({ name }) => name === 'shown');
	} while (shown?.waiters.length !== 1);
	assert.deepEqual(
		[shown.kind, shown.state, shown.holders.map(({ pid }) => pid), shown.waiters.map(({ pid }) => pid)],
		['Lock', 'held', [holder.pid], [waiter.pid]],
	);
	const text = nprocs('locks').stdout;
	assert.match(text, new RegExp(`^Lock +shown +held +the holder \\(${holder.pid}\\) +${waiter.pid}$`, 'm'));
	assert.match(text, new RegExp(`^Semaphore +\\S+ +1 of 2 free +the holder \\(${holder.pid}\\)$`, 'm'));
	assert.match(nprocs('ps').stdout, new RegExp(`^${holder.pid} +\\d+ +the holder +`, 'm'));
	assert.match(nprocs('ps').stdout, new RegExp(`^${waiter.pid} .*sleeps until it is woken$`, 'm'));
	assert.match(nprocs('shm').stdout, /^nprocs-\S*-n-Lock-shown +Lock +\d+ +yes$/m);
	await holder.kill();
	assert.deepEqual(locks().find(({ kind }) => kind === 'Semaphore')?.holders, [], 'the dead hold nothing');
});

test('gc removes what a killed process left', async () => {
	await Actor.killAll(); // who sees a holder dead sweeps too
	const actor = new Actor();
	const name = await actor.call<string>('create', 'Test', 64);
	await actor.kill();
	assert.match(nprocs('shm').stdout, new RegExp(`^${name} `, 'm'), 'listing removes nothing');
	assert.ok((JSON.parse(nprocs('gc', '--json').stdout) as string[]).includes(name));
	assert.doesNotMatch(nprocs('shm').stdout, new RegExp(name));
});
