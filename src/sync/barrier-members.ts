/**
 * Which threads take part in a barrier, so that it breaks when one will not come any more.
 *
 * A thread enters when it waits for the first time, and stays. Its entry (token-table.ts): token; then in one word,
 * which only the thread itself writes, the generation in which it has waited last (16 bits) and how many waits of it
 * have begun and not ended in that (14 bits). It is written *before* the thread is counted as arrived, and again
 * *after* it has left. So of one that dies, whatever it was doing, the entry says that it waited if it was counted and
 * the generation is the same; it may say so without that, which breaks a barrier at whose door somebody died.
 *
 * Missed is a member that was killed, and one that has ended in another way while it waited. Others may take the part
 * of one that has ended between two passes. Whoever misses a member breaks the barrier first and takes the entry off
 * then. A sweep for room takes off entries of those who do not wait; that one of them was killed is kept in the word
 * before the table.
 *
 * A third word says when the wait began. One that has begun just now is not looked after by the next to arrive, for a
 * look costs more than all else: nobody can know yet of a death that came after it, so it is as if that had come after
 * the pass.
 */
import { nowMs } from '../base/clock.ts';
import { isAlive, self, wasKilled } from '../memory/registry.ts';
import type { Segment } from '../memory/segment.ts';
import { extensionAlign, extensionOf, TokenTable } from '../memory/token-table.ts';
import { firstMembers, memberWords } from './barrier-layout.ts';

const killedWord = 0;
const tableWord = 1;
const waits = 1;
const since = 2;
/** How long "just now" is, in tenths of a millisecond. To end a process takes longer. */
const justNow = 2;

const countBits = 14;
const countMask = (1 << countBits) - 1;

export class BarrierMembers {
	readonly #int32: Int32Array;
	readonly #offset: number;
	readonly #table: TokenTable;
	/** This thread's entry, while its token says so. */
	#own: Int32Array = new Int32Array(memberWords);

	constructor(segment: Segment, offset: number) {
		this.#int32 = segment.int32;
		this.#offset = offset;
		const extension = extensionOf(segment, extensionAlign, extensionAlign);
		const table = { what: 'threads that wait at the barrier', int32: segment.int32, offset: offset + tableWord };
		this.#table = new TokenTable({ ...table, entryWords: memberWords, firstCount: firstMembers, extension });
	}

	/** Before this thread waits for the first time. `generation` is the current one. */
	enter(generation: number): void {
		const { token } = self();
		if (this.#own[0] === token) return;
		let index = this.#table.find(token);
		if (index < 0) {
			index = this.#table.claim(token, (owner, other) => this.#mayFree(owner, other, generation));
			this.#table.write(index, waits, 0);
		}
		this.#own = this.#table.entry(index);
	}

	/** A wait of this thread begins. */
	begin(generation: number): void {
		const word = this.#own[waits]!;
		this.#own[since] = tenths();
		Atomics.store(this.#own, waits, word >>> countBits === generation ? word + 1 : (generation << countBits) | 1);
	}

	/** A wait of this thread in that generation has ended. */
	end(generation: number): void {
		const word = this.#own[waits]!;
		if (word >>> countBits === generation && (word & countMask) > 0) Atomics.store(this.#own, waits, word - 1);
	}

	/** Whether one that waits in this generation, and not only since just now, has died or ended. */
	isWaiterGone(generation: number): boolean {
		const { inUse } = this.#table;
		const now = tenths();
		for (let entry = 0; entry < inUse; entry++) {
			const owner = this.#table.load(entry);
			if (owner === 0 || !this.#isWaiting(entry, generation)) continue;
			const ago = (now - this.#table.read(entry, since)) | 0;
			if ((ago < 0 || ago > justNow) && !isAlive(owner)) return true;
		}
		return false;
	}

	/** Whether one is missed, waiting or not. */
	isAnyMissed(generation: number): boolean {
		if (Atomics.load(this.#int32, this.#offset + killedWord) !== 0) return true;
		const { inUse } = this.#table;
		for (let entry = 0; entry < inUse; entry++) {
			const owner = this.#table.load(entry);
			if (owner !== 0 && !isAlive(owner) && (wasKilled(owner) || this.#isWaiting(entry, generation))) return true;
		}
		return false;
	}

	/** Takes all off that are gone, once the barrier is broken or reset. */
	forgetGone(): void {
		Atomics.store(this.#int32, this.#offset + killedWord, 0);
		this.#table.sweep((owner) => !isAlive(owner));
	}

	#mayFree(owner: number, entry: number, generation: number): boolean {
		if (isAlive(owner) || this.#isWaiting(entry, generation)) return false;
		if (wasKilled(owner)) Atomics.store(this.#int32, this.#offset + killedWord, 1);
		return true;
	}

	#isWaiting(entry: number, generation: number): boolean {
		const word = this.#table.read(entry, waits);
		return word >>> countBits === generation && (word & countMask) > 0;
	}
}

function tenths(): number {
	return Math.floor(nowMs() * 10) | 0;
}
