/**
 * The collective operations that combine data, from the arguments of a program to the call of the engine: the same
 * elements on both sides, of a datatype that the operation combines. Each gives what the engine gives: an error code in
 * the blocking form, a request in the other one.
 */
import { ERR_ARG, ERR_COUNT, ERR_TRUNCATE, ERR_TYPE } from '../../constants.ts';
import { type EngineBuffer, IN_PLACE_BUFFER } from '../../engine/buffers.ts';
import type { Collectives } from '../../engine/collectives.ts';
import { type Block, checkApart } from '../buffers/buffer-overlap.ts';
import { BufferSpec, named } from '../buffers/buffer-spec.ts';
import { check, fail } from '../arguments/check.ts';
import { roleIn } from './collective-roles.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { type Buffers, isInPlace, one } from './data-movement.ts';
import type { Datatype } from '../datatypes/datatype.ts';
import { engine } from '../environment/lifecycle.ts';
import { needed } from '../arguments/needed.ts';
import { anInt, listOf } from '../arguments/numbers.ts';
import { type Op, opHandle, opHandleFor } from '../ops/op.ts';
import { COUNT } from '../datatypes/predefined.ts';

export interface Combined extends Buffers {
	readonly op: Op;
}

export function reduce(on: Collectives, comm: CommBase, { sendbuf, recvbuf, op, root }: Combined & { readonly root: number }): number {
	const role = roleIn(comm, root);
	const handle = comm.living();
	if (role === 'none') return on.reduce(null, null, 0, COUNT.handle, opHandle(op), root, handle);
	if (role === 'other') {
		const { view, count, type, datatype } = one(sendbuf, 'sendbuf', comm);
		return on.reduce(view, null, count, type, opHandleFor(op, datatype), root, handle);
	}
	const { send, receive } = comm.is_inter ? { send: unused, receive: one(recvbuf, 'recvbuf', comm) } : pair(sendbuf, recvbuf, comm);
	return on.reduce(send, receive.view, receive.count, receive.type, opHandleFor(op, receive.datatype), root, handle);
}

/** For the root between two groups, which sends nothing: MPICH wants memory all the same. */
const unused = new Uint8Array(16);

export function allreduce(on: Collectives, comm: CommBase, { op, sendbuf, recvbuf }: Combined): number {
	const { send, receive } = pair(sendbuf, recvbuf, comm);
	return on.allreduce(send, receive.view, receive.count, receive.type, opHandleFor(op, receive.datatype), comm.living());
}

export function scan(on: Collectives, comm: CommBase, { op, sendbuf, recvbuf }: Combined): number {
	const { send, receive } = pair(sendbuf, recvbuf, comm);
	return on.scan(send, receive.view, receive.count, receive.type, opHandleFor(op, receive.datatype), comm.living());
}

export function exscan(on: Collectives, comm: CommBase, { op, sendbuf, recvbuf }: Combined): number {
	const { send, receive } = pair(sendbuf, recvbuf, comm);
	return on.exscan(send, receive.view, receive.count, receive.type, opHandleFor(op, receive.datatype), comm.living());
}

/**
 * The buffer to send from has a block for each rank of the own group; with MPI.IN_PLACE the one to receive into has.
 */
export function reduceScatterBlock(on: Collectives, comm: CommBase, { sendbuf, recvbuf, op }: Combined): number {
	const isOnlyOne = isInPlace(sendbuf, comm);
	const receive = new BufferSpec().read(needed(recvbuf, 'recvbuf', comm), comm, isOnlyOne ? comm.size : 1);
	const operation = opHandleFor(op, receive.datatype);
	if (isOnlyOne) return on.reduceScatterBlock(IN_PLACE_BUFFER, receive.view, receive.count, receive.type, operation, comm.living());
	const send = new BufferSpec().read(needed(sendbuf, 'sendbuf', comm), comm, comm.size);
	checkSame(send, receive, comm);
	checkApart({ ...blockFrom(send), count: send.count * comm.size }, receive, comm);
	return on.reduceScatterBlock(send.view, receive.view, receive.count, receive.type, operation, comm.living());
}

/** `recvcounts` null: what each rank's buffer to receive into has room for, which costs a round of its own. */
export function reduceScatter(
	on: Collectives,
	comm: CommBase,
	{ sendbuf, recvbuf, op, recvcounts }: Combined & { readonly recvcounts: unknown },
): number {
	const isOnlyOne = isInPlace(sendbuf, comm);
	const receive = one(recvbuf, 'recvbuf', comm);
	const send = isOnlyOne ? { ...receive, view: IN_PLACE_BUFFER as EngineBuffer } : one(sendbuf, 'sendbuf', comm);
	const operation = opHandleFor(op, receive.datatype);
	checkSameType(send.datatype, receive.datatype, comm);
	checkApart(send, receive, comm);
	const counts =
		recvcounts === null || recvcounts === undefined ? everyCount(comm, isOnlyOne ? undefined : receive.count) : countList(recvcounts, comm);
	const total = counts.reduce((sum, count) => sum + count, 0);
	if (send.count !== total) fail(ERR_COUNT, `The counts of all ranks are ${total} elements, but the buffer has ${send.count}.`, comm);
	if (!isOnlyOne && receive.count !== counts[comm.rank]) {
		fail(
			ERR_COUNT,
			`The buffer to receive into has ${receive.count} elements, but the count of rank ${comm.rank} is ${counts[comm.rank]}.`,
			comm,
		);
	}
	return on.reduceScatter(send.view, receive.view, counts, receive.type, operation, comm.living());
}

/** What each rank's buffer to receive into has room for; collective. */
export function countsOfAll(comm: CommBase, { sendbuf, recvbuf }: Buffers): Int32Array {
	return everyCount(comm, isInPlace(sendbuf, comm) ? undefined : one(recvbuf, 'recvbuf', comm).count);
}

/** `own` is undefined where one buffer has the data of all. */
function everyCount(comm: CommBase, own: number | undefined): Int32Array {
	if (own === undefined || comm.is_inter)
		fail(ERR_ARG, '`recvcounts` is missing: with MPI.IN_PLACE, and between two groups, it cannot be told from the buffers.', comm);
	const counts = new BigInt64Array(comm.size);
	check(engine().blocking.allgather(BigInt64Array.of(BigInt(own)), 1, COUNT.handle, counts, 1, COUNT.handle, comm.living()), comm);
	return Int32Array.from(counts, Number);
}

function countList(recvcounts: unknown, comm: CommBase): Int32Array {
	const counts = listOf(recvcounts, 'recvcounts').map((count, i) => anInt(count, { name: `recvcounts[${i}]`, least: 0, errorClass: ERR_COUNT }));
	if (counts.length !== comm.size) fail(ERR_ARG, `\`recvcounts\` has ${counts.length} items: ${comm.size} are needed, one for each rank.`, comm);
	return Int32Array.from(counts);
}

interface Pair {
	/** What is combined: as many elements as the result has. */
	readonly send: EngineBuffer;
	/** The buffer for the result. */
	readonly receive: Block;
}

/** Two buffers of the same elements. Nothing is spread here and by who uses it: that takes longer than a message. */
function pair(sendbuf: unknown, recvbuf: unknown, comm: CommBase): Pair {
	const receive = one(recvbuf, 'recvbuf', comm);
	if (isInPlace(sendbuf, comm)) return { receive, send: IN_PLACE_BUFFER };
	const send = one(sendbuf, 'sendbuf', comm);
	checkSame(send, receive, comm);
	checkApart(send, receive, comm);
	return { receive, send: send.view };
}

function blockFrom({ view, count, type, datatype }: Block): Block {
	return { view, count, type, datatype };
}

function checkSame(send: Block, receive: Block, comm: CommBase): void {
	checkSameType(send.datatype, receive.datatype, comm);
	if (send.count === receive.count) return;
	const text = `The buffer to send from has ${send.count} elements, the one to receive into ${receive.count}: both need the same number.`;
	fail(send.count > receive.count ? ERR_TRUNCATE : ERR_COUNT, text, comm);
}

/** Names for the same elements are the same: INT and INT32_T. */
function checkSameType(send: Datatype, receive: Datatype, comm: CommBase): void {
	if (send.handle === receive.handle) return;
	const [a, b] = [send.predefined, receive.predefined];
	if (a !== undefined && b !== undefined && a.kind === b.kind && a.size === b.size && a.extent === b.extent) return;
	fail(ERR_TYPE, `The elements to combine are of ${named(send)}, those of the result of ${named(receive)}: both must be of one datatype.`, comm);
}
