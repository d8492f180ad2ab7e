/**
 * Who has taken how many items out of a JoinableQueue and not yet said `taskDone`, so that `join` can tell when one of
 * them died on the way.
 *
 * All is done under the lock of the ring's head. What a consumer changes is two numbers at once, a count that all see
 * (`taken` or `done`) and how many items somebody has in hand; so it first writes down what is in hand *after* the
 * change and which value of the count will be the sign that it happened. Then comes the one store to the count. Who has
 * the lock next finds in one word whose entry was being changed, if its writer died over it, and can tell by the count
 * on which side of that store: before it changes the count itself, which would look the same. The one who settles the
 * items of one that is gone leaves the same kind of note, in case it dies over it: absolute values, which may be stored
 * twice.
 *
 * **Whose item is done.** A consumer's `taskDone` is about an item that it has in hand. One that has none reports for
 * another, as Python allows: for one that has ended regularly and so must have handed its items on (they are counted in
 * one word), else for any that has some. When nobody has, and items were given up as lost, it reports such a one, late,
 * and nothing is counted.
 *
 * **The gone.** One that was killed, or has ended with an error (its exit code is in its entry), has lost what it had
 * in hand: it counts as done and as lost. One that has ended regularly has handed on what it had.
 *
 * Words: 0 done · 1 lost, ever; of the last one: 2 pid, 3 number of the item, 4 exit code · 5 handed on · a note: 6
 * whether, and entry + 2, 7 done, 8 lost, 9 handed on after it · 10 the entry that is being changed, + 1 · 11-15
 * reserved · then a table of tokens
 * (token-table.ts) with entries of 8 words: token, in hand, in hand after the change, kind of change, the count's value
 * after it, pid, number of the last item taken, exit code. Entries that hold nothing are used again, also those of the
 * living.
 */
import { TokenTable, type Extension } from '../memory/token-table.ts';
import { tableWords } from '../memory/word-counts.ts';
import type { Ring } from '../stream/ring.ts';
import type { Ledger, Participants } from '../stream/ring-layout.ts';
import { step } from '../stream/step.ts';

const DONE = 0;
const LOST = 1;
const LOST_PID = 2;
const LOST_ITEM = 3;
const LOST_EXIT = 4;
const HANDED_ON = 5;
const NOTE = 6;
const NOTE_DONE = 7;
const NOTE_LOST = 8;
const NOTE_HANDED_ON = 9;
const CHANGING = 10;
const HEAD_WORDS = 16;
const ENTRIES = 64;
const ENTRY_WORDS = 8;

const TOKEN = 0;
const IN_HAND = 1;
const AFTER = 2;
const CHANGE = 3;
const SIGN = 4;
const PID = 5;
const ITEM = 6;
const EXIT = 7;

const NONE = 0;
const TAKES = 1;
const IS_DONE = 2;
/** In the place of an entry: the note is about none. */
const NOBODY = -1;
/** Set beside an exit code, so that the code 0 is told from no code. */
const KNOWN = 0x1_0000;

interface Entry {
	readonly words: Int32Array;
	readonly index: number;
}

/** The calling thread's token, and how other processes have ended. */
export interface Consumers extends Participants {
	/** Whether a process that is dead was killed. */
	wasKilled(token: number): boolean;
	/** The exit code of a process that is dead, as far as it is known. */
	exitCodeOf(pid: number): number | undefined;
}

/**
 * How many items were lost so far. Of the last one: who had it, its number among all items ever put in, and the exit
 * code as far as anybody knew it.
 */
export interface Lost {
	readonly count: number;
	readonly pid: number;
	readonly item: number;
	readonly exitCode: number | undefined;
}

export interface LedgerOptions {
	/** The segment's words, from the ledger's first one on. New memory is 0. */
	readonly words: Int32Array;
	readonly ring: Ring;
	readonly consumers: Consumers;
	/** Where more entries go than the words have room for. */
	readonly extension: Extension;
}

export class ConsumerLedger implements Ledger {
	static readonly words: number = HEAD_WORDS + tableWords(ENTRY_WORDS, ENTRIES);

	readonly #words: Int32Array;
	readonly #table: TokenTable;
	readonly #ring: Ring;
	readonly #consumers: Consumers;
	/** This thread's entry, while its token says so. */
	#own: Entry = { words: new Int32Array(ENTRY_WORDS), index: -1 };

	constructor({ words, ring, consumers, extension }: LedgerOptions) {
		this.#words = words;
		this.#ring = ring;
		this.#consumers = consumers;
		const what = 'consumers with items in hand';
		this.#table = new TokenTable({ what, int32: words, offset: HEAD_WORDS, entryWords: ENTRY_WORDS, firstCount: ENTRIES, extension });
	}

	/** Items that were put in and are not done yet. */
	unfinished(): number {
		const done = Atomics.load(this.#words, DONE);
		return (this.#ring.published() - done) | 0;
	}

	lost(): Lost {
		const words = this.#words;
		const exit = Atomics.load(words, LOST_EXIT);
		return {
			count: Atomics.load(words, LOST),
			pid: Atomics.load(words, LOST_PID),
			item: Atomics.load(words, LOST_ITEM),
			exitCode: (exit & KNOWN) === 0 ? undefined : (exit << 16) >> 16,
		};
	}

	intend(sequence: number): void {
		this.#finishOthers();
		this.#prepare(this.#mine(), TAKES, sequence);
		step('ledger: intended');
	}

	/** To be called after `intend`, which has given this thread its entry. */
	settle(): void {
		this.#finishChange(this.#own.words);
	}

	/** Says that one item is done. False when none is unfinished. */
	done(): boolean {
		const words = this.#words;
		this.#finishOthers();
		if (this.unfinished() <= 0) return false;
		const mine = this.#mineWithItems();
		if (mine === undefined) {
			this.settleGone();
			if (this.unfinished() <= 0) return true; // it was in the hands of one of those who are gone
		}
		const sign = (words[DONE]! + 1) | 0;
		const entry = mine ?? this.#anothersWithItems();
		if (entry !== undefined) this.#prepare(entry, IS_DONE, sign);
		else if (words[HANDED_ON]! > 0) return this.#note(NOBODY, { done: 1, handedOn: -1 });
		else if (words[LOST]! > 0 && ((this.#ring.taken() - words[DONE]!) | 0) <= 0) return true;
		step('ledger: done noted');
		Atomics.store(words, DONE, sign);
		step('ledger: done');
		if (entry !== undefined) this.#finishChange(entry.words);
		return true;
	}

	/** Pids of those who are gone and may have items in hand; without the lock. */
	gone(): number[] {
		const pids: number[] = [];
		const { inUse } = this.#table;
		for (let index = 0; index < inUse; index++) {
			if (this.#isGone(index)) pids.push(this.#table.read(index, PID));
		}
		return pids;
	}

	/** Settles what those had in hand who are gone. */
	settleGone(): void {
		this.#finishOthers();
		const words = this.#words;
		const { inUse } = this.#table;
		for (let index = 0; index < inUse; index++) {
			if (!this.#isGone(index)) continue;
			const entry = this.#table.entry(index);
			const count = entry[IN_HAND]!;
			if (!this.#hasFailed(entry)) {
				this.#note(index, { handedOn: count });
				continue;
			}
			const lost = Math.min(count, this.unfinished());
			words[LOST_PID] = entry[PID]!;
			words[LOST_ITEM] = entry[ITEM]!;
			const exitCode = entry[EXIT] !== 0 ? entry[EXIT]! & ~KNOWN : this.#consumers.exitCodeOf(entry[PID]!);
			words[LOST_EXIT] = exitCode === undefined ? 0 : KNOWN | (exitCode & 0xffff);
			this.#note(index, { done: lost, lost });
		}
	}

	/** This thread is about to end with an error. */
	fail(exitCode: number): void {
		const { words } = this.#own;
		if (words[TOKEN] === this.#consumers.current()) words[EXIT] = KNOWN | (exitCode & 0xff);
	}

	/** Leaves a note about changes of the counts, and carries them out; the entry is free then. */
	#note(index: number, { done = 0, lost = 0, handedOn = 0 }: { done?: number; lost?: number; handedOn?: number }): true {
		const words = this.#words;
		words[NOTE_DONE] = words[DONE]! + done;
		words[NOTE_LOST] = words[LOST]! + lost;
		words[NOTE_HANDED_ON] = words[HANDED_ON]! + handedOn;
		Atomics.store(words, NOTE, index + 2);
		step('ledger: noted');
		this.#applyNote();
		return true;
	}

	#applyNote(): void {
		const words = this.#words;
		const index = words[NOTE]! - 2;
		Atomics.store(words, DONE, words[NOTE_DONE]!);
		Atomics.store(words, LOST, words[NOTE_LOST]!);
		Atomics.store(words, HANDED_ON, words[NOTE_HANDED_ON]!);
		if (index !== NOBODY) {
			const entry = this.#table.entry(index);
			entry[IN_HAND] = 0;
			Atomics.store(entry, TOKEN, 0);
		}
		Atomics.store(words, NOTE, 0);
	}

	/** What the one before has died over. All of a note are absolute values, so doing it again does no harm. */
	#finishOthers(): void {
		const changing = this.#words[CHANGING]!;
		if (changing !== 0) this.#finishChange(this.#table.entry(changing - 1));
		if (this.#words[NOTE] !== 0) this.#applyNote();
	}

	#prepare({ words: entry, index }: Entry, change: typeof TAKES | typeof IS_DONE, sign: number): void {
		entry[AFTER] = entry[IN_HAND]! + (change === TAKES ? 1 : -1);
		entry[SIGN] = sign;
		Atomics.store(this.#words, CHANGING, index + 1);
		Atomics.store(entry, CHANGE, change);
	}

	#finishChange(entry: Int32Array): void {
		this.#resolve(entry);
		Atomics.store(this.#words, CHANGING, 0);
	}

	/** Settles a change that was prepared: it happened, or it did not. */
	#resolve(entry: Int32Array): void {
		const change = entry[CHANGE]!;
		if (change === NONE) return;
		const count = change === TAKES ? this.#ring.taken() : Atomics.load(this.#words, DONE);
		if (((count - entry[SIGN]!) | 0) >= 0) {
			if (change === TAKES) entry[ITEM] = entry[SIGN]!;
			Atomics.store(entry, IN_HAND, entry[AFTER]!);
		}
		Atomics.store(entry, CHANGE, NONE);
	}

	/** This thread's entry, a new one if need be. */
	#mine(): Entry {
		const known = this.#mineIfAny();
		if (known !== undefined) return known;
		const mayFree = (_: number, index: number): boolean => this.#isIdle(index);
		const index = this.#table.claim(this.#consumers.current(), mayFree);
		const words = this.#table.entry(index);
		words[PID] = process.pid;
		words[EXIT] = 0;
		return (this.#own = { words, index });
	}

	#mineIfAny(): Entry | undefined {
		const token = this.#consumers.current();
		if (this.#own.words[TOKEN] === token) return this.#own;
		const index = this.#table.find(token);
		return index < 0 ? undefined : (this.#own = { words: this.#table.entry(index), index });
	}

	#mineWithItems(): Entry | undefined {
		const mine = this.#mineIfAny();
		return mine !== undefined && mine.words[IN_HAND]! > 0 ? mine : undefined;
	}

	/** An entry that has items in hand. Its owner lives, as far as is known: `settleGone` comes before this. */
	#anothersWithItems(): Entry | undefined {
		if (this.#words[HANDED_ON]! > 0) return undefined;
		const { inUse } = this.#table;
		for (let index = 0; index < inUse; index++) {
			if (!this.#isIdle(index)) return { words: this.#table.entry(index), index };
		}
		return undefined;
	}

	#isGone(index: number): boolean {
		const token = this.#table.load(index);
		return token !== 0 && !this.#isIdle(index) && this.#consumers.isDead(token);
	}

	#hasFailed(entry: Int32Array): boolean {
		return entry[EXIT] !== 0 || this.#consumers.wasKilled(entry[TOKEN]!);
	}

	#isIdle(index: number): boolean {
		return this.#table.load(index) === 0 || (this.#table.read(index, IN_HAND) === 0 && this.#table.read(index, CHANGE) === NONE);
	}
}
