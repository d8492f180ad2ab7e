/**
 * A counter of permits. What a dead process held comes back.
 *
 * Words of the payload: 0 value, 1 initial value, 2 maximum (0: none), 3 "counts" flag, 4 repairer's token, then the
 * table of holders (token-table.ts; an entry: token, and operations in the upper 12 bits with the permits held in the
 * lower 20), then the waiters.
 *
 * **Permits of the dead.** Each thread writes down how many it holds. Order of steps: acquire = note one more, then
 * take it from the value (on failure, note one less); release = add to the value, then note one less. So at any moment
 * value + all notes is the initial value, or more while somebody is between two steps; never less, whoever dies where,
 * unless a dead one's note is dropped. Repair, by a waiter at its slice, with the repairer's word held so that one at a
 * time does it: drop the notes of the dead and free their entries; take a consistent picture of notes and value (read
 * notes, value, notes, until the notes, with their numbers of operations, are the same twice); what is missing to the
 * initial value is added by one compare-and-swap. If the repairer dies, the next one finds what is still missing from
 * the same sum. A repairer's word with one's own token was left by a call that was ended inside, like a dead one's.
 *
 * Entries of the dead that hold nothing are swept when a newcomer finds no other.
 *
 * **Counting use.** A semaphore may also be released by who has not acquired it (events counted by it, say). Then its
 * value is no sum of permits that are out; with the first such release it becomes a counter, and nothing comes back
 * from then on.
 */
import { checkArgument, integerFrom } from '../base/arguments.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { NprocsError } from '../base/errors.ts';
import { isAlive, self } from '../memory/registry.ts';
import type { Segment } from '../memory/segment.ts';
import { extensionAlign, extensionOf, TokenTable } from '../memory/token-table.ts';
import { tableWords, waiterSetWords } from '../memory/word-counts.ts';
import { Acquirable } from './acquirable.ts';
import { inspectors, type Inspector } from './inspectors.ts';
import { existingOptions, type HandleData, type SharedOptions } from './shared-object.ts';
import { registerKind } from '../codec/handle.ts';
import { WaiterSet } from '../wait/waiter-set.ts';
import { isWaitedForHere, waitFor, waitForSync } from '../wait/waiter.ts';

const valueWord = 0;
const initialWord = 1;
const maximumWord = 2;
const countsWord = 3;
const repairerWord = 4;
const holdersWord = 8;
const firstHolders = 256;
const waitersWord = holdersWord + tableWords(2, firstHolders);
const words = waitersWord + waiterSetWords;
/** The word of an entry, behind the token, that says how many permits its owner holds. */
const note = 1;
const permitMask = 0xf_ffff;
const operation = permitMask + 1;
const maxValue = 0x7fff_ffff;
const aCount = integerFrom(1);

export type SemaphoreOptions = SharedOptions;

abstract class PermitCounter extends Acquirable {
	protected readonly waiters: WaiterSet;
	readonly #kind: string;
	readonly #holders: TokenTable;
	/** This thread's entry among the holders, while its token says so. */
	#own: Int32Array = new Int32Array(2);

	constructor({ kind, value, isBounded }: { kind: string; value: number; isBounded: boolean }, options: SemaphoreOptions | undefined) {
		checkArgument(`the value of a ${kind}`, value, integerFrom(0, maxValue));
		const init = (int32: Int32Array): void => {
			int32[valueWord] = int32[initialWord] = value;
			int32[maximumWord] = isBounded ? value : 0;
			// Nobody can hold a permit of a semaphore that begins with none.
			int32[countsWord] = value === 0 ? 1 : 0;
		};
		super({ kind, words, init }, options);
		this.#kind = kind;
		this.waiters = new WaiterSet(this.segment, waitersWord);
		this.#holders = holdersOf(this.segment);
	}

	/** Takes a permit. Resolves to false when the time is up. */
	async acquire(wait?: Wait): Promise<boolean> {
		this.assertOpen();
		const deadline = Deadline.from(wait);
		if (deadline.isImmediate) return this.#tryOnce();
		if (!isWaitedForHere(this.waiters) && this.#attempt() === true) return true;
		return (await waitFor(this.waiters, () => this.#attempt(), deadline, { onSlice: () => this.#repair() })) === true;
	}

	acquireSync(wait?: Wait): boolean {
		this.assertOpen();
		const deadline = Deadline.from(wait);
		if (deadline.isImmediate) return this.#tryOnce();
		return waitForSync(this.waiters, () => this.#attempt(), deadline, { onSlice: () => this.#repair() }) === true;
	}

	/**
	 * Gives `n` permits back. A BoundedSemaphore throws `ERR_NPROCS_OVER_RELEASE` when that would exceed its first
	 * value.
	 */
	release(n = 1): void {
		this.assertOpen();
		checkArgument('the number of permits', n, aCount);
		const held = this.#held();
		this.#add(n);
		if (held < n) Atomics.store(this.int32, countsWord, 1);
		if (held > 0) this.#note(-Math.min(n, held));
		this.waiters.wakeMany(n);
	}

	/** How many permits are there to take. */
	getValue(): number {
		this.assertOpen();
		if (Atomics.load(this.int32, valueWord) < this.int32[initialWord]!) this.#repair();
		return Atomics.load(this.int32, valueWord);
	}

	/** Whether no permit is there to take. */
	locked(): boolean {
		return this.getValue() === 0;
	}

	protected sets(): readonly WaiterSet[] {
		return [this.waiters];
	}

	protected get maximum(): number {
		return this.int32[maximumWord]!;
	}

	#attempt(): true | undefined {
		if (Atomics.load(this.int32, valueWord) === 0) return undefined;
		const noted = this.#note(1);
		for (;;) {
			const value = Atomics.load(this.int32, valueWord);
			if (value === 0) break;
			if (Atomics.compareExchange(this.int32, valueWord, value, value - 1) === value) return true;
		}
		if (noted) this.#note(-1);
		return undefined;
	}

	#tryOnce(): boolean {
		if (this.#attempt() === true) return true;
		this.#repair();
		return this.#attempt() === true;
	}

	#add(n: number): void {
		const limit = this.#limit();
		for (;;) {
			const value = Atomics.load(this.int32, valueWord);
			if (value + n > limit) {
				throw new NprocsError(
					`Cannot release the ${this.#kind}: its value would be ${value + n}, but ${limit} is its maximum. It was released too many times.`,
					{
						code: 'ERR_NPROCS_OVER_RELEASE',
					},
				);
			}
			if (Atomics.compareExchange(this.int32, valueWord, value, value + n) === value) return;
		}
	}

	#limit(): number {
		return this.#kind === 'BoundedSemaphore' ? this.maximum : maxValue;
	}

	// ---- Who holds how many ----

	/** Permits noted for this thread. */
	#held(): number {
		if (Atomics.load(this.int32, countsWord) !== 0) return 0;
		const own = this.#ownEntry();
		return own === undefined ? 0 : own[note]! & permitMask;
	}

	/** Only this thread writes its entry. False when it has none. */
	#note(change: number): boolean {
		if (Atomics.load(this.int32, countsWord) !== 0 && change > 0) return false;
		const own = change > 0 ? (this.#ownEntry() ?? this.#claimEntry()) : this.#ownEntry();
		if (own === undefined) return false;
		Atomics.store(own, note, (own[note]! + operation + change) | 0);
		return true;
	}

	#ownEntry(): Int32Array | undefined {
		const { token } = self();
		if (this.#own[0] === token) return this.#own;
		const found = this.#holders.find(token);
		return found < 0 ? undefined : (this.#own = this.#holders.entry(found));
	}

	#claimEntry(): Int32Array {
		return (this.#own = this.#holders.entry(this.#holders.claim(self().token, this.#isDone)));
	}

	/** Whether the entry of one who is dead says nothing: its last owner has noted as many permits less as more. */
	readonly #isDone = (owner: number, entry: number): boolean => {
		return (this.#holders.read(entry, note) & permitMask) === 0 && !isAlive(owner);
	};

	// ---- Permits of the dead ----

	#repair(): void {
		if (Atomics.load(this.int32, countsWord) !== 0) return;
		const { token } = self();
		const repairer = Atomics.load(this.int32, repairerWord);
		const isLeft = repairer !== 0 && (repairer === token || !isAlive(repairer));
		if (repairer !== 0 ? !isLeft : !this.#anyDeadHolds()) return;
		if (Atomics.compareExchange(this.int32, repairerWord, repairer, token) !== repairer) return;
		this.#dropDead();
		const given = this.#giveMissing();
		Atomics.store(this.int32, repairerWord, 0);
		this.waiters.wakeMany(given);
	}

	#anyDeadHolds(): boolean {
		const { inUse } = this.#holders;
		for (let entry = 0; entry < inUse; entry++) if (this.#isDeadHolder(entry)) return true;
		return false;
	}

	#isDeadHolder(entry: number): boolean {
		return (this.#holders.read(entry, note) & permitMask) > 0 && !isAlive(this.#holders.load(entry));
	}

	/** By the repairer alone: nobody else writes into the entry of a dead one that holds something. */
	#dropDead(): void {
		const { inUse } = this.#holders;
		for (let entry = 0; entry < inUse; entry++) {
			const owner = this.#holders.load(entry);
			if (!this.#isDeadHolder(entry)) continue;
			this.#holders.write(entry, note, 0);
			this.#holders.free(entry, owner);
		}
	}

	/** Returns how many permits came back. */
	#giveMissing(): number {
		for (;;) {
			const before = this.#notes();
			const value = Atomics.load(this.int32, valueWord);
			const missing = this.int32[initialWord]! - value - before.reduce((sum, held) => sum + (held & permitMask), 0);
			const after = this.#notes();
			if (after.length !== before.length || after.some((held, i) => held !== before[i])) continue;
			if (missing <= 0) return 0;
			if (Atomics.compareExchange(this.int32, valueWord, value, value + missing) === value) return missing;
		}
	}

	#notes(): number[] {
		const notes: number[] = [];
		const { inUse } = this.#holders;
		for (let entry = 0; entry < inUse; entry++) notes.push(this.#holders.read(entry, note));
		return notes;
	}
}

/** For an overview, and tests. */
export function holdersOf(segment: Segment): TokenTable {
	const extension = extensionOf(segment, extensionAlign, extensionAlign);
	return new TokenTable({
		what: 'threads that hold permits',
		int32: segment.int32,
		offset: holdersWord,
		entryWords: 2,
		firstCount: firstHolders,
		extension,
	});
}

/** As Python's `multiprocessing.Semaphore`. May be released more often than it was acquired. */
export class Semaphore extends PermitCounter {
	constructor(value = 1, options?: SemaphoreOptions) {
		super({ kind: 'Semaphore', value, isBounded: false }, options);
	}

	protected describe(): string {
		return `<Semaphore(value=${this.getValue()})>`;
	}
}

/** As Python's `multiprocessing.BoundedSemaphore`: its value cannot exceed the first one. */
export class BoundedSemaphore extends PermitCounter {
	constructor(value = 1, options?: SemaphoreOptions) {
		super({ kind: 'BoundedSemaphore', value, isBounded: true }, options);
	}

	protected describe(): string {
		return `<BoundedSemaphore(value=${this.getValue()}, maxvalue=${this.maximum})>`;
	}
}

registerKind('Semaphore', (data: HandleData) => new Semaphore(0, existingOptions(data)));
registerKind('BoundedSemaphore', (data: HandleData) => new BoundedSemaphore(0, existingOptions(data)));

const inspector: Inspector = {
	waiters: waitersWord,
	holders(segment) {
		const tokens: number[] = [];
		const holders = holdersOf(segment);
		for (let entry = 0; entry < holders.inUse; entry++) {
			for (let held = holders.read(entry, note) & permitMask; held > 0; held--) tokens.push(holders.load(entry));
		}
		return tokens;
	},
	state: (int32) => `${Atomics.load(int32, valueWord)} of ${int32[initialWord]!} free`,
};
inspectors.set('Semaphore', inspector);
inspectors.set('BoundedSemaphore', inspector);
