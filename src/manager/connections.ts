/** The servers that this thread is connected to, and the opening of proxies that came from elsewhere. */
import type { Address } from '../connection/socket/address.ts';
import { Client } from './client.ts';
import { onOutside, type OutsideProxy } from './crossing.ts';
import type { Link } from './link.ts';
import { openReference } from './outside.ts';
import type { BaseProxy } from './proxy.ts';
import { servers } from './server.ts';

const clients = new Map<string, Client>();

/** The connection to that server, which is made when it is used first. */
export function clientFor(server: { readonly address: Address; readonly authkey: Uint8Array; readonly uid: string }, link?: Link): Client {
	const known = clients.get(server.uid);
	if (known !== undefined && !known.isDead) {
		link?.close();
		return known;
	}
	const client = new Client(server, link);
	clients.set(server.uid, client);
	return client;
}

onOutside((data: OutsideProxy): BaseProxy => {
	const own = servers.get(data.uid);
	return own === undefined ? openReference(clientFor(data), data) : own.host.openOwn(data.described.id);
});
