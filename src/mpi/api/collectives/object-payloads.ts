/**
 * Large arrays of values in collective operations: they are not copied into the piece that each value is encoded as,
 * but go from where they lie to where they stay.
 *
 * Where each value has one receiver, they go out-of-band between ranks that share memory, in files which the piece
 * names; on other engines each is a message between these two ranks, on a communicator of the library's own. What all
 * receive (bcast, allgather) is broadcast by its owner, since all have seen by the pieces how much comes.
 */
import type { CommBase } from '../communicators/comm-base.ts';
import { privateOf } from '../communicators/private-comm.ts';
import { check, checkRequest } from '../arguments/check.ts';
import { BYTE } from '../datatypes/predefined.ts';
import { engine } from '../environment/lifecycle.ts';
import { piecesOf } from '../messages/object-receive.ts';
import type { Header, Way } from '../messages/object-wire.ts';
import { SEND_STANDARD } from '../../engine/shared-numbers.ts';

/** For values that have one receiver each. */
export function wayToOne(comm: CommBase): Way {
	if (engine().sharesMemory) return 'out-of-band';
	return comm.is_inter || comm.size === 1 ? 'inside' : 'messages';
}

/** For values that all receive. Ranks of two groups do not know of each other's. */
export function wayToAll(comm: CommBase): Way {
	return comm.is_inter || comm.size === 1 ? 'inside' : 'messages';
}

/**
 * Called first by all ranks, with what `wayToOne` gave: those that send nothing take part in making the communicator,
 * too.
 */
export function prepareExchange(comm: CommBase, way: Way): void {
	if (way === 'messages') privateOf(comm);
}

/** Between ranks and this one: `outgoing` by receiver, `incoming` by sender. Gives what has come, by sender. */
export function exchangePayloads(
	comm: CommBase,
	outgoing: readonly (readonly Uint8Array[])[],
	incoming: readonly Pick<Header, 'payloadSizes'>[],
): ArrayBuffer[][] {
	const hasSome = outgoing.some(({ length }) => length > 0) || incoming.some(({ payloadSizes }) => payloadSizes.length > 0);
	if (!hasSome) return incoming.map(() => []);
	const channel = privateOf(comm).whole;
	const received = incoming.map(memoryFor);
	const requests: number[] = [];
	for (const [source, buffers] of received.entries()) {
		for (const piece of partsOf(buffers.map((buffer) => new Uint8Array(buffer))))
			requests.push(checkRequest(engine().irecv(piece, piece.length, byteType, source, TAG, channel.handle), comm));
	}
	for (const [dest, payloads] of outgoing.entries()) {
		for (const piece of partsOf(payloads))
			requests.push(checkRequest(engine().isend(piece, piece.length, byteType, dest, TAG, channel.handle, SEND_STANDARD), comm));
	}
	for (const request of requests) check(engine().wait(request), comm);
	return received;
}

/** From rank `owner`, who gives them, to all others, who give the header and get them. */
export function broadcastPayloads(comm: CommBase, owner: number, payloads: readonly Uint8Array[] | Pick<Header, 'payloadSizes'>): ArrayBuffer[] {
	const buffers = isHeader(payloads) ? memoryFor(payloads) : [];
	const views = isHeader(payloads) ? buffers.map((buffer) => new Uint8Array(buffer)) : payloads;
	for (const piece of partsOf(views)) check(engine().blocking.bcast(piece, piece.length, byteType, owner, comm.living()), comm);
	return buffers;
}

const TAG = 0;
const byteType = BYTE.handle;

function isHeader(payloads: readonly Uint8Array[] | Pick<Header, 'payloadSizes'>): payloads is Pick<Header, 'payloadSizes'> {
	return 'payloadSizes' in payloads;
}

function memoryFor({ payloadSizes }: Pick<Header, 'payloadSizes'>): ArrayBuffer[] {
	return payloadSizes.map((size) => new ArrayBuffer(size));
}

function* partsOf(payloads: readonly Uint8Array[]): Iterable<Uint8Array> {
	for (const payload of payloads) yield* piecesOf(payload);
}
