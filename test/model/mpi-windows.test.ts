/**
 * Locks of MPI's windows, and the guard under which accumulating operations are atomic: in every order of steps and
 * with a death at every step (see explore.ts). Within larger bounds in `npm run test:full`. Time limit: 300 s
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

function setup(): void {
	words = new Int32Array(256);
	sleepers = new Sleepers();
	done = [];
	readers = 0;
}

function controlOf(process: ModelProcess): WindowControl {
	const { id, world } = process;
	const model = {
		token: id + 1,
		isAlive: (token: number) => !world.dead.has(token - 1),
		wake: (other: number) => sleepers.wake(world, other),
		*wait(isDone: () => unknown): Body {
			yield* sleepers.waitFor(process, function* () {
				return (yield* call(isDone())) as boolean;
			});
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

function run(whole: Scenario, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, complete } = explore(instantiate, whole);
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('an exclusive lock goes with no other, and nobody sleeps for ever', (t) => run(locks, t));
test('who has or wants an exclusive lock is killed at every step', (t) => run({ ...locks, mortal: 1 }, t));
test('accumulating operations go one after another, and nobody sleeps for ever', (t) => run(guards, t));
test('who accumulates is killed at every step', (t) => run({ ...guards, mortal: 1 }, t));

test('the model finds a lock that overlooks its holders', () => {
	assert.throws(() => explore(overlooksHolders, locks), /is inside together|while somebody/);
});
test('the model finds a guard that stays with a dead owner', () => {
	assert.throws(() => explore(overlooksDeath, { ...guards, mortal: 1 }));
});
test('the model finds an unlock that wakes nobody', () => {
	assert.throws(() => explore(wakesNobody, locks), /a wake-up was lost/);
});
