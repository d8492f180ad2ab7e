/**
 * Collective operations that are described once and started many times: the methods with `_init` behind their names.
 * All ranks call them, and start what they give, in the same order. Buffers are checked at once, and looked at again by
 * each `Start()`, which is the `I` form of the operation on every engine.
 */
import { checkRequest } from '../arguments/check.ts';
import { keywordsOr } from '../arguments/keywords.ts';
import type { InPlace } from '../buffers/buffer-data.ts';
import type { BufSpec, Counts, MaybeBufSpec } from '../buffers/buffer-spec.ts';
import type { BufSpecV, BufSpecW } from '../buffers/vector-spec.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { SUM } from '../datatypes/predefined.ts';
import type { Collectives } from '../../engine/collectives.ts';
import { entriesOf, type Info } from '../environment/info.ts';
import { engine } from '../environment/lifecycle.ts';
import type { Op } from '../ops/op.ts';
import { EngineOperation } from '../requests/operation.ts';
import { Prequest } from '../requests/persistent.ts';
import { BufferCollectives } from './buffer-collectives.ts';
import { opFrom, rootFrom } from './collective-roles.ts';
import * as move from './data-movement.ts';
import * as combine from './reductions.ts';

/** mpi4py's keyword arguments. */
export interface InitOptions {
	/** Hints, which no engine needs. */
	readonly info?: Info | null;
}
export interface RootInitOptions extends InitOptions {
	/** @default 0 */
	readonly root?: number;
}
export interface OpInitOptions extends InitOptions {
	/** @default MPI.SUM */
	readonly op?: Op;
}
export interface ReduceInitOptions extends OpInitOptions, RootInitOptions {}
export interface ReduceScatterInitOptions extends OpInitOptions {
	/** How many elements each rank receives; null: as many as its buffer holds. */
	readonly recvcounts?: Counts | null;
}

type Hints = Info | InitOptions | null;
type Root = number | RootInitOptions;

export abstract class PersistentCollectives extends BufferCollectives {
	Barrier_init(info: Hints = null): Prequest {
		checkHints(info, 'Barrier_init()');
		return persistent(this, (on) => on.barrier(this.living()));
	}

	Bcast_init(buf: BufSpec, root: Root = 0, info: Info | null = null): Prequest {
		const given = rootAndInfo(root, info, 'Bcast_init()');
		return persistent(this, (on) => move.bcast(on, this, buf, given));
	}

	Gather_init(sendbuf: BufSpec | InPlace | null, recvbuf: MaybeBufSpec, root: Root = 0, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, root: rootAndInfo(root, info, 'Gather_init()') };
		return persistent(this, (on) => move.gather(on, this, given));
	}
	Gatherv_init(sendbuf: BufSpec | InPlace | null, recvbuf: BufSpecV | null, root: Root = 0, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, root: rootAndInfo(root, info, 'Gatherv_init()') };
		return persistent(this, (on) => move.gatherv(on, this, given));
	}

	Scatter_init(sendbuf: MaybeBufSpec, recvbuf: BufSpec | InPlace | null, root: Root = 0, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, root: rootAndInfo(root, info, 'Scatter_init()') };
		return persistent(this, (on) => move.scatter(on, this, given));
	}
	Scatterv_init(sendbuf: BufSpecV | null, recvbuf: BufSpec | InPlace | null, root: Root = 0, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, root: rootAndInfo(root, info, 'Scatterv_init()') };
		return persistent(this, (on) => move.scatterv(on, this, given));
	}

	Allgather_init(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, info: Hints = null): Prequest {
		checkHints(info, 'Allgather_init()');
		return persistent(this, (on) => move.allgather(on, this, { sendbuf, recvbuf }));
	}
	Allgatherv_init(sendbuf: BufSpec | InPlace, recvbuf: BufSpecV, info: Hints = null): Prequest {
		checkHints(info, 'Allgatherv_init()');
		return persistent(this, (on) => move.allgatherv(on, this, { sendbuf, recvbuf }));
	}

	Alltoall_init(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, info: Hints = null): Prequest {
		checkHints(info, 'Alltoall_init()');
		return persistent(this, (on) => move.alltoall(on, this, { sendbuf, recvbuf }));
	}
	Alltoallv_init(sendbuf: BufSpecV | InPlace, recvbuf: BufSpecV, info: Hints = null): Prequest {
		checkHints(info, 'Alltoallv_init()');
		return persistent(this, (on) => move.alltoallv(on, this, { sendbuf, recvbuf }));
	}
	Alltoallw_init(sendbuf: BufSpecW | InPlace, recvbuf: BufSpecW, info: Hints = null): Prequest {
		checkHints(info, 'Alltoallw_init()');
		return persistent(this, (on) => move.alltoallw(on, this, { sendbuf, recvbuf }));
	}

	Reduce_init(
		sendbuf: BufSpec | InPlace | null,
		recvbuf: MaybeBufSpec,
		op: Op | ReduceInitOptions = SUM,
		root: number = 0,
		info: Info | null = null,
	): Prequest {
		const given = keywordsOr<ReduceInitOptions>({
			owner: 'Reduce_init()',
			first: op,
			positional: { op: op as Op, root, info },
			defaults: { op: SUM, root: 0, info: null },
		});
		checkHints(given.info, 'Reduce_init()');
		const what = { sendbuf, recvbuf, op: opFrom(given.op, 'Reduce_init()'), root: rootFrom(given.root, 'Reduce_init()') };
		return persistent(this, (on) => combine.reduce(on, this, what));
	}
	Allreduce_init(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op: Op | OpInitOptions = SUM, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, op: opAndInfo(op, info, 'Allreduce_init()') };
		return persistent(this, (on) => combine.allreduce(on, this, given));
	}

	Reduce_scatter_block_init(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op: Op | OpInitOptions = SUM, info: Info | null = null): Prequest {
		const given = { sendbuf, recvbuf, op: opAndInfo(op, info, 'Reduce_scatter_block_init()') };
		return persistent(this, (on) => combine.reduceScatterBlock(on, this, given));
	}
	Reduce_scatter_init(
		sendbuf: BufSpec | InPlace,
		recvbuf: BufSpec,
		recvcounts: Counts | ReduceScatterInitOptions | null = null,
		op: Op = SUM,
		info: Info | null = null,
	): Prequest {
		const given = keywordsOr<ReduceScatterInitOptions>({
			owner: 'Reduce_scatter_init()',
			first: recvcounts,
			positional: { recvcounts: recvcounts as Counts | null, op, info },
			defaults: { recvcounts: null, op: SUM, info: null },
		});
		checkHints(given.info, 'Reduce_scatter_init()');
		const counts = given.recvcounts ?? combine.countsOfAll(this, { sendbuf, recvbuf });
		const what = { sendbuf, recvbuf, recvcounts: counts, op: opFrom(given.op, 'Reduce_scatter_init()') };
		return persistent(this, (on) => combine.reduceScatter(on, this, what));
	}
}

/** @param begin - the operation, in the form that gives a request */
export function persistent(comm: CommBase, begin: (on: Collectives) => number): Prequest {
	begin(checking);
	return new Prequest(() => new EngineOperation(checkRequest(begin(engine().nonblocking), comm), comm));
}

/** Hints may be an Info or an object with one. */
export function checkHints(info: Hints | undefined, owner: string): void {
	const given = keywordsOr<InitOptions>({ owner, first: info, positional: { info: info as Info | null }, defaults: { info: null } });
	entriesOf(given.info ?? null);
}

export function opAndInfo(op: Op | OpInitOptions, info: Info | null, owner: string): Op {
	const given = keywordsOr<OpInitOptions>({ owner, first: op, positional: { op: op as Op, info }, defaults: { op: SUM, info: null } });
	checkHints(given.info, owner);
	return opFrom(given.op, owner);
}

function rootAndInfo(root: Root, info: Info | null, owner: string): number {
	const given = keywordsOr<RootInitOptions>({ owner, first: root, positional: { root: root as number, info }, defaults: { root: 0, info: null } });
	checkHints(given.info, owner);
	return rootFrom(given.root, owner);
}

/** Starts nothing: what comes before an engine is asked is done. */
const checking: Collectives = new Proxy({} as Collectives, { get: () => () => 0 });
