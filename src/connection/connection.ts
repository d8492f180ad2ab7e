/**
 * Connection: one end of a pipe or of a socket, for whole messages, values or bytes. What both kinds have in common:
 * the arguments' rules and the forms of each call. A kind says how a payload is sent, how one is received, and when one
 * is there.
 */
import { types } from 'node:util';
import { checkArgument, integerFrom, numberFrom, type Kind } from '../base/arguments.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError, BufferTooShort, EOFError, NprocsError, TimeoutError } from '../base/errors.ts';
import { toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { waitSource, type Waitable, type WaitSource } from '../wait/waitable.ts';

export type BinaryView = ArrayBufferView | ArrayBuffer;

/** What is to be received: a value, or bytes of at most `maxLength`. */
export type Expected = { readonly raw: false } | { readonly raw: true; readonly maxLength: number };
/** What is sent: a value, or bytes as they are. */
export type Form = 'value' | 'bytes';
const value: Expected = { raw: false };
const anyBytes: Expected = { raw: true, maxLength: Infinity };

export abstract class Connection<T = unknown> implements Shareable, Waitable, Disposable, AsyncDisposable, AsyncIterable<T> {
	constructor() {
		if (new.target === Connection) throw new ArgumentError('Cannot make a Connection by itself: Pipe(), connect() and accept() make it.');
	}

	/** Whether this end can receive. It stays so after the other end is gone. */
	abstract readonly readable: boolean;
	/** Whether this end can send. */
	abstract readonly writable: boolean;
	abstract readonly closed: boolean;
	/** This process is done with this end; its pending calls end with a ClosedError. Idempotent. */
	abstract close(): void;
	abstract [toHandle](): Handle;
	/** Ready when there is a message, and at the end of file. */
	abstract [waitSource](): WaitSource;

	/** @internal Resolves to false when the time is up. */
	protected abstract transmit(message: unknown, form: Form, deadline: Deadline): Promise<boolean>;
	/** @internal */
	protected abstract transmitSync(message: unknown, form: Form, deadline: Deadline): boolean;
	/** @internal Resolves to undefined when the time is up. */
	protected abstract receive(expected: Expected, deadline: Deadline): Promise<{ readonly value: unknown } | undefined>;
	/** @internal */
	protected abstract receiveSync(expected: Expected, deadline: Deadline): { readonly value: unknown } | undefined;
	/** @internal */
	protected abstract waitReadable(deadline: Deadline): Promise<boolean>;
	/** @internal */
	protected abstract waitReadableSync(deadline: Deadline): boolean;

	/**
	 * Sends a value. Resolves when it is in the pipe, which waits while the pipe is full.
	 *
	 * @throws SerializationError when it cannot cross, ERR_NPROCS_BROKEN_PIPE when nobody is left who could read it,
	 * TimeoutError
	 */
	async send(message: T, wait?: Wait): Promise<void> {
		const deadline = Deadline.from(wait);
		if (!(await this.transmit(message, 'value', deadline))) throw sendTimeout();
	}

	/** As `send`, but blocks this thread. */
	sendSync(message: T, wait?: Wait): void {
		if (!this.transmitSync(message, 'value', Deadline.from(wait))) throw sendTimeout();
	}

	/** Sends bytes of a view as one message: `size` bytes (default: all) from byte `offset` on. */
	async sendBytes(view: BinaryView, offset?: number, size?: number): Promise<void> {
		await this.transmit(part(view, offset, size), 'bytes', Deadline.never);
	}

	/** As `sendBytes`, but blocks this thread. */
	sendBytesSync(view: BinaryView, offset?: number, size?: number): void {
		this.transmitSync(part(view, offset, size), 'bytes', Deadline.never);
	}

	/**
	 * The next value; waits for it.
	 *
	 * @throws EOFError when every holder of the other end has closed it or is dead, and all that was sent has been
	 * read; TimeoutError
	 */
	async recv(wait?: Wait): Promise<T> {
		return valueOf(await this.receive(value, Deadline.from(wait))) as T;
	}

	/** As `recv`, but blocks this thread. */
	recvSync(wait?: Wait): T {
		return valueOf(this.receiveSync(value, Deadline.from(wait))) as T;
	}

	/**
	 * The bytes of the next message. One that is longer than `maxLength` is an error, after which the connection cannot
	 * be read any more.
	 */
	async recvBytes(maxLength?: number, wait?: Wait): Promise<Buffer> {
		return valueOf(await this.receive(bytesUpTo(maxLength), Deadline.from(wait))) as Buffer;
	}

	/** As `recvBytes`, but blocks this thread. */
	recvBytesSync(maxLength?: number, wait?: Wait): Buffer {
		return valueOf(this.receiveSync(bytesUpTo(maxLength), Deadline.from(wait))) as Buffer;
	}

	/**
	 * Reads the bytes of the next message into a view, from its byte `offset` on. Returns how many they are.
	 *
	 * @throws BufferTooShort with the whole message in `data` when it has no room; then it is read all the same
	 */
	async recvBytesInto(view: BinaryView, offset: number = 0, wait?: Wait): Promise<number> {
		const target = targetOf(view, offset);
		return copyInto(target, valueOf(await this.receive(anyBytes, Deadline.from(wait))) as Buffer);
	}

	/** As `recvBytesInto`, but blocks this thread. */
	recvBytesIntoSync(view: BinaryView, offset: number = 0, wait?: Wait): number {
		const target = targetOf(view, offset);
		return copyInto(target, valueOf(this.receiveSync(anyBytes, Deadline.from(wait))) as Buffer);
	}

	/**
	 * Whether there is a message to receive, or the end of file, within the time. As Python's: without an argument it
	 * does not wait.
	 */
	poll(wait: Wait = 0): Promise<boolean> {
		return this.waitReadable(Deadline.from(wait));
	}

	/** As `poll`, but blocks this thread. */
	pollSync(wait: Wait = 0): boolean {
		return this.waitReadableSync(Deadline.from(wait));
	}

	/** Values until the end of file. */
	async *[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		for (;;) {
			let message: T;
			try {
				message = await this.recv();
			} catch (error) {
				if (error instanceof EOFError) return;
				throw error;
			}
			yield message;
		}
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	[Symbol.for('nodejs.util.inspect.custom')](): string {
		const state = this.closed ? 'closed' : [this.readable ? 'readable' : '', this.writable ? 'writable' : ''].join(' ').trim();
		return `<Connection ${state}>`;
	}
}

export function brokenPipe(): NprocsError {
	return new NprocsError('Cannot send: nobody is left who could read it. Every holder of the other end has closed it or has ended.', {
		code: 'ERR_NPROCS_BROKEN_PIPE',
	});
}

export function endOfFile(): EOFError {
	return new EOFError('Nothing is left to read, and nobody who could send: every holder of the other end has closed it or has ended.');
}

export function tooLong(length: number, maxLength: number): NprocsError {
	return new NprocsError(
		`Cannot receive: the message has ${length} bytes, more than the ${maxLength} that are allowed. The connection cannot be read any more.`,
		{
			code: 'ERR_NPROCS_MESSAGE_TOO_LONG',
		},
	);
}

export function wrongDirection(what: 'send' | 'receive'): NprocsError {
	const why = what === 'send' ? 'it is the reading end of a one-way pipe' : 'it is the writing end of a one-way pipe';
	return new NprocsError(`Cannot ${what} through this connection: ${why}.`, { code: 'ERR_NPROCS_WRONG_DIRECTION' });
}

function sendTimeout(): TimeoutError {
	return new TimeoutError('The message was not sent: the pipe was full and nobody read from it in time.');
}

function valueOf(received: { readonly value: unknown } | undefined): unknown {
	if (received === undefined) throw new TimeoutError('No message came in time.');
	return received.value;
}

function bytesUpTo(maxLength: number | undefined): Expected {
	if (maxLength === undefined) return anyBytes;
	checkArgument('the longest length', maxLength, numberFrom(0));
	return { raw: true, maxLength };
}

/** As Python's: each argument must be within what the ones before it leave. */
function part(view: BinaryView, offset: number = 0, size?: number): Uint8Array {
	const bytes = bytesOf(view);
	checkArgument('the offset', offset, integerFrom(0));
	if (offset > bytes.length) throw new ArgumentError(`The offset ${offset} is behind the view's ${bytes.length} bytes.`);
	if (size === undefined) return bytes.subarray(offset);
	checkArgument('the size', size, integerFrom(0));
	if (offset + size > bytes.length)
		throw new ArgumentError(`The view has ${bytes.length} bytes; ${size} from byte ${offset} on are more than that.`);
	return bytes.subarray(offset, offset + size);
}

function targetOf(view: BinaryView, offset: number): Uint8Array {
	const bytes = bytesOf(view);
	checkArgument('the offset', offset, integerFrom(0, bytes.length));
	return bytes.subarray(offset);
}

function bytesOf(view: BinaryView): Uint8Array {
	checkArgument('what has the bytes', view, aBinaryView);
	try {
		return ArrayBuffer.isView(view) ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(view);
	} catch (cause) {
		throw new ArgumentError('Cannot use the bytes: their ArrayBuffer is detached, so they are in another thread, or nowhere.', { cause });
	}
}

const aBinaryView: Kind = {
	what: 'a Buffer, a typed array, a DataView or an ArrayBuffer',
	has: (view) => ArrayBuffer.isView(view) || types.isAnyArrayBuffer(view),
};

function copyInto(target: Uint8Array, bytes: Buffer): number {
	if (bytes.length > target.length) {
		throw new BufferTooShort(
			`The message has ${bytes.length} bytes and the view room for ${target.length}. The error's \`data\` has the message.`,
			bytes,
		);
	}
	target.set(bytes);
	return bytes.length;
}
