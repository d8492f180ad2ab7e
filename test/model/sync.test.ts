/**
 * The protocols of waiting, locks, semaphores, conditions, barriers and of the registry, in every order of steps (see
 * explore.ts); `npm run test:full` explores within larger bounds. Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { inSteps, runToEnd, Thread, type Instantiate, type Step } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type * as LibraryTypes from 'nprocs';
import type { isAlive, self } from '#nprocs/memory/registry.js';

type Library = typeof LibraryTypes & { self: typeof self; isAlive: typeof isAlive };
const library = (process: ModelProcess): Library => process.lib as unknown as Library;

const modules = {
	'memory/registry.ts': ['self', 'isAlive', 'slotWords'],
	'sync/lock.ts': ['Lock'],
	'sync/rlock.ts': ['RLock'],
	'sync/semaphore.ts': ['Semaphore', 'BoundedSemaphore'],
	'sync/event.ts': ['Event'],
	'sync/barrier.ts': ['Barrier'],
	'sync/condition.ts': ['Condition'],
};

let instantiate: Instantiate;
before(async () => {
	instantiate = await inSteps(modules);
});

/** Joins the registry before the interesting part begins. */
function joined(process: ModelProcess): Library {
	const lib = library(process);
	runToEnd(lib.self());
	return lib;
}

const named = { name: 'object' };
const lockOptions = { ...named, detectDeadlocks: false };

function run(scenario: Scenario, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, preemptions, complete } = explore(instantiate, scenario);
	t.diagnostic(`${runs} runs, ${deaths} with a death, ${complete ? 'all' : 'not all'} orders within ${preemptions} preemptions`);
	assert.ok(complete, 'all orders within the bound were run');
	assert.ok(scenario.mortal === undefined || deaths > 0);
}

/** Acquires, is inside for two steps, releases; so many times. */
function user(kind: 'Lock' | 'RLock' | 'Semaphore', times: number): Program {
	return function* (process): Body {
		const lib = joined(process);
		const object = kind === 'Semaphore' ? new lib.Semaphore(1, named) : new lib[kind](lockOptions);
		for (let i = 0; i < times; i++) {
			yield* call(object.acquireSync());
			process.world.enter(process.id);
			yield 'inside';
			process.world.leave(process.id);
			yield* call(object.release());
		}
	};
}

/** In the end the object is free for one who comes now. */
function isFree(kind: 'Lock' | 'RLock' | 'Semaphore'): (world: World) => void {
	return (world) => {
		const process = world.process(50);
		const lib = joined(process);
		const object = kind === 'Semaphore' ? new lib.Semaphore(1, named) : new lib[kind](lockOptions);
		assert.equal(runToEnd(object.acquireSync(0)), true);
		if (kind === 'Semaphore') assert.equal(runToEnd(object.acquireSync(0)), false, 'no permit too many');
	};
}

for (const kind of ['Lock', 'RLock', 'Semaphore'] as const) {
	test(`${kind}: mutual exclusion, no lost wake-up`, (t) => {
		const programs = [user(kind, 2), user(kind, 1), user(kind, 1)];
		run({ programs, check: isFree(kind), preemptions: kind === 'Semaphore' ? 1 : 2, preemptionsInBrief: kind === 'Lock' ? 2 : 1 }, t);
	});
	test(`${kind}: the same with a death at every step`, (t) => {
		const programs = [user(kind, 1), user(kind, 1), user(kind, 1)];
		run({ programs, check: isFree(kind), mortal: 0, preemptions: 1, preemptionsInBrief: kind === 'Semaphore' ? 0 : 1 }, t);
	});
}

test('Semaphore: two permits, a holder killed at every step: exactly two remain', (t) => {
	const program: Program = function* (process): Body {
		const semaphore = new (joined(process).Semaphore)(2, named);
		yield* call(semaphore.acquireSync());
		yield* call(semaphore.release());
	};
	const check = (world: World): void => {
		const semaphore = new (joined(world.process(50)).Semaphore)(2, named);
		const taken = [1, 2, 3].map(() => runToEnd(semaphore.acquireSync(0)));
		assert.deepEqual(taken, [true, true, false]);
	};
	run({ programs: [program, program, program], check, mortal: 0, preemptions: 1, preemptionsInBrief: 0 }, t);
});

test('Event: a set reaches all who wait, also when it is cleared at once; a killed waiter or setter harms nobody', (t) => {
	const waiter: Program = function* (process): Body {
		const event = new (joined(process).Event)(named);
		process.world.notes[`begun${process.id}`] = 1;
		assert.equal(yield* call(event.waitSync()), true);
	};
	const setter: Program = function* (process): Body {
		const event = new (joined(process).Event)(named);
		yield* call(event.set());
	};
	run({ programs: [waiter, waiter, setter], preemptions: 2, preemptionsInBrief: 1 }, t);
	run({ programs: [waiter, waiter, setter], mortal: 0, preemptions: 1 }, t);
	run({ programs: [setter, waiter, setter], mortal: 0, preemptions: 1 }, t);
});

test('Barrier: all pass, each with another number', (t) => {
	const party: Program = function* (process): Body {
		const barrier = new (joined(process).Barrier)(2, { ...named });
		for (let pass = 0; pass < 2; pass++) {
			const key = `pass${pass}`;
			const index = yield* call(barrier.waitSync());
			process.world.notes[key] = (process.world.notes[key] ?? 0) | (1 << index);
		}
	};
	const check = ({ notes }: World): void => assert.deepEqual(notes, { pass0: 3, pass1: 3 });
	run({ programs: [party, party], check, preemptions: 2, preemptionsInBrief: 1 }, t);
});

test('Barrier: a party killed at every step breaks it or has passed; nobody waits for ever', (t) => {
	const party: Program = function* (process): Body {
		const barrier = new (joined(process).Barrier)(3, { ...named });
		const key = `outcome${process.id}`;
		try {
			yield* call(barrier.waitSync());
			process.world.notes[key] = 1;
		} catch (error) {
			if ((error as { code?: string }).code !== 'ERR_NPROCS_BROKEN_BARRIER') throw error;
			process.world.notes[key] = 2;
		}
	};
	const check = ({ notes, dead }: World): void => {
		const outcomes = [1, 2].map((id) => notes[`outcome${id}`]);
		assert.ok(outcomes.every((outcome) => outcome === 1 || outcome === 2));
		if (dead.size === 0) assert.deepEqual(outcomes, [1, 1]);
	};
	// One who dies before it has come is unknown to the barrier; that is what its timeout is for. Here it took part
	// before: it is a member.
	const joins: Scenario['setup'] = (world) => {
		const process = world.process(0);
		const lib = joined(process);
		const barrier = new lib.Barrier(3, { ...named });
		const waiting = new Thread(barrier.waitSync() as unknown as Step);
		let step = waiting.next();
		while (step.done !== true && step.value !== 'futexWait') step = waiting.next();
		runToEnd(barrier.reset());
		world.wakeSleepers();
	};
	run({ programs: [party, party, party], setup: joins, check, mortal: 0, preemptions: 1, preemptionsInBrief: 0 }, t);
});

test('Condition: every notification lets one go on; a killed waiter passes it on', (t) => {
	const waiter: Program = function* (process): Body {
		const lib = joined(process);
		const condition = new lib.Condition(new lib.Lock(lockOptions), named);
		yield* call(condition.acquireSync());
		// Word 1 of the model's notes is the state that the lock protects.
		while ((process.world.notes['items'] ?? 0) === 0) yield* call(condition.waitSync());
		process.world.notes['items']!--;
		yield* call(condition.release());
	};
	const producer = (items: number): Program =>
		function* (process): Body {
			const lib = joined(process);
			const condition = new lib.Condition(new lib.Lock(lockOptions), named);
			for (let i = 0; i < items; i++) {
				yield* call(condition.acquireSync());
				process.world.notes['items'] = (process.world.notes['items'] ?? 0) + 1;
				yield* call(condition.notify());
				yield* call(condition.release());
			}
		};
	run({ programs: [waiter, waiter, producer(2)], check: ({ notes }) => assert.equal(notes['items'], 0), preemptions: 1 }, t);
	run({ programs: [waiter, waiter, producer(2)], mortal: 0, preemptions: 1, preemptionsInBrief: 0 }, t);
});

test('Registry: every thread gets a slot of its own, whoever dies while taking one', (t) => {
	const tokens = (world: World): Record<string, number> => world.notes;
	const member: Program = function* (process): Body {
		const { token } = (yield* call(library(process).self())) as { token: number };
		process.world.notes[`token${process.id}`] = token;
	};
	const check = (world: World, killed: number | undefined): void => {
		const living = Object.entries(tokens(world)).filter(([key]) => key !== `token${killed}`);
		assert.equal(new Set(living.map(([, token]) => token & 4095)).size, living.length, 'one slot each');
		const lib = library(world.process(50));
		for (const [, token] of living) assert.equal(runToEnd(lib.isAlive(token)), true);
		const dead = tokens(world)[`token${killed}`];
		if (dead !== undefined) assert.equal(runToEnd(lib.isAlive(dead)), false);
	};
	run({ programs: [member, member, member], check, fresh: true, preemptions: 2 }, t);
	run({ programs: [member, member, member], check, fresh: true, mortal: 0, preemptions: 1 }, t);
});

/** Faults that the model must find, as the text to replace and what to put there. */
const faults: Record<string, { from: RegExp; to: string; finds: RegExp; preemptions?: number; mortal?: number }> = {
	'saying that one waits after the last attempt': {
		from: /set\.add\(slot\d*\);\s*const result = attempt\(\);/,
		to: 'const result = attempt(); set.add(slot);',
		finds: /wake-up was lost/,
	},
	'waking before releasing': {
		from: /const was = Atomics\.exchange\(this\.int32, ownerWord, 0\);/,
		to: 'this.waiters.wakeOne(); const was = Atomics.exchange(this.int32, ownerWord, 0); this.waiters = { wakeOne() {} };',
		finds: /wake-up was lost/,
	},
	'taking without comparing': {
		from: /Atomics\.compareExchange\(this\.int32, ownerWord, seen, seen \| token\) === seen/,
		to: '(Atomics.store(this.int32, ownerWord, seen | token), true)',
		finds: /is inside together|nobody holds it/,
		preemptions: 3,
	},
	'not looking for dead holders': {
		from: /if \(this\.repair\(\) \|\| !this\.#detects\)\s*return;/,
		to: 'return;',
		finds: /slice after slice/,
		mortal: 0,
		preemptions: 1,
	},
};

for (const [title, { from, to, finds, ...bounds }] of Object.entries(faults)) {
	test(`the model finds a fault: ${title}`, async () => {
		const damaged = await inSteps(modules, (source) => {
			assert.match(source, from);
			return source.replace(from, to);
		});
		const programs = [user('Lock', 1), user('Lock', 1), user('Lock', 1)];
		assert.throws(() => explore(damaged, { programs, preemptions: 2, ...bounds }), finds);
	});
}
