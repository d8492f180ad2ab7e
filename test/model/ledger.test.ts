/**
 * The ledger of a JoinableQueue: consumers that take items and say that they are done, and one who joins, in every
 * order of steps and with a death at every step (see explore.ts). `npm run test:full` explores within larger bounds.
 * Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { Sleepers } from './sleepers.js';
import { inSteps, runToEnd, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type { ConsumerLedger } from '#nprocs/queue/ledger.js';

const modules = { 'queue/ledger.ts': ['ConsumerLedger'] };

let instantiate: Instantiate;
/** With faults that the model must find. */
let leavesNoNote: Instantiate;
let believesIntentions: Instantiate;
let overlooksTheGone: Instantiate;
let leavesChanges: Instantiate;
before(async () => {
	instantiate = await inSteps(modules);
	leavesNoNote = await inSteps(modules, (source) => replaced(source, 'Atomics.store(words, NOTE, index + 2)', 'words[NOTE] = 0'));
	believesIntentions = await inSteps(modules, (source) => replaced(source, /if \(\(count - entry\[SIGN\] \| 0\) >= 0\)/, 'if (true)'));
	leavesChanges = await inSteps(modules, (source) => replaced(source, 'changing !== 0', 'changing < 0'));
	overlooksTheGone = await inSteps(modules, (source) => replaced(source, /settleGone\(\) \{/, 'settleGone() { return;'));
});

function replaced(source: string, from: string | RegExp, to: string): string {
	const changed = source.replace(from, to);
	assert.notEqual(changed, source, `there is no ${String(from)} in the source`);
	return changed;
}

const [joining, consuming] = [0, 1];
/** One that has gone before, with an item in hand. */
const gone = 3;

let words = new Int32Array(0);
let sleepers = new Sleepers();
let published = 0;
let taken = 0;
/** Who has the lock of the ring's head. */
let owner: number | undefined;
/** How who is dead has ended, if not by a kill. */
let hasEndedRegularly = false;
let ended: number[] = [];

function ledgerOf(process: ModelProcess): ConsumerLedger {
	const lib = process.lib as unknown as { ConsumerLedger: typeof ConsumerLedger };
	const ring = {
		*published() {
			yield 'published';
			return published;
		},
		*taken() {
			yield 'taken';
			return taken;
		},
	};
	const consumers = {
		current: () => process.id + 1,
		isDead: (token: number) => process.world.dead.has(token - 1),
		wasKilled: () => !hasEndedRegularly,
		exitCodeOf: () => -9,
	};
	const extension = { bytes: 0, reserve() {}, map: () => new ArrayBuffer(0) };
	return new lib.ConsumerLedger({ words, ring: ring as never, consumers, extension });
}

function setup(count: number): () => void {
	return () => {
		words = new Int32Array(4096);
		sleepers = new Sleepers();
		published = count;
		taken = 0;
		owner = undefined;
		hasEndedRegularly = false;
		ended = [];
	};
}

/** One item is in the hands of one who is gone. */
function setupWithGone(count: number, how: 'killed' | 'regularly'): (world: World) => void {
	return (world) => {
		setup(count)();
		hasEndedRegularly = how === 'regularly';
		runToEnd(takeOne(ledgerOf(world.process(gone))));
		world.dead.add(gone);
	};
}

function* locked(process: ModelProcess, body: () => Body): Body {
	const { world } = process;
	yield* sleepers.waitFor(process, function* () {
		yield 'lock';
		if (owner !== undefined && !world.dead.has(owner)) return false;
		owner = process.id;
		return true;
	});
	yield* body();
	yield 'unlock';
	owner = undefined;
	for (const id of [0, 1, 2]) sleepers.wake(world, id);
}

/** As the ring does it. */
function* takeOne(ledger: ConsumerLedger): Body {
	const sequence = taken + 1;
	yield* call(ledger.intend(sequence));
	yield 'take';
	taken = sequence;
	yield* call(ledger.settle());
}

/** Takes and reports as long as there is something; then it reports `more` items that others had. */
function consumes(more = 0): Program {
	return function* (process): Body {
		const ledger = ledgerOf(process);
		const report = function* (): Body {
			yield* call(ledger.done());
		};
		for (let hasTaken = true; hasTaken;) {
			yield* locked(process, function* () {
				hasTaken = taken < published;
				if (hasTaken) yield* takeOne(ledger);
			});
			if (hasTaken) yield* locked(process, report);
		}
		for (let i = 0; i < more; i++) yield* locked(process, report);
		ended.push(process.id);
	};
}

const joins: Program = function* (process): Body {
	const ledger = ledgerOf(process);
	yield* sleepers.waitFor(
		process,
		function* () {
			return (yield* call(ledger.unfinished())) === 0;
		},
		{
			*before() {
				if ((yield* call(ledger.gone())).length === 0) return;
				yield* locked(process, function* () {
					yield* call(ledger.settleGone());
				});
			},
		},
	);
	ended.push(process.id);
};

/** All that was put in is done, or lost with who had it; each item once. */
function check(lost: (killed: number | undefined) => readonly number[]): NonNullable<Scenario['check']> {
	return (world, killed) => {
		const ledger = ledgerOf(world.process(50));
		runToEnd(ledger.settleGone());
		assert.equal(taken, published);
		assert.equal(runToEnd(ledger.unfinished()), 0, 'unfinished in the end');
		const { count } = runToEnd(ledger.lost()) as { count: number };
		assert.ok(lost(killed).includes(count), `${count} were lost`);
		for (const id of [0, 1, 2]) assert.ok(id === killed || ended.includes(id), `${id} has not come to its end`);
	};
}

const consumers: Scenario = {
	programs: [joins, consumes(), consumes()],
	setup: setup(3),
	check: check((killed) => (killed === consuming ? [0, 1] : [0])),
	preemptions: 1,
};
const settlers: Scenario = {
	...consumers,
	preemptions: 2,
	preemptionsInBrief: 1,
	programs: [joins, joins, consumes()],
	setup: setupWithGone(2, 'killed'),
	check: check(() => [1]),
};
const reporters: Scenario = {
	...consumers,
	preemptions: 2,
	preemptionsInBrief: 1,
	programs: [joins, joins, consumes(1)],
	setup: setupWithGone(2, 'regularly'),
	check: check(() => [0]),
};

function run(scenario: Scenario, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, complete } = explore(instantiate, scenario);
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('each item is done once, and who joins goes on', (t) => run(consumers, t));
test('who takes and reports is killed at every step', (t) => run({ ...consumers, mortal: consuming, preemptionsInBrief: 0 }, t));
test('who joins is killed at every step', (t) => run({ ...consumers, mortal: joining, preemptionsInBrief: 0 }, t));
test('what one has lost who is gone is lost once, whoever settles it', (t) => run(settlers, t));
test('who settles that is killed at every step', (t) => run({ ...settlers, mortal: joining, preemptions: 1 }, t));
test('what one had in hand who has ended is reported by another one', (t) => run(reporters, t));
test('who hands that on is killed at every step', (t) => run({ ...reporters, mortal: joining, preemptions: 1 }, t));

test('the model finds a settlement without a note', () => {
	assert.throws(() => explore(leavesNoNote, { ...settlers, mortal: joining }), /were lost|unfinished/);
});
test('the model finds an intention that is taken for the deed', () => {
	assert.throws(() => explore(believesIntentions, { ...consumers, mortal: consuming }), /were lost|unfinished|slice after slice/);
});
test('the model finds items that are not given up', () => {
	assert.throws(() => explore(overlooksTheGone, settlers), /all sleep|does not end/);
});
test('the model finds a change that its writer has died over and the next one overlooks', () => {
	assert.throws(() => explore(leavesChanges, { ...consumers, mortal: consuming }), /were lost|unfinished|slice after slice/);
});
