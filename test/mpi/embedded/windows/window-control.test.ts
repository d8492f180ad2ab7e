/** Locks and epochs of windows over plain words, with members that are played by one thread, and some that are dead. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlWords, WindowControl } from '#nprocs/mpi/embedded/windows/window-control.js';

/** Members of one window. One that would have to wait throws; whom it would wake is noted. */
function members(size: number): { controls: WindowControl[]; dead: Set<number>; woken: number[]; words: Int32Array } {
	const words = new Int32Array(controlWords(size));
	const dead = new Set<number>();
	const woken: number[] = [];
	const controls = Array.from({ length: size }, (_, rank) => {
		return new WindowControl(words, rank, size, {
			token: rank + 1,
			isAlive: (token) => !dead.has(token - 1),
			wake: (member) => woken.push(member),
			wait(isDone, _, what) {
				if (!isDone()) throw new Error(`waits: ${what}`);
			},
		});
	});
	return { controls, dead, woken, words };
}

test('shared locks go together, an exclusive one with none; each target has its own', () => {
	const { controls } = members(3);
	const [a, b, c] = controls as [WindowControl, WindowControl, WindowControl];
	a.lock(0, 'shared');
	b.lock(0, 'shared');
	assert.throws(() => c.lock(0, 'exclusive'), /waits: lock of rank 0/);
	c.lock(1, 'exclusive');
	assert.throws(() => a.lock(1, 'shared'), /waits/);
	a.unlock(0);
	assert.throws(() => c.lock(0, 'exclusive'), /waits/);
	b.unlock(0);
	c.lock(0, 'exclusive');
	assert.throws(() => b.lock(0, 'shared'), /waits/);
	c.unlock(0);
	b.lock(0, 'shared');
});

test('who lets go wakes those who wait for this target', () => {
	const { controls, woken } = members(4);
	controls[0]!.lock(2, 'exclusive');
	assert.throws(() => controls[1]!.lock(2, 'shared'), /waits/);
	assert.throws(() => controls[3]!.lock(2, 'exclusive'), /waits/);
	woken.length = 0;
	controls[0]!.unlock(2);
	assert.deepEqual(woken, [1, 3]);
});

test('the lock of a dead member is nobody’s', () => {
	const { controls, dead } = members(2);
	controls[0]!.lock(1, 'exclusive');
	assert.throws(() => controls[1]!.lock(1, 'exclusive'), /waits/);
	dead.add(0);
	controls[1]!.lock(1, 'exclusive');
});

test('a member that died within an atomic access, or while it took a lock, stops nobody', () => {
	const { controls, dead, words } = members(2);
	const killed = new Error('killed');
	// As if its process had ended there: nothing of what follows in it takes place
	const before = words.slice();
	let during = before;
	controls[0]!.atomically(1, () => (during = words.slice()));
	words.set(during);
	assert.notDeepEqual(during, before);
	assert.throws(() => controls[1]!.atomically(1, () => assert.fail(killed)), /waits: access to rank 1/);
	dead.add(0);
	assert.equal(
		controls[1]!.atomically(1, () => 5),
		5,
	);
	assert.equal(
		controls[1]!.atomically(1, () => 6),
		6,
		'the guard was let go',
	);
});

test('what an atomic access throws lets the guard go', () => {
	const { controls } = members(2);
	assert.throws(() => controls[0]!.atomically(0, () => assert.fail('inside')), /inside/);
	assert.equal(
		controls[1]!.atomically(0, () => 1),
		1,
	);
});

test('Post, Start, Complete, Wait: each post is answered once, whoever comes first', () => {
	const { controls, woken } = members(3);
	const [target, one, two] = controls as [WindowControl, WindowControl, WindowControl];
	assert.throws(() => one.start([0]), /waits: post of rank 0/);
	for (let pass = 0; pass < 5; pass++) {
		target.post([1, 2]);
		assert.deepEqual(woken.splice(0), [1, 2]);
		assert.equal(target.testExposure(), false);
		one.start([0]);
		two.start([0]);
		assert.deepEqual([one.targets, two.targets], [[0], [0]]);
		one.complete();
		assert.throws(() => target.waitExposure(), /waits: complete of rank 2/);
		two.complete();
		assert.deepEqual(woken.splice(0), [0, 0]);
		if (pass % 2 === 0) target.waitExposure();
		else assert.ok(target.testExposure());
		assert.throws(() => one.start([0]), /waits: post of rank 0/, 'the next post has not come');
	}
	target.post([]);
	assert.ok(target.testExposure());
});
