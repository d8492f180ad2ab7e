/**
 * Whole messages over a stream socket, in the framing of Python's `multiprocessing.connection`: the length as 4 bytes,
 * big-endian, then the bytes; for more than 0x7fffffff bytes the length is -1 and the true one follows in 8 bytes.
 *
 * Nothing here waits. `tryReceive` and `flush` do what can be done at once; who may wait does so at the gate and tries
 * again. A length that a peer announces costs no memory before its bytes have come.
 *
 * **Sharing.** Another process may get the same socket: by a message (`share`), or as a forked copy. It must find there
 * exactly what this process has not received. So bytes are looked at in the socket (`MSG_PEEK`), many messages at once,
 * and taken out later: when more are wanted, or before the socket is shared. Once it is, each message is taken out
 * before it is returned, and nothing behind it. Only a message of which a part had to be taken out, to wait for the
 * rest, is this process's alone.
 *
 * **Descriptors** travel beside the bytes of the message that they belong to, and come out of the socket with them.
 */
import { forkHook, forkStep } from '../../base/at-fork.ts';
import { ClosedError, EOFError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { closeAll } from '../../native/descriptor.ts';
import { errno, errnoOf, failedBy } from '../../native/errno.ts';
import { systemError } from '../../native/raise.ts';
import { endOfFile, tooLong } from '../connection.ts';
import { FdGate } from '../../wait/fd-gate.ts';
import { CHUNK_BYTES, LONG_HEAD, MAX_SHORT, Outbox, SHORT_HEAD } from './outbox.ts';
import { readable } from '../../native/shared-numbers.ts';

/** What is looked at in a shared socket, where only one message is taken: enough for most. */
const SHARED_BYTES = 4096;
const FIRST_BYTES = 1024 * 1024;

/** Room for bytes that are known already. */
let waste: Buffer | undefined;
const wires = new Set<Wire>();

export class Wire {
	readonly gate: FdGate;
	#closed = false;
	/**
	 * What was seen in the socket: from `start` to `end` it is not used yet, from `taken` on it is still in the socket.
	 */
	#chunk: Buffer = Buffer.alloc(0);
	#start = 0;
	#end = 0;
	#taken = 0;
	/**
	 * The message that is being read, and where in the chunk it begins (or began: below `taken` it is not all in the
	 * socket any more).
	 */
	#body: Buffer | undefined;
	#bodyLength = 0;
	#bodyFilled = 0;
	#bodyStart = 0;
	#isShared = false;
	/** The descriptors that came with bytes that were taken out; undefined: none are received. */
	#fds: number[] | undefined;
	#atEnd = false;
	readonly #outbox: Outbox;

	/** What was to be sent is the original's to send. */
	static readonly #shareAtFork = forkHook({
		step: forkStep.connections,
		before: () => wires.forEach((wire) => wire.share()),
		inCopy: () => wires.forEach((wire) => wire.#outbox.drop()),
	});

	constructor(fd: number) {
		this.gate = new FdGate(fd);
		this.#outbox = new Outbox(this.gate);
		wires.add(this);
		Wire.#shareAtFork();
	}

	get closed(): boolean {
		return this.#closed;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		wires.delete(this);
		this.#outbox.drop();
		// What is left in a socket that is closed makes an error of the end that the peer sees, and may cost it what
		// was sent to it last.
		this.#start = this.#end;
		this.#takeOut();
		this.#dropFds();
		this.gate.close();
		addon().closeFd(this.gate.fd);
	}

	checkOpen(): void {
		if (this.#closed) throw new ClosedError('This connection is closed: this process has closed it before.');
	}

	/** From now on, keeps descriptors that come with messages for `takeFds`. Only from a peer that is trusted. */
	acceptFds(): void {
		this.#fds ??= [];
	}

	/**
	 * Whether something is on its way through it in this process: a call that waits, or a message that is not sent to
	 * its end.
	 */
	get isBusy(): boolean {
		return this.gate.isWatched || !this.#outbox.isEmpty;
	}

	/**
	 * Others may use the socket from now on. False when a part of a message was taken out of it already, which is this
	 * process's alone.
	 */
	share(): boolean {
		this.#isShared = true;
		return this.#putBack();
	}

	/**
	 * The next message when all of it is here. Throws EOFError at the end, and an error when it is announced to be
	 * longer than `maxLength`.
	 */
	tryReceive(maxLength: number): Buffer | undefined {
		this.checkOpen();
		while (!this.#assemble(maxLength)) {
			if (this.#atEnd) throw this.#endError();
			if (!this.#read()) return undefined;
		}
		const body = this.#body!.subarray(0, this.#bodyLength);
		this.#body = undefined;
		if (this.#isShared) this.#putBack();
		return body;
	}

	/**
	 * The descriptors that came with the message received last, as many as it says; none when they were lost on the way
	 * (too many open files).
	 */
	takeFds(count: number): number[] {
		this.#takeOut();
		const fds = this.#fds?.splice(0) ?? [];
		// Those before are of messages whose receiver did not want them.
		closeAll(fds.splice(0, Math.max(0, fds.length - count)));
		if (fds.length === count) return fds;
		closeAll(fds);
		return [];
	}

	/**
	 * Whether `tryReceive` would give or throw something. As Python's where others have the socket, too: whether
	 * something is there at all.
	 */
	hasMessage(): boolean {
		if (this.#closed) return true;
		if (this.#isShared && this.#putBack()) return this.#atEnd || this.gate.isReady(readable);
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

	/** See Outbox. */
	enqueue(bytes: Uint8Array, fds?: readonly number[]): number {
		this.checkOpen();
		return this.#outbox.enqueue(bytes, fds);
	}

	/** See Outbox. */
	flush(mark: number): boolean {
		this.checkOpen();
		return this.#outbox.flush(mark);
	}

	/** See Outbox. */
	withdraw(mark: number, bytes: Uint8Array): boolean {
		return this.#outbox.withdraw(mark, bytes);
	}

	/** See Outbox. */
	flushLater(): void {
		this.#outbox.flushLater();
	}

	#dropFds(): void {
		if (this.#fds !== undefined) closeAll(this.#fds.splice(0));
	}

	#endError(): EOFError {
		const isInside = this.#body !== undefined || this.#end > this.#start;
		return isInside ? new EOFError('The connection ended in the middle of a message: the peer has died or has closed it.') : endOfFile();
	}

	/** Moves what was read into the message. True when it is complete. */
	#assemble(maxLength: number): boolean {
		if (this.#body === undefined) {
			this.#bodyStart = this.#start;
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

	/**
	 * Looks for more; false when there is nothing. Large bodies, and all bodies in a shared socket, are read into
	 * place.
	 */
	#read(): boolean {
		this.#takeOut();
		const body = this.#body;
		const missing = this.#bodyLength - this.#bodyFilled;
		if (body !== undefined && (missing > CHUNK_BYTES || this.#isShared)) {
			this.#start = this.#end = this.#taken = 0;
			this.#bodyStart = -1;
			this.#makeRoom(Math.min(this.#bodyLength, this.#bodyFilled + CHUNK_BYTES));
			const count = this.#receive(this.#body!, this.#bodyFilled, this.#body!.length - this.#bodyFilled);
			this.#bodyFilled += Math.max(0, count);
			return count >= 0;
		}
		if (body === undefined && this.#start === this.#taken) this.#dropFds();
		return this.#look();
	}

	/** What was used is taken out of the socket already. What is still known of it is a part of a head, at most. */
	#look(): boolean {
		if (this.#chunk.length === 0) this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
		const chunk = this.#chunk;
		chunk.copyWithin(0, this.#start, this.#taken);
		const known = this.#end - this.#taken;
		this.#taken -= this.#start;
		this.#bodyStart -= this.#start;
		this.#start = 0;
		this.#end = this.#taken;
		const size = Math.min(chunk.length - this.#taken, this.#isShared ? SHARED_BYTES : CHUNK_BYTES);
		const count = this.#checked(addon().socketPeek(this.gate.fd, chunk, this.#taken, size));
		if (count < 0) return false;
		this.#end += count;
		if (count !== known || count === 0) return true;
		// Nothing new, and a socket with something in it is always ready: to wait for more, take out what is known.
		this.#waste(count);
		this.#taken = this.#end;
		return this.#look();
	}

	/** Takes what was used out of the socket. */
	#takeOut(): void {
		const count = this.#start - this.#taken;
		if (count <= 0) return;
		this.#waste(count);
		this.#taken = this.#start;
	}

	/** Forgets what is in the socket and not received. False when a part of a message was taken out. */
	#putBack(): boolean {
		if (this.#body !== undefined && this.#bodyStart < this.#taken) return false;
		if (this.#body !== undefined) this.#start = this.#bodyStart;
		this.#body = undefined;
		this.#takeOut();
		this.#end = this.#taken;
		return this.#start === this.#taken;
	}

	#waste(count: number): void {
		for (let left = count; left > 0;) {
			waste ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
			const got = this.#receive(waste, 0, Math.min(left, waste.length));
			if (got <= 0) return; // somebody else, who has the socket too, has taken it
			left -= got;
		}
	}

	/** How many bytes came; -1 for none now. The end is 0, and noted. */
	#receive(into: Buffer, offset: number, size: number): number {
		const { fd } = this.gate;
		return this.#checked(
			this.#fds === undefined
				? addon().socketReceive(fd, into, offset, size)
				: addon().receiveBytes(fd, into.subarray(offset, offset + size), this.#fds),
		);
	}

	#checked(result: number): number {
		if (failedBy(result, errno.EAGAIN)) return -1;
		if (result < 0 && !failedBy(result, errno.ECONNRESET)) throw systemError(errnoOf(result), 'receive from a socket');
		if (result <= 0) this.#atEnd = true;
		return Math.max(0, result);
	}
}
