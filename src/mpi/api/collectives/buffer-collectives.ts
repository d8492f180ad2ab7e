/**
 * Collective operations on the memory of typed arrays: the capitalised methods. All ranks of the communicator call
 * them, in the same order. Each has a form that waits, and one with an `I` before its name that gives a Request, to be
 * waited for or awaited; until then the buffers belong to MPI.
 *
 * In an intercommunicator the data go from one group to the other; the root's rank gives `MPI.ROOT`, the other ranks of
 * its group `MPI.PROC_NULL`.
 */
import type { InPlace } from '../buffers/buffer-data.ts';
import type { BufSpec, Counts, MaybeBufSpec } from '../buffers/buffer-spec.ts';
import { check } from '../arguments/check.ts';
import { opAndRootFrom, opFrom, type OpOptions, type ReduceOptions, rootFrom, type RootOptions } from './collective-roles.ts';
import * as move from './data-movement.ts';
import { keywordsOr } from '../arguments/keywords.ts';
import { engine } from '../environment/lifecycle.ts';
import type { Op } from '../ops/op.ts';
import { ObjectMessages } from '../messages/object-messages.ts';
import { SUM } from '../datatypes/predefined.ts';
import * as combine from './reductions.ts';
import type { Request } from '../requests/request.ts';
import { started } from '../requests/started.ts';
import type { BufSpecV, BufSpecW } from '../buffers/vector-spec.ts';

type Root = number | RootOptions;

/** mpi4py's keyword arguments. */
export interface ReduceScatterOptions extends OpOptions {
	/** How many elements each rank receives; null: as many as its buffer holds. */
	readonly recvcounts?: Counts | null;
}

export abstract class BufferCollectives extends ObjectMessages {
	/** Waits until all ranks have called it. */
	Barrier(): void {
		check(engine().blocking.barrier(this.living()), this);
	}
	Ibarrier(): Request {
		return started(engine().nonblocking.barrier(this.living()), this);
	}

	/** What is in the root's buffer comes into that of all others. */
	Bcast(buf: BufSpec, root?: Root): void {
		check(move.bcast(engine().blocking, this, buf, rootFrom(root, 'Bcast()')), this);
	}
	Ibcast(buf: BufSpec, root?: Root): Request {
		return started(move.bcast(engine().nonblocking, this, buf, rootFrom(root, 'Ibcast()')), this);
	}

	/**
	 * The root receives what each rank sends, in the order of ranks: its `recvbuf` has a block for each. Elsewhere
	 * `recvbuf` may be null.
	 */
	Gather(sendbuf: BufSpec | InPlace | null, recvbuf: MaybeBufSpec, root?: Root): void {
		check(move.gather(engine().blocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Gather()') }), this);
	}
	Igather(sendbuf: BufSpec | InPlace | null, recvbuf: MaybeBufSpec, root?: Root): Request {
		return started(move.gather(engine().nonblocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Igather()') }), this);
	}

	/**
	 * As `Gather()`, with blocks of different sizes: the root says how many elements come from each rank, and where to
	 * put them.
	 */
	Gatherv(sendbuf: BufSpec | InPlace | null, recvbuf: BufSpecV | null, root?: Root): void {
		check(move.gatherv(engine().blocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Gatherv()') }), this);
	}
	Igatherv(sendbuf: BufSpec | InPlace | null, recvbuf: BufSpecV | null, root?: Root): Request {
		return started(move.gatherv(engine().nonblocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Igatherv()') }), this);
	}

	/** Each rank receives its block of the root's `sendbuf`. Elsewhere `sendbuf` may be null. */
	Scatter(sendbuf: MaybeBufSpec, recvbuf: BufSpec | InPlace | null, root?: Root): void {
		check(move.scatter(engine().blocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Scatter()') }), this);
	}
	Iscatter(sendbuf: MaybeBufSpec, recvbuf: BufSpec | InPlace | null, root?: Root): Request {
		return started(move.scatter(engine().nonblocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Iscatter()') }), this);
	}

	/**
	 * As `Scatter()`, with blocks of different sizes: the root says how many elements go to each rank, and where they
	 * are.
	 */
	Scatterv(sendbuf: BufSpecV | null, recvbuf: BufSpec | InPlace | null, root?: Root): void {
		check(move.scatterv(engine().blocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Scatterv()') }), this);
	}
	Iscatterv(sendbuf: BufSpecV | null, recvbuf: BufSpec | InPlace | null, root?: Root): Request {
		return started(move.scatterv(engine().nonblocking, this, { sendbuf, recvbuf, root: rootFrom(root, 'Iscatterv()') }), this);
	}

	/** As `Gather()`, but all ranks receive. */
	Allgather(sendbuf: BufSpec | InPlace, recvbuf: BufSpec): void {
		check(move.allgather(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Iallgather(sendbuf: BufSpec | InPlace, recvbuf: BufSpec): Request {
		return started(move.allgather(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}

	/** As `Gatherv()`, but all ranks receive. */
	Allgatherv(sendbuf: BufSpec | InPlace, recvbuf: BufSpecV): void {
		check(move.allgatherv(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Iallgatherv(sendbuf: BufSpec | InPlace, recvbuf: BufSpecV): Request {
		return started(move.allgatherv(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}

	/** Each rank sends a block to each rank, and receives one from each. */
	Alltoall(sendbuf: BufSpec | InPlace, recvbuf: BufSpec): void {
		check(move.alltoall(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ialltoall(sendbuf: BufSpec | InPlace, recvbuf: BufSpec): Request {
		return started(move.alltoall(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}

	/** As `Alltoall()`, with blocks of different sizes. */
	Alltoallv(sendbuf: BufSpecV | InPlace, recvbuf: BufSpecV): void {
		check(move.alltoallv(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ialltoallv(sendbuf: BufSpecV | InPlace, recvbuf: BufSpecV): Request {
		return started(move.alltoallv(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}

	/** As `Alltoall()`, with blocks of different sizes and datatypes; displacements are in bytes. */
	Alltoallw(sendbuf: BufSpecW | InPlace, recvbuf: BufSpecW): void {
		check(move.alltoallw(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ialltoallw(sendbuf: BufSpecW | InPlace, recvbuf: BufSpecW): Request {
		return started(move.alltoallw(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}

	/**
	 * The root receives what the operation makes of all ranks' elements, one by one. Elsewhere `recvbuf` may be null.
	 */
	Reduce(sendbuf: BufSpec | InPlace | null, recvbuf: MaybeBufSpec, op?: Op | ReduceOptions, root?: number): void {
		check(combine.reduce(engine().blocking, this, { sendbuf, recvbuf, ...opAndRootFrom(op, root, 'Reduce()') }), this);
	}
	Ireduce(sendbuf: BufSpec | InPlace | null, recvbuf: MaybeBufSpec, op?: Op | ReduceOptions, root?: number): Request {
		return started(combine.reduce(engine().nonblocking, this, { sendbuf, recvbuf, ...opAndRootFrom(op, root, 'Ireduce()') }), this);
	}

	/** As `Reduce()`, but all ranks receive. */
	Allreduce(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): void {
		check(combine.allreduce(engine().blocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Allreduce()') }), this);
	}
	Iallreduce(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): Request {
		return started(combine.allreduce(engine().nonblocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Iallreduce()') }), this);
	}

	/** The elements are combined, and each rank receives its block of the result; all blocks have one size. */
	Reduce_scatter_block(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): void {
		check(combine.reduceScatterBlock(engine().blocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Reduce_scatter_block()') }), this);
	}
	Ireduce_scatter_block(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, op?: Op | OpOptions): Request {
		return started(combine.reduceScatterBlock(engine().nonblocking, this, { sendbuf, recvbuf, op: opFrom(op, 'Ireduce_scatter_block()') }), this);
	}

	/**
	 * As `Reduce_scatter_block()`, with blocks of different sizes: `recvcounts` has the number of elements for each
	 * rank.
	 */
	Reduce_scatter(sendbuf: BufSpec | InPlace, recvbuf: BufSpec, recvcounts: Counts | ReduceScatterOptions | null = null, op?: Op | OpOptions): void {
		check(combine.reduceScatter(engine().blocking, this, { sendbuf, recvbuf, ...countsAndOpFrom(recvcounts, op, 'Reduce_scatter()') }), this);
	}
	Ireduce_scatter(
		sendbuf: BufSpec | InPlace,
		recvbuf: BufSpec,
		recvcounts: Counts | ReduceScatterOptions | null = null,
		op?: Op | OpOptions,
	): Request {
		return started(
			combine.reduceScatter(engine().nonblocking, this, { sendbuf, recvbuf, ...countsAndOpFrom(recvcounts, op, 'Ireduce_scatter()') }),
			this,
		);
	}
}

function countsAndOpFrom(
	recvcounts: Counts | ReduceScatterOptions | null,
	op: Op | OpOptions | undefined,
	owner: string,
): { recvcounts: Counts | null; op: Op } {
	const given = keywordsOr<ReduceScatterOptions>({
		owner,
		first: recvcounts,
		positional: { recvcounts: recvcounts as Counts | null, op: opFrom(op, owner) },
		defaults: { recvcounts: null, op: SUM },
	});
	return { recvcounts: given.recvcounts ?? null, op: opFrom(given.op, owner) };
}
