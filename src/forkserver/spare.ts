/**
 * A child of the forkserver that has been forked ahead of the start that needs it. It waits for the request on its
 * connection to the forkserver, which is a client's as any other from then on.
 */
import { addon } from '../native/addon.ts';
import { readMemoryFile, readRequest, type StartRequest } from '../process/start/request.ts';
import { maxInlineRequest, requestFds } from '../process/forkserver/protocol.ts';

/** What a child is to run. */
export interface Assignment {
	readonly request: StartRequest;
	readonly values: Uint8Array;
	readonly control: number;
}

/** A child with a connection, as the forkserver holds it. */
export interface Connected {
	readonly pid: number;
	readonly pidfd: number;
	/** The forkserver's end. */
	readonly socket: number;
}

/** In the child: its end of the connection. */
export class OwnSocket {
	readonly #fd: number;

	constructor(fd: number) {
		this.#fd = fd;
	}

	/** In a spare. Does not return when it turns out not to be needed. */
	awaitAssignment(): Assignment {
		const fds: number[] = [];
		const length = addon().receiveMessage(this.#fd, requestBuffer, true, fds);
		if (length <= 0) addon().exitNow(0);
		return { ...requestFrom(requestBuffer.subarray(0, length), fds), control: takeDescriptors(fds) };
	}
}

/** Room for any request. Shared with the forkserver: a new one would cost a child its pages. */
export const requestBuffer: Uint8Array = new Uint8Array(maxInlineRequest + 4096);

/** Reads a request. The descriptors stay open. */
export function requestFrom(message: Uint8Array, fds: readonly number[]): { request: StartRequest; values: Uint8Array } {
	const memoryFile = fds[requestFds.memoryFile];
	return readRequest(memoryFile === undefined ? message : readMemoryFile(memoryFile));
}

/** Moves a child's standard streams into their places; returns its control socket. */
export function takeDescriptors(fds: readonly number[]): number {
	const [stdin, stdout, stderr, control, memoryFile] = fds as [number, number, number, number, number?];
	for (const [from, to] of [
		[stdin, 0],
		[stdout, 1],
		[stderr, 2],
	] as const) {
		addon().duplicate(from, to);
		addon().closeFd(from);
	}
	if (memoryFile !== undefined) addon().closeFd(memoryFile);
	return control;
}
