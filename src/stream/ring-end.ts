/**
 * The end that somebody gives a channel: nothing more comes, from anybody; what is inside can still be taken.
 *
 * It is one word, set by one store, at any time and without a lock. A producer looks at it under the tail's lock,
 * before it publishes. So a consumer that has seen the word set, then takes the tail's lock itself, and finds nothing
 * inside, knows that nothing will come: who held the lock before has published before, and who takes it afterwards sees
 * the word. Whoever dies with the lock loses it to the next one (ring-lock.ts); whoever dies before the store has ended
 * nothing.
 */
import type { Ring } from './ring.ts';
import { ENDED } from './ring-layout.ts';
import { step } from './step.ts';

/** Says that nothing more may be put in. `words` are the ring's control words. Idempotent. */
export function endRing(words: Int32Array): void {
	step('end: about to be said');
	Atomics.store(words, ENDED, 1);
	step('end: said');
}

export function isRingEnded(words: Int32Array): boolean {
	return Atomics.load(words, ENDED) !== 0;
}

/**
 * Of an ended ring: whether all that was put in has been taken, and nobody is just putting something in. It has had the
 * tail's lock then; undefined when another one has it.
 */
export function isRingDrained(ring: Ring): boolean | undefined {
	if (!ring.lockTail()) return undefined;
	step('end: tail locked');
	ring.unlockTail();
	return ring.count() === 0;
}
