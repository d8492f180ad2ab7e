/** `connect`: the side of a connection that goes to a Listener, of ours or of Python's (listener.ts). */
import { anything, checkOptions } from '../../base/arguments.ts';
import { Deadline, type Wait } from '../../base/deadline.ts';
import { TimeoutError } from '../../base/errors.ts';
import { pauseFor, untilSettled } from '../../wait/until.ts';
import { addon } from '../../native/addon.ts';
import { sleepSync, writable } from '../../native/descriptor.ts';
import { errno, errnoOf, failedBy, type Errno } from '../../native/errno.ts';
import { systemError } from '../../native/raise.ts';
import { checkAddress, isTcp, resolveHost, resolveHostSync, textOf, type Address } from './address.ts';
import { authenticateListener, keyBytes } from './handshake.ts';
import type { Connection } from '../connection.ts';
import { FdGate } from '../../wait/fd-gate.ts';
import { checkCodec, type SocketCodecName } from './codec.ts';
import { isSameUser, refuseStranger, welcome, welcomeSync, type Trust } from './connection.ts';

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
export async function connect<T = unknown>(address: Address, options: ConnectOptions = {}): Promise<Connection<T>> {
	const checked = checkConnect(address, options);
	const { target, deadline } = checked;
	const resolved = await resolve(target, deadline);
	const fd = await open(resolved, deadline);
	return welcome<T>(fd, clientTrust(fd, checked), deadline);
}

/** As `connect`, but blocks this thread. */
export function connectSync<T = unknown>(address: Address, options: ConnectOptions = {}): Connection<T> {
	const checked = checkConnect(address, options);
	const { target, deadline } = checked;
	const resolved = isTcp(target) ? { host: resolveHostSync(target.host), port: target.port } : target;
	const fd = openSync(resolved, deadline);
	return welcomeSync<T>(fd, clientTrust(fd, checked), deadline);
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

async function resolve(address: Address, deadline: Deadline): Promise<Address> {
	if (!isTcp(address)) return address;
	const host = await untilSettled(deadline, resolveHost(address.host));
	if (host === undefined) throw connectTimeout(address);
	return { host, port: address.port };
}

async function open(address: Address, deadline: Deadline): Promise<number> {
	for (;;) {
		const fd = begin(address);
		if (failedBy(fd, errno.EAGAIN)) {
			// A Unix listener's backlog is full, and nothing tells when it is not any more.
			if (deadline.remaining() === 0) throw connectTimeout(address);
			await pauseFor(deadline.within(retryMs));
			continue;
		}
		if (!isTcp(address)) return fd;
		const gate = new FdGate(fd);
		try {
			if (!(await gate.wait(writable, deadline))) throw connectTimeout(address);
		} catch (error) {
			addon().closeFd(fd);
			throw error;
		}
		return connected(fd, address);
	}
}

function openSync(address: Address, deadline: Deadline): number {
	for (;;) {
		const fd = begin(address);
		if (failedBy(fd, errno.EAGAIN)) {
			if (deadline.remaining() === 0) throw connectTimeout(address);
			sleepSync(Math.min(retryMs, deadline.remaining()));
			continue;
		}
		if (!isTcp(address)) return fd;
		if (!new FdGate(fd).waitSync(writable, deadline)) {
			addon().closeFd(fd);
			throw connectTimeout(address);
		}
		return connected(fd, address);
	}
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
