/** Tells ordinary arrays from those with named properties. */
import { inspect } from 'node:util';

/** Up to so many keys are looked at one by one. */
const FEW = 64;

/**
 * Whether the array has no named properties and, when it is short, no holes (in a long one they are found on the way).
 *
 * Node has no public call for "the names of an array's own properties without its indices", and listing the indices of
 * a long array takes longer than writing it. But `inspect` shows just these names if it is told to show no items.
 * Should its wording ever change, all long arrays go the slow way and stay right.
 */
export function isDense(array: readonly unknown[]): boolean {
	const { length } = array;
	if (length > FEW) return inspect(array, { maxArrayLength: 0, depth: 0, customInspect: false }) === `[ ... ${length} more items ]`;
	const keys = Object.keys(array);
	// Indices come first and in order.
	return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
}
