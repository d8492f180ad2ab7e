/**
 * The ring and the block of MPI messages, both sides at work at once, in every order of steps and with a death at every
 * step (see explore.ts). Within larger bounds in `npm run test:full`. Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { explore, type Scenario } from './explore.js';
import { Sleepers } from './sleepers.js';
import { inSteps, runToEnd, type Instantiate } from './steps.js';
import { call, type Body, type ModelProcess, type Program, type World } from './world.js';
import type { Block } from '#nprocs/mpi/embedded/messages/block.js';
import type { ringBytes, RingReader, RingWriter } from '#nprocs/mpi/embedded/messages/ring.js';

interface Library {
	RingWriter: typeof RingWriter;
	RingReader: typeof RingReader;
	ringBytes: typeof ringBytes;
	Block: typeof Block;
}

const modules = { 'mpi/embedded/messages/ring.ts': ['RingWriter', 'RingReader', 'ringBytes'], 'mpi/embedded/messages/block.ts': ['Block'] };
const shape = { cells: 4, dataBytes: 384 };
/** Some go into their cells, some into the data, which wrap; none is longer than a third of those. */
const lengths = [1, 60, 128, 9, 100, 41, 128, 40];
const [writing, reading] = [0, 1];
const blockLength = 400;

let instantiate: Instantiate;
/** With faults that the model must find. */
let takesOneTooMany: Instantiate;
let doesNotAsk: Instantiate;
let goesPastItsReader: Instantiate;
before(async () => {
	// A block with room for a part of the message.
	const small = (source: string): string => replaced(source, ['2 ** 20', '128'], ['2 ** 15', '48']);
	instantiate = await inSteps(modules, small);
	takesOneTooMany = await inSteps(modules, (source) => replaced(small(source), [/>= (this\.#cells && !this\.#look\(\))/, '> $1']));
	doesNotAsk = await inSteps(modules, (source) =>
		replaced(small(source), [/return Atomics\.load\(this\.#words, wantedWord\d?\) === 1;(\s*\}\s*#view)/, 'return false;$1']),
	);
	goesPastItsReader = await inSteps(modules, (source) => replaced(small(source), ['read + blockBytes - done', 'message.length']));
});

function replaced(source: string, ...pairs: readonly (readonly [string | RegExp, string])[]): string {
	return pairs.reduce((text, [from, to]) => {
		const changed = text.replace(from, to);
		assert.notEqual(changed, text, `there is no ${String(from)} in the source`);
		return changed;
	}, source);
}

let memory = new ArrayBuffer(0);
let got: number[] = [];
let written = 0;
let sleepers = new Sleepers();

function setup(): void {
	memory = new ArrayBuffer(16_384);
	got = [];
	written = 0;
	sleepers = new Sleepers();
}

function libraryOf(process: ModelProcess): Library {
	return process.lib as unknown as Library;
}

/** Until `attempt` gives true; false when the other one is dead. `before` is done before each sleep. */
function waitFor(process: ModelProcess, attempt: () => Generator<unknown, boolean>, before: () => Body): Generator<unknown, boolean> {
	return sleepers.waitFor(process, attempt, { before, givesUp: () => process.world.dead.size > 0 });
}

function wake(world: World, id: number): void {
	sleepers.wake(world, id);
}

const writer: Program = function* (process): Body {
	const ring = new (libraryOf(process).RingWriter)(memory, shape);
	for (const [i, length] of lengths.entries()) {
		const message = new Uint8Array(length).fill(i);
		const attempt = function* (): Generator<unknown, boolean> {
			return (yield* call(ring.write(0, message, length, i, 7, 0))) as boolean;
		};
		const want = function* (): Body {
			yield* call(ring.want());
		};
		if (!(yield* waitFor(process, attempt, want))) return;
		written++;
		yield 'woken';
		wake(process.world, reading);
	}
};

const reader: Program = function* (process): Body {
	const ring = new (libraryOf(process).RingReader)(memory, shape);
	const tell = function* (): Body {
		if ((yield* call(ring.tell())) === true) wake(process.world, writing);
	};
	for (const [i, length] of lengths.entries()) {
		const attempt = function* (): Generator<unknown, boolean> {
			return (yield* call(ring.hasNext())) as boolean;
		};
		if (!(yield* waitFor(process, attempt, tell))) return;
		const copy = new Uint8Array(ring.length);
		yield* call(ring.copyTo(copy, copy.length));
		assert.ok(copy.length === length && copy.every((byte) => byte === i), `torn, number ${i}: ${copy.join()}`);
		assert.deepEqual([ring.tag, ring.context], [i, 7]);
		got.push(i);
		if ((yield* call(ring.advance())) === true) wake(process.world, writing);
	}
};

/** Whoever is left without the other one waits in vain, as it must; what was read is whole and in order. */
function checkRing(_: World, killed: number | undefined): void {
	assert.deepEqual(got, lengths.map((_, i) => i).slice(0, got.length));
	if (killed === undefined) assert.equal(got.length, lengths.length);
}

// ---- A message through a block ----

const blockWriter: Program = function* (process): Body {
	const block = new (libraryOf(process).Block)(1, memory);
	const message = Uint8Array.from({ length: blockLength }, (_, i) => i % 251);
	let done = 0;
	const attempt = function* (): Generator<unknown, boolean> {
		const now = (yield* call(block.write(message, done))) as number;
		const hasMoved = now > done;
		done = now;
		return hasMoved;
	};
	while (done < blockLength) {
		const want = function* (): Body {
			yield* call(block.want());
		};
		if (!(yield* waitFor(process, attempt, want))) return;
		written = done;
		yield 'woken';
		wake(process.world, reading);
	}
};

const blockReader: Program = function* (process): Body {
	const block = new (libraryOf(process).Block)(1, memory);
	const target = new Uint8Array(blockLength);
	let done = 0;
	const attempt = function* (): Generator<unknown, boolean> {
		const now = (yield* call(block.read(target, done, blockLength))) as number;
		const hasMoved = now > done;
		done = now;
		return hasMoved;
	};
	while (done < blockLength) {
		if (!(yield* waitFor(process, attempt, function* (): Body {}))) return;
		for (let i = 0; i < done; i++) assert.equal(target[i], i % 251, `byte ${i} of ${done}`);
		if ((yield* call(block.isWanted())) === true) wake(process.world, writing);
	}
	got.push(done);
};

function checkBlock(world: World, killed: number | undefined): void {
	if (killed !== undefined) return;
	assert.deepEqual([got, written], [[blockLength], blockLength]);
	const block = new (libraryOf(world.process(50)).Block)(1, memory);
	assert.equal(runToEnd(block.isRead(blockLength)), true);
}

const ring: Scenario = { programs: [writer, reader], setup, check: checkRing, preemptions: 2, preemptionsInBrief: 1 };
const block: Scenario = { programs: [blockWriter, blockReader], setup, check: checkBlock, preemptions: 2, preemptionsInBrief: 1 };

function run(scenario: Scenario, t: { diagnostic(message: string): void }): void {
	const { runs, deaths, complete } = explore(instantiate, scenario);
	t.diagnostic(`${runs} runs, ${deaths} with a death`);
	assert.ok(complete && runs > 20);
}

test('a ring: everything comes once, in order, and whole, and nobody sleeps for ever', (t) =>
	run({ ...ring, preemptions: 3, preemptionsInBrief: 2 }, t));
test('the writer is killed at every step', (t) => run({ ...ring, mortal: writing }, t));
test('the reader is killed at every step', (t) => run({ ...ring, mortal: reading }, t));
test('a block: the message comes whole, and nobody sleeps for ever', (t) => run({ ...block, preemptions: 3, preemptionsInBrief: 2 }, t));
test('who writes a block is killed at every step', (t) => run({ ...block, mortal: writing }, t));
test('who reads a block is killed at every step', (t) => run({ ...block, mortal: reading }, t));

test('the model finds a writer that takes a cell that is not free', () => {
	assert.throws(() => explore(takesOneTooMany, ring), /torn|lost/);
});
test('the model finds a reader that does not look whether room is wanted', () => {
	assert.throws(() => explore(doesNotAsk, ring), /a wake-up was lost/);
});
test('the model finds a block whose writer goes past its reader', () => {
	assert.throws(() => explore(goesPastItsReader, block), /byte \d+ of/);
});
