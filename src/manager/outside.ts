/**
 * References on their way between processes, past the server.
 *
 * On one machine such a reference is a segment without content, of which the server is told before the proxy's handle
 * goes out. Whoever has a proxy that came so holds the segment, and so does a message that carries one; so the kernel
 * knows how long the reference is needed, whoever dies. The server looks now and then.
 *
 * Over TCP it is a random name, which the receiver claims: from then on it is counted for his session. What nobody
 * claims, the server keeps while the sender is connected and for some minutes after that.
 */
import { setImmediate } from '../base/clock.ts';
import type { Handle } from '../codec/handle.ts';
import type { Address } from '../connection/socket/address.ts';
import { Segment } from '../memory/segment.ts';
import { addon } from '../native/addon.ts';
import { proxyKind, type OutsideProxy } from './crossing.ts';
import { Request } from './protocol.ts';
import type { BaseProxy, Held, OutsideReference } from './proxy.ts';

/** What is asked of a connection to a server. */
interface Client {
	readonly address: Address;
	readonly authkey: Uint8Array;
	readonly uid: string;
	readonly isDead: boolean;
	readonly held: ReadonlySet<Held>;
	hold(reference: Pick<Held, 'described' | 'isCounted' | 'outside'>): BaseProxy;
	tell(request: number, rest: readonly unknown[]): void;
	tellSync(request: number, rest: readonly unknown[]): void;
}

const referenceKind = 'ManagerReference';

export function outsideHandle(client: Client, held: Held): Handle {
	const isLocal = typeof client.address === 'string';
	const name = isLocal ? outsideReference(client, held).name : announce(client, held, addon().random64());
	const { address, authkey, uid } = client;
	const data: { outside: OutsideProxy } = {
		outside: { address, authkey, uid, described: { ...held.described, shown: held.shown }, reference: name },
	};
	return { kind: proxyKind, data, segments: isLocal ? [name] : [] };
}

function outsideReference(client: Client, held: Held): OutsideReference {
	if (held.outside !== undefined) return held.outside;
	const segment = Segment.create({ kind: referenceKind, size: 0 });
	held.outside = segment;
	announce(client, held, segment.name);
	return segment;
}

function announce(client: Client, held: Held, name: string): string {
	client.tellSync(Request.sent, [held.described.id, name]);
	return name;
}

/** The same of a server's own process. `keep` has the object kept for the name. */
export function hostHandle(server: Pick<OutsideProxy, 'address' | 'authkey' | 'uid'>, held: Held, keep: (name: string) => void): Handle {
	const segment = typeof server.address === 'string' ? Segment.create({ kind: referenceKind, size: 0 }) : undefined;
	const name = segment?.name ?? addon().random64();
	keep(name);
	// It is in flight at once; if this process went on to hold it, nobody could tell when it is not needed
	// any more.
	if (segment !== undefined) setImmediate(() => segment.close());
	const { address, authkey, uid } = server;
	const data: { outside: OutsideProxy } = { outside: { address, authkey, uid, described: held.described, reference: name } };
	return { kind: proxyKind, data, segments: segment === undefined ? [] : [name] };
}

/** A proxy that came past the server. */
export function openReference(client: Client, { described, reference }: OutsideProxy): BaseProxy {
	if (typeof client.address === 'string') {
		return client.hold({ described, isCounted: false, outside: Segment.open(reference, referenceKind) });
	}
	client.tell(Request.claim, [described.id, reference]);
	return client.hold({ described, isCounted: true });
}

/** Before this process is copied: the copy's proxies need references, too, and the counted ones are this process's. */
export function keepForCopy(client: Client): void {
	if (client.isDead || typeof client.address !== 'string') return;
	for (const held of client.held) outsideReference(client, held);
}

/** In the copy. `ask` keeps what is to be said on the next connection. */
export function reclaim(held: Held, ask: (request: number, rest: readonly unknown[]) => void): void {
	if (held.outside !== undefined) held.isCounted = false;
	else if (held.isCounted) ask(Request.claim, [held.described.id, '']);
}
