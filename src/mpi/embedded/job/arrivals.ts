/**
 * Barriers of a communicator by a counter in shared memory: its members count themselves.
 *
 * Words: 0 how many have arrived, at all barriers so far together, modulo 2^32; from 16 on, for each member, at how
 * many barriers it has arrived. Nobody arrives at a barrier before all have arrived at the one before. So when m
 * barriers of n members are over, the count is m × n, whoever finds it there or above knows that barrier m is
 * complete, and whoever makes it m × n is the last one, who wakes the others.
 *
 * The count alone decides, and each member adds to it once, in one step. The words of the members only tell the
 * launcher for whom the others wait. A member adds first and stores its word then: killed in between, it has arrived;
 * killed before, its word says that it has not. The last one, killed before it could wake the others, leaves a
 * complete barrier, which they find when they look again, at their next slice (waits.ts).
 */
const countWord = 0;
const memberWords = 16;

export function arrivalsWords(members: number): number {
	return memberWords + members;
}

export class Arrivals {
	readonly #words: Int32Array;
	readonly #base: number;
	readonly #size: number;
	readonly #rank: number;
	/** At how many barriers this member has arrived. */
	#own: number;

	/** `barriers`: how many the words have seen before, of other members as many in number. */
	constructor(words: Int32Array, base: number, { size, rank, barriers }: { size: number; rank: number; barriers: number }) {
		this.#words = words;
		this.#base = base;
		this.#size = size;
		this.#rank = rank;
		this.#own = barriers;
	}

	get barriers(): number {
		return this.#own;
	}

	/** At the next barrier, when the last one is complete. True for the last to arrive, who has to wake the others. */
	arrive(): boolean {
		this.#own = (this.#own + 1) | 0;
		const count = (Atomics.add(this.#words, this.#base + countWord, 1) + 1) | 0;
		Atomics.store(this.#words, this.#base + memberWords + this.#rank, this.#own);
		return count === this.#target();
	}

	/** Whether all have arrived at the barrier at which this one has arrived last. */
	isComplete(): boolean {
		const count = Atomics.load(this.#words, this.#base + countWord);
		return ((count - this.#target()) | 0) >= 0;
	}

	/** The other members that have not arrived at it, by their ranks. */
	missing(): number[] {
		const ranks: number[] = [];
		for (let rank = 0; rank < this.#size; rank++) {
			const arrived = Atomics.load(this.#words, this.#base + memberWords + rank);
			if (rank !== this.#rank && ((arrived - this.#own) | 0) < 0) ranks.push(rank);
		}
		return ranks;
	}

	#target(): number {
		return Math.imul(this.#own, this.#size);
	}
}
