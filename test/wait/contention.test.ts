/**
 * More processes than cores contend for objects of all kinds, blocking and in their event loops, and have no slices:
 * who is not woken when it can go on sleeps for ever. `npm run test:full` takes longer. Time limit: 240 s
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Barrier, Condition, Event, JoinableQueue, Lock, Process, Queue, Semaphore, Value } from 'nprocs';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { contend, type Form, type Objects } from '../fixtures/wait/contention.js';
import { isFull } from '../helpers/full.js';

after(() => {
	collectGarbage();
	assert.deepEqual(
		listNames().filter((name) => !name.includes('-registry-')),
		[],
	);
});

const execArgv = ['--import', new URL('../helpers/without-slices.js', import.meta.url).pathname];
const count = 6;
const rounds = isFull ? 1000 : 60;

const cases: readonly (readonly [name: string, formOf: (index: number) => Form])[] = [
	['all block', () => 'blocking'],
	['all wait in their event loops', () => 'in the loop'],
	['some block, some wait in their event loops', (index) => (index % 3 === 0 ? 'blocking' : 'in the loop')],
];

for (const [name, formOf] of cases) {
	test(name, async () => {
		const objects: Objects = {
			lock: new Lock(),
			semaphore: new Semaphore(2),
			barrier: new Barrier(count),
			condition: new Condition(),
			turn: new Value('int32'),
			events: Array.from({ length: count }, () => new Event()),
			bounded: new Queue(2),
			work: new JoinableQueue(),
		};
		const children = Array.from({ length: count }, (_, index) => {
			const args: Parameters<typeof contend> = [index, count, rounds, formOf(index), objects];
			return new Process({ target: contend, args, execArgv }).start();
		});
		for (const child of children) await child.join();
		assert.deepEqual(
			children.map(({ exitCode }) => exitCode),
			children.map(() => 0),
		);
		assert.equal(objects.turn.value, rounds * count);
		for (const object of Object.values(objects).flat() as Disposable[]) object[Symbol.dispose]();
	});
}
