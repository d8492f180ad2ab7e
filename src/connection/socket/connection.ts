/**
 * A connection over a stream socket: what `connect` and a Listener's `accept` give.
 *
 * Sent to another process, it is the same socket in both: what has not been received stays in it for whoever receives
 * next, and the peer sees the end when all have closed it. (Whoever reads in two processes at a time, or writes, has to
 * lock: a message is several steps. As with Python's.)
 */
import type { BothForms } from '../../base/both-forms.ts';
import { Deadline } from '../../base/deadline.ts';
import { AuthenticationError, EOFError, NprocsError, SerializationError, TimeoutError } from '../../base/errors.ts';
import { registerKind, toHandle, type Handle } from '../../codec/handle.ts';
import { newTicket, takeDescriptor } from '../../memory/descriptors.ts';
import { addon } from '../../native/addon.ts';
import { userId } from '../../native/user.ts';
import { waitSource, type WaitSource } from '../../wait/waitable.ts';
import { Connection, wrongDirection, type Expected, type Form } from '../connection.ts';
import type { Handshake } from './handshake.ts';
import { makeCodec, type SocketCodec, type SocketCodecName } from './codec.ts';
import { isTurnDue, turn } from '../../wait/turn.ts';
import { Wire } from './wire.ts';
import { readable, writable } from '../../native/shared-numbers.ts';

/** Connections that were dropped without being closed. */
const dropped = new FinalizationRegistry<Wire>((wire) => wire.close());

class SocketConnection<T = unknown> extends Connection<T> {
	readonly #wire: Wire;
	readonly #codec: SocketCodec;
	readonly #terms: Terms;
	#mayRead: boolean;
	/** The end of the line of those who receive: each waits until the one before it is served. */
	#line: Promise<unknown> = Promise.resolve();
	#waiting = 0;

	constructor(wire: Wire, terms: Terms, { mayRead }: { mayRead: boolean }) {
		super();
		this.#wire = wire;
		this.#terms = terms;
		this.#mayRead = mayRead;
		const { fd } = wire.gate;
		const isUnix = Buffer.isBuffer(addon().socketName(fd, false));
		this.#codec = makeCodec(terms.codec, { isTrusted: terms.isTrusted, isUnix, isLocal: () => isLocal(fd) });
		if (isUnix && terms.isTrusted) wire.acceptFds();
		dropped.register(this, wire, this);
	}

	get readable(): boolean {
		return this.#mayRead;
	}

	get writable(): boolean {
		return true;
	}

	get closed(): boolean {
		return this.#wire.closed;
	}

	close(): void {
		dropped.unregister(this);
		this.#wire.close();
		this.#codec.close();
	}

	protected override async transmit(message: unknown, form: Form, deadline: Deadline): Promise<boolean> {
		const { bytes, mark } = this.#enqueue(message, form);
		while (!this.#flush(bytes, mark)) {
			let mayGoOn = false;
			try {
				mayGoOn = await this.#wire.gate.wait(writable, deadline);
			} finally {
				if (!mayGoOn) mayGoOn = this.#giveUp(bytes, mark);
			}
			if (!mayGoOn) return false;
			if (this.#flush(bytes, mark)) break;
			if (deadline.remaining() === 0) return true;
		}
		if (isTurnDue()) await turn();
		return true;
	}

	protected override transmitSync(message: unknown, form: Form, deadline: Deadline): boolean {
		const { bytes, mark } = this.#enqueue(message, form);
		while (!this.#flush(bytes, mark)) {
			if (this.#wire.gate.waitSync(writable, deadline)) continue;
			return this.#giveUp(bytes, mark);
		}
		return true;
	}

	#enqueue(message: unknown, form: Form): { bytes: Uint8Array; mark: number } {
		this.#wire.checkOpen();
		if (form === 'bytes') return { bytes: message as Uint8Array, mark: this.#wire.enqueue(message as Uint8Array) };
		const { bytes, fds } = this.#codec.encode(message);
		return { bytes, mark: this.#wire.enqueue(bytes, fds) };
	}

	#flush(bytes: Uint8Array, mark: number): boolean {
		try {
			return this.#wire.flush(mark);
		} catch (error) {
			if (!this.#wire.closed) this.#wire.withdraw(mark, bytes);
			throw error;
		}
	}

	/**
	 * For a sender whose time is up: takes the message back, or if a part of it is sent, sees to it that the rest
	 * follows. True in the latter case.
	 */
	#giveUp(bytes: Uint8Array, mark: number): boolean {
		if (this.#wire.closed || this.#wire.withdraw(mark, bytes)) return false;
		this.#wire.flushLater();
		return true;
	}

	protected override async receive(expected: Expected, deadline: Deadline): Promise<{ value: unknown } | undefined> {
		this.#checkReadable();
		if (this.#waiting === 0) {
			const first = this.#tryReceive(expected);
			if (first !== undefined || deadline.isImmediate) {
				if (isTurnDue()) await turn();
				return first;
			}
		} else if (deadline.isImmediate) return undefined;
		const before = this.#line;
		let leave: (() => void) | undefined;
		this.#line = new Promise<void>((resolve) => {
			leave = resolve;
		});
		this.#waiting++;
		try {
			await before;
			for (;;) {
				const received = this.#tryReceive(expected);
				if (received !== undefined) return received;
				if (!(await this.#wire.gate.wait(readable, deadline))) return undefined;
			}
		} finally {
			this.#waiting--;
			leave?.();
		}
	}

	protected override receiveSync(expected: Expected, deadline: Deadline): { value: unknown } | undefined {
		this.#checkReadable();
		for (;;) {
			const received = this.#tryReceive(expected);
			if (received !== undefined) return received;
			if (!this.#wire.gate.waitSync(readable, deadline)) return undefined;
		}
	}

	#tryReceive(expected: Expected): { value: unknown } | undefined {
		const bytes = this.#limited(expected.raw ? expected.maxLength : Infinity);
		if (bytes === undefined) return undefined;
		return { value: expected.raw ? bytes : this.#codec.decode(bytes, (count) => this.#wire.takeFds(count)) };
	}

	#limited(maxLength: number): Buffer | undefined {
		try {
			return this.#wire.tryReceive(maxLength);
		} catch (error) {
			if (error instanceof NprocsError && error.code === 'ERR_NPROCS_MESSAGE_TOO_LONG') this.#mayRead = false;
			throw error;
		}
	}

	#checkReadable(): void {
		this.#wire.checkOpen();
		if (!this.#mayRead) throw wrongDirection('receive');
	}

	protected override async waitReadable(deadline: Deadline): Promise<boolean> {
		this.#checkReadable();
		while (!this.#wire.hasMessage()) if (!(await this.#wire.gate.wait(readable, deadline))) return false;
		this.#wire.checkOpen();
		return true;
	}

	protected override waitReadableSync(deadline: Deadline): boolean {
		this.#checkReadable();
		while (!this.#wire.hasMessage()) if (!this.#wire.gate.waitSync(readable, deadline)) return false;
		return true;
	}

	override [waitSource](): WaitSource {
		this.#checkReadable();
		const { gate } = this.#wire;
		return {
			isReady: () => this.#wire.hasMessage(),
			fd: gate.fd,
			subscribe: (onChange) => gate.subscribe(readable, onChange),
		};
	}

	override [toHandle](): Handle {
		this.#wire.checkOpen();
		if (this.#waiting > 0 || this.#wire.isBusy) throw cannotBeSent('calls of this process wait for it. Await them first, or abort them');
		if (!this.#wire.share()) throw cannotBeSent('a part of a message has been read from it already. Receive that message first');
		const ticket = newTicket();
		return {
			kind,
			data: { ticket, terms: this.#terms, mayRead: this.#mayRead } satisfies HandleData,
			segments: [],
			descriptor: { ticket, fd: this.#wire.gate.fd },
		};
	}
}

const kind = 'socket:Connection';

/** What was agreed on when the connection was made. */
interface Terms {
	readonly codec: SocketCodecName;
	/** Whether the peer has proved who it is. */
	readonly isTrusted: boolean;
}

interface HandleData {
	readonly ticket: string;
	readonly terms: Terms;
	readonly mayRead: boolean;
}

registerKind(kind, ({ ticket, terms, mayRead }: HandleData) => {
	const wire = new Wire(takeDescriptor(ticket));
	wire.share();
	return new SocketConnection(wire, terms, { mayRead });
});

function cannotBeSent(why: string): SerializationError {
	return new SerializationError(`Cannot send this connection to another process: ${why}.`, 'value', { code: 'ERR_NPROCS_CONNECTION_BUSY' });
}

/** Whether the peer's address is one of this machine. */
function isLocal(fd: number): boolean {
	const [own, peer] = [addon().socketName(fd, false), addon().socketName(fd, true)];
	// Where addresses do not tell, the attempt to send will.
	if (typeof own === 'number' || typeof peer === 'number' || Buffer.isBuffer(own) || Buffer.isBuffer(peer)) return true;
	return own.host === peer.host || (own.host.startsWith('127.') && peer.host.startsWith('127.'));
}

export interface Trust {
	readonly codec: SocketCodecName;
	/** Whether the peer is a process of this user on this machine, which needs no key. */
	readonly isSameUser: boolean;
	readonly handshake: Handshake | undefined;
	/**
	 * What the peer has for each step of its proof, in milliseconds; without it the caller's deadline alone counts. It
	 * is for each step, since on a busy machine it is often this side that is late.
	 */
	readonly stepTimeout?: number;
}

/**
 * Lets the peer of a new socket prove who it is. The socket is closed when it does not in time, or says anything else.
 */
export function* welcoming<T>(fd: number, trust: Trust, deadline: Deadline): BothForms<Connection<T>> {
	const wire = new Wire(fd);
	try {
		yield* negotiation(wire, trust, deadline);
	} catch (error) {
		wire.close();
		throw asAuthenticationError(error);
	}
	const isTrusted = trust.isSameUser || trust.handshake !== undefined;
	return new SocketConnection<T>(wire, { codec: trust.codec, isTrusted }, { mayRead: true });
}

/** Does what can be done, and waits for the rest. */
function* negotiation(wire: Wire, { handshake, stepTimeout = Infinity }: Trust, deadline: Deadline): BothForms<void> {
	if (handshake === undefined) return;
	let limit = deadline.within(stepTimeout);
	for (let step = startStep(handshake); step !== undefined;) {
		const answer = tryStep(wire, step);
		if (answer === undefined) {
			const isThere = yield* wire.gate.waiting(typeof step.value === 'number' ? readable : writable, limit);
			if (!isThere) throw silentPeer();
			continue;
		}
		step = nextStep(handshake, answer);
		limit = deadline.within(stepTimeout);
	}
}

interface PendingStep {
	readonly value: Uint8Array | number;
	mark?: number;
}

const sent = Buffer.alloc(0);

/** The message that was asked for, or something for what was sent; undefined when it has to wait. */
function tryStep(wire: Wire, step: PendingStep): Buffer | undefined {
	if (typeof step.value === 'number') return wire.tryReceive(step.value);
	step.mark ??= wire.enqueue(step.value);
	return wire.flush(step.mark) ? sent : undefined;
}

function startStep(handshake: Handshake): PendingStep | undefined {
	const { done, value } = handshake.next();
	return done === true ? undefined : { value };
}

function nextStep(handshake: Handshake, answer: Buffer): PendingStep | undefined {
	const { done, value } = handshake.next(answer);
	return done === true ? undefined : { value };
}

function silentPeer(): TimeoutError {
	return new TimeoutError('The peer did not prove in time that it knows the key.');
}

/**
 * Whatever goes wrong before the peer is known is its failure to prove itself; but a signal's reason stays what it is.
 */
function asAuthenticationError(error: unknown): unknown {
	if (error instanceof AuthenticationError || !(error instanceof NprocsError)) return error;
	const why = error instanceof EOFError ? 'it has closed the connection' : error.message;
	return new AuthenticationError(`The peer did not prove that it knows the key: ${why}`, { cause: error });
}

/** Whether the process at the other end of a Unix socket is one of this user, or root's. */
export function isSameUser(fd: number): boolean {
	const user = addon().socketPeerUser(fd);
	return user === userId() || user === 0;
}

/** Stands in the place of a handshake with another user's process at a Unix socket without a key. */
// oxlint-disable-next-line require-yield
export function* refuseStranger(): Generator<never, void, Buffer> {
	throw new AuthenticationError('The peer is a process of another user. Give both sides an `authkey` to talk to it.');
}
