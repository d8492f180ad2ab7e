/**
 * Who has taken how many items out of a JoinableQueue and not yet said `taskDone`, so that `join` can tell when one of them died on the way.
 *
 * All is done under the lock of the ring's head. What a consumer changes is two numbers at once, a count that all see (`taken` or `done`) and how many
 * items it has in hand; so it first writes down what is in hand *after* the change and which value of the count will be the sign that it happened.
 * Then comes the one store to the count. Whoever finds the entry of a dead consumer can tell by the count on which side of that store it died. The one
 * who writes off a dead consumer's items leaves the same kind of note, in case it dies over it.
 *
 * Words: 0 done · 1 written off, ever · 2 pid of the last one written off · 3 note: entry + 1 · 4 note: `done` after it · 5 note: written off
 * after it · 6, 7 reserved · then entries of 8 words: token, in hand, in hand after the change, kind of change, the count's value after it, pid.
 */
import type { Ring } from './ring.ts';
import type { Ledger, Participants } from './ring-layout.ts';
import { step } from './step.ts';

const DONE = 0;
const LOST = 1;
const LOST_PID = 2;
const NOTE_ENTRY = 3;
const NOTE_DONE = 4;
const NOTE_LOST = 5;
const HEAD_WORDS = 8;

const ENTRIES = 128;
const ENTRY_WORDS = 8;
const TOKEN = 0;
const IN_HAND = 1;
const AFTER = 2;
const CHANGE = 3;
const SIGN = 4;
const PID = 5;

const NONE = 0;
const TAKES = 1;
const IS_DONE = 2;

export class ConsumerLedger implements Ledger {
	static readonly words: number = HEAD_WORDS + ENTRIES * ENTRY_WORDS;

	readonly #words: Int32Array;
	readonly #ring: Ring;
	readonly #participants: Participants;
	/** This thread's entry, when it still is. */
	#last = HEAD_WORDS;

	/** `words` begin at the ledger; new ones are 0. */
	constructor(words: Int32Array, ring: Ring, participants: Participants) {
		this.#words = words;
		this.#ring = ring;
		this.#participants = participants;
	}

	/** Items that were put in and are not done yet. */
	unfinished(): number {
		const done = Atomics.load(this.#words, DONE);
		return (this.#ring.published() - done) | 0;
	}

	/** Items that consumers had in hand when they died, ever; and who was the last. */
	lost(): { count: number; pid: number } {
		return { count: Atomics.load(this.#words, LOST), pid: Atomics.load(this.#words, LOST_PID) };
	}

	intend(sequence: number): void {
		this.#finishNote();
		const entry = this.#mine();
		if (entry < 0) return;
		this.#prepare(entry, TAKES, 1, sequence);
		step('ledger: intended');
	}

	settle(): void {
		const entry = this.#mine();
		if (entry >= 0) this.#resolve(entry);
	}

	/** One item is done. False when none is unfinished. */
	done(): boolean {
		const words = this.#words;
		this.#finishNote();
		if (this.unfinished() <= 0) return false;
		const entry = this.#mine();
		const sign = (words[DONE]! + 1) | 0;
		// Another consumer may report what this one has not taken itself.
		const isCounted = entry >= 0 && words[entry + IN_HAND]! > 0;
		if (isCounted) this.#prepare(entry, IS_DONE, -1, sign);
		step('ledger: done noted');
		Atomics.store(words, DONE, sign);
		step('ledger: done');
		if (isCounted) this.#resolve(entry);
		return true;
	}

	/** Whether a dead consumer may have items in hand; without the lock. */
	hasDead(): boolean {
		return this.#entries().some((entry) => this.#isDead(entry));
	}

	/** Counts what dead consumers had in hand as done, and as lost. */
	writeOff(): void {
		this.#finishNote();
		const words = this.#words;
		for (const entry of this.#entries()) {
			if (!this.#isDead(entry)) continue;
			this.#resolve(entry);
			const count = Math.min(words[entry + IN_HAND]!, this.unfinished());
			words[NOTE_DONE] = words[DONE]! + count;
			words[NOTE_LOST] = words[LOST]! + count;
			words[LOST_PID] = words[entry + PID]!;
			Atomics.store(words, NOTE_ENTRY, entry);
			step('ledger: write-off noted');
			this.#applyNote();
		}
	}

	#applyNote(): void {
		const words = this.#words;
		const entry = words[NOTE_ENTRY]!;
		Atomics.store(words, DONE, words[NOTE_DONE]!);
		Atomics.store(words, LOST, words[NOTE_LOST]!);
		words[entry + IN_HAND] = 0;
		words[entry + TOKEN] = 0;
		Atomics.store(words, NOTE_ENTRY, 0);
	}

	/** All of a write-off are absolute values, so doing it again does no harm. */
	#finishNote(): void {
		if (this.#words[NOTE_ENTRY] !== 0) this.#applyNote();
	}

	#prepare(entry: number, change: number, by: number, sign: number): void {
		const words = this.#words;
		this.#resolve(entry);
		words[entry + AFTER] = words[entry + IN_HAND]! + by;
		words[entry + SIGN] = sign;
		Atomics.store(words, entry + CHANGE, change);
	}

	/** Settles a change that was prepared: it happened, or it did not. */
	#resolve(entry: number): void {
		const words = this.#words;
		const change = words[entry + CHANGE]!;
		if (change === NONE) return;
		const count = change === TAKES ? this.#ring.taken() : Atomics.load(words, DONE);
		if (((count - words[entry + SIGN]!) | 0) >= 0) Atomics.store(words, entry + IN_HAND, words[entry + AFTER]!);
		Atomics.store(words, entry + CHANGE, NONE);
	}

	/** This thread's entry, a new one if need be; -1 when all are taken by others. */
	#mine(): number {
		const words = this.#words;
		const token = this.#participants.current();
		if (words[this.#last + TOKEN] === token) return this.#last;
		let free = -1;
		for (let entry = HEAD_WORDS; entry < ConsumerLedger.words; entry += ENTRY_WORDS) {
			if (words[entry + TOKEN] === token) return (this.#last = entry);
			if (free < 0 && this.#isIdle(entry)) free = entry;
		}
		if (free < 0) return -1;
		this.#last = free;
		words[free + IN_HAND] = 0;
		words[free + CHANGE] = NONE;
		words[free + PID] = process.pid;
		words[free + TOKEN] = token;
		return free;
	}

	/** Word offsets of the entries that are in use. */
	#entries(): number[] {
		const used: number[] = [];
		for (let entry = HEAD_WORDS; entry < ConsumerLedger.words; entry += ENTRY_WORDS) if (this.#words[entry + TOKEN] !== 0) used.push(entry);
		return used;
	}

	#isDead(entry: number): boolean {
		return !this.#isIdle(entry) && this.#participants.isDead(this.#words[entry + TOKEN]!);
	}

	#isIdle(entry: number): boolean {
		return this.#words[entry + IN_HAND] === 0 && this.#words[entry + CHANGE] === NONE;
	}
}
