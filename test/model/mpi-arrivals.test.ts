/**
 * Barriers of MPI by counting: three members, in every order of steps and with a death at every step (see explore.ts).
 * Within larger bounds in `npm run test:full`. Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { Sleepers } from './sleepers.js';
import { inSteps, type Instantiate } from './steps.js';
import { call, type Body, type Program, type World } from './world.js';
import type { Arrivals, arrivalsWords } from '#nprocs/mpi/embedded/job/arrivals.js';

interface Library {
	Arrivals: typeof Arrivals;
	arrivalsWords: typeof arrivalsWords;
}

const modules = { 'mpi/embedded/job/arrivals.ts': ['Arrivals', 'arrivalsWords'] };
const [size, barriers] = [3, 2];
/** Shortly before the counts begin anew. */
const firstBarrier = 2 ** 31 - 1;

let instantiate: Instantiate;
/** With faults that the model must find. */
let tellsTooEarly: Instantiate;
let isSatisfiedTooEarly: Instantiate;
let doesNotWake: Instantiate;
before(async () => {
	instantiate = await inSteps(modules);
	tellsTooEarly = await inSteps(modules, (source) =>
		replaced(source, /(const count = \(?Atomics\.add[^;]*;)(\s*)(Atomics\.store[^;]*;)/, '$3$2$1'),
	);
	isSatisfiedTooEarly = await inSteps(modules, (source) => replaced(source, '>= 0', '>= -1'));
	doesNotWake = await inSteps(modules, (source) => replaced(source, 'return count === this.#target();', 'return false;'));
});

function replaced(source: string, from: string | RegExp, to: string): string {
	const changed = source.replace(from, to);
	assert.notEqual(changed, source, `there is no ${String(from)} in the source`);
	return changed;
}

let words = new Int32Array(0);
let sleepers = new Sleepers();
/** At how many barriers each member has been, and from how many it has come back. */
let [begun, over] = [[0], [0]];

function setup(): void {
	words = new Int32Array(64).fill(firstBarrier | 0, 16);
	words[0] = Math.imul(firstBarrier, size);
	sleepers = new Sleepers();
	[begun, over] = [Array<number>(size).fill(0), Array<number>(size).fill(0)];
}

const member: Program = function* (process): Body {
	const { id, world } = process;
	const arrivals = new (process.lib as unknown as Library).Arrivals(words, 0, { size, rank: id, barriers: firstBarrier | 0 });
	const isComplete = function* (): Generator<unknown, boolean> {
		return (yield* call(arrivals.isComplete())) as boolean;
	};
	for (let barrier = 1; barrier <= barriers; barrier++) {
		begun[id] = barrier;
		if ((yield* call(arrivals.arrive())) === true) {
			for (let other = 0; other < size; other++) if (other !== id) sleepers.wake(world, other);
		}
		if (!(yield* sleepers.waitFor(process, isComplete, { givesUp: () => world.dead.size > 0 }))) {
			// Who waits for ever waits for somebody.
			const missing = (yield* call(arrivals.missing())) as number[];
			assert.ok((yield* isComplete()) || missing.length > 0, `member ${id} waits for nobody`);
			return;
		}
		assert.ok(
			begun.every((count) => count >= barrier),
			`member ${id} went on too early: ${begun.join()}`,
		);
		over[id] = barrier;
	}
};

function check(_: World, killed: number | undefined): void {
	if (killed === undefined) assert.deepEqual(over, Array<number>(size).fill(barriers));
}

const scenario: Scenario = { programs: [member, member, member], setup, check, preemptions: 2, preemptionsInBrief: 1 };

function run(whole: Scenario, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, complete } = explore(instantiate, whole);
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('nobody goes on before all have arrived, and nobody sleeps for ever', (t) => run(scenario, t));
test('a member is killed at every step: who waits for ever waits for somebody', (t) => run({ ...scenario, mortal: 1 }, t));

test('the model finds a member that says it has arrived before it has', () => {
	assert.throws(() => explore(tellsTooEarly, { ...scenario, mortal: 1, preemptionsInBrief: 2 }), /waits for nobody/);
});
test('the model finds a barrier that is over before all have arrived', () => {
	assert.throws(() => explore(isSatisfiedTooEarly, scenario), /too early/);
});
test('the model finds a last one that wakes nobody', () => {
	assert.throws(() => explore(doesNotWake, scenario), /a wake-up was lost/);
});
