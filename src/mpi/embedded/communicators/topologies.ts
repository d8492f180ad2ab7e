/** Who is next to whom: the neighbourhoods of Cartesian topologies and graphs, as rank r of them sees them. */
import { PROC_NULL } from '../../constants.ts';
import type { Topology } from './communicator.ts';

export function cartTopology(rank: number, dims: Int32Array, periods: Int32Array): Topology {
	const neighbors: number[] = [];
	const strides = stridesOf(dims);
	for (let d = 0; d < dims.length; d++) {
		const coordinate = coordinateOf(rank, d, dims, strides);
		for (const step of [-1, 1]) {
			const next = coordinate + step;
			const isInside = next >= 0 && next < dims[d]!;
			const wrapped = (next + dims[d]!) % dims[d]!;
			neighbors.push(isInside || periods[d] !== 0 ? rank + (wrapped - coordinate) * strides[d]! : PROC_NULL);
		}
	}
	return {
		neighborhood: { sources: neighbors, destinations: neighbors, isCartesian: true },
		cart: { dims: Int32Array.from(dims), periods: Int32Array.from(periods) },
	};
}

/**
 * The colour and the key with which rank r goes into its part of a Cartesian topology, of which some dimensions remain.
 */
export function cartPart(rank: number, dims: Int32Array, remain: Int32Array): { color: number; key: number } {
	const strides = stridesOf(dims);
	let [color, key] = [0, 0];
	for (let d = 0; d < dims.length; d++) {
		const coordinate = coordinateOf(rank, d, dims, strides);
		if (remain[d] === 0) color = color * dims[d]! + coordinate;
		else key = key * dims[d]! + coordinate;
	}
	return { color, key };
}

/** `index` and `edges` as MPI_Graph_create takes them: neighbours of node i end before `edges[index[i]]`. */
export function graphTopology(rank: number, index: Int32Array, edges: Int32Array): Topology {
	const neighbors = [...edges.subarray(rank === 0 ? 0 : index[rank - 1]!, index[rank])];
	return { neighborhood: { sources: neighbors, destinations: neighbors, isCartesian: false } };
}

/** Lists of weights undefined: the graph has none. */
export function distributedTopology(
	sources: readonly number[],
	destinations: readonly number[],
	sourceWeights: readonly number[] | undefined,
	destinationWeights: readonly number[] | undefined,
): Topology {
	const weights =
		sourceWeights === undefined || destinationWeights === undefined
			? {}
			: { sourceWeights: [...sourceWeights], destinationWeights: [...destinationWeights] };
	return {
		neighborhood: { sources, destinations, isCartesian: false },
		graph: { sources: [...sources], destinations: [...destinations], ...weights },
	};
}

export function productOf(dims: Int32Array): number {
	return dims.reduce((product, size) => product * size, 1);
}

/** Row-major: the last dimension goes fastest. */
function stridesOf(dims: Int32Array): number[] {
	const strides = Array.from(dims, () => 1);
	for (let d = dims.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * dims[d + 1]!;
	return strides;
}

function coordinateOf(rank: number, d: number, dims: Int32Array, strides: readonly number[]): number {
	return Math.floor(rank / strides[d]!) % dims[d]!;
}
