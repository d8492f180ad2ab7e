/** `connect`: the side of a connection that goes to a Listener, of ours or of Python's (listener.ts). */
import { anything, checkOptions } from '../../base/arguments.ts';
import { blocking, either, inLoop, type BothForms } from '../../base/both-forms.ts';
import { Deadline, type Wait } from '../../base/deadline.ts';
import { TimeoutError } from '../../base/errors.ts';
import { pauseFor, untilSettled } from '../../wait/until.ts';
import { addon } from '../../native/addon.ts';
import { sleepSync } from '../../native/descriptor.ts';
import { errno, errnoOf, failedBy, type Errno } from '../../native/errno.ts';
import { systemError } from '../../native/raise.ts';
import { checkAddress, isTcp, resolvingHost, textOf, type Address } from './address.ts';
import { authenticateListener, keyBytes } from './handshake.ts';
import type { Connection } from '../connection.ts';
import { FdGate } from '../../wait/fd-gate.ts';
import { checkCodec, type SocketCodecName } from './codec.ts';
import { isSameUser, refuseStranger, welcoming, type Trust } from './connection.ts';
import { writable } from '../../native/shared-numbers.ts';

const retryMs = 10;
/** Each is checked where it is used. */
const kinds = { authkey: anything, timeout: anything, codec: anything };

export interface ConnectOptions {
	authkey?: string | Uint8Array;
	/** For connecting and the proofs together: milliseconds, a signal, or both. @default no limit */
	timeout?: Wait;
	codec?: SocketCodecName;
}

/**
 * Connects to a Listener, of ours or of Python's.
 *
 * @throws AuthenticationError when the listener does not accept the key, or does not know it itself; TimeoutError
 */
export function connect<T = unknown>(address: Address, options: ConnectOptions = {}): Promise<Connection<T>> {
	return inLoop(connecting<T>(address, options));
}

/** As `connect`, but blocks this thread. */
export function connectSync<T = unknown>(address: Address, options: ConnectOptions = {}): Connection<T> {
	return blocking(connecting<T>(address, options));
}

/** The steps of both. */
export function* connecting<T = unknown>(address: Address, options: ConnectOptions): BothForms<Connection<T>> {
	const checked = checkConnect(address, options);
	const { target, deadline } = checked;
	const fd = yield* opening(yield* resolving(target, deadline), deadline);
	return yield* welcoming<T>(fd, clientTrust(fd, checked), deadline);
}

interface Checked {
	readonly target: Address;
	readonly key: Uint8Array | undefined;
	readonly codec: SocketCodecName;
	readonly deadline: Deadline;
}

function checkConnect(address: Address, options: ConnectOptions): Checked {
	checkOptions(options, { owner: 'connect()', kinds, example: 'connect(address, { authkey })' });
	return {
		target: checkAddress(address),
		key: keyBytes(options.authkey),
		codec: checkCodec(options.codec),
		deadline: Deadline.from(options.timeout),
	};
}

function clientTrust(fd: number, { target, key, codec }: Checked): Trust {
	const isLocal = !isTcp(target);
	const sameUser = isLocal && isSameUser(fd);
	return {
		codec,
		isSameUser: sameUser,
		handshake: key !== undefined ? authenticateListener(key) : isLocal && !sameUser ? refuseStranger() : undefined,
	};
}

function* resolving(address: Address, deadline: Deadline): BothForms<Address> {
	if (!isTcp(address)) return address;
	const host = yield* either(
		() => untilSettled(deadline, inLoop(resolvingHost(address.host))),
		() => blocking(resolvingHost(address.host)),
	);
	if (host === undefined) throw connectTimeout(address);
	return { host, port: address.port };
}

function* opening(address: Address, deadline: Deadline): BothForms<number> {
	for (;;) {
		const fd = begin(address);
		if (failedBy(fd, errno.EAGAIN)) {
			// A Unix listener's backlog is full, and nothing tells when it is not any more.
			if (deadline.remaining() === 0) throw connectTimeout(address);
			yield* pausing(deadline.within(retryMs));
			continue;
		}
		if (!isTcp(address)) return fd;
		try {
			if (!(yield* new FdGate(fd).waiting(writable, deadline))) throw connectTimeout(address);
		} catch (error) {
			addon().closeFd(fd);
			throw error;
		}
		return connected(fd, address);
	}
}

function pausing(deadline: Deadline): BothForms<void> {
	return either<void>(
		() => pauseFor(deadline),
		() => sleepSync(deadline.remaining()),
	);
}

/** A descriptor that is connected or on its way, or -EAGAIN. */
function begin(address: Address): number {
	const fd = isTcp(address) ? addon().tcpConnect(address.host, address.port) : addon().unixConnect(Buffer.from(address));
	if (fd >= 0 || failedBy(fd, errno.EAGAIN)) return fd;
	throw connectError(errnoOf(fd), address);
}

function connected(fd: number, address: Address): number {
	const error = addon().socketError(fd);
	if (error === 0) return fd;
	addon().closeFd(fd);
	throw connectError(errnoOf(error), address);
}

function connectError(error: Errno, address: Address): Error {
	const hint = error === errno.ECONNREFUSED || error === errno.ENOENT ? ' (nobody listens there)' : '';
	return systemError(error, `connect to ${textOf(address)}${hint}`);
}

function connectTimeout(address: Address): TimeoutError {
	return new TimeoutError(`No connection to ${textOf(address)} came about in time.`);
}
