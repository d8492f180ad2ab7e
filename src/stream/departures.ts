/**
 * Who has let go of a side of a stream, in words of its segment. As long as everybody has both sides, nobody need know;
 * from when somebody has only one, whoever lets go tells the other side to look.
 */
const oneSidedWord = 48;
const countWords = { sender: 49, receiver: 50 } as const;

/** Those who put in, or those who take out. */
export type Side = 'sender' | 'receiver';

export class Departures {
	readonly #words: Int32Array;

	/** `words` are the ring's control words, which leave these unused. */
	constructor(words: Int32Array) {
		this.#words = words;
	}

	/** From now on, whoever lets go of one side tells the other. */
	becomeOneSided(): void {
		Atomics.store(this.#words, oneSidedWord, 1);
	}

	/** One who could use that side does not hold it any more. Whether the other side is to be told. */
	add(side: Side): boolean {
		Atomics.add(this.#words, countWords[side], 1);
		return Atomics.load(this.#words, oneSidedWord) !== 0;
	}

	/** How often one who could use that side has let go. */
	count(side: Side): number {
		return Atomics.load(this.#words, countWords[side]);
	}
}
