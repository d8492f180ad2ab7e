/**
 * The ring's two ends at work at once, in every order of steps and with a death at every step (see explore.ts); `npm
 * run test:full` explores within larger bounds.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { inSteps, runToEnd, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type { Ring } from '#nprocs/stream/ring.js';
import type { Scratch } from '#nprocs/stream/scratch.js';

interface Library {
	Ring: typeof Ring;
	Scratch: typeof Scratch;
}

let instantiate: Instantiate;
/** With a fault that the model must find: the head's valid state is changed instead of the other copy. */
let damaged: Instantiate;
before(async () => {
	const modules = { 'stream/ring.ts': ['Ring'], 'stream/ring-lock.ts': ['RingLock'], 'stream/scratch.ts': ['Scratch'] };
	instantiate = await inSteps(modules);
	damaged = await inSteps(modules, (source) => {
		const found = source.replaceAll('~taken & 1', 'taken & 1');
		assert.notEqual(found, source);
		return found;
	});
});

const EXTENT = 65536;
/** Room for a few messages only, so that the ring wraps and grows. */
const homeBytes = 14 * 8;
/** Of different lengths, so that what is overwritten too early is seen. */
const lengths = [1, 1, 17, 9, 33, 9];
const messages = lengths.length;

let home = new ArrayBuffer(0);
let extents = new Map<number, ArrayBuffer>();
let got: number[] = [];

function ringOf(process: ModelProcess): { ring: Ring; lib: Library } {
	const lib = process.lib as unknown as Library;
	const memory = {
		home,
		homeOffset: EXTENT - homeBytes,
		reserve: (first: number, count: number): number => (extents.set(first, new ArrayBuffer(count * EXTENT)), 0),
		map: (first: number): ArrayBuffer => extents.get(first)!,
		release: (first: number): void => void extents.delete(first),
	};
	const participants = { current: (): number => process.id + 1, isDead: (token: number): boolean => process.world.dead.has(token - 1) };
	return { ring: new lib.Ring(new Int32Array(home, 0, 128), memory, participants), lib };
}

function setup(world: World): void {
	home = new ArrayBuffer(EXTENT);
	extents = new Map();
	got = [];
	runToEnd(ringOf(world.process(50)).ring.format(0, 0));
}

const producer: Program = function* (process): Body {
	const { ring } = ringOf(process);
	for (let i = 0; i < messages; i++) {
		if ((yield* call(ring.lockTail())) !== true) continue;
		yield* call(ring.append(0, new Uint8Array(lengths[i]!).fill(i), lengths[i]!, 0));
		yield* call(ring.unlockTail());
	}
};

function* takeOne(ring: Ring, scratch: Scratch): Body {
	if ((yield* call(ring.lockHead())) !== true) return;
	if ((yield* call(ring.take(scratch, 0))) === 0) {
		const message = scratch.bytes.subarray(0, ring.length);
		assert.ok(message.length === lengths[message[0]!] && new Set(message).size === 1, `torn: ${message.join()}`);
		got.push(scratch.bytes[0]!);
	}
	yield* call(ring.unlockHead());
}

const consumer: Program = function* (process): Body {
	const { ring, lib } = ringOf(process);
	const scratch = new lib.Scratch(64);
	for (let i = 0; i < messages; i++) yield* takeOne(ring, scratch);
};

/** What is left is taken by one who comes later; `killed` are the index of the dead one. */
function check(world: World, killed: number | undefined): void {
	const { ring, lib } = ringOf(world.process(51));
	const scratch = new lib.Scratch(64);
	for (let i = 0; i <= messages && (runToEnd(ring.count()) as number) > 0; i++) runToEnd(takeOne(ring, scratch));
	const sent = killed === 0 ? (runToEnd(ring.published()) as number) : messages;
	const missing = sent - got.length;
	assert.ok(missing === 0 || (killed === 1 && missing === 1), `${missing} are missing`);
	for (let i = 1; i < got.length; i++) assert.ok(got[i]! > got[i - 1]!, `the order is ${got.join()}`);
	if (missing === 0)
		assert.deepEqual(
			got,
			Array.from({ length: sent }, (_, i) => i),
		);
}

function run(scenario: Partial<Scenario>, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, complete } = explore(instantiate, { programs: [producer, consumer], setup, check, preemptions: 2, ...scenario });
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('a producer and a consumer: everything comes once, in order, and whole', (t) => run({ preemptions: 3, preemptionsInBrief: 2 }, t));
test('the producer is killed at every step', (t) => run({ mortal: 0, preemptions: 2, preemptionsInBrief: 1 }, t));
test('the consumer is killed at every step', (t) => run({ mortal: 1, preemptions: 2, preemptionsInBrief: 1 }, t));

test('the model finds a state that is changed in place', () => {
	assert.throws(() => explore(damaged, { programs: [producer, consumer], setup, check, mortal: 1, preemptions: 2 }));
});
