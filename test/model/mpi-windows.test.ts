/**
 * MPI's windows: locks, the guard under which accumulating operations are atomic, and the epochs of Post, Start,
 * Complete and Wait; in every order of steps and with a death at every step (see explore.ts). Within larger bounds in
 * `npm run test:full`. Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { Sleepers } from './sleepers.js';
import { inSteps, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type { controlWords, WindowControl, WindowProcess } from '#nprocs/mpi/embedded/windows/window-control.js';

interface Library {
	WindowControl: typeof WindowControl;
	controlWords: typeof controlWords;
}

const modules = { 'mpi/embedded/windows/window-control.ts': ['WindowControl', 'controlWords'] };
const size = 3;

let instantiate: Instantiate;
/** With faults that the model must find. */
let overlooksHolders: Instantiate;
let overlooksDeath: Instantiate;
let wakesNobody: Instantiate;
let postsInSilence: Instantiate;
let completesInSilence: Instantiate;
let startsTooEarly: Instantiate;
let waitsForOne: Instantiate;
before(async () => {
	// It looks at a guard less often before it sleeps.
	const brief = (source: string): string =>
		replaced(replaced(source, 'looksAtGuard = 200', 'looksAtGuard = 2'), 'looksPerOwner = 50', 'looksPerOwner = 2');
	instantiate = await inSteps(modules, brief);
	overlooksHolders = await inSteps(modules, (source) => replaced(brief(source), /const isFree = [^;]*;/, 'const isFree = true;'));
	overlooksDeath = await inSteps(modules, (source) => replaced(brief(source), 'return !this.#process.isAlive(owner) && ', 'return false && '));
	wakesNobody = await inSteps(modules, (source) =>
		replaced(brief(source), /=== 1\)\s*this\.#process\.wake\(origin\)/, '=== 2) this.#process.wake(origin)'),
	);
	postsInSilence = await inSteps(modules, (source) => replaced(brief(source), /(posts, 1\);\s*)this\.#process\.wake\(origin\);/, '$1'));
	completesInSilence = await inSteps(modules, (source) => replaced(brief(source), /(completions, 1\);\s*)this\.#process\.wake\(target\);/, '$1'));
	startsTooEarly = await inSteps(modules, (source) => replaced(brief(source), 'this.#started[target] = wanted', 'this.#started[target] = 0'));
	waitsForOne = await inSteps(modules, (source) => replaced(brief(source), /(completions - this\.#waited\[origin\] \| 0\)) > 0/, '$1 >= 0'));
});

function replaced(source: string, from: string | RegExp, to: string): string {
	const changed = source.replace(from, to);
	assert.notEqual(changed, source, `there is no ${String(from)} in the source`);
	return changed;
}

let words = new Int32Array(0);
let sleepers = new Sleepers();
let done: number[] = [];
let readers = 0;
/** Of epochs: whether the target is exposed, and at how many of its exposures each origin has been. */
let isExposed = false;
let accesses: number[] = [];
let hasJobEnded = false;
const endOfJob = new Error('the job has ended');

function setup(): void {
	words = new Int32Array(256);
	sleepers = new Sleepers();
	done = [];
	readers = 0;
	isExposed = hasJobEnded = false;
	accesses = [0, 0, 0];
}

function controlOf(process: ModelProcess): WindowControl {
	const { id, world } = process;
	const model = {
		token: id + 1,
		isAlive: (token: number) => !world.dead.has(token - 1),
		wake: (other: number) => sleepers.wake(world, other),
		*wait(isDone: () => unknown, members: readonly number[]): Body {
			const attempt = function* (): Generator<unknown, boolean> {
				return (yield* call(isDone())) as boolean;
			};
			// Who waits for the dead ends, and then the job does.
			const givesUp = (): boolean => (hasJobEnded ||= members.every((member) => world.dead.has(member)));
			if (!(yield* sleepers.waitFor(process, attempt, { givesUp }))) throw endOfJob;
		},
	};
	return new (process.lib as unknown as Library).WindowControl(words, id, size, model as unknown as WindowProcess);
}

const writes: Program = function* (process): Body {
	const control = controlOf(process);
	yield* call(control.lock(0, 'exclusive'));
	process.world.enter(process.id);
	assert.equal(readers, 0, 'it writes while somebody reads');
	yield 'inside';
	process.world.leave(process.id);
	yield* call(control.unlock(0));
	done.push(process.id);
};

const reads: Program = function* (process): Body {
	const control = controlOf(process);
	yield* call(control.lock(0, 'shared'));
	assert.equal(process.world.inside.size, 0, 'it reads while somebody writes');
	readers++;
	yield 'inside';
	readers--;
	yield* call(control.unlock(0));
	done.push(process.id);
};

const accumulates: Program = function* (process): Body {
	const control = controlOf(process);
	const access = function* (): Body {
		process.world.enter(process.id);
		yield 'inside';
		process.world.leave(process.id);
	};
	yield* call(control.atomically(0, access as unknown as () => void));
	done.push(process.id);
};

const rounds = 2;
const [origins, target] = [[1, 2], 0];

/** As long as there is a job. */
function inJob(program: Program): Program {
	return function* (process): Body {
		try {
			yield* program(process) as Body;
		} catch (error) {
			if (error !== endOfJob) throw error;
		}
		done.push(process.id);
	};
}

const exposes = inJob(function* (process): Body {
	const control = controlOf(process);
	for (let round = 1; round <= rounds; round++) {
		isExposed = true;
		yield* call(control.post(origins));
		yield* call(control.waitExposure());
		isExposed = false;
		assert.deepEqual(accesses, [0, round, round], 'the exposure ends while somebody is at it');
	}
});

const accessesTarget = inJob(function* (process): Body {
	const control = controlOf(process);
	for (let round = 1; round <= rounds; round++) {
		yield* call(control.start([target]));
		assert.ok(isExposed, 'it begins before the target is exposed');
		yield 'inside';
		assert.ok(isExposed, 'it is inside when the target is not exposed any more');
		accesses[process.id] = round;
		yield* call(control.complete());
	}
});

/** All expose their part to all others, and access theirs. */
const accessesAll = inJob(function* (process): Body {
	const control = controlOf(process);
	const others = [0, 1, 2].filter((id) => id !== process.id);
	yield* call(control.post(others));
	yield* call(control.start(others));
	yield* call(control.complete());
	yield* call(control.waitExposure());
});

/** All come to their end, but the dead. */
function check(_: World, killed: number | undefined): void {
	const living = [0, 1, 2].filter((id) => id !== killed);
	assert.deepEqual(
		living.filter((id) => !done.includes(id)),
		[],
	);
}

const locks: Scenario = { programs: [writes, writes, reads], setup, check, preemptions: 2, preemptionsInBrief: 1 };
const guards: Scenario = { programs: [accumulates, accumulates, accumulates], setup, check, preemptions: 2, preemptionsInBrief: 1 };

const epochs: Scenario = { programs: [exposes, accessesTarget, accessesTarget], setup, check, preemptions: 2, preemptionsInBrief: 1 };
const epochsOfAll: Scenario = { programs: [accessesAll, accessesAll, accessesAll], setup, check, preemptions: 2, preemptionsInBrief: 1 };

function run(whole: Scenario, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, complete } = explore(instantiate, whole);
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('an exclusive lock goes with no other, and nobody sleeps for ever', (t) => run(locks, t));
test('who has or wants an exclusive lock is killed at every step', (t) => run({ ...locks, mortal: 1 }, t));
test('accumulating operations go one after another, and nobody sleeps for ever', (t) => run(guards, t));
test('who accumulates is killed at every step', (t) => run({ ...guards, mortal: 1 }, t));

test('accesses lie within the exposures, and nobody sleeps for ever', (t) => run(epochs, t));
test('who exposes its part is killed at every step', (t) => run({ ...epochs, mortal: 0, preemptions: 1, preemptionsInBrief: 0 }, t));
test('who accesses an exposed part is killed at every step', (t) => run({ ...epochs, mortal: 1, preemptions: 1 }, t));
test('all expose their parts and access those of the others, and nobody sleeps for ever', (t) => run(epochsOfAll, t));
test('one of those is killed at every step', (t) => run({ ...epochsOfAll, mortal: 1, preemptions: 1, preemptionsInBrief: 0 }, t));

test('the model finds a lock that overlooks its holders', () => {
	assert.throws(() => explore(overlooksHolders, locks), /is inside together|while somebody/);
});
test('the model finds a guard that stays with a dead owner', () => {
	assert.throws(() => explore(overlooksDeath, { ...guards, mortal: 1 }));
});
test('the model finds an unlock that wakes nobody', () => {
	assert.throws(() => explore(wakesNobody, locks), /a wake-up was lost/);
});
test('the model finds a post that wakes nobody', () => {
	assert.throws(() => explore(postsInSilence, epochs), /a wake-up was lost/);
});
test('the model finds a complete that wakes nobody', () => {
	assert.throws(() => explore(completesInSilence, epochs), /a wake-up was lost/);
});
test('the model finds a start that takes the post of an epoch before', () => {
	assert.throws(() => explore(startsTooEarly, epochs), /while somebody is at it|not exposed any more|before the target is exposed/);
});
test('the model finds a wait that takes the complete of an epoch before', () => {
	assert.throws(() => explore(waitsForOne, epochs), /while somebody is at it|not exposed any more|before the target is exposed/);
});
