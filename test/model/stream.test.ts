/**
 * Streams and their wake policy, in every order of steps and with a death at every step (see explore.ts): whoever waits
 * for a message or for room gets it, though sleepers are left alone while somebody else is about to look. `npm run
 * test:full` explores within larger bounds.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { inSteps, runToEnd, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type { Deadline } from '#nprocs/base/deadline.js';
import type { Outgoing } from '#nprocs/stream/message.js';
import type { Stream, Taken } from '#nprocs/stream/stream.js';
import type { self } from '#nprocs/memory/registry.js';
import type { waitForSync } from '#nprocs/wait/waiter.js';

interface Library {
	Stream: typeof Stream;
	Deadline: typeof Deadline;
	waitForSync: typeof waitForSync;
	self: typeof self;
}

const modules = {
	'stream/stream.ts': ['Stream'],
	'base/deadline.ts': ['Deadline'],
	'wait/waiter.ts': ['waitForSync'],
	'memory/registry.ts': ['self'],
};

/** Fewer spins, so that there are not too many orders; on one processor nobody would spin at all. */
function simplify(source: string): string {
	const edits: [RegExp, string][] = [
		[/LOCK_SPINS = 60/, 'LOCK_SPINS = 1'],
		[/availableParallelism\(\) > 1/, 'true'],
		[/attemptsPerLook = 8/, 'attemptsPerLook = 1'],
	];
	return edits.reduce((text, [from, to]) => {
		assert.match(text, from);
		return text.replace(from, to);
	}, source);
}

let instantiate: Instantiate;
before(async () => {
	instantiate = await inSteps(modules, simplify);
});

let name = '';
let got: number[] = [];

function setupWith(maxCount: number): (world: World) => void {
	return (world) => {
		const { lib } = joined(world.process(50));
		const stream = runToEnd(lib.Stream.create('Queue', { maxCount })) as Stream;
		name = stream.segment.name;
		got = [];
	};
}

function joined(process: ModelProcess): { lib: Library; open: () => Stream } {
	const lib = process.lib as unknown as Library;
	runToEnd(lib.self());
	return { lib, open: () => runToEnd(lib.Stream.open('Queue', name)) as Stream };
}

function consumer(count: number): Program {
	return function* (process): Body {
		const { lib, open } = joined(process);
		const stream = open();
		for (let i = 0; i < count; i++) {
			const attempt = (): Taken | undefined => stream.tryTake();
			const taken = (yield* call(lib.waitForSync(stream.items, attempt, lib.Deadline.never, stream.getting))) as Taken;
			got.push(taken.value as number);
		}
	};
}

function messageOf(id: number): Outgoing {
	return { flags: 0, bytes: new Uint8Array(8).fill(id), length: 8, loadBytes: 8, attached: undefined };
}

function producer(ids: readonly number[]): Program {
	return function* (process): Body {
		const { lib, open } = joined(process);
		const stream = open();
		for (const id of ids) {
			const attempt = function* (): Body {
				return ((yield* call(stream.tryPut(messageOf(id)))) || undefined) as never;
			} as unknown as () => true | undefined;
			yield* call(lib.waitForSync(stream.room, attempt, lib.Deadline.never, stream.putting));
		}
	};
}

/** Everything that was put and not taken is inside; but what a dead one had taken, or has not put. */
function checkAll(ids: readonly number[]): (world: World, killed: number | undefined) => void {
	return (world, killed) => {
		const stream = joined(world.process(51)).open();
		for (;;) {
			const taken = runToEnd(stream.tryTake()) as Taken | undefined;
			if (taken === undefined) break;
			got.push(taken.value as number);
		}
		assert.equal(new Set(got).size, got.length, `something came twice: ${got.join()}`);
		const missing = ids.filter((id) => !got.includes(id));
		assert.ok(missing.length <= (killed === undefined ? 0 : 1), `missing: ${missing.join()}`);
	};
}

function run(scenario: Scenario, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, preemptions, complete } = explore(instantiate, scenario, 400_000);
	t.diagnostic(`${runs} runs, ${deaths} with a death, ${complete ? 'all' : 'not all'} orders within ${preemptions} preemptions`);
	assert.ok(complete && runs > 20);
	assert.ok(scenario.mortal === undefined || deaths > 0);
}

for (const maxCount of [0, 1]) {
	const limit = maxCount === 0 ? 'no limit' : 'a limit';
	test(`${limit}: two consumers and a producer: each message wakes one who takes it`, (t) => {
		const programs = [consumer(1), consumer(1), producer([1, 2])];
		run({ programs, setup: setupWith(maxCount), check: checkAll([1, 2]), preemptions: maxCount === 0 ? 2 : 1, preemptionsInBrief: 1 }, t);
	});

	test(`${limit}: a consumer and two producers`, (t) => {
		const programs = [consumer(2), producer([1]), producer([2])];
		run({ programs, setup: setupWith(maxCount), check: checkAll([1, 2]), preemptions: maxCount === 0 ? 2 : 1, preemptionsInBrief: 1 }, t);
	});

	test(`${limit}: a consumer is killed at every step`, (t) => {
		const programs = [consumer(1), consumer(1), producer([1, 2])];
		run(
			{ programs, setup: setupWith(maxCount), check: checkAll([1, 2]), mortal: 0, preemptions: maxCount === 0 ? 1 : 0, preemptionsInBrief: 0 },
			t,
		);
	});

	test(`${limit}: a producer is killed at every step`, (t) => {
		const programs = [producer([1]), consumer(1), producer([2])];
		run(
			{ programs, setup: setupWith(maxCount), check: checkAll([1, 2]), mortal: 0, preemptions: 1, preemptionsInBrief: maxCount === 0 ? 1 : 0 },
			t,
		);
	});
}

/** Faults that the model must find, as the text to replace and what to put there. */
const faults: Record<string, { from: RegExp; to: string }> = {
	'a spinner that gives up its word after its last look': {
		from: /if \(outcome === ["']found["']\)\s*this\.#passOn\(\);/,
		to: '',
	},
	'a woken one that never takes its word away': {
		from: /if \(this\.#words\[this\.#base \+ WOKEN\] !== 0\)\s*Atomics\.store\(this\.#words, this\.#base \+ WOKEN, 0\);/,
		to: '',
	},
};

for (const [title, { from, to }] of Object.entries(faults)) {
	test(`the model finds a fault: ${title}`, async () => {
		const damaged = await inSteps(modules, (source) => {
			assert.match(source, from);
			return simplify(source).replace(from, to);
		});
		const programs = [consumer(1), consumer(1), producer([1, 2])];
		const scenario = { programs, setup: setupWith(0), check: checkAll([1, 2]), preemptions: 2 };
		assert.throws(() => explore(damaged, scenario, 400_000), /wake-up was lost/);
	});
}
