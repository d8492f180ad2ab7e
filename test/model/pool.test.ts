/**
 * A chunk of a pool: the word that says which item has begun, and the log of results, in every order of steps and with
 * the worker's death at every step (see explore.ts). Each item has exactly one outcome: its result, or it runs
 * elsewhere and has not run here, or it is the one that was lost with the worker. `npm run test:full` explores within
 * larger bounds.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { inSteps, runToEnd, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type { claimBack, claimNext, claimOf, closeClaims, openClaims } from '#nprocs/pool/link/claim.js';
import type { estateOf } from '#nprocs/pool/scheduling/deaths.js';
import type { takeAll } from '#nprocs/pool/scheduling/replies.js';
import type { WorkerOutbox } from '#nprocs/pool/worker/worker-outbox.js';

interface Library {
	openClaims: typeof openClaims;
	closeClaims: typeof closeClaims;
	claimNext: typeof claimNext;
	claimBack: typeof claimBack;
	claimOf: typeof claimOf;
	WorkerOutbox: typeof WorkerOutbox;
	takeAll: typeof takeAll;
	estateOf: typeof estateOf;
}

const modules = {
	'pool/link/claim.ts': ['openClaims', 'closeClaims', 'claimNext', 'claimBack', 'claimOf'],
	'pool/worker/worker-outbox.ts': ['WorkerOutbox'],
	'pool/scheduling/replies.ts': ['takeAll'],
	'pool/scheduling/deaths.ts': ['estateOf'],
};

/** Time goes on by 10 with each look at the clock: some results are sent two at a time, some alone. */
function simplify(source: string): string {
	assert.match(source, /logMs = 1;/);
	return source.replace(/logMs = 1;/, 'logMs = 15;');
}

let instantiate: Instantiate;
before(async () => {
	instantiate = await inSteps(modules, simplify);
});

const [workerId, poolId] = [0, 1];
/** By their numbers in the stream; the second one is the rest of a larger one. */
const chunks = [
	{ sequence: 5, first: 0, from: 0, until: 4 },
	{ sequence: 6, first: 10, from: 1, until: 4 },
];
const valueOf = (index: number): number => 100 + index;

interface Unit {
	readonly payload: { readonly first: number };
	readonly from: number;
	until: number;
}

interface Entry {
	readonly sequence: number;
	readonly unit: Unit;
	replied: number;
}

/** Enough for what a log has in front and for all that is put in it here; what was in it before does not matter. */
const log = new Int32Array(16_384);
const told = new Int32Array(64);
let sent: unknown[] = [];
let seen = 0;
/** The number of the last call that the worker has taken. */
let taken = 0;
let ran: number[] = [];
let got: [number, unknown][] = [];
let elsewhere: number[] = [];
let slot = newSlot();

function newSlot() {
	const job = {
		fn: {},
		isOver: false,
		onValues: (first: number, values: readonly unknown[]) => values.forEach((value, i) => got.push([first + i, value])),
		onUnitEnded: () => {},
	};
	const entries: Entry[] = chunks.map(({ sequence, first, from, until }) => {
		const payload = { kind: 'chunk', first, job, settle: () => {} };
		return { sequence, unit: { payload, from, until }, replied: 0 };
	});
	const replies = {
		closed: false,
		mayTake: () => seen < sent.length,
		*tryTakeMany(): Generator<unknown, unknown> {
			yield 'take replies';
			const some = sent.slice(seen);
			seen = sent.length;
			return some.length > 0 ? some : undefined;
		},
	};
	return {
		link: { told, replies, log: () => log, calls: { ring: { taken: () => taken } } },
		entries,
		itemsDone: 0,
		stoppedItem: -1,
		head: (): Entry | undefined => entries[0],
		finish: (entry: Entry) => entries.splice(0, entries.indexOf(entry) + 1),
		withdraw: (taken: number): Unit[] => entries.splice(entries.filter(({ sequence }) => sequence <= taken).length).map(({ unit }) => unit),
		expectLog: () => {},
	};
}

function setup(): void {
	log.fill(0, 0, 64);
	told.fill(0);
	told[0] = -1;
	[sent, ran, got, elsewhere] = [[], [], [], []];
	seen = taken = 0;
	slot = newSlot();
}

const libraryOf = (process: ModelProcess): Library => process.lib as unknown as Library;
const listener = { onItems: () => {} } as never;

function give({ payload: { first }, from, until }: Unit): void {
	for (let i = from; i < until; i++) elsewhere.push(first + i);
}

/** As worker.ts does, whose own functions are asynchronous. */
const worker: Program = function* (process): Body {
	const { openClaims, closeClaims, claimNext, claimOf, WorkerOutbox } = libraryOf(process);
	const replies = {
		closed: false,
		*tryPutMany(messages: readonly unknown[], from: number): Generator<unknown, number> {
			for (let i = from; i < messages.length; i++) {
				yield 'put';
				sent.push(messages[i]);
			}
			return messages.length - from;
		},
	};
	const outbox = new WorkerOutbox({ replies, makeLog: () => log } as never);
	for (const { sequence, first, from, until } of chunks) {
		yield 'take a call';
		taken = sequence;
		yield* call(outbox.beginChunk(sequence, from));
		yield* call(openClaims(told, yield* call(claimOf(sequence, until, from))));
		for (let item = yield* call(claimNext(told)); item >= 0; item = yield* call(claimNext(told))) {
			yield 'run';
			ran.push(first + item);
			assert.equal(yield* call(outbox.keep(valueOf(first + item))), true);
		}
		yield* call(outbox.endChunk());
		yield* call(closeClaims(told));
	}
};

/** Looks, and takes half of what has not begun back, so many times. */
function pool(looks: number): Program {
	return function* (process): Body {
		const { takeAll, claimBack } = libraryOf(process);
		for (let look = 0; look < looks; look++) {
			yield* call(takeAll(slot as never, listener));
			const entry = slot.head();
			if (entry === undefined || entry.sequence > taken) continue;
			const count = yield* call(claimBack(told, entry.sequence, (left) => Math.ceil(left / 2)));
			const { unit } = entry;
			unit.until -= count;
			give({ ...unit, from: unit.until, until: unit.until + count });
		}
	};
}

/** What the pool makes of it when the worker has ended (scheduler.ts), or has nothing more to do. */
function check(world: World, killed: number | undefined): void {
	const { takeAll, estateOf } = libraryOf(world.process(poolId));
	runToEnd(takeAll(slot as never, listener));
	let lost: number | undefined;
	if (killed === undefined) assert.deepEqual(slot.entries, [], 'a chunk has not ended');
	else {
		const estate = runToEnd(estateOf(slot as never)) as { units: Unit[]; lost?: { unit: Unit } };
		estate.units.forEach(give);
		if (estate.lost !== undefined) lost = estate.lost.unit.payload.first + estate.lost.unit.from;
	}
	for (const [index, value] of got) assert.equal(value, valueOf(index), `a wrong result of item ${index}`);
	const outcomes = [...got.map(([index]) => index), ...elsewhere, ...(lost === undefined ? [] : [lost])];
	const all = chunks.flatMap(({ first, from, until }) => Array.from({ length: until - from }, (_, i) => first + from + i));
	assert.deepEqual(
		outcomes.sort((a, b) => a - b),
		all,
		'an item has no outcome, or two',
	);
	const twice = elsewhere.filter((index) => ran.includes(index));
	assert.deepEqual(twice, [], 'an item runs twice');
}

function run(scenario: Partial<Scenario>, t: { diagnostic(message: string): void }, model = instantiate): void {
	const { runs, deaths, complete } = explore(model, { programs: [worker, pool(2)], setup, check, preemptions: 2, ...scenario });
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
	assert.ok(scenario.mortal === undefined || deaths > 0);
}

test('the pool looks into the log and takes items back while they begin', (t) => run({ preemptions: 3, preemptionsInBrief: 2 }, t));
test('the worker is killed at every step', (t) => run({ mortal: workerId, preemptions: 2, preemptionsInBrief: 1 }, t));

/** Faults that the model must find, as the text to replace and what to put there. */
const faults: Record<string, { from: RegExp; to: string; finds: RegExp }> = {
	'an item is claimed without comparing': {
		from: /if \(Atomics\.compareExchange\((\w+), claimWord, (\w+), \2 \+ 1\) === \2\)\s*return next;/,
		to: 'Atomics.store($1, claimWord, $2 + 1); return next;',
		finds: /no outcome, or two/,
	},
	'items are taken back from whatever chunk is at work': {
		from: /if \(!isClaimOf\(\w+, sequence\)\)\s*return 0;/,
		to: '',
		finds: /no outcome, or two|has not ended/,
	},
	'the log is emptied before what was in it has been put': {
		from: /this\.#putAll\(\[this\.#logged\(log\)\]\);\s*this\.beginItem\(log\.next\);/,
		to: 'const logged = this.#logged(log); this.beginItem(log.next); this.#putAll([logged]);',
		finds: /no outcome, or two/,
	},
	'what was sent is read in the log once more': {
		from: /let (known\d*) = unit\d*\.from \+ entry\.replied - results\d*\.first;/,
		to: 'let $1 = 0;',
		finds: /no outcome, or two/,
	},
	'a log that was emptied meanwhile is believed': {
		from: /return Atomics\.compareExchange\(\w+, \w+\.epoch, epoch, epoch\) === epoch \? message : void 0;/,
		to: 'return message;',
		finds: /a wrong result|no outcome, or two/,
	},
};

for (const [title, { from, to, finds }] of Object.entries(faults)) {
	test(`the model finds a fault: ${title}`, async (t) => {
		const damaged = await inSteps(modules, (source) => {
			assert.match(source, from);
			return simplify(source).replace(from, to);
		});
		assert.throws(() => run({ mortal: workerId, preemptions: 2 }, t, damaged), finds);
	});
}
