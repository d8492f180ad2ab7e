/**
 * What is to be sent through a wire: whole messages in their framing (wire.ts), as far as the socket has not taken
 * them. Nothing here waits.
 */
import { addon } from '../../native/addon.ts';
import { closeAll } from '../../native/descriptor.ts';
import { errno, errnoOf, failedBy } from '../../native/errno.ts';
import { systemError } from '../../native/raise.ts';
import { brokenPipe } from '../connection.ts';
import type { FdGate } from '../../wait/fd-gate.ts';
import { maxPassedFds, writable } from '../../native/shared-numbers.ts';

export const CHUNK_BYTES = 65536;
export const MAX_SHORT = 0x7fff_ffff;
export const SHORT_HEAD = 4;
export const LONG_HEAD = 12;

interface Queued {
	readonly bytes: Uint8Array;
	/** Where the message ends, in bytes as `queued` and `sent` count them. */
	readonly end: number;
	/** Descriptors that are the outbox's own, and go with the first byte. */
	fds: readonly number[];
}

const noFds: readonly number[] = [];

export class Outbox {
	readonly #gate: FdGate;
	readonly #outgoing: Queued[] = [];
	/** How many bytes were ever handed in, and how many sent. */
	#queued = 0;
	#sent = 0;
	/** Ends the sending of what is left by a sender that did not wait to the end. */
	#stopFlushing: (() => void) | undefined;

	constructor(gate: FdGate) {
		this.#gate = gate;
	}

	get isEmpty(): boolean {
		return this.#outgoing.length === 0;
	}

	/**
	 * Hands a message over to be sent, with descriptors, which are the outbox's from now on. Returns the mark at which
	 * all of it is.
	 */
	enqueue(bytes: Uint8Array, fds: readonly number[] = noFds): number {
		const { length } = bytes;
		const head = Buffer.alloc(length > MAX_SHORT ? LONG_HEAD : SHORT_HEAD);
		head.writeInt32BE(length > MAX_SHORT ? -1 : length);
		if (length > MAX_SHORT) head.writeBigUInt64BE(BigInt(length), SHORT_HEAD);
		if (length <= CHUNK_BYTES || fds.length > 0) this.#push(Buffer.concat([head, bytes]), fds);
		else {
			this.#push(head, fds);
			this.#push(bytes, noFds);
		}
		return this.#queued;
	}

	#push(bytes: Uint8Array, fds: readonly number[]): void {
		let from = 0;
		for (let at = maxPassedFds; at < fds.length; at += maxPassedFds) this.#append(bytes.subarray(from, ++from), fds.slice(at - maxPassedFds, at));
		this.#append(bytes.subarray(from), fds.slice(from * maxPassedFds));
	}

	#append(bytes: Uint8Array, fds: readonly number[]): void {
		this.#queued += bytes.length;
		this.#outgoing.push({ bytes, end: this.#queued, fds });
	}

	/** Sends what it can. True when everything up to the mark is sent. */
	flush(mark: number): boolean {
		while (this.#outgoing.length > 0) {
			const next = this.#outgoing[0]!;
			const { bytes, end, fds } = next;
			const offset = bytes.length - (end - this.#sent);
			const result =
				fds.length > 0
					? addon().sendMessage(this.#gate.fd, bytes, fds, false)
					: addon().socketSend(this.#gate.fd, bytes, offset, bytes.length - offset);
			if (failedBy(result, errno.EAGAIN)) break;
			if (result < 0) {
				if (isBroken(result)) throw brokenPipe();
				throw systemError(errnoOf(result), 'send through a socket');
			}
			this.#sent += result;
			closeAll(fds);
			next.fds = noFds;
			if (this.#sent === end) this.#outgoing.shift();
		}
		return this.#sent >= mark;
	}

	/** Takes a message back of which nothing has been sent. False when it is too late. */
	withdraw(mark: number, bytes: Uint8Array): boolean {
		const first = mark - bytes.length - (bytes.length > MAX_SHORT ? LONG_HEAD : SHORT_HEAD);
		if (this.#sent > first || this.#queued !== mark) return false;
		while (this.#outgoing.length > 0 && this.#outgoing.at(-1)!.end > first) closeAll(this.#outgoing.pop()!.fds);
		this.#queued = first;
		return true;
	}

	/** Sends in the event loop what is still waiting, for a sender that has given up. */
	flushLater(): void {
		if (this.#stopFlushing !== undefined) return;
		const stop = this.#gate.subscribe(writable, () => {
			try {
				if (!this.flush(this.#queued)) return;
			} catch {
				// The next sender or reader is told.
			}
			this.#stopFlushing?.();
		});
		this.#stopFlushing = () => {
			this.#stopFlushing = undefined;
			stop();
		};
	}

	/** Nothing more is sent. */
	drop(): void {
		this.#stopFlushing?.();
		for (const { fds } of this.#outgoing.splice(0)) closeAll(fds);
		this.#sent = this.#queued;
	}
}

function isBroken(result: number): boolean {
	return failedBy(result, errno.EPIPE) || failedBy(result, errno.ECONNRESET) || failedBy(result, errno.ENOTCONN);
}
