/**
 * What many programs do again and again, done once in the forkserver: V8 compiles it there, and the processes that are
 * forked later begin with the machine code instead of spending a tenth of a second each on getting it.
 *
 * Measured on Node 20: a process that sends 20,000 messages takes 61 % less processor time, one that sends 1000 a tenth
 * less. But it costs as much as seven starts of Node: a program of 8 such processes took 44 % more processor time and
 * 48 % more page faults with it. So it is done when dozens of processes have been given something to send by
 * (server.ts).
 *
 * V8 forgets what it has compiled when an object shape that the code was made for dies, and throws it away when it
 * meets a case that it had not seen. So the cases that occur in programs all occur here (a queue that runs full, one
 * that runs empty, values of many shapes), on more than one object of each class, and one object of each class is kept.
 */
import v8 from 'node:v8';
import { Deadline } from '../base/deadline.ts';
import { Empty, Full } from '../base/errors.ts';
import { Queue } from '../queue/queue.ts';
import { QueueAccess } from '../queue/access.ts';
import { HEAD_LOCK, KEEP_RING_BYTES, TAIL_LOCK } from '../stream/ring-layout.ts';
import { ITEMS_POLICY, ROOM_POLICY, type Stream, type Taken } from '../stream/stream.ts';
import { policyWord } from '../stream/wake-policy.ts';
import { WrittenBuffers } from '../codec/buffer-table.ts';
import { decode } from '../codec/decode.ts';
import { readBuiltin } from '../codec/decode-builtin.ts';
import { Decoder } from '../codec/decoder.ts';
import { encode } from '../codec/encode.ts';
import { inPrivateRegistry, registryWords, self, slotField, slotMode, type Participant } from '../memory/registry.ts';
import { forgetSpinning } from '../wait/spin.ts';
import { waitForSync } from '../wait/waiter.ts';

/** What must stay alive. */
const kept: unknown[] = [];

/** Of many shapes; most of what programs send is of one, as the first is here. */
const values: ((i: number) => unknown)[] = [
	(i) => ({ id: i, name: 'a text of some length, so that the ring grows soon' }),
	(i) => [i, 2, 3, 4, 5],
	(i) => `text ${i}`,
	(i) => i * 100,
	(i) => ({ x: i + 0.5, y: [true, false], z: null, u: undefined }),
	(i) => ({ task: -i, args: ['a', { deep: i }], kwargs: {} }),
	(i) => new Map([[i, new Set(['a'])]]),
	() => ({ data: new Uint8Array(16), big: 2n ** 70n, when: new Date(0), wide: 'Ω' }),
	(i) => [[i, 'a'], [0.5], []],
];

/** Its major version. */
const v8Version = Number.parseInt(process.versions.v8, 10);

const rounds = 28;
const roundOfCollection = 20;
const callsPerRound = 250;

/**
 * `collectHeap` is called before the last rounds: they make good again what V8 forgets with it.
 *
 * Each step takes some milliseconds, and says whether the next one can wait for an idle processor: what is executed
 * once saves V8 from compiling for cases that it has not seen, so the first round is worth more than all others.
 * Between them nothing is open: a process that is forked then inherits nothing.
 */
export function* warmUp(collectHeap: () => void): Generator<boolean> {
	kept.push(usedDecoder(), usedBuffers());
	// V8 compiles otherwise until an ArrayBuffer has been detached, and throws all of that away then.
	withQueue(() => {});
	for (let round = 0; round < rounds; round++) {
		if (round === roundOfCollection) collectHeap();
		withQueue((queue) => fillAndDrain(queue, callsPerRound, valueOf));
		yield round > 0;
		withQueue(flow);
		withQueue(batches);
		yield round > 0;
		withQueue(contend);
		yield round > 0;
		withQueue(send);
		if (round % 4 === 0) withQueue(outgrow);
		yield true;
	}
}

/** The shape of an object is what it is after its use. */
function usedDecoder(): Decoder {
	const { bytes } = encode([valueOf(0), new Uint8Array(1)]);
	const decoder = new Decoder(readBuiltin);
	decoder.begin(bytes, 0, bytes.length);
	decoder.message([]);
	return decoder;
}

function usedBuffers(): WrittenBuffers {
	const buffers = new WrittenBuffers();
	buffers.addView(new Uint8Array(1));
	return buffers;
}

function withQueue(use: (queue: Queue, stream: Stream, other: Participant) => void): void {
	const access = QueueAccess.create('Queue', { isPrivate: true });
	const { stream } = access;
	const queue = new Queue(0, access);
	compileAsOne(() => inPrivateRegistry((other) => use(queue, stream, other)));
	queue.close();
	kept[2] = queue;
	forgetSpinning();
}

/**
 * Lets V8 compile a whole put, or get, into one function. It is then too large to be compiled again into the loop of
 * each program that calls it, which took five milliseconds in each process. From V8 13 on, other compilers come first,
 * and nothing is gained.
 */
function compileAsOne(run: () => void): void {
	const flag = '--max-inlined-bytecode-size-cumulative';
	const isGiven = process.execArgv.some((arg) => arg.replaceAll('_', '-').startsWith(flag));
	if (v8Version >= 13 || isGiven) return run();
	v8.setFlagsFromString(`${flag}=2000`);
	try {
		run();
	} finally {
		v8.setFlagsFromString(`${flag}=920`); // V8's own
	}
}

function fillAndDrain(queue: Queue, count: number, value: (i: number) => unknown): void {
	for (let i = 0; i < count; i++) queue.putSync(value(i * i * 17)); // numbers of all sizes
	for (let i = 0; i < count; i++) queue.getSync();
}

/** So much in small bursts that the ring begins anew without growing. */
function flow(queue: Queue): void {
	for (let i = 0; i < 24; i++) fillAndDrain(queue, 1 + (i % 20), (k) => (k % 3 === 0 ? { id: k, name: mediumText } : valueOf(k)));
}

function batches(queue: Queue): void {
	for (let i = 0; i < 12; i++) {
		queue.putManySync(Array.from({ length: 25 }, (_, k) => valueOf(i * 25 + k)));
		for (let left = 25; left > 0;) left -= queue.getManySync(i % 2 === 0 ? 100 : 20).length;
	}
}

/** As the arguments of a process are sent. */
function send(queue: Queue): void {
	for (let i = 0; i < 10; i++) {
		const { args } = decode(encode({ args: [queue, i, 'text'], fields: {}, captured: {} }).bytes) as { args: [Queue] };
		args[0].putSync(valueOf(i));
		args[0].close();
		queue.getSync();
	}
}

/**
 * Twice as much as a ring may have that is kept when it has become empty. Others put in and take out where this one has
 * been.
 */
function outgrow(queue: Queue): void {
	const [other] = decode(encode([queue]).bytes) as [Queue];
	const count = (2 * KEEP_RING_BYTES) / largeText.length;
	for (let i = 0; i < count; i++) (i % 5 < 3 ? queue : other).putSync({ id: i, name: largeText });
	for (let i = 0; i < count; i++) (i % 7 < 4 ? queue : other).getSync();
	for (const one of [other, queue, other, queue]) fillAndDrain(one, 10, valueOf);
	other.close();
}

/**
 * As it is with several producers and consumers: somebody sleeps, or has the lock, or has died with it; and there is
 * nothing to take for a while.
 */
function contend(queue: Queue, stream: Stream, other: Participant): void {
	const { int32 } = stream.segment;
	for (let i = 0; i < 12; i++) {
		registryWords()[other.base + slotField.mode] = i % 2 === 0 ? slotMode.asleep : slotMode.inLoop;
		stream.items.add(other.slot);
		queue.putManySync([valueOf(i), valueOf(i + 1)]);
		pretend(int32, i, other.token);
		stream.items.add(other.slot);
		stream.room.add(other.slot);
		queue.putSync(valueOf(i));
		stream.room.add(other.slot);
		queue.getSync();
		stream.items.add(other.slot);
		queue.getSync();
		queue.getSync();
		stream.items.add(other.slot);
		queue.putSync(valueOf(i));
		queue.getSync();
		pretend(int32, i % 2 === 0 ? 2 : 4, other.token);
		stream.items.add(other.slot);
		stream.room.add(other.slot);
		fillAndDrain(queue, 20, valueOf);
		pretend(int32, 0, 0);
		expectFailure(() => queue.getSync(briefMs));
		for (const lock of [TAIL_LOCK, HEAD_LOCK]) {
			Atomics.store(int32, lock, i % 4 === 3 ? other.token + 1 : other.token);
			expectFailure(() => queue.putSync(valueOf(i), briefMs));
			expectFailure(() => queue.getSync(briefMs));
			Atomics.store(int32, lock, 0);
			while (!queue.empty()) queue.getSync();
		}
		comeLate(queue, stream, i);
	}
}

/** That another one spins, dozes, or has been woken, in all combinations. */
function pretend(int32: Int32Array, bits: number, token: number): void {
	for (const base of [ITEMS_POLICY, ROOM_POLICY]) {
		int32[base + policyWord.woken] = bits & 1;
		int32[base + policyWord.spinner] = (bits & 2) !== 0 ? token : 0;
		int32[base + policyWord.dozer] = (bits & 4) !== 0 ? token : 0;
	}
}

/**
 * An item comes while it is awaited: by one who looks all the time, or who has said that it sleeps, or who is woken.
 */
function comeLate(queue: Queue, stream: Stream, i: number): void {
	const spins = stream.segment.int32.subarray(ITEMS_POLICY + policyWord.spinner);
	const { slot } = self();
	let looks = 0;
	let said = 0;
	const take = (): Taken | undefined => {
		if (looks++ === 0) return undefined;
		if (i % 3 === 0) return looks < 4 ? undefined : stream.tryTake();
		if (spins[0] !== 0) return undefined;
		if (said++ > 0 || i % 3 === 1) return stream.tryTake();
		stream.items.wakeSlot(slot);
		return undefined;
	};
	for (let k = 0; k < 2; k++) queue.putSync(valueOf(i));
	// Closures of more than one kind, as programs will give them.
	waitForSync(stream.items, i % 2 === 0 ? take : () => take(), Deadline.never, stream.getting);
	for (const { lookout } of [stream.getting, stream.putting]) {
		lookout!.foundLate();
		lookout!.endSpin('found');
	}
	queue.getSync();
}

const briefMs = 0.1;

function expectFailure(call: () => void): void {
	try {
		call();
	} catch (error) {
		if (!(error instanceof Full || error instanceof Empty)) throw error;
	}
}

const mediumText = 'x'.repeat(1500);
const largeText = 'x'.repeat(8192);

function valueOf(i: number): unknown {
	return values[(i & 3) === 0 ? (i >>> 2) % values.length : 0]!(i);
}
