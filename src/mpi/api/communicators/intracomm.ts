/**
 * Communicators of one group: what they can do besides what all can, and the communicators that are made of them.
 *
 * Those are of classes that stand above this one. Each of these adds itself to CommKinds where it is declared, for the
 * types, and to the makers of comm-base.ts, for the objects.
 */
import { ArgumentError } from '../../../base/errors.ts';
import { describe } from '../../../base/arguments.ts';
import { ERR_ARG, ERR_DIMS, ERR_RANK, ERR_TOPOLOGY, UNDEFINED } from '../../constants.ts';
import type { InPlace } from '../buffers/buffer-data.ts';
import type { BufSpec } from '../buffers/buffer-spec.ts';
import { check, fail } from '../arguments/check.ts';
import { opFrom, type OpOptions } from '../collectives/collective-roles.ts';
import { canonical, type CommBase, type CommKinds, makers } from './comm-base.ts';
import { Comm, type SplitOptions, type SplitTypeOptions } from './comm.ts';
import { type Grid, gridFrom, gridSize } from './dims.ts';
import { commOfGroup, fromGroupArguments, type FromGroupOptions } from './from-groups.ts';
import { type GraphSpec, graphFrom, weightsFrom, type Weights } from './graphs.ts';
import type { Group } from './group.ts';
import type { Info } from '../environment/info.ts';
import type { Errhandler } from '../errors/errhandler.ts';
import { keywordOr, keywordsOr } from '../arguments/keywords.ts';
import { engine } from '../environment/lifecycle.ts';
import { anInt, intList, sameLength } from '../arguments/numbers.ts';
import { reducerFrom } from '../collectives/object-collectives.ts';
import { exscanValues, scanValues } from '../collectives/object-reductions.ts';
import type { Op, Reducer } from '../ops/op.ts';
import { privateOf } from './private-comm.ts';
import { errorCodeList, meet, type PortOptions, programFrom, programsFrom, spawn, type SpawnMultipleOptions, type SpawnOptions } from './spawn.ts';
import { type OpInitOptions, opAndInfo, persistent } from '../collectives/persistent-collectives.ts';
import { exscan, scan } from '../collectives/reductions.ts';
import { SUM } from '../datatypes/predefined.ts';
import type { Prequest } from '../requests/persistent.ts';
import type { Request } from '../requests/request.ts';
import { started } from '../requests/started.ts';

declare module './comm-base.ts' {
	interface CommKinds {
		readonly intra: Intracomm;
	}
}

/** mpi4py's keyword arguments. */
export interface CartOptions {
	/** Whether the last of a dimension is followed by the first: of all, or of each. @default false */
	readonly periods?: boolean | readonly boolean[] | null;
	/** Whether ranks may get other numbers. @default false */
	readonly reorder?: boolean;
}

/** mpi4py's keyword arguments. */
export interface DistGraphAdjacentOptions {
	readonly sourceweights?: Weights;
	readonly destweights?: Weights;
	readonly info?: Info | null;
	/** Whether ranks may get other numbers. @default false */
	readonly reorder?: boolean;
}

/** mpi4py's keyword arguments. */
export interface DistGraphOptions {
	readonly weights?: Weights;
	readonly info?: Info | null;
	/** Whether ranks may get other numbers. @default false */
	readonly reorder?: boolean;
}

export class Intracomm extends Comm {
	override Split(color?: number | SplitOptions, key?: number): Intracomm {
		return super.Split(color, key) as Intracomm;
	}

	override Split_type(split_type: number, key?: number | SplitTypeOptions, info?: Info | null): Intracomm {
		return super.Split_type(split_type, key, info) as Intracomm;
	}

	override Create(group: Group): Intracomm {
		return super.Create(group) as Intracomm;
	}

	/** As Create, called by the group's ranks alone; `tag` tells it from others that are made at the same time. */
	Create_group(group: Group, tag: number | { readonly tag?: number } = 0): Intracomm {
		const given = keywordOr('Create_group()', 'tag', { given: tag, byDefault: 0 });
		this.checkSendTag(given);
		check(engine().commCreateGroup(this.living(), this.ranksIn(group), given), this);
		return made(engine().out[0]!, (handle) => makers.intra(handle)) as Intracomm;
	}

	/**
	 * A communicator of the group's ranks, which alone make the call: none that holds them is needed. `stringtag` tells
	 * it from others that are made at the same time.
	 */
	static Create_from_group(
		group: Group,
		stringtag: string | FromGroupOptions = 'org.mpi4py',
		info: Info | null = null,
		errhandler: Errhandler | null = null,
	): Intracomm {
		const given = fromGroupArguments('Create_from_group()', stringtag, info, errhandler);
		const comm = made(commOfGroup(group, given.tag), (handle) => makers.intra(handle)) as Intracomm;
		if (given.errhandler !== undefined) comm.Set_errhandler(given.errhandler);
		return comm;
	}

	/** Each rank receives what the operation makes of the elements of the ranks up to itself. */
	Scan(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): void {
		check(scan(engine().blocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Scan()') }), this);
	}
	Iscan(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): Request {
		return started(scan(engine().nonblocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Iscan()') }), this);
	}

	/** Gives each rank what the operation makes of the values of the ranks up to itself. */
	scan<T>(sendobj: T, op?: Reducer<T>): T;
	scan<T>(sendobj: T, options: { readonly op?: Reducer<T> }): T;
	scan<T>(sendobj: T, op?: Reducer<T> | { readonly op?: Reducer<T> }): T {
		return scanValues(sendobj, reducerFrom(op, undefined, 'scan()').op, privateOf(this).local);
	}

	/** As `scan()`, of the ranks before this one; rank 0 gets null. */
	exscan<T>(sendobj: T, op?: Reducer<T>): T | null;
	exscan<T>(sendobj: T, options: { readonly op?: Reducer<T> }): T | null;
	exscan<T>(sendobj: T, op?: Reducer<T> | { readonly op?: Reducer<T> }): T | null {
		return exscanValues(sendobj, reducerFrom(op, undefined, 'exscan()').op, privateOf(this).local);
	}

	/** As `Scan()`, of the ranks before this one. The buffer of rank 0 stays as it is. */
	Exscan(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): void {
		check(exscan(engine().blocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Exscan()') }), this);
	}
	Iexscan(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): Request {
		return started(exscan(engine().nonblocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Iexscan()') }), this);
	}

	/** As `Scan()`, once for each `Start()` of the result. */
	Scan_init(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op: Op | OpInitOptions = SUM, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, op: opAndInfo(op, info, 'Scan_init()') };
		return persistent(this, (on) => scan(on, this, given));
	}
	/** As `Exscan()`, once for each `Start()` of the result. */
	Exscan_init(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op: Op | OpInitOptions = SUM, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, op: opAndInfo(op, info, 'Exscan_init()') };
		return persistent(this, (on) => exscan(on, this, given));
	}

	/**
	 * A grid of the first ranks: `dims` says how many there are in each dimension. Ranks for which there is no place
	 * get MPI.COMM_NULL.
	 */
	Create_cart(dims: ArrayLike<number>, periods?: CartOptions['periods'] | CartOptions, reorder = false): CommKinds['cart'] {
		const given = keywordsOr<CartOptions>({
			owner: 'Create_cart()',
			first: periods,
			positional: { periods: (periods as CartOptions['periods']) ?? null, reorder },
			defaults: { periods: false, reorder: false },
		});
		const grid = this.#gridFor(dims, given.periods);
		const { dims: sizes } = grid;
		check(engine().cartCreate(this.living(), Int32Array.from(sizes), flags(grid), given.reorder === true), this);
		return made(engine().out[0]!, (handle) => makers.cart(handle, sizes, grid.periods)) as CommKinds['cart'];
	}

	/**
	 * A graph of the first ranks: node i's neighbours are `edges[index[i - 1]]` to `edges[index[i] - 1]`. `index` may
	 * also begin with a 0.
	 */
	Create_graph(index: ArrayLike<number>, edges: ArrayLike<number>, reorder: boolean | { readonly reorder?: boolean } = false): CommKinds['graph'] {
		const graph = this.#graphFor(index, edges);
		const isReordered = Boolean(keywordOr('Create_graph()', 'reorder', { given: reorder, byDefault: false }));
		check(engine().graphCreate(this.living(), Int32Array.from(graph.index), Int32Array.from(graph.edges), isReordered), this);
		return made(engine().out[0]!, (handle) => makers.graph(handle, graph.index, graph.edges)) as CommKinds['graph'];
	}

	/** A graph of which each rank gives its own neighbours: from whom edges come to it, to whom they go. */
	Create_dist_graph_adjacent(
		sources: ArrayLike<number> | null,
		destinations: ArrayLike<number> | null,
		sourceweights: Weights | DistGraphAdjacentOptions = null,
		destweights: Weights = null,
		info: Info | null = null,
		reorder = false,
	): CommKinds['distGraph'] {
		const given = keywordsOr<DistGraphAdjacentOptions>({
			owner: 'Create_dist_graph_adjacent()',
			first: sourceweights,
			positional: { sourceweights: sourceweights as Weights, destweights, info, reorder },
			defaults: { sourceweights: null, destweights: null, info: null, reorder: false },
		});
		const from = this.#neighbors('sources', sources ?? []);
		const to = this.#neighbors('destinations', destinations ?? []);
		const fromWeights = weightsFrom(given.sourceweights, from.length, 'sourceweights');
		const toWeights = weightsFrom(given.destweights, to.length, 'destweights');
		const { areBoth, first, second } = bothOrNone(fromWeights, toWeights, { from: from.length, to: to.length });
		if (!areBoth) fail(ERR_ARG, 'Weights are given for one side alone: give both, or none.', this);
		check(engine().distGraphCreateAdjacent(this.living(), from, first, to, second, given.reorder === true), this);
		return made(engine().out[0]!, (handle) => makers.distGraph(handle)) as CommKinds['distGraph'];
	}

	/**
	 * A graph of which each rank gives some edges, of any ranks: `degrees[i]` edges lead from `sources[i]` to the next
	 * of `destinations`.
	 */
	Create_dist_graph(
		sources: ArrayLike<number>,
		degrees: ArrayLike<number>,
		destinations: ArrayLike<number>,
		weights: Weights | DistGraphOptions = null,
		info: Info | null = null,
		reorder = false,
	): CommKinds['distGraph'] {
		const given = keywordsOr<DistGraphOptions>({
			owner: 'Create_dist_graph()',
			first: weights,
			positional: { weights: weights as Weights, info, reorder },
			defaults: { weights: null, info: null, reorder: false },
		});
		const from = this.#neighbors('sources', sources);
		const counts = Int32Array.from(intList(degrees, { name: 'degrees', least: 0 }));
		const to = this.#neighbors('destinations', destinations);
		sameLength('degrees', counts, { of: 'sources', length: from.length });
		const edges = counts.reduce((sum, count) => sum + count, 0);
		if (to.length !== edges) fail(ERR_ARG, `\`destinations\` has ${to.length} items, the sum of \`degrees\` is ${edges}.`, this);
		check(engine().distGraphCreate(this.living(), from, counts, to, weightsFrom(given.weights, edges, 'weights'), given.reorder === true), this);
		return made(engine().out[0]!, (handle) => makers.distGraph(handle)) as CommKinds['distGraph'];
	}

	/**
	 * Joins this group with another one. `local_leader` is a rank of this communicator; `peer_comm` has both leaders,
	 * `remote_leader` is the other one's rank there: these two count on the leader alone.
	 */
	Create_intercomm(
		local_leader: number,
		peer_comm: Intracomm,
		remote_leader: number,
		tag: number | { readonly tag?: number } = 0,
	): CommKinds['inter'] {
		const given = keywordOr('Create_intercomm()', 'tag', { given: tag, byDefault: 0 });
		const leader = anInt(local_leader, { name: 'local_leader' });
		if (leader < 0 || leader >= this.size)
			fail(ERR_RANK, `There is no rank ${leader} (\`local_leader\`): the communicator has ${this.size}.`, this);
		if (leader === this.rank) checkPeer(peer_comm, remote_leader);
		const peer = peer_comm instanceof Intracomm ? peer_comm.handle : 0;
		check(
			engine().intercommCreate(
				this.living(),
				leader,
				peer,
				anInt(remote_leader, { name: 'remote_leader' }),
				anInt(given, { name: 'tag', least: 0 }),
			),
			this,
		);
		return made(engine().out[0]!, (handle) => makers.inter(handle)) as CommKinds['inter'];
	}

	/** The rank that this process would have in such a grid; UNDEFINED when it would have none. */
	Cart_map(dims: ArrayLike<number>, periods?: CartOptions['periods'] | Pick<CartOptions, 'periods'>): number {
		const grid = this.#gridFor(dims, keywordOr<CartOptions['periods']>('Cart_map()', 'periods', { given: periods, byDefault: false }));
		check(engine().cartMap(this.living(), Int32Array.from(grid.dims), flags(grid)), this);
		return placeAmong(gridSize(grid));
	}

	/** The rank that this process would have in such a graph; UNDEFINED when it would have none. */
	Graph_map(index: ArrayLike<number>, edges: ArrayLike<number>): number {
		const graph = this.#graphFor(index, edges);
		check(engine().graphMap(this.living(), Int32Array.from(graph.index), Int32Array.from(graph.edges)), this);
		return placeAmong(graph.index.length);
	}

	/**
	 * Starts processes that have a world of their own; gives the intercommunicator that joins them with this one's
	 * ranks, which is what `MPI.Comm.Get_parent()` gives them. Collective; the arguments count on the root alone. On
	 * Open MPI and MPICH; the embedded engine has no more ranks than its launcher has started.
	 *
	 *     const workers = MPI.COMM_SELF.Spawn(process.execPath, ['worker.js'], 5);
	 *
	 * @param info - hints, such as `wdir` and `host`
	 * @throws MPI.Exception of the class MPI.ERR_SPAWN and others, as the MPI has them, when they cannot be started
	 */
	Spawn(
		command: string,
		args: string | readonly string[] | SpawnOptions | null = null,
		maxprocs: number = 1,
		info: Info | null = null,
		root: number = 0,
		errcodes: number[] | null = null,
	): CommKinds['inter'] {
		const positional = { args: args as readonly string[] | null, maxprocs, info, root, errcodes };
		const defaults = { args: null, maxprocs: 1, info: null, root: 0, errcodes: null };
		const given = keywordsOr<SpawnOptions>({ owner: 'Spawn()', first: args, positional, defaults });
		const tell = (codes: number[][]): unknown => errorCodeList<number>(given.errcodes)?.splice(0, Infinity, ...codes[0]!);
		return this.#joined(spawn(this, { root: given.root, programs: () => [programFrom(command, given)], tell }));
	}

	/** As `Spawn()`, of several programs that are in one world: lists have an item for each command. */
	Spawn_multiple(
		command: readonly string[],
		args: SpawnMultipleOptions['args'] | SpawnMultipleOptions = null,
		maxprocs: SpawnMultipleOptions['maxprocs'] = null,
		info: SpawnMultipleOptions['info'] = null,
		root: number = 0,
		errcodes: number[][] | null = null,
	): CommKinds['inter'] {
		const positional = { args: args as SpawnMultipleOptions['args'], maxprocs, info, root, errcodes };
		const defaults = { args: null, maxprocs: null, info: null, root: 0, errcodes: null };
		const given = keywordsOr<SpawnMultipleOptions>({
			owner: 'Spawn_multiple()',
			first: args,
			positional: positional as SpawnMultipleOptions,
			defaults,
		});
		const tell = (codes: number[][]): unknown => errorCodeList<number[]>(given.errcodes)?.splice(0, Infinity, ...codes);
		return this.#joined(spawn(this, { root: given.root, programs: () => programsFrom(command, given), tell }));
	}

	/** Waits until another job connects to the port (`MPI.Open_port()`), and joins it with this one's ranks. */
	Accept(port_name: string, info: Info | PortOptions | null = null, root: number = 0): CommKinds['inter'] {
		return this.#joined(meet('Accept()', this, { port: port_name, info, root }));
	}

	/** Joins this one's ranks with the job that accepts at the port. */
	Connect(port_name: string, info: Info | PortOptions | null = null, root: number = 0): CommKinds['inter'] {
		return this.#joined(meet('Connect()', this, { port: port_name, info, root }));
	}

	#joined(handle: number): CommKinds['inter'] {
		return made(handle, (other) => makers.inter(other)) as CommKinds['inter'];
	}

	#gridFor(dims: unknown, periods: unknown): Grid {
		const grid = gridFrom(dims, periods);
		const size = gridSize(grid);
		if (size > this.size)
			fail(ERR_DIMS, `The grid [${grid.dims.join(', ')}] has ${size} places, the communicator only ${this.size} ranks.`, this);
		return grid;
	}

	#graphFor(index: unknown, edges: unknown): GraphSpec {
		const graph = graphFrom(index, edges);
		const nodes = graph.index.length;
		if (nodes > this.size) fail(ERR_TOPOLOGY, `The graph has ${nodes} nodes, the communicator only ${this.size} ranks.`, this);
		return graph;
	}

	#neighbors(name: string, ranks: ArrayLike<number>): Int32Array {
		return Int32Array.from(intList(ranks, { name }), (rank) => {
			if (rank < 0 || rank >= this.size) fail(ERR_RANK, `There is no rank ${rank} (\`${name}\`): the communicator has ${this.size}.`, this);
			return rank;
		});
	}
}

function flags({ periods }: Grid): Int32Array {
	return Int32Array.from(periods, Number);
}

/** Open MPI also gives ranks for which there is no place theirs. */
function placeAmong(places: number): number {
	const rank = engine().out[0]!;
	return rank < places ? rank : UNDEFINED;
}

function made(handle: number, make: (handle: number) => CommBase): CommBase {
	return canonical(handle, make);
}

function checkPeer(peer: unknown, leader: number): void {
	if (!(peer instanceof Intracomm)) throw new ArgumentError(`Expected \`peer_comm\` to be an intracommunicator, got ${describe(peer)}.`);
	peer.living();
	const rank = anInt(leader, { name: 'remote_leader' });
	if (rank < 0 || rank >= peer.size) fail(ERR_RANK, `There is no rank ${rank} (\`remote_leader\`): \`peer_comm\` has ${peer.size}.`, peer);
}

/** Engines know weights on both sides or on none. A side without edges has the weights of the other one. */
function bothOrNone(
	from: Int32Array | null,
	to: Int32Array | null,
	lengths: { from: number; to: number },
): { areBoth: boolean; first: Int32Array | null; second: Int32Array | null } {
	if ((from === null) === (to === null)) return { areBoth: true, first: from, second: to };
	if (from === null && lengths.from === 0) return { areBoth: true, first: new Int32Array(), second: to };
	if (to === null && lengths.to === 0) return { areBoth: true, first: from, second: new Int32Array() };
	return { areBoth: false, first: from, second: to };
}
