/**
 * Listener (and connect.ts): connections between programs that were not started by each other, over Unix sockets and
 * TCP, in Python's protocol.
 *
 * With a key, each side must prove to the other that it knows it before a single byte of a message is looked at. The
 * proofs of several clients are asked for at once, each with a limit of time, of bytes (256) and of their number, so a
 * client that is silent or slow holds up nobody. Without a key, whoever can reach the address is let in: at a Unix
 * socket that is this user alone, at a TCP port everybody, of whom only plain data is accepted.
 */
import { unlinkSync } from 'node:fs';
import { anything, checkOptions, integerFrom, numberFrom } from '../../base/arguments.ts';
import { blocking, inLoop, type BothForms } from '../../base/both-forms.ts';
import { Deadline, type Wait } from '../../base/deadline.ts';
import { AuthenticationError, ClosedError, SerializationError, TimeoutError } from '../../base/errors.ts';
import { firstOf, untilSettled } from '../../wait/until.ts';
import { toHandle } from '../../codec/handle.ts';
import { addon } from '../../native/addon.ts';
import { errno, errnoOf, failedBy } from '../../native/errno.ts';
import { check, systemError } from '../../native/raise.ts';
import { waitSource, type Waitable, type WaitSource } from '../../wait/waitable.ts';
import {
	checkAddress,
	checkFolder,
	isTcp,
	privatePath,
	removePrivateFolder,
	resolvingHost,
	textOf,
	type Address,
	type TcpAddress,
} from './address.ts';
import { authenticateClient, keyBytes } from './handshake.ts';
import type { Connection } from '../connection.ts';
import { FdGate } from '../../wait/fd-gate.ts';
import { checkCodec, type SocketCodecName } from './codec.ts';
import { isSameUser, refuseStranger, welcoming, type Trust } from './connection.ts';
import { readable } from '../../native/shared-numbers.ts';

export interface ListenerOptions {
	/** Clients must know it, and are shown that this side does. */
	authkey?: string | Uint8Array;
	/** How many clients may wait to be accepted. @default 128 */
	backlog?: number;
	/** How values travel; both sides must say the same. @default 'nprocs' */
	codec?: SocketCodecName;
	/** What a client has for each of the three steps of its proof, in milliseconds. @default 5000 */
	authTimeout?: number;
}

/** Key and codec are checked where they are used. */
const kinds = { authkey: anything, backlog: integerFrom(0), codec: anything, authTimeout: numberFrom(0) };
const defaultBacklog = 128;
const defaultAuthTimeoutMs = 5000;
/** Clients whose proof is awaited at the same time; more stay in the backlog. */
const maxNewcomers = 64;

interface Acceptor {
	readonly resolve: (connection: Connection) => void;
	readonly reject: (reason: unknown) => void;
}

export class Listener implements Waitable, Disposable, AsyncDisposable {
	#address: Address | undefined;
	#isPrivate = false;
	/** Who has made the socket's file: a forked copy leaves it there. */
	#ownerPid = 0;
	#lastAccepted: Address | undefined;
	readonly #key: Uint8Array | undefined;
	readonly #backlog: number;
	readonly #codec: SocketCodecName;
	readonly #authTimeoutMs: number;
	#gate: FdGate | undefined;
	#closed = false;
	#newcomers = 0;
	/** Clients that were welcomed while nobody was accepting (any more). */
	readonly #welcomed: { connection: Connection; from: Address }[] = [];
	readonly #acceptors = new Set<Acceptor>();
	#stopTaking: (() => void) | undefined;

	/**
	 * @param address - a path, `{ host, port }` (port 0: a free one), or nothing for a Unix socket in a private folder
	 */
	constructor(address?: Address, options: ListenerOptions = {}) {
		checkOptions(options, { owner: 'new Listener()', kinds, example: 'new Listener(address, { authkey })' });
		this.#address = address === undefined ? undefined : checkAddress(address);
		this.#key = keyBytes(options.authkey);
		this.#codec = checkCodec(options.codec);
		this.#backlog = options.backlog ?? defaultBacklog;
		this.#authTimeoutMs = options.authTimeout ?? defaultAuthTimeoutMs;
	}

	/** Where it listens; the true port once it does. */
	get address(): Address | undefined {
		return this.#address;
	}

	/**
	 * The address of the client that was accepted last: `{ host, port }`, or '' for a Unix socket. undefined before.
	 */
	get lastAccepted(): Address | undefined {
		return this.#lastAccepted;
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** Begins to listen. @throws ERR_NPROCS_EADDRINUSE when the address is taken */
	listen(): Promise<this> {
		return inLoop(this.#listening());
	}

	/** As `listen`, but blocks this thread while a host's name is looked up. */
	listenSync(): this {
		return blocking(this.#listening());
	}

	*#listening(): BothForms<this> {
		this.#checkOpen();
		const address = this.#address;
		if (this.#gate !== undefined || address === undefined || !isTcp(address)) this.#open(address);
		else this.#open({ host: yield* resolvingHost(address.host), port: address.port });
		return this;
	}

	/**
	 * The next client's connection, once it has shown that it knows the key.
	 *
	 * @throws AuthenticationError for a client that has not; then call it again for the next one. TimeoutError,
	 * ClosedError
	 */
	async accept<T = unknown>(wait?: Wait): Promise<Connection<T>> {
		const deadline = Deadline.from(wait);
		if (this.#gate === undefined && (await untilSettled(deadline, this.listen())) === undefined) throw acceptTimeout();
		this.#checkOpen();
		this.#takeNewcomers();
		const ready = this.#welcomed.shift();
		if (ready !== undefined) return this.#accepted(ready) as Connection<T>;
		return this.#wait(deadline) as Promise<Connection<T>>;
	}

	/** As `accept`, but blocks this thread, and takes the clients one after the other. */
	acceptSync<T = unknown>(wait?: Wait): Connection<T> {
		const deadline = Deadline.from(wait);
		if (this.#gate === undefined) this.listenSync();
		this.#checkOpen();
		const ready = this.#welcomed.shift();
		if (ready !== undefined) return this.#accepted(ready) as Connection<T>;
		for (;;) {
			const fd = addon().socketAccept(this.#gate!.fd);
			if (fd >= 0) {
				const from = nameOf(fd);
				const connection = blocking(welcoming<T>(fd, this.#trust(fd), deadline));
				return this.#accepted({ connection: connection as Connection, from }) as Connection<T>;
			}
			if (!failedBy(fd, errno.EAGAIN)) throw systemError(errnoOf(fd), 'accept a connection');
			if (!this.#gate!.waitSync(readable, deadline)) throw acceptTimeout();
		}
	}

	/**
	 * Stops listening, removes the socket's file, and ends pending calls with a ClosedError. Accepted connections stay
	 * open. Idempotent.
	 */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#stopTaking?.();
		for (const { connection } of this.#welcomed.splice(0)) connection.close();
		for (const { reject } of [...this.#acceptors]) reject(listenerClosed());
		if (this.#gate === undefined) return;
		process.off('exit', this.#onExit);
		this.#gate.close();
		addon().closeFd(this.#gate.fd);
		this.#removeFile();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	/** Clients until the listener is closed. One that fails to prove itself is passed over. */
	async *[Symbol.asyncIterator](): AsyncIterableIterator<Connection> {
		while (!this.#closed) {
			try {
				yield await this.accept();
			} catch (error) {
				if (this.#closed) return;
				if (!(error instanceof AuthenticationError)) throw error;
			}
		}
	}

	/** Ready when a client is there (which still has to prove itself). */
	[waitSource](): WaitSource {
		this.#checkOpen();
		const gate = this.#gate;
		if (gate === undefined) throw new ClosedError('Cannot wait for a listener that does not listen yet: call `listen` first.');
		return {
			isReady: () => this.#closed || this.#welcomed.length > 0 || gate.isReady(readable),
			fd: gate.fd,
			subscribe: (onChange) => gate.subscribe(readable, onChange),
		};
	}

	/** As Python's: a listener is its process's alone. */
	[toHandle](): never {
		throw new SerializationError(
			'Cannot send a Listener to another process: only the process that listens can accept. Send the connections that it accepts.',
			'value',
		);
	}

	#open(wanted: Address | undefined): void {
		if (this.#closed || this.#gate !== undefined) return;
		this.#isPrivate = wanted === undefined;
		const address = wanted ?? privatePath();
		if (typeof address === 'string') checkFolder(address);
		const fd = isTcp(address)
			? addon().tcpListen(address.host, address.port, this.#backlog)
			: addon().unixListen(Buffer.from(address), this.#backlog);
		check(fd, `listen at ${textOf(address)}`);
		this.#gate = new FdGate(fd);
		this.#address = isTcp(address) ? (addon().socketName(fd, false) as TcpAddress) : address;
		this.#ownerPid = process.pid;
		process.on('exit', this.#onExit);
	}

	readonly #onExit = (): void => this.#removeFile();

	#removeFile(): void {
		const address = this.#address;
		if (typeof address !== 'string' || address.startsWith('\0') || this.#ownerPid !== process.pid) return;
		if (this.#isPrivate) return removePrivateFolder(address);
		try {
			unlinkSync(address);
		} catch {
			// Somebody has removed it already.
		}
	}

	async #wait(deadline: Deadline): Promise<Connection> {
		if (deadline.isImmediate && this.#newcomers === 0) throw acceptTimeout();
		const connection = await firstOf<Connection>(deadline, (settle) => {
			const acceptor: Acceptor = {
				resolve: (accepted) => settle(() => accepted),
				reject: (reason) =>
					settle(() => {
						throw reason;
					}),
			};
			this.#acceptors.add(acceptor);
			this.#stopTaking ??= this.#startTaking();
			return () => {
				this.#acceptors.delete(acceptor);
				if (this.#acceptors.size === 0) this.#stopTaking?.();
			};
		});
		if (connection === undefined) throw acceptTimeout();
		return connection;
	}

	#startTaking(): () => void {
		const stop = this.#gate!.subscribe(readable, () => this.#takeNewcomers());
		return () => {
			this.#stopTaking = undefined;
			stop();
		};
	}

	/** Takes waiting clients from the backlog and lets them prove themselves, all at once. */
	#takeNewcomers(): void {
		while (!this.#closed && this.#newcomers < maxNewcomers) {
			const fd = addon().socketAccept(this.#gate!.fd);
			if (failedBy(fd, errno.EAGAIN)) return;
			if (fd < 0) return this.#fail(systemError(errnoOf(fd), 'accept a connection'));
			void this.#meet(fd);
		}
	}

	async #meet(fd: number): Promise<void> {
		this.#newcomers++;
		const from = nameOf(fd);
		try {
			const connection = await inLoop(welcoming(fd, this.#trust(fd), Deadline.never));
			if (this.#closed) return connection.close();
			const [acceptor] = this.#acceptors;
			if (acceptor === undefined) this.#welcomed.push({ connection, from });
			else acceptor.resolve(this.#accepted({ connection, from }));
		} catch (error) {
			this.#fail(error);
		} finally {
			this.#newcomers--;
			if (this.#acceptors.size > 0) this.#takeNewcomers();
		}
	}

	/** Tells one who accepts; a failure that nobody waits for is the client's business alone. */
	#fail(error: unknown): void {
		const [acceptor] = this.#acceptors;
		acceptor?.reject(error);
	}

	#accepted({ connection, from }: { connection: Connection; from: Address }): Connection {
		this.#lastAccepted = from;
		return connection;
	}

	#trust(fd: number): Trust {
		const isLocal = typeof this.#address === 'string';
		return {
			codec: this.#codec,
			isSameUser: isLocal && isSameUser(fd),
			handshake: this.#key !== undefined ? authenticateClient(this.#key) : isLocal && !isSameUser(fd) ? refuseStranger() : undefined,
			stepTimeout: this.#authTimeoutMs,
		};
	}

	#checkOpen(): void {
		if (this.#closed) throw listenerClosed();
	}
}

function acceptTimeout(): TimeoutError {
	return new TimeoutError('No client came in time.');
}

function listenerClosed(): ClosedError {
	return new ClosedError('This listener is closed: it was closed before.');
}

function nameOf(fd: number): Address {
	const name = addon().socketName(fd, true);
	return typeof name === 'number' ? '' : Buffer.isBuffer(name) ? name.toString() : name;
}
