/**
 * Whom to wake at one end of a stream, and when to wake nobody.
 *
 * A wake-up costs as much as tens of messages. With more processes than cores, waking one for each message only makes
 * them fight for the ring's lock and for the cores. So a sleeper is left alone while somebody else is about to look
 * anyway, which three words of the segment tell:
 *
 *   woken     one was woken and has not looked yet. Set by the waker, cleared by whoever looks next.
 *   spinner   the token of one who waits by looking all the time.
 *   dozer     the token of one who sleeps, but not longer than `dozeMs`: each wait's first sleep is such a doze, if no
 *             other is at it.
 *
 * The spinner is good for every message, since it looks within a microsecond. The dozer is good for messages behind
 * others: to come late for the first one would be felt, and for the others it means that a queue that does not run dry
 * gets one more consumer each `dozeMs` (and at once when nobody dozes).
 *
 * No wake-up is lost by that: a spinner or dozer gives up its word *before* its next look, and the waker reads the
 * words *after* its change (they are written atomically, and read behind an atomic load: stream.ts), so either the
 * waker sees the word gone and wakes somebody, or the look sees the change. Who has found something passes on what is
 * left, after giving up its word.
 *
 * Deaths. A word of one that is dead or stopped keeps wake-ups from others. Those look every 100 ms by themselves
 * (waiter.ts); who then finds something takes all three words away, whoever's they are. So a death costs the others 100
 * ms once.
 */
import type { Lookout, SpinOutcome } from '../wait/lookout.ts';
import type { WaiterSet } from '../wait/waiter-set.ts';

export const policyWord = { woken: 0, spinner: 1, dozer: 2 } as const;
const { woken: WOKEN, spinner: SPINNER, dozer: DOZER } = policyWord;

/** Long enough to outlast a burst of messages, and too short for a human to notice. */
const dozeMs = 0.3;

export interface WakePolicyOptions {
	readonly words: Int32Array;
	/** Where the policy's words begin. New memory is 0. */
	readonly base: number;
	readonly set: WaiterSet;
	/** This thread's token. */
	readonly token: () => number;
	/** Wakes the next thread if there is something left for it. */
	readonly passOn: () => void;
}

export class WakePolicy implements Lookout {
	static readonly words = 3;

	readonly #words: Int32Array;
	readonly #base: number;
	readonly #set: WaiterSet;
	readonly #token: () => number;
	readonly #passOn: () => void;

	constructor({ words, base, set, token, passOn }: WakePolicyOptions) {
		this.#words = words;
		this.#base = base;
		this.#set = set;
		this.#token = token;
		this.#passOn = passOn;
	}

	/**
	 * For a set that has waiters: wakes one for something that nobody has been told of, unless somebody looks all the
	 * time or has just been woken.
	 */
	wakeFirst(): void {
		if (this.isLookAwaited && Atomics.compareExchange(this.#words, this.#base + WOKEN, 0, 1) === 0) this.#set.wakeOne();
	}

	/** As `wakeFirst`, for what lies behind other things: not when somebody dozes. */
	wakeNext(): void {
		if (!this.hasDozer) this.wakeFirst();
	}

	get hasDozer(): boolean {
		return this.#words[this.#base + DOZER] !== 0;
	}

	/** Whether nobody is about to look at once. */
	get isLookAwaited(): boolean {
		return this.#words[this.#base + SPINNER] === 0 && this.#words[this.#base + WOKEN] === 0;
	}

	/** Before every look that a waiter might make. */
	arrive(): void {
		if (this.#words[this.#base + WOKEN] !== 0) Atomics.store(this.#words, this.#base + WOKEN, 0);
	}

	beginSpin(): void {
		Atomics.compareExchange(this.#words, this.#base + SPINNER, 0, this.#token());
	}

	endSpin(outcome: SpinOutcome): void {
		Atomics.compareExchange(this.#words, this.#base + SPINNER, this.#token(), 0);
		if (outcome === 'found') this.#passOn();
	}

	beginDoze(): number | undefined {
		return Atomics.compareExchange(this.#words, this.#base + DOZER, 0, this.#token()) === 0 ? dozeMs : undefined;
	}

	endDoze(): void {
		Atomics.compareExchange(this.#words, this.#base + DOZER, this.#token(), 0);
	}

	foundLate(): void {
		for (let word = WOKEN; word < WakePolicy.words; word++) Atomics.store(this.#words, this.#base + word, 0);
		this.#passOn();
	}
}
