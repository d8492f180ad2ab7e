/**
 * A channel is ended while somebody puts in and somebody takes, in every order of steps and with a death at every step
 * (see explore.ts); `npm run test:full` explores within larger bounds.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { inSteps, runToEnd, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type { endRing, isRingDrained, isRingEnded } from '#nprocs/stream/ring-end.js';
import type { Ring } from '#nprocs/stream/ring.js';
import type { Scratch } from '#nprocs/stream/scratch.js';

interface Library {
	Ring: typeof Ring;
	Scratch: typeof Scratch;
	endRing: typeof endRing;
	isRingEnded: typeof isRingEnded;
	isRingDrained: typeof isRingDrained;
}

let instantiate: Instantiate;
/** With a fault that the model must find: the end is believed without a look at who is just putting something in. */
let damaged: Instantiate;
before(async () => {
	const modules = {
		'stream/ring.ts': ['Ring'],
		'stream/ring-lock.ts': ['RingLock'],
		'stream/scratch.ts': ['Scratch'],
		'stream/ring-end.ts': ['endRing', 'isRingEnded', 'isRingDrained'],
	};
	instantiate = await inSteps(modules);
	damaged = await inSteps(modules, (source) => {
		const found = source
			.replace(/if \(!ring\.lockTail\(\)\)\s*return (undefined|void 0);/, '')
			.replace(/(end: tail locked"\);\s*)ring\.unlockTail\(\);/, '$1');
		assert.notEqual(found, source);
		return found;
	});
});

const EXTENT = 65536;
const homeBytes = 14 * 8;
const messages = 2;
const [putting, ending, taking] = [0, 1, 2];

let home = new ArrayBuffer(0);
let accepted: number[] = [];
let got: number[] = [];
/** What had been taken when the consumer said that it is the end. */
let gotAtEnd: number | undefined;

function ringOf(process: ModelProcess): { ring: Ring; words: Int32Array; lib: Library } {
	const lib = process.lib as unknown as Library;
	const memory = {
		home,
		homeOffset: EXTENT - homeBytes,
		reserve: (): number => -28,
		map: (): ArrayBuffer => home,
		release: (): void => {},
	};
	const participants = { current: (): number => process.id + 1, isDead: (token: number): boolean => process.world.dead.has(token - 1) };
	const words = new Int32Array(home, 0, 128);
	return { ring: new lib.Ring(words, memory, participants), words, lib };
}

function setup(world: World): void {
	home = new ArrayBuffer(EXTENT);
	accepted = [];
	got = [];
	gotAtEnd = undefined;
	runToEnd(ringOf(world.process(50)).ring.format(0, 0));
}

const producer: Program = function* (process): Body {
	const { ring } = ringOf(process);
	for (let i = 0; i < messages; i++) {
		if ((yield* call(ring.lockTail())) !== true) continue;
		const outcome = yield* call(ring.append(0, Uint8Array.of(i), 1, 0));
		yield* call(ring.unlockTail());
		if (outcome === 0) accepted.push(i);
		else return;
	}
};

const ender: Program = function* (process): Body {
	const { words, lib } = ringOf(process);
	yield* call(lib.endRing(words));
};

function* lookOnce({ ring, words, lib }: ReturnType<typeof ringOf>): Generator<unknown, boolean> {
	const scratch = new lib.Scratch(64);
	if ((yield* call(ring.lockHead())) === true) {
		if ((yield* call(ring.take(scratch, 0))) === 0) got.push(scratch.bytes[0]!);
		yield* call(ring.unlockHead());
	}
	return (yield* call(lib.isRingEnded(words))) && (yield* call(lib.isRingDrained(ring))) === true;
}

const consumer: Program = function* (process): Body {
	const own = ringOf(process);
	for (let i = 0; i < messages + 1; i++) {
		if (!(yield* lookOnce(own))) continue;
		gotAtEnd = got.length;
		return;
	}
};

function check(world: World, killed: number | undefined): void {
	const own = ringOf(world.process(51));
	const published = runToEnd(own.ring.published()) as number;
	const taken = runToEnd(own.ring.taken()) as number;
	if (gotAtEnd !== undefined) assert.equal(taken, published, `something came after the end: ${published} in all, ${taken} taken`);
	// What was accepted is there for whoever looks, and then it is the end.
	runToEnd(own.lib.endRing(own.words));
	for (let i = 0; i <= messages; i++) if (runToEnd(lookOnce(own)) === true) gotAtEnd = got.length;
	assert.equal(gotAtEnd, got.length, 'it never comes to an end');
	const inHand = killed === taking ? 1 : 0;
	assert.ok(accepted.filter((i) => !got.includes(i)).length <= inHand, `accepted ${accepted.join()}, got ${got.join()}`);
	assert.deepEqual(got, [...new Set(got)].sort());
}

function run(scenario: Partial<Scenario>, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, complete } = explore(instantiate, { programs: [producer, ender, consumer], setup, check, preemptions: 2, ...scenario });
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('nothing comes after the end, and what came before is taken', (t) => run({}, t));
test('who puts is killed at every step', (t) => run({ mortal: putting, preemptionsInBrief: 1 }, t));
test('who ends is killed at every step', (t) => run({ mortal: ending }, t));
test('who takes is killed at every step', (t) => run({ mortal: taking, preemptionsInBrief: 1 }, t));

test('the model finds an end that is believed too early', () => {
	assert.throws(() => explore(damaged, { programs: [producer, ender, consumer], setup, check, preemptions: 2 }), /something came after the end/);
});
