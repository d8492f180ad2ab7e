/**
 * Cases on paper: who waits for whom, and who can never go on. `-` computes, `x` has ended; else requirements, each a
 * list of ranks.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StuckWatch, stuckRanks } from '#nprocs/mpi/launcher/stuck.js';
import { Job, rankState } from '#nprocs/mpi/embedded/job/job.js';

type State = '-' | 'x' | readonly (readonly number[])[];

function stuck(...states: State[]): number[] {
	return stuckRanks(
		states.map((state) => ({
			hasEnded: state === 'x',
			waiting: typeof state === 'string' ? undefined : { version: 2, text: 'recv()', requirements: state, inLoop: false },
		})),
	);
}

const cases: readonly (readonly [what: string, states: State[], expected: number[]])[] = [
	['two ranks that receive from each other', [[[1]], [[0]]], [0, 1]],
	['the same, while a third one computes', [[[1]], [[0]], '-'], [0, 1]],
	['any source, with one that computes', [[[1, 2]], [[0]], '-'], []],
	['any source, when all wait', [[[1, 2]], [[0]], [[0]]], [0, 1, 2]],
	['a receive from a rank that has ended', ['x', [[0]]], [1]],
	['a ring of four', [[[3]], [[0]], [[1]], [[2]]], [0, 1, 2, 3]],
	['a chain behind one that computes', ['-', [[0]], [[1]], [[2]]], []],
	['all of several requests, one of which is hopeless', ['-', [[0], [2]], 'x'], [1]],
	['any of several requests, one of which is hopeless', ['-', [[0, 2]], 'x'], []],
	['who waits for one that is stuck', [[[1]], [[0]], [[0]], '-'], [0, 1, 2]],
	['all have ended', ['x', 'x'], []],
	['a wait for itself', [[[0]], '-'], [0]],
];

for (const [what, states, expected] of cases) {
	test(`${what}: ${expected.length === 0 ? 'nobody is stuck' : `stuck: ${expected.join(', ')}`}`, () => {
		assert.deepEqual(stuck(...states), expected);
	});
}

test('a deadlock is certain when each has looked twice more, and nothing has changed', () => {
	using job = Job.create({ size: 3 });
	const wait = (rank: number, from: number): void =>
		job.waitRecordWriter(rank).write({ text: `recv(source=${from}) at a.js:${rank}`, requirements: [[from]], inLoop: false });
	const watch = new StuckWatch(job);
	wait(0, 1);
	assert.equal(watch.look(), undefined);
	wait(1, 0);
	assert.equal(watch.look(), undefined); // seen for the first time
	assert.equal(watch.look(), undefined); // nobody has looked since
	job.noteLook(0);
	job.noteLook(0);
	job.noteLook(1);
	assert.equal(watch.look(), undefined); // the one look may have begun before
	job.setProgress(1, 7); // something has come
	job.noteLook(1);
	assert.equal(watch.look(), undefined);
	for (const rank of [0, 1, 0, 1]) job.noteLook(rank);
	job.setState(2, rankState.ended);
	assert.deepEqual(watch.look(), ['rank 0 waits in recv(source=1) at a.js:0', 'rank 1 waits in recv(source=0) at a.js:1', 'rank 2 has ended']);
	wait(0, 2); // another wait
	assert.equal(watch.look(), undefined);
	job.waitRecordWriter(0).clear();
	for (const rank of [0, 1, 0, 1]) job.noteLook(rank);
	assert.equal(watch.look(), undefined);
});

/** A job during whose reads something happens: after each call of these names, with what it was called with. */
function interrupted(job: Job, name: keyof Job, happens: (rank: number) => void): Job {
	return new Proxy(job, {
		get(target, key) {
			const value: unknown = Reflect.get(target, key, target);
			if (typeof value !== 'function') return value;
			return (...args: unknown[]) => {
				const result: unknown = Reflect.apply(value, target, args);
				if (key === name) happens(args[0] as number);
				return result;
			};
		},
	});
}

function twoThatWait(): { job: Job; wait: (rank: number) => void; look: (...ranks: number[]) => void } {
	const job = Job.create({ size: 2 });
	const wait = (rank: number): void => job.waitRecordWriter(rank).write({ text: 'recv() at a.js', requirements: [[1 - rank]], inLoop: false });
	for (const rank of [0, 1]) wait(rank);
	return { job, wait, look: (...ranks) => ranks.forEach((rank) => job.noteLook(rank)) };
}

test('looks count from when all have been seen to wait', () => {
	const { job, look } = twoThatWait();
	let isFirst = true;
	const watch = new StuckWatch(
		interrupted(job, 'waitRecord', (rank) => {
			if (rank === 1 && isFirst) look(0, 0); // and then comes what the other one has sent before it waited
			isFirst &&= rank !== 1;
		}),
	);
	assert.equal(watch.look(), undefined);
	look(1, 1);
	assert.equal(watch.look(), undefined);
	look(0, 0);
	assert.notEqual(watch.look(), undefined);
	job[Symbol.dispose]();
});

test('what a rank has found comes before its looks', () => {
	const { job, look } = twoThatWait();
	let hasCome = false;
	const watch = new StuckWatch(
		interrupted(job, 'progressOf', (rank) => {
			if (rank !== 1 || !hasCome) return;
			hasCome = false;
			job.setProgress(1, 7);
			look(1, 1);
		}),
	);
	assert.equal(watch.look(), undefined);
	look(0, 0);
	hasCome = true;
	assert.equal(watch.look(), undefined);
	assert.equal(watch.look(), undefined);
	look(0, 1, 0, 1);
	assert.notEqual(watch.look(), undefined);
	job[Symbol.dispose]();
});

test('a rank that blocks twice for the same has gone on in between', () => {
	const { job, wait, look } = twoThatWait();
	const watch = new StuckWatch(job);
	assert.equal(watch.look(), undefined);
	job.waitRecordWriter(0).clear();
	wait(0);
	look(0, 1, 0, 1);
	assert.equal(watch.look(), undefined);
	look(0, 1, 0, 1);
	assert.notEqual(watch.look(), undefined);
	job[Symbol.dispose]();
});
