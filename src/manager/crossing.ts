/**
 * How proxies travel inside messages.
 *
 * Between a client and the server of the proxy itself, a proxy is no more than the object's number: the server counts a
 * reference for the session that it sends one to, before the message goes out. Anywhere else (arguments of a process, a
 * queue, another manager) it must say where its server is, and a reference must live on its way; see `outsideHandle`.
 * Which of both it is, only the one who encodes knows: it says so here, for as long as the codec works.
 */
import { registerKind, type Handle, type Shareable } from '../codec/handle.ts';
import type { Described } from './protocol.ts';

/** To whom a message goes. */
export interface Addressee {
	/** Of the server at one of the two ends. */
	readonly uid: string;
	/** A message is begun, perhaps one that failed before. */
	begin?(): void;
	/** What is written for a proxy of that server. */
	refer(id: number): Described | number;
}

/** From whom a message comes. */
export interface Receiver {
	open(data: Described | number): Shareable;
}

export const proxyKind = 'manager:Proxy';

let addressee: Addressee | undefined;
let receiver: Receiver | undefined;

/** What is encoded from now on is a message to `to`. Returns what to leave it with. */
export function enterEncoding(to: Addressee): Addressee | undefined {
	const before = addressee;
	addressee = to;
	to.begin?.();
	return before;
}

export function leaveEncoding(before: Addressee | undefined): void {
	addressee = before;
}

/** Runs `encode` for a message to `to`. */
export function encodingFor<T>(to: Addressee, encode: () => T): T {
	const before = enterEncoding(to);
	try {
		return encode();
	} finally {
		leaveEncoding(before);
	}
}

/** The same for what comes. */
export function enterDecoding(from: Receiver): Receiver | undefined {
	const before = receiver;
	receiver = from;
	return before;
}

export function leaveDecoding(before: Receiver | undefined): void {
	receiver = before;
}

/** Runs `decode` for a message from `from`. */
export function decodingFrom<T>(from: Receiver, decode: () => T): T {
	const before = enterDecoding(from);
	try {
		return decode();
	} finally {
		leaveDecoding(before);
	}
}

/**
 * The handle of a proxy of the server `uid`, if the message that is being encoded stays between it and a client of its
 * own.
 */
export function insideHandle(uid: string, id: number): Handle | undefined {
	if (addressee?.uid !== uid) return undefined;
	return { kind: proxyKind, data: { inside: addressee.refer(id) }, segments: [] };
}

/** A proxy that was sent by other ways than its manager's. */
export interface OutsideProxy {
	readonly address: string | { host: string; port: number };
	readonly authkey: Uint8Array;
	readonly uid: string;
	readonly described: Described;
	/** Names the reference that is on its way. */
	readonly reference: string;
}

let openOutside: ((data: OutsideProxy) => Shareable) | undefined;

/** For connections.ts, which knows how a server is reached. */
export function onOutside(open: (data: OutsideProxy) => Shareable): void {
	openOutside = open;
}

registerKind(proxyKind, (data: { inside: Described | number } | { outside: OutsideProxy }) => {
	if ('outside' in data) return openOutside!(data.outside);
	if (receiver === undefined) throw new Error('nprocs bug: a proxy came in a message that is no manager’s');
	return receiver.open(data.inside);
});
