/**
 * Who has what of a shared object: entries of a fixed number of words, the first of which is the token of the owner
 * (registry.ts).
 *
 * **Words**: 0 how many entries were ever in use, 1 whether the table has grown, then the first entries. The others lie
 * in an extension: a part of the same file at a fixed place behind the payload, which takes memory only when it is
 * needed.
 *
 * **Claim, find, free, sweep**: claim.ts. One who claims raises the number of entries in use before the entry says
 * anything, so whoever looks at those in use misses nothing; a death in between leaves a key beyond the number, which
 * the next raise takes in.
 *
 * A sweep comes before the number in use passes a power of two, so the table has less than twice the entries that were
 * ever needed at a time.
 *
 * **Grow**, when all entries are needed: reserve the extension's memory (which keeps what is there, so several may do
 * it at once), then say so in word 1. A death in between leaves memory that the next one finds reserved. Each process
 * maps the extension when it first meets an index behind the first entries.
 *
 * Fields behind the token belong to the kind, which says who may write them, and in which order. A freed entry keeps
 * them: a new owner sets them first.
 */
import { NprocsError } from '../base/errors.ts';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { claim, sweep, type Keys, type MayFree } from './claim.ts';
import { pathOf } from './names.ts';
import { tableHeadWords } from './word-counts.ts';

const inUseWord = 0;
const grownWord = 1;
const tokenField = 0;

/** Parts of files are mapped in whole pages, whose size is this at most. */
export const extensionAlign = 65536;

/** Where a table can grow. */
export interface Extension {
	/** How many bytes it has when it is there. */
	readonly bytes: number;
	reserve(): void;
	map(): ArrayBuffer;
}

export interface TableOptions {
	/** What an entry is for, as an error says it: `threads that use a Semaphore`. */
	readonly what: string;
	/** A view of the payload, and where in it the table begins; new words are 0. */
	readonly int32: Int32Array;
	readonly offset: number;
	/** A power of two. */
	readonly entryWords: number;
	/** How many entries the payload has room for. */
	readonly firstCount: number;
	readonly extension: Extension;
}

export class TokenTable implements Keys<number> {
	readonly nobody = 0;
	readonly #what: string;
	readonly #first: Int32Array;
	readonly #head: number;
	readonly #entryWords: number;
	readonly #firstCount: number;
	readonly #extension: Extension;
	#more: Int32Array | undefined;
	/** The entry that was freed here last, to be tried first. */
	#freed = 0;

	constructor({ what, int32, offset, entryWords, firstCount, extension }: TableOptions) {
		this.#what = what;
		this.#first = int32;
		this.#head = offset;
		this.#entryWords = entryWords;
		this.#firstCount = firstCount;
		this.#extension = extension;
	}

	/** Those who look for something look at the entries with a lower index. */
	get inUse(): number {
		return Atomics.load(this.#first, this.#head + inUseWord);
	}

	/** The token of an entry's owner; 0: nobody's. */
	load(index: number): number {
		return this.read(index, tokenField);
	}

	swap(index: number, from: number, to: number): boolean {
		return this.exchange(index, tokenField, from, to);
	}

	/** A field of an entry; those of the kind begin with 1. */
	read(index: number, field: number): number {
		return Atomics.load(this.#words(index), this.#at(index) + field);
	}

	write(index: number, field: number, value: number): void {
		Atomics.store(this.#words(index), this.#at(index) + field, value);
	}

	/** Compare-and-swap; whether it was `from`. */
	exchange(index: number, field: number, from: number, to: number): boolean {
		return Atomics.compareExchange(this.#words(index), this.#at(index) + field, from, to) === from;
	}

	/** The words of an entry, for who may read or write them plainly: its owner, or under a lock. */
	entry(index: number): Int32Array {
		const at = this.#at(index);
		return this.#words(index).subarray(at, at + this.#entryWords);
	}

	/** The index of this owner's entry; -1 when it has none. */
	find(owner: number): number {
		const { inUse } = this;
		for (let index = 0; index < inUse; index++) if (this.load(index) === owner) return index;
		return -1;
	}

	/**
	 * An entry for this owner: one of nobody, else one that a sweep has freed, else one in the extension.
	 *
	 * @throws ERR_NPROCS_NO_SPACE when there is no memory to grow, ERR_NPROCS_TOO_MANY_PARTICIPANTS when it cannot grow
	 * any more
	 */
	claim(owner: number, mayFree: MayFree<number>): number {
		if (this.#freed < this.inUse && this.swap(this.#freed, this.nobody, owner)) return this.#freed;
		for (let count = powerOfTwo(this.inUse); ; count *= 2) {
			const all = this.count();
			const index = claim(this, { owner, count: Math.min(count, all), mayFree });
			if (index >= 0) return this.#raise(index);
			if (count >= all && !this.#growFrom(all)) break;
		}
		throw new NprocsError(`Cannot use the shared object: all ${this.count()} entries for ${this.#what} are in use.`, {
			code: 'ERR_NPROCS_TOO_MANY_PARTICIPANTS',
		});
	}

	/** To be called by the entry's owner. */
	free(index: number, owner: number): void {
		if (this.swap(index, owner, this.nobody)) this.#freed = index;
	}

	/** Frees entries of those who are gone, and says how many. */
	sweep(mayFree: MayFree<number>): number {
		return sweep(this, this.inUse, mayFree);
	}

	/** How many entries there are, those of nobody too. */
	count(): number {
		return this.#firstCount + (Atomics.load(this.#first, this.#head + grownWord) === 0 ? 0 : this.#extensionCount);
	}

	get #extensionCount(): number {
		return this.#extension.bytes / 4 / this.#entryWords;
	}

	#words(index: number): Int32Array {
		if (index < this.#firstCount) return this.#first;
		this.#more ??= new Int32Array(this.#extension.map(), 0, this.#extension.bytes / 4);
		return this.#more;
	}

	#at(index: number): number {
		return index < this.#firstCount ? this.#head + tableHeadWords + index * this.#entryWords : (index - this.#firstCount) * this.#entryWords;
	}

	/** Sees to it that the entry counts as one that was in use. Returns its index. */
	#raise(index: number): number {
		for (;;) {
			const seen = this.inUse;
			if (seen > index || Atomics.compareExchange(this.#first, this.#head + inUseWord, seen, index + 1) === seen) return index;
		}
	}

	/** Whether there are more entries than `count`, made by this thread or another one. */
	#growFrom(count: number): boolean {
		if (this.count() > count) return true;
		if (this.#extension.bytes === 0 || count > this.#firstCount) return false;
		this.#extension.reserve();
		Atomics.store(this.#first, this.#head + grownWord, 1);
		return true;
	}
}

/** The first power of two that is at least this. */
function powerOfTwo(least: number): number {
	return least <= 1 ? 1 : 2 ** (32 - Math.clz32(least - 1));
}

/** A part of a segment's file behind its payload. `offset` and `bytes` are multiples of `extensionAlign`. */
export function extensionOf(segment: { readonly name: string; readonly kind: string }, offset: number, bytes: number): Extension {
	const { name, kind } = segment;
	return {
		bytes,
		reserve: () => void check(addon().reserveExtent(pathOf(name), offset, bytes), `make room for more users of a ${kind}`),
		map: () => check(addon().mapExtent(pathOf(name), offset, bytes), `map the memory of a ${kind}`),
	};
}
