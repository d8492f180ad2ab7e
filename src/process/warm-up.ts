/**
 * What many programs do again and again, done once in the fork server: V8 compiles it there, and the processes that are forked later begin with the machine
 * code instead of spending a tenth of a second each on getting it.
 *
 * V8 forgets what it has compiled when an object shape that the code was made for dies, and throws it away when it meets a case that it had not seen.
 * So the cases that occur in programs all occur here (a queue that runs full, one that runs empty, values of many shapes), on more than one object of each class,
 * and one object of each class is kept.
 */
import { Queue } from '../channel/queue.ts';
import { KEEP_RING_BYTES } from '../channel/ring-layout.ts';
import { Stream } from '../channel/stream.ts';
import { readBuiltin } from '../codec/decode-builtin.ts';
import { Decoder } from '../codec/decoder.ts';
import { asNobody } from '../memory/registry.ts';

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

const rounds = 16;
const callsPerRound = 250;

/** Each step takes some milliseconds. Between them nothing is open: a process that is forked then inherits nothing. */
export function* warmUp(): Generator<void> {
	kept.push(new Decoder(new Uint8Array(2), 0, 2, readBuiltin));
	for (let round = 0; round < rounds; round++) {
		// The first one is closed before V8 has compiled anything: it compiles otherwise until an ArrayBuffer has been detached, and throws all of that away then.
		withQueue((queue) => fillAndDrain(queue, round === 0 ? 1 : callsPerRound, valueOf));
		yield;
		withQueue((queue) => {
			for (let burst = 1; burst < 20; burst++) fillAndDrain(queue, burst, valueOf);
		});
		yield;
		if (round % 4 === 1) withQueue(outgrow);
		yield;
	}
}

function withQueue(use: (queue: Queue) => void): void {
	const queue = new Queue(0, Stream.create('Queue', { isPrivate: true }));
	asNobody(() => use(queue));
	queue.close();
	kept[1] = queue;
}

function fillAndDrain(queue: Queue, count: number, value: (i: number) => unknown): void {
	for (let i = 0; i < count; i++) queue.putSync(value(i * i * 17)); // numbers of all sizes
	for (let i = 0; i < count; i++) queue.getSync();
}

/** Twice as much as a ring may have that is kept when it has become empty. */
function outgrow(queue: Queue): void {
	fillAndDrain(queue, (2 * KEEP_RING_BYTES) / largeText.length, (i) => ({ id: i, name: largeText }));
	fillAndDrain(queue, 10, valueOf);
}

const largeText = 'x'.repeat(8192);

function valueOf(i: number): unknown {
	return values[(i & 3) === 0 ? (i >>> 2) % values.length : 0]!(i);
}
