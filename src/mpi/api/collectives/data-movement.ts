/**
 * The collective operations that move data, from the arguments of a program to the call of the engine: which buffers
 * count on this rank, how many elements they hold, whether they are large enough. Each gives what the engine gives: an
 * error code in the blocking form, a request in the other one.
 *
 * In an operation with a root the buffer that only the root uses is not looked at on other ranks, so programs may pass
 * `null` there.
 */
import { ERR_TRUNCATE } from '../../constants.ts';
import { IN_PLACE_BUFFER } from '../../engine/buffers.ts';
import type { Collectives } from '../../engine/collectives.ts';
import { IN_PLACE } from '../buffers/buffer-data.ts';
import { type Block, type Blocks, checkApart, checkApartFromAll } from '../buffers/buffer-overlap.ts';
import { BufferSpec } from '../buffers/buffer-spec.ts';
import { fail } from '../arguments/check.ts';
import { peersOf, type Role, roleIn } from './collective-roles.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { needed } from '../arguments/needed.ts';
import { type ManyTypesSpec, readManyTypes, readVector, seamManyTypes, seamVector, type VectorSpec } from '../buffers/vector-spec.ts';

/** What a program has passed. */
export interface Buffers {
	readonly sendbuf: unknown;
	readonly recvbuf: unknown;
}
export interface RootedBuffers extends Buffers {
	readonly root: number;
}

export function bcast(on: Collectives, comm: CommBase, buf: unknown, root: number): number {
	const { view, count, type } = roleIn(comm, root) === 'none' ? nothing : one(buf, 'buf', comm);
	return on.bcast(view, count, type, root, comm.living());
}

export function gather(on: Collectives, comm: CommBase, { sendbuf, recvbuf, root }: RootedBuffers): number {
	const role = roleIn(comm, root);
	const receive = role === 'root' ? blocks(recvbuf, 'recvbuf', comm) : nothing;
	const send = sendSide({ role, sendbuf, receive, comm });
	return on.gather(send.view, send.count, send.type, receive.view, receive.count, receive.type, root, comm.living());
}

export function gatherv(on: Collectives, comm: CommBase, { sendbuf, recvbuf, root }: RootedBuffers): number {
	const role = roleIn(comm, root);
	const receive = role === 'root' ? vector(recvbuf, 'recvbuf', comm) : readVector(null, peersOf(comm));
	const send = sendSide({ role, sendbuf, receive, comm });
	return on.gatherv(send.view, send.count, send.type, ...seamVector(receive), root, comm.living());
}

export function scatter(on: Collectives, comm: CommBase, { sendbuf, recvbuf, root }: RootedBuffers): number {
	const role = roleIn(comm, root);
	const send = role === 'root' ? blocks(sendbuf, 'sendbuf', comm) : nothing;
	const receive = receiveSide({ role, recvbuf, send, comm });
	return on.scatter(send.view, send.count, send.type, receive.view, receive.count, receive.type, root, comm.living());
}

export function scatterv(on: Collectives, comm: CommBase, { sendbuf, recvbuf, root }: RootedBuffers): number {
	const role = roleIn(comm, root);
	const send = role === 'root' ? vector(sendbuf, 'sendbuf', comm) : readVector(null, peersOf(comm));
	const receive = receiveSide({ role, recvbuf, send, comm });
	return on.scatterv(...seamVector(send), receive.view, receive.count, receive.type, root, comm.living());
}

export function allgather(on: Collectives, comm: CommBase, { sendbuf, recvbuf }: Buffers): number {
	const receive = blocks(recvbuf, 'recvbuf', comm);
	const send = ownSend(sendbuf, receive, comm);
	return on.allgather(send.view, send.count, send.type, receive.view, receive.count, receive.type, comm.living());
}

export function allgatherv(on: Collectives, comm: CommBase, { sendbuf, recvbuf }: Buffers): number {
	const receive = vector(recvbuf, 'recvbuf', comm);
	const send = ownSend(sendbuf, receive, comm);
	return on.allgatherv(send.view, send.count, send.type, ...seamVector(receive), comm.living());
}

export function alltoall(on: Collectives, comm: CommBase, { sendbuf, recvbuf }: Buffers): number {
	const receive = blocks(recvbuf, 'recvbuf', comm);
	const send: Block = isInPlace(sendbuf, comm) ? { ...ownPart(receive, comm), view: IN_PLACE_BUFFER } : blocks(sendbuf, 'sendbuf', comm);
	checkApart(together(send, comm), together(receive, comm), comm);
	checkOwnPart(send, receive, comm);
	return on.alltoall(send.view, send.count, send.type, receive.view, receive.count, receive.type, comm.living());
}

export function alltoallv(on: Collectives, comm: CommBase, { sendbuf, recvbuf }: Buffers): number {
	const receive = vector(recvbuf, 'recvbuf', comm);
	const isOnlyOne = isInPlace(sendbuf, comm);
	const send: VectorSpec = isOnlyOne ? { ...readVector(null, peersOf(comm)), view: IN_PLACE_BUFFER } : vector(sendbuf, 'sendbuf', comm);
	if (!isOnlyOne) checkOwnPart(send, receive, comm);
	return on.alltoallv(...seamVector(send), ...seamVector(receive), comm.living());
}

export function alltoallw(on: Collectives, comm: CommBase, { sendbuf, recvbuf }: Buffers): number {
	const receive = manyTypes(recvbuf, 'recvbuf', comm);
	const isOnlyOne = isInPlace(sendbuf, comm);
	const send: ManyTypesSpec = isOnlyOne ? { ...readManyTypes(null, peersOf(comm)), view: IN_PLACE_BUFFER } : manyTypes(sendbuf, 'sendbuf', comm);
	return on.alltoallw(...seamManyTypes(send), ...seamManyTypes(receive), comm.living());
}

const nothing: Block = new BufferSpec().read(null);

/** All elements of a buffer. */
export function one(buf: unknown, name: string, comm: CommBase): Block {
	return new BufferSpec().read(needed(buf, name, comm), comm);
}

function blocks(buf: unknown, name: string, comm: CommBase): Block {
	return new BufferSpec().read(needed(buf, name, comm), comm, peersOf(comm));
}

function vector(buf: unknown, name: string, comm: CommBase): VectorSpec {
	return readVector(needed(buf, name, comm), peersOf(comm), comm);
}

function manyTypes(buf: unknown, name: string, comm: CommBase): ManyTypesSpec {
	return readManyTypes(needed(buf, name, comm), peersOf(comm), comm);
}

/** Whether a buffer to send from is said to be in the other one; between two groups there is no such thing. */
export function isInPlace(buf: unknown, comm: CommBase): boolean {
	return buf === IN_PLACE && comm.is_intra;
}

interface SendSide {
	readonly role: Role;
	readonly sendbuf: unknown;
	/** Room for all. */
	readonly receive: Block | VectorSpec;
	readonly comm: CommBase;
}

/** What is sent to the root; between two groups the root sends nothing. */
function sendSide({ role, sendbuf, receive, comm }: SendSide): Block {
	if (role === 'other') return one(sendbuf, 'sendbuf', comm);
	return role === 'none' || comm.is_inter ? nothing : ownSend(sendbuf, receive, comm);
}

/** What a rank sends that receives from all, itself among them. */
function ownSend(sendbuf: unknown, receive: Block | VectorSpec, comm: CommBase): Block {
	if (isInPlace(sendbuf, comm)) return { ...ownPart(receive, comm), view: IN_PLACE_BUFFER };
	const send = one(sendbuf, 'sendbuf', comm);
	checkBuffersApart(send, receive, comm);
	checkOwnPart(send, receive, comm);
	return send;
}

interface ReceiveSide {
	readonly role: Role;
	readonly recvbuf: unknown;
	/** What all get. */
	readonly send: Block | VectorSpec;
	readonly comm: CommBase;
}

function receiveSide({ role, recvbuf, send, comm }: ReceiveSide): Block {
	if (role === 'other') return one(recvbuf, 'recvbuf', comm);
	if (role === 'none' || comm.is_inter) return nothing;
	if (isInPlace(recvbuf, comm)) return { ...ownPart(send, comm), view: IN_PLACE_BUFFER };
	const receive = one(recvbuf, 'recvbuf', comm);
	checkBuffersApart(receive, send, comm);
	checkOwnPart(send, receive, comm);
	return receive;
}

/** @param parts - a buffer with a block for each rank */
function checkBuffersApart(block: Block, parts: Block | Blocks, comm: CommBase): void {
	if ('counts' in parts) checkApartFromAll(block, parts, comm);
	else checkApart(block, together(parts, comm), comm);
}

/** All ranks' blocks, which lie one behind the other. */
function together(block: Block, comm: CommBase): Block {
	return { ...block, count: block.count * peersOf(comm) };
}

/** A rank's own block, as far as its size goes. */
function ownPart(parts: Block | VectorSpec, comm: CommBase): Block {
	if (!('counts' in parts)) return { view: parts.view, count: parts.count, type: parts.type, datatype: parts.datatype };
	const { view, counts, type, datatype } = parts;
	return { view, count: comm.is_intra ? counts[comm.rank]! : 0, type, datatype };
}

/** What a rank sends to itself must have room there; what others send is known only when it arrives. */
function checkOwnPart(send: Block | VectorSpec, receive: Block | VectorSpec, comm: CommBase): void {
	if (comm.is_inter) return;
	const [sent, room] = [send, receive].map((side) => {
		const { count, datatype } = ownPart(side, comm);
		return count * datatype.size;
	}) as [number, number];
	if (sent <= room) return;
	fail(ERR_TRUNCATE, `This rank's own part has ${sent} bytes, but there is room for ${room} where it is received: make that buffer larger.`, comm);
}
