/**
 * Communicators whose ranks have neighbours: in a grid, in a graph that all know, in a graph of which each knows its
 * own edges.
 */
import { CART, DIST_GRAPH, ERR_ARG, ERR_DIMS, ERR_RANK, GRAPH, PROC_NULL } from '../../constants.ts';
import { check, fail } from '../arguments/check.ts';
import { canonical } from './comm-base.ts';
import { coordsOf, type Grid, rankAt, rankBeside } from './dims.ts';
import { engine } from '../environment/lifecycle.ts';
import { Topocomm } from '../collectives/neighbors.ts';
import { anInt, intList, sameLength } from '../arguments/numbers.ts';

declare module './comm-base.ts' {
	interface CommKinds {
		readonly cart: Cartcomm;
		readonly graph: Graphcomm;
		readonly distGraph: Distgraphcomm;
	}
}

/** A grid. The neighbours of a rank are those one step away in each dimension, first backwards, then forwards. */
export class Cartcomm extends Topocomm implements Grid {
	readonly #grid: Grid;

	/** @internal `Create_cart` makes them. */
	constructor(handle: number, grid: Grid) {
		super(handle);
		this.#grid = grid;
	}

	/** @internal */
	override alike(handle: number): Cartcomm {
		return new Cartcomm(handle, this.#grid);
	}

	override Get_topology(): number {
		this.living();
		return CART;
	}

	/** The number of dimensions. */
	Get_dim(): number {
		return this.#alive().dims.length;
	}
	get dim(): number {
		return this.Get_dim();
	}
	get ndim(): number {
		return this.Get_dim();
	}

	/** [how many ranks in each dimension, whether each is periodic, this rank's coordinates]. */
	Get_topo(): [dims: number[], periods: boolean[], coords: number[]] {
		return [this.dims, this.periods, this.coords];
	}
	get topo(): [dims: number[], periods: boolean[], coords: number[]] {
		return this.Get_topo();
	}
	get dims(): number[] {
		return [...this.#alive().dims];
	}
	get periods(): boolean[] {
		return [...this.#alive().periods];
	}
	get coords(): number[] {
		return this.Get_coords(this.rank);
	}

	/** The rank that stands there. Coordinates of periodic dimensions may lie beyond the edge. */
	Get_cart_rank(coords: ArrayLike<number>): number {
		const grid = this.#alive();
		const list = intList(coords, { name: 'coords' });
		sameLength('coords', list, { of: 'dims', length: grid.dims.length });
		const rank = rankAt(grid, list);
		if (rank === PROC_NULL)
			fail(
				ERR_ARG,
				`The coordinates [${list.join(', ')}] lie outside of the grid [${grid.dims.join(', ')}], which is not periodic there.`,
				this,
			);
		return rank;
	}

	/** Where a rank stands. */
	Get_coords(rank: number): number[] {
		const grid = this.#alive();
		const which = anInt(rank, { name: 'rank' });
		if (which < 0 || which >= this.size) fail(ERR_RANK, `There is no rank ${which}: the grid has ${this.size}.`, this);
		return coordsOf(grid, which);
	}

	/**
	 * Between whom a shift by `disp` steps in a dimension moves data: [the rank to receive from, the rank to send to].
	 * MPI.PROC_NULL stands for what lies beyond an edge.
	 */
	Shift(direction: number, disp: number): [source: number, dest: number] {
		const grid = this.#alive();
		const which = anInt(direction, { name: 'direction' });
		const steps = anInt(disp, { name: 'disp' });
		if (which < 0 || which >= grid.dims.length)
			fail(ERR_DIMS, `There is no dimension ${which}: the grid has ${grid.dims.length}, counted from 0 on.`, this);
		const beside = (distance: number): number => rankBeside(grid, this.rank, { direction: which, steps: distance });
		return [beside(-steps), beside(steps)];
	}

	/** The part of the grid in which this rank stands, of the dimensions that remain. */
	Sub(remain_dims: ArrayLike<boolean | number>): Cartcomm {
		const grid = this.#alive();
		const remain = Array.from(remain_dims, Boolean);
		sameLength('remain_dims', remain, { of: 'dims', length: grid.dims.length });
		const handle = this.living();
		check(engine().cartSub(handle, Int32Array.from(remain, Number)), this);
		const part = { dims: grid.dims.filter((_, i) => remain[i]), periods: grid.periods.filter((_, i) => remain[i]) };
		return canonical(engine().out[0]!, (made) => new Cartcomm(made, part)) as Cartcomm;
	}

	override get inoutedges(): [inedges: number[], outedges: number[]] {
		const neighbors = this.#alive().dims.flatMap((_, direction) => this.Shift(direction, 1));
		return [neighbors, [...neighbors]];
	}

	#alive(): Grid {
		this.living();
		return this.#grid;
	}
}

/** A graph that all ranks know. */
export class Graphcomm extends Topocomm {
	readonly #index: readonly number[];
	readonly #edges: readonly number[];

	/** @internal `Create_graph` makes them. */
	constructor(handle: number, index: readonly number[], edges: readonly number[]) {
		super(handle);
		this.#index = index;
		this.#edges = edges;
	}

	/** @internal */
	override alike(handle: number): Graphcomm {
		return new Graphcomm(handle, this.#index, this.#edges);
	}

	override Get_topology(): number {
		this.living();
		return GRAPH;
	}

	/** [number of nodes, number of edges]. */
	Get_dims(): [nnodes: number, nedges: number] {
		this.living();
		return [this.#index.length, this.#edges.length];
	}
	get dims(): [nnodes: number, nedges: number] {
		return this.Get_dims();
	}
	get nnodes(): number {
		return this.Get_dims()[0];
	}
	get nedges(): number {
		return this.Get_dims()[1];
	}

	/** [index, edges], as `Create_graph()` was given them. */
	Get_topo(): [index: number[], edges: number[]] {
		this.living();
		return [[...this.#index], [...this.#edges]];
	}
	get topo(): [index: number[], edges: number[]] {
		return this.Get_topo();
	}
	get index(): number[] {
		return this.Get_topo()[0];
	}
	get edges(): number[] {
		return this.Get_topo()[1];
	}

	Get_neighbors_count(rank: number): number {
		return this.Get_neighbors(rank).length;
	}
	get nneighbors(): number {
		return this.neighbors.length;
	}
	Get_neighbors(rank: number): number[] {
		this.living();
		const which = anInt(rank, { name: 'rank' });
		if (which < 0 || which >= this.#index.length) fail(ERR_RANK, `There is no rank ${which}: the graph has ${this.#index.length} nodes.`, this);
		return this.#edges.slice(this.#index[which - 1] ?? 0, this.#index[which]);
	}
	get neighbors(): number[] {
		return this.Get_neighbors(this.rank);
	}

	override get inoutedges(): [inedges: number[], outedges: number[]] {
		return [this.neighbors, this.neighbors];
	}
}

/** A graph of which each rank knows its own edges. */
export class Distgraphcomm extends Topocomm {
	/** @internal */
	override alike(handle: number): Distgraphcomm {
		return new Distgraphcomm(handle);
	}

	override Get_topology(): number {
		this.living();
		return DIST_GRAPH;
	}

	/** [how many edges come, how many go, whether they have weights]. */
	Get_dist_neighbors_count(): [indegree: number, outdegree: number, weighted: boolean] {
		const { sources, destinations, sourceWeights } = engine().distGraphNeighbors(this.living());
		return [sources.length, destinations.length, sourceWeights !== undefined];
	}

	/** [from whom edges come, to whom they go, their weights: null without]. */
	Get_dist_neighbors(): [sources: number[], destinations: number[], weights: [sources: number[], destinations: number[]] | null] {
		const { sources, destinations, sourceWeights, destinationWeights } = engine().distGraphNeighbors(this.living());
		return [sources, destinations, sourceWeights === undefined ? null : [sourceWeights, destinationWeights ?? []]];
	}

	override get inoutedges(): [inedges: number[], outedges: number[]] {
		const { sources, destinations } = engine().distGraphNeighbors(this.living());
		return [sources, destinations];
	}
}
