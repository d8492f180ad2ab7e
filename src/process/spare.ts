/**
 * A child of the fork server that has been forked ahead of the start that needs it. It waits for the request on its connection to the
 * fork server, which is a client's as any other from then on.
 */
import { addon } from '../native/addon.ts';
import { rehearse } from './rehearsal.ts';
import { readMemoryFile, readRequest, type StartRequest } from './start-request.ts';
import { requestFds } from './zygote-protocol.ts';

/** What a child is to run. */
export interface Task {
	readonly request: StartRequest;
	readonly values: Uint8Array;
	readonly control: number;
}

/** A child with a connection, as the fork server holds it. */
export interface Connected {
	readonly pid: number;
	readonly pidfd: number;
	/** The fork server's end. */
	readonly socket: number;
}

/** In the child: its end of the connection. */
export class OwnSocket {
	readonly #fd: number;
	readonly #buffer: Uint8Array;

	/** `buffer` has room for any request. It is the fork server's: a new one would cost the child its pages. */
	constructor(fd: number, buffer: Uint8Array) {
		this.#fd = fd;
		this.#buffer = buffer;
	}

	/** In a spare. Does not return when it turns out not to be needed. */
	async awaitTask(): Promise<Task> {
		await rehearse();
		const fds: number[] = [];
		const length = addon().receiveMessage(this.#fd, this.#buffer, true, fds);
		if (length <= 0) addon().exitNow(0);
		return { ...requestFrom(this.#buffer.subarray(0, length), fds), control: takeDescriptors(fds) };
	}
}

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
