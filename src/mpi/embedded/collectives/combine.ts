/** The two ways to put results of ranks together, in the order of ranks. */
import type { Combiner } from '../ops/ops.ts';

/** `total = total op next`: what comes from higher ranks stands behind. The bytes of `next` may be used for it. */
export function combineBehind(combiner: Combiner, total: Uint8Array, next: Uint8Array, count: number): void {
	if (count === 0) return;
	if (combiner.commutes) {
		combiner.combine(next, total, count);
		return;
	}
	combiner.combine(total, next, count);
	total.set(next.length > total.length ? next.subarray(0, total.length) : next);
}

/** `total = before op total`: what comes from lower ranks stands before. */
export function combineBefore(combiner: Combiner, before: Uint8Array, total: Uint8Array, count: number): void {
	combiner.combine(before, total, count);
}
