/** Numbers that depend on a seed and on what they are for, so that each rank can tell what any other rank has drawn. */

export interface Random {
	/** From 0 on, below `n`. */
	below(n: number): number;
}

export function randomOf(...seeds: readonly number[]): Random {
	let state = seeds.reduce((hash, seed) => Math.imul(hash ^ seed, 0x9e3779b1) ^ (hash >>> 15), 0x2545f491);
	return {
		below(n) {
			state = (state + 0x6d2b79f5) | 0;
			let t = Math.imul(state ^ (state >>> 15), state | 1);
			t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
			return ((t ^ (t >>> 14)) >>> 0) % n;
		},
	};
}
