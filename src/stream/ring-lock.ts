/**
 * The lock of one end of a ring: a word that holds its owner's token. That of a dead owner is taken over; ring.ts says
 * why nothing has to be repaired then.
 *
 * So is one's own. Nobody who has it comes here, unless its JavaScript was ended inside the ring, which runs no
 * `finally`: a time limit of `node:vm` does that, at any call and any turn of a loop. It is a death of the call in a
 * thread that lives, and like one of the thread. A thread has one such lock at a time; so when it asks for another one,
 * it gives back what a call has left: others may wait for that.
 */
import { nowMs } from '../base/clock.ts';
import { ASK_EVERY_MS, LOCK_SPINS, type Participants } from './ring-layout.ts';

export class RingLock {
	readonly #words: Int32Array;
	readonly #word: number;
	readonly #participants: Participants;
	#askAgainMs = 0;

	constructor(words: Int32Array, word: number, participants: Participants) {
		this.#words = words;
		this.#word = word;
		this.#participants = participants;
	}

	/** False when another owner has it and keeps it. */
	tryLock(): boolean {
		const words = this.#words;
		const word = this.#word;
		const participants = this.#participants;
		const token = participants.current();
		if (participants.held !== undefined) participants.held.giveBack(token);
		let owner = 0;
		for (let i = 0; i < LOCK_SPINS; i++) {
			owner = Atomics.compareExchange(words, word, 0, token);
			if (owner === 0 || owner === token) {
				participants.held = this;
				return true;
			}
		}
		const time = nowMs();
		if (time < this.#askAgainMs) return false;
		this.#askAgainMs = time + ASK_EVERY_MS;
		if (!participants.isDead(owner) || Atomics.compareExchange(words, word, owner, token) !== owner) return false;
		participants.held = this;
		return true;
	}

	unlock(): void {
		Atomics.store(this.#words, this.#word, 0);
		this.#participants.held = undefined;
	}

	/** Unlocks for a call that was ended while it had the lock. Whoever waits for the lock looks within a slice. */
	giveBack(token: number): void {
		this.#participants.held = undefined;
		if (this.#words.length > 0) Atomics.compareExchange(this.#words, this.#word, token, 0);
	}
}
