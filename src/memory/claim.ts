/**
 * How an entry of a table in shared memory gets its owner, and loses it: the steps that all tables have in common.
 *
 * An entry has a *key*, one word that says whose it is, and 0 says nobody's. Every change of a key is one
 * compare-and-swap:
 *
 *   claim  0 → the owner's, of the first entry that has none
 *   free   the owner's → 0, by the owner, when its entry says nothing any more
 *   sweep  a key → 0, by anybody, of an entry whose owner is gone and that says nothing that others still need
 *
 * So a process may die between any two steps: it has claimed an entry or it has not, and what it has is found by a
 * sweep. Two who sweep at once do not harm each other, nor the next owner: a key that is another one by now is left
 * alone. For that, a sweep only *looks* at what the entry says. Who changes something in the entry of a dead owner does
 * so before, under a lock of his own.
 */

/** The keys of a table: 32 or 64 bits each. */
export interface Keys<K extends number | bigint> {
	readonly nobody: K;
	load(index: number): K;
	/** Compare-and-swap. Says whether the key was `from`. */
	swap(index: number, from: K, to: K): boolean;
}

/** Whether a sweep may free the entry, which has this key. */
export type MayFree<K extends number | bigint> = (key: K, index: number) => boolean;

export interface Claim<K extends number | bigint> {
	readonly owner: K;
	/** Only entries with an index below this are claimed. */
	readonly count: number;
	readonly mayFree: MayFree<K>;
}

/**
 * The index of an entry that is the owner's from now on, after a sweep if need be; -1 when all are somebody's who needs
 * them.
 */
export function claim<K extends number | bigint>(keys: Keys<K>, { owner, count, mayFree }: Claim<K>): number {
	for (;;) {
		const index = claimFree(keys, owner, count);
		if (index >= 0 || sweep(keys, count, mayFree) === 0) return index;
	}
}

function claimFree<K extends number | bigint>(keys: Keys<K>, owner: K, count: number): number {
	for (let index = 0; index < count; index++) {
		if (keys.load(index) === keys.nobody && keys.swap(index, keys.nobody, owner)) return index;
	}
	return -1;
}

/** Frees all entries that may be freed, and says how many. */
export function sweep<K extends number | bigint>(keys: Keys<K>, count: number, mayFree: MayFree<K>): number {
	let freed = 0;
	for (let index = 0; index < count; index++) {
		const key = keys.load(index);
		if (key !== keys.nobody && mayFree(key, index) && keys.swap(index, key, keys.nobody)) freed++;
	}
	return freed;
}
