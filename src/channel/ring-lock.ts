/**
 * The lock of one end of a ring: a word that holds its owner's token. That of a dead owner is taken over; ring.ts says why nothing has to be repaired then.
 *
 * So is one's own. Nobody who has it comes here, unless its JavaScript was ended inside the ring, which runs no `finally`: a time limit of `node:vm` does that, at
 * any call and any turn of a loop. It is a death of the call in a thread that lives, and like one of the thread.
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
		const token = this.#participants.current();
		let owner = 0;
		for (let i = 0; i < LOCK_SPINS; i++) {
			owner = Atomics.compareExchange(words, word, 0, token);
			if (owner === 0 || owner === token) return true;
		}
		const time = nowMs();
		if (time < this.#askAgainMs) return false;
		this.#askAgainMs = time + ASK_EVERY_MS;
		return this.#participants.isDead(owner) && Atomics.compareExchange(words, word, owner, token) === owner;
	}

	unlock(): void {
		Atomics.store(this.#words, this.#word, 0);
	}
}
