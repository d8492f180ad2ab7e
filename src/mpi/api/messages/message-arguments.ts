/**
 * The arguments of messages between two ranks: in their places, or by mpi4py's names in an object in the place of the
 * first of those that may be left out.
 */
import { ANY_SOURCE, ANY_TAG } from '../../constants.ts';
import { isOptions, namedArguments } from '../arguments/options.ts';
import type { MaybeBufSpec } from '../buffers/buffer-spec.ts';
import { statusOf } from '../requests/request.ts';
import type { Status } from '../requests/status.ts';

export interface SendOptions {
	/** @default 0 */
	tag?: number;
}

/** With `dest` by its name, too. */
export interface AddressedSendOptions extends SendOptions {
	dest: number;
}

export interface ReceiveOptions {
	/** @default MPI.ANY_SOURCE */
	source?: number;
	/** @default MPI.ANY_TAG */
	tag?: number;
	status?: Status | null;
}

export interface SendrecvOptions {
	/** @default 0 */
	sendtag?: number;
	recvbuf?: MaybeBufSpec;
	/** @default MPI.ANY_SOURCE */
	source?: number;
	/** @default MPI.ANY_TAG */
	recvtag?: number;
	status?: Status | null;
}

export type Dest = number | AddressedSendOptions;
export type Tag = number | SendOptions;

export interface ReceiveArguments {
	readonly source: number;
	readonly tag: number;
	readonly status: Status | undefined;
}

/** What stands in the places of `source`, `tag`, `status`, or in an object in the first of them. */
export function receiveArguments(owner: string, source: number | ReceiveOptions, tag: number, status?: Status | null): ReceiveArguments {
	if (!isOptions(source)) return { source, tag, status: statusOf(status) };
	const given = namedArguments(owner, source, ['source', 'tag', 'status']);
	return { source: given.source ?? ANY_SOURCE, tag: given.tag ?? ANY_TAG, status: statusOf(given.status) };
}

export interface SendrecvArguments {
	readonly dest: number;
	readonly sendtag: number;
	readonly recvbuf: MaybeBufSpec;
	readonly source: number;
	readonly recvtag: number;
	readonly status: Status | undefined;
}

/** The same of `Sendrecv` and its like, whose object stands behind `dest` or has it, too. */
export function sendrecvArguments(
	owner: string,
	dest: number | (SendrecvOptions & { dest: number }),
	sendtag: number | SendrecvOptions,
	rest: Omit<SendrecvOptions, 'sendtag'>,
): SendrecvArguments {
	const names = ['sendtag', ...Object.keys(rest)];
	const options: SendrecvOptions & { dest: number } = isOptions(dest)
		? namedArguments(owner, dest, ['dest', ...names])
		: { dest, ...(isOptions(sendtag) ? namedArguments(owner, sendtag, names) : { ...rest, sendtag }) };
	const { sendtag: tag = 0, recvbuf = null, source = ANY_SOURCE, recvtag = ANY_TAG, status } = options;
	return { dest: options.dest, sendtag: tag, recvbuf, source, recvtag, status: statusOf(status) };
}
