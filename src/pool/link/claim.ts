/**
 * Which item of a chunk begins, and where the chunk ends: one word that its worker and the pool both change, each by
 * one compare-and-swap of the whole. The worker adds 1 to the low part before each item; the pool may lower the end, to
 * give the rest to an idle worker. So an item is begun by one or taken back by the other, never both.
 *
 *   claim = generation (7 bits) · end (12 bits) · next item (12 bits); -1 outside of a chunk
 *
 * The generation is the low part of the call's number in the stream. Fewer than 128 calls are in the stream at once, so
 * the word cannot come back to the same value for another chunk between the pool's look and its swap.
 *
 * What it says when the worker has died (deaths.ts), which it may do between any two of its steps:
 *
 *   call taken, word not set     another chunk's, or -1: nothing has begun, and decoding may have been what killed it
 *   set, item claimed            the item before `next` was at work, if there is no result of it: also before its first
 *                                step and behind its last one; what comes from `next` to `end` runs elsewhere
 *   all ended, word not reset    there is a result of each item that was claimed: none was at work
 *
 * When the pool's process dies, its workers end.
 */

/** Where it lies among the words that a worker writes (link.ts). */
export const claimWord = 0;
export const maxChunk = 4095;
const generations = 127;

export function claimOf(sequence: number, end: number, next: number): number {
	return ((sequence & generations) << 24) | (end << 12) | next;
}

export function isClaimOf(claim: number, sequence: number): boolean {
	return claim >= 0 && claim >>> 24 === (sequence & generations);
}

export function nextOf(claim: number): number {
	return claim & 0xfff;
}

export function endOf(claim: number): number {
	return (claim >>> 12) & 0xfff;
}

export function claimIn(words: Int32Array): number {
	return Atomics.load(words, claimWord);
}

/** The worker begins a chunk: nobody has anything of it yet. */
export function openClaims(words: Int32Array, claim: number): void {
	Atomics.store(words, claimWord, claim);
}

/** Outside of a chunk. */
export function closeClaims(words: Int32Array): void {
	Atomics.store(words, claimWord, -1);
}

/** The worker's step: the item that begins now, or -1 when the chunk has ended. */
export function claimNext(words: Int32Array): number {
	for (;;) {
		const claim = Atomics.load(words, claimWord);
		const next = nextOf(claim);
		if (next >= endOf(claim)) return -1;
		if (Atomics.compareExchange(words, claimWord, claim, claim + 1) === claim) return next;
	}
}

/**
 * The pool's step: takes at most `wanted` items from the end of the chunk with this number. Returns how many; 0 when
 * none is left or it has ended.
 */
export function claimBack(words: Int32Array, sequence: number, wanted: (left: number) => number): number {
	for (;;) {
		const claim = Atomics.load(words, claimWord);
		if (!isClaimOf(claim, sequence)) return 0;
		const [next, end] = [nextOf(claim), endOf(claim)];
		const count = Math.min(end - next, wanted(end - next));
		if (count <= 0) return 0;
		if (Atomics.compareExchange(words, claimWord, claim, claimOf(sequence, end - count, next)) === claim) return count;
	}
}
