/** What programs give for topologies that are graphs. */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG, ERR_TOPOLOGY } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import { intList } from '../arguments/numbers.ts';

export interface GraphSpec {
	/** Of each node: where the neighbours of the next one begin in `edges`. */
	readonly index: readonly number[];
	readonly edges: readonly number[];
}

/** Edges without weights. */
class Unweighted {
	/** @internal */
	readonly isUnweighted = true;
}
/** Weights of no edges: of a rank that has none, where others' have. */
class WeightsEmpty {
	/** @internal */
	readonly isEmpty = true;
}

export const UNWEIGHTED: Unweighted = new Unweighted();
export const WEIGHTS_EMPTY: WeightsEmpty = new WeightsEmpty();

/** A weight for each edge; null or UNWEIGHTED for none. */
export type Weights = ArrayLike<number> | Unweighted | WeightsEmpty | null;

export function graphFrom(index: unknown, edges: unknown): GraphSpec {
	const ends = intList(index, { name: 'index', least: 0 });
	const ranks = intList(edges, { name: 'edges', least: 0, errorClass: ERR_TOPOLOGY });
	if (ends.length > 1 && ends[0] === 0 && ends.at(-1) === ranks.length) ends.shift();
	const nodes = ends.length;
	ends.forEach((end, i) => {
		if (end < (ends[i - 1] ?? 0)) fail(ERR_TOPOLOGY, `\`index[${i}]\` is ${end}, less than the one before: it says where the node's edges end.`);
	});
	if ((ends.at(-1) ?? 0) !== ranks.length) fail(ERR_TOPOLOGY, `\`index\` ends with ${ends.at(-1) ?? 0}, but there are ${ranks.length} edges.`);
	const beyond = ranks.find((rank) => rank >= nodes);
	if (beyond !== undefined) fail(ERR_TOPOLOGY, `An edge leads to node ${beyond}: the graph has ${nodes}.`);
	return { index: ends, edges: ranks };
}

/** Null: there are none. */
export function weightsFrom(weights: unknown, edges: number, name: string): Int32Array | null {
	if (weights === null || weights === undefined || weights === UNWEIGHTED) return null;
	if (weights === WEIGHTS_EMPTY) {
		if (edges > 0) fail(ERR_ARG, `\`${name}\` is MPI.WEIGHTS_EMPTY, but there are ${edges} edges.`);
		return new Int32Array();
	}
	if (!Array.isArray(weights) && !ArrayBuffer.isView(weights))
		throw new ArgumentError(`Expected \`${name}\` to be an array of numbers, got ${describe(weights)}.`);
	const list = intList(weights, { name, least: 0 });
	if (list.length !== edges) fail(ERR_ARG, `\`${name}\` has ${list.length} items, but there are ${edges} edges.`);
	return Int32Array.from(list);
}
