/**
 * Whole messages over a stream socket, in the framing of Python's `multiprocessing.connection`: the length as 4 bytes, big-endian, then the bytes; for
 * more than 0x7fffffff bytes the length is -1 and the true one follows in 8 bytes.
 *
 * Nothing here waits. `tryReceive` and `flush` do what can be done at once; who may wait does so at the gate and tries again. A length that
 * a peer announces costs no memory before its bytes have come.
 */
import { constants } from 'node:os';
import { ClosedError, EOFError } from '../base/errors.ts';
import { addon } from '../native/addon.ts';
import { systemError } from '../native/raise.ts';
import { brokenPipe, endOfFile, tooLong } from './connection.ts';
import { FdGate } from './fd-gate.ts';

const { EAGAIN, ECONNRESET, EPIPE, ENOTCONN } = constants.errno;
const CHUNK_BYTES = 65536;
const FIRST_BYTES = 1024 * 1024;
const MAX_SHORT = 0x7fff_ffff;
const SHORT_HEAD = 4;
const LONG_HEAD = 12;

interface Outgoing {
	readonly bytes: Uint8Array;
	/** On the scale of `queued` and `sent`. */
	readonly end: number;
}

export class Wire {
	readonly gate: FdGate;
	#closed = false;
	/** What was read and not used yet: `chunk` from `start` to `end`. */
	#chunk: Buffer = Buffer.alloc(0);
	#start = 0;
	#end = 0;
	/** The message that is being read. */
	#body: Buffer | undefined;
	#bodyLength = 0;
	#bodyFilled = 0;
	#atEnd = false;
	readonly #outgoing: Outgoing[] = [];
	/** Bytes handed in, and bytes sent, ever. */
	#queued = 0;
	#sent = 0;
	/** Flushes what a sender left behind that did not wait to the end. */
	#stopFlushing: (() => void) | undefined;

	constructor(fd: number) {
		this.gate = new FdGate(fd);
	}

	get closed(): boolean {
		return this.#closed;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#stopFlushing?.();
		this.gate.close();
		addon().socketClose(this.gate.fd);
	}

	checkOpen(): void {
		if (this.#closed) throw new ClosedError('This connection is closed: this process has closed it before.');
	}

	/** The next message when all of it is here. Throws EOFError at the end, and an error when it is announced to be longer than `maxLength`. */
	tryReceive(maxLength: number): Buffer | undefined {
		this.checkOpen();
		while (!this.#assemble(maxLength)) {
			if (this.#atEnd) throw this.#endError();
			if (!this.#read()) return undefined;
		}
		const body = this.#body!.subarray(0, this.#bodyLength);
		this.#body = undefined;
		return body;
	}

	/** Whether `tryReceive` would give or throw something. */
	hasMessage(): boolean {
		if (this.#closed) return true;
		try {
			while (!this.#assemble(Infinity)) {
				if (this.#atEnd) return true;
				if (!this.#read()) return false;
			}
			return true;
		} catch {
			return true;
		}
	}

	/** Hands a message over to be sent. Returns the mark at which all of it is. */
	enqueue(bytes: Uint8Array): number {
		this.checkOpen();
		const { length } = bytes;
		const head = Buffer.alloc(length > MAX_SHORT ? LONG_HEAD : SHORT_HEAD);
		head.writeInt32BE(length > MAX_SHORT ? -1 : length);
		if (length > MAX_SHORT) head.writeBigUInt64BE(BigInt(length), SHORT_HEAD);
		if (length <= CHUNK_BYTES) this.#push(Buffer.concat([head, bytes]));
		else {
			this.#push(head);
			this.#push(bytes);
		}
		return this.#queued;
	}

	#push(bytes: Uint8Array): void {
		this.#queued += bytes.length;
		this.#outgoing.push({ bytes, end: this.#queued });
	}

	/** Sends what it can. True when everything up to the mark is sent. */
	flush(mark: number): boolean {
		this.checkOpen();
		while (this.#outgoing.length > 0) {
			const { bytes, end } = this.#outgoing[0]!;
			const offset = bytes.length - (end - this.#sent);
			const result = addon().socketSend(this.gate.fd, bytes, offset, bytes.length - offset);
			if (result === -EAGAIN) break;
			if (result < 0) {
				if (result === -EPIPE || result === -ECONNRESET || result === -ENOTCONN) throw brokenPipe();
				throw systemError(-result, 'send through a socket');
			}
			this.#sent += result;
			if (this.#sent === end) this.#outgoing.shift();
		}
		return this.#sent >= mark;
	}

	/** Takes a message back of which nothing has been sent. False when it is too late. */
	withdraw(mark: number, bytes: Uint8Array): boolean {
		const first = mark - bytes.length - (bytes.length > MAX_SHORT ? LONG_HEAD : SHORT_HEAD);
		if (this.#sent > first || this.#queued !== mark) return false;
		while (this.#outgoing.length > 0 && this.#outgoing.at(-1)!.end > first) this.#outgoing.pop();
		this.#queued = first;
		return true;
	}

	/** Sends in the event loop what is still waiting, for a sender that has given up. */
	flushLater(): void {
		if (this.#stopFlushing !== undefined) return;
		const stop = this.gate.subscribe(2, () => {
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

	#endError(): EOFError {
		const isInside = this.#body !== undefined || this.#end > this.#start;
		return isInside ? new EOFError('The connection ended in the middle of a message: the peer has died or has closed it.') : endOfFile();
	}

	/** Moves what was read into the message. True when it is complete. */
	#assemble(maxLength: number): boolean {
		if (this.#body === undefined) {
			const length = this.#readHead();
			if (length === undefined) return false;
			if (length > maxLength) throw tooLong(length, maxLength);
			this.#bodyLength = length;
			this.#bodyFilled = 0;
			this.#body = Buffer.allocUnsafeSlow(Math.min(length, FIRST_BYTES));
		}
		const count = Math.min(this.#end - this.#start, this.#bodyLength - this.#bodyFilled);
		if (count > 0) {
			this.#makeRoom(this.#bodyFilled + count);
			this.#chunk.copy(this.#body, this.#bodyFilled, this.#start, this.#start + count);
			this.#start += count;
			this.#bodyFilled += count;
		}
		return this.#bodyFilled === this.#bodyLength;
	}

	#readHead(): number | undefined {
		const count = this.#end - this.#start;
		if (count < SHORT_HEAD) return undefined;
		const length = this.#chunk.readInt32BE(this.#start);
		if (length >= 0) {
			this.#start += SHORT_HEAD;
			return length;
		}
		if (length !== -1) throw tooLong(length >>> 0, MAX_SHORT);
		if (count < LONG_HEAD) return undefined;
		const long = Number(this.#chunk.readBigUInt64BE(this.#start + SHORT_HEAD));
		this.#start += LONG_HEAD;
		return long;
	}

	#makeRoom(size: number): void {
		const body = this.#body!;
		if (size <= body.length) return;
		const larger = Buffer.allocUnsafeSlow(Math.min(this.#bodyLength, Math.max(size, body.length * 2)));
		body.copy(larger, 0, 0, this.#bodyFilled);
		this.#body = larger;
	}

	/** Reads what is there; false when there is nothing. Large bodies are read into place. */
	#read(): boolean {
		const body = this.#body;
		if (body !== undefined && this.#bodyLength - this.#bodyFilled > CHUNK_BYTES) {
			this.#makeRoom(Math.min(this.#bodyLength, this.#bodyFilled + CHUNK_BYTES));
			const count = this.#receive(this.#body!, this.#bodyFilled);
			this.#bodyFilled += Math.max(0, count);
			return count >= 0;
		}
		if (this.#chunk.length === 0) this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
		this.#chunk.copyWithin(0, this.#start, this.#end);
		this.#end -= this.#start;
		this.#start = 0;
		const count = this.#receive(this.#chunk, this.#end);
		this.#end += Math.max(0, count);
		return count >= 0;
	}

	/** How many bytes came; -1 for none now. The end is 0, and noted. */
	#receive(into: Buffer, offset: number): number {
		const result = addon().socketReceive(this.gate.fd, into, offset, into.length - offset);
		if (result === -EAGAIN) return -1;
		if (result < 0 && result !== -ECONNRESET) throw systemError(-result, 'receive from a socket');
		if (result <= 0) this.#atEnd = true;
		return Math.max(0, result);
	}
}
