/**
 * Collective operations among neighbours: each rank of a topology exchanges data with the ranks next to it alone.
 * Buffers have a block for each neighbour, in the order of `inedges` and `outedges`; those of MPI.PROC_NULL stay as
 * they are.
 */
import type { Collectives } from '../../engine/collectives.ts';
import { BufferSpec, type BufSpec } from '../buffers/buffer-spec.ts';
import { check } from '../arguments/check.ts';
import { Intracomm } from '../communicators/intracomm.ts';
import { engine } from '../environment/lifecycle.ts';
import { needed } from '../arguments/needed.ts';
import { itemsFor } from './object-collectives.ts';
import { exchange, gatherForAll } from './object-transfers.ts';
import { checkHints, type InitOptions, persistent } from './persistent-collectives.ts';
import type { Info } from '../environment/info.ts';
import type { Prequest } from '../requests/persistent.ts';
import type { Request } from '../requests/request.ts';
import { started } from '../requests/started.ts';
import type { EngineBuffer } from '../../engine/buffers.ts';
import { type BufSpecV, type BufSpecW, type ManyTypesSpec, readManyTypes, readVector, seamVector } from '../buffers/vector-spec.ts';

export abstract class Topocomm extends Intracomm {
	/** [from whom edges come, to whom they go]. */
	abstract get inoutedges(): [inedges: number[], outedges: number[]];
	/** @internal A communicator of the same topology. */
	abstract override alike(handle: number): Topocomm;

	get inedges(): number[] {
		return this.inoutedges[0];
	}
	get outedges(): number[] {
		return this.inoutedges[1];
	}
	/** [how many edges come, how many go]. */
	get degrees(): [indegree: number, outdegree: number] {
		const [sources, destinations] = this.inoutedges;
		return [sources.length, destinations.length];
	}
	get indegree(): number {
		return this.degrees[0];
	}
	get outdegree(): number {
		return this.degrees[1];
	}

	/** Sends the value to each neighbour, and gives theirs, in the order of `inedges`; null for MPI.PROC_NULL. */
	neighbor_allgather<T>(sendobj: T): T[] {
		const [incoming, receivers] = this.degrees;
		return gatherForAll(sendobj, { comm: this, incoming, isAmongNeighbors: true, receivers }) as T[];
	}

	/**
	 * Sends each neighbour its item of the list, in the order of `outedges`, and gives what they have sent here, as
	 * `neighbor_allgather()`.
	 */
	neighbor_alltoall<T>(sendobj: readonly T[]): T[] {
		const [incoming, outgoing] = this.degrees;
		return exchange(itemsFor(sendobj, outgoing, 'neighbor_alltoall()'), { comm: this, incoming, isAmongNeighbors: true }) as T[];
	}

	/** Sends the same to each neighbour, and receives a block from each. */
	Neighbor_allgather(sendbuf: BufSpec, recvbuf: BufSpec): void {
		check(allgather(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ineighbor_allgather(sendbuf: BufSpec, recvbuf: BufSpec): Request {
		return started(allgather(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}
	Neighbor_allgather_init(sendbuf: BufSpec, recvbuf: BufSpec, info: Info | InitOptions | null = null): Prequest {
		checkHints(info, 'Neighbor_allgather_init()');
		return persistent(this, (on) => allgather(on, this, { sendbuf, recvbuf }));
	}

	/** As `Neighbor_allgather()`, with blocks of different sizes. */
	Neighbor_allgatherv(sendbuf: BufSpec, recvbuf: BufSpecV): void {
		check(allgatherv(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ineighbor_allgatherv(sendbuf: BufSpec, recvbuf: BufSpecV): Request {
		return started(allgatherv(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}
	Neighbor_allgatherv_init(sendbuf: BufSpec, recvbuf: BufSpecV, info: Info | InitOptions | null = null): Prequest {
		checkHints(info, 'Neighbor_allgatherv_init()');
		return persistent(this, (on) => allgatherv(on, this, { sendbuf, recvbuf }));
	}

	/** Sends a block to each neighbour, and receives one from each. */
	Neighbor_alltoall(sendbuf: BufSpec, recvbuf: BufSpec): void {
		check(alltoall(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ineighbor_alltoall(sendbuf: BufSpec, recvbuf: BufSpec): Request {
		return started(alltoall(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}
	Neighbor_alltoall_init(sendbuf: BufSpec, recvbuf: BufSpec, info: Info | InitOptions | null = null): Prequest {
		checkHints(info, 'Neighbor_alltoall_init()');
		return persistent(this, (on) => alltoall(on, this, { sendbuf, recvbuf }));
	}

	/** As `Neighbor_alltoall()`, with blocks of different sizes. */
	Neighbor_alltoallv(sendbuf: BufSpecV, recvbuf: BufSpecV): void {
		check(alltoallv(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ineighbor_alltoallv(sendbuf: BufSpecV, recvbuf: BufSpecV): Request {
		return started(alltoallv(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}
	Neighbor_alltoallv_init(sendbuf: BufSpecV, recvbuf: BufSpecV, info: Info | InitOptions | null = null): Prequest {
		checkHints(info, 'Neighbor_alltoallv_init()');
		return persistent(this, (on) => alltoallv(on, this, { sendbuf, recvbuf }));
	}

	/** As `Neighbor_alltoall()`, with blocks of different sizes and datatypes; displacements are in bytes. */
	Neighbor_alltoallw(sendbuf: BufSpecW, recvbuf: BufSpecW): void {
		check(alltoallw(engine().blocking, this, { sendbuf, recvbuf }), this);
	}
	Ineighbor_alltoallw(sendbuf: BufSpecW, recvbuf: BufSpecW): Request {
		return started(alltoallw(engine().nonblocking, this, { sendbuf, recvbuf }), this);
	}
	Neighbor_alltoallw_init(sendbuf: BufSpecW, recvbuf: BufSpecW, info: Info | InitOptions | null = null): Prequest {
		checkHints(info, 'Neighbor_alltoallw_init()');
		return persistent(this, (on) => alltoallw(on, this, { sendbuf, recvbuf }));
	}
}

interface Buffers {
	readonly sendbuf: unknown;
	readonly recvbuf: unknown;
}

function allgather(on: Collectives, comm: Topocomm, { sendbuf, recvbuf }: Buffers): number {
	const receive = new BufferSpec().read(needed(recvbuf, 'recvbuf', comm), comm, comm.indegree);
	const send = new BufferSpec().read(needed(sendbuf, 'sendbuf', comm), comm);
	return on.neighborAllgather(send.view, send.count, send.type, receive.view, receive.count, receive.type, comm.living());
}

function allgatherv(on: Collectives, comm: Topocomm, { sendbuf, recvbuf }: Buffers): number {
	const receive = readVector(needed(recvbuf, 'recvbuf', comm), comm.indegree, comm);
	const send = new BufferSpec().read(needed(sendbuf, 'sendbuf', comm), comm);
	return on.neighborAllgatherv(send.view, send.count, send.type, ...seamVector(receive), comm.living());
}

function alltoall(on: Collectives, comm: Topocomm, { sendbuf, recvbuf }: Buffers): number {
	const [indegree, outdegree] = comm.degrees;
	const receive = new BufferSpec().read(needed(recvbuf, 'recvbuf', comm), comm, indegree);
	const send = new BufferSpec().read(needed(sendbuf, 'sendbuf', comm), comm, outdegree);
	return on.neighborAlltoall(send.view, send.count, send.type, receive.view, receive.count, receive.type, comm.living());
}

function alltoallv(on: Collectives, comm: Topocomm, { sendbuf, recvbuf }: Buffers): number {
	const [indegree, outdegree] = comm.degrees;
	const receive = readVector(needed(recvbuf, 'recvbuf', comm), indegree, comm);
	const send = readVector(needed(sendbuf, 'sendbuf', comm), outdegree, comm);
	return on.neighborAlltoallv(...seamVector(send), ...seamVector(receive), comm.living());
}

function alltoallw(on: Collectives, comm: Topocomm, { sendbuf, recvbuf }: Buffers): number {
	const [indegree, outdegree] = comm.degrees;
	const receive = readManyTypes(needed(recvbuf, 'recvbuf', comm), indegree, comm);
	const send = readManyTypes(needed(sendbuf, 'sendbuf', comm), outdegree, comm);
	return on.neighborAlltoallw(...withAddresses(send), ...withAddresses(receive), comm.living());
}

/** MPI has displacements of 64 bits here. */
function withAddresses({ view, counts, displacements, types }: ManyTypesSpec): [EngineBuffer, Int32Array, Float64Array, Float64Array] {
	return [view, counts, Float64Array.from(displacements), types];
}
