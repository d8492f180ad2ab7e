/**
 * The server of a manager: lets clients in who know the key, brings their requests to the host (host.ts) and its
 * answers back, and notices their ends.
 *
 * On one machine all clients write into one stream, so that the thread has one thing to wait for, and each has a stream
 * of its own for the answers; a socket stays open as the life line. Over TCP each has its socket. A client's end is the
 * end of its socket; what it has asked for until then is done before.
 */
import { forkHook, forkStep } from '../base/at-fork.ts';
import { setTimeout } from '../base/clock.ts';
import { Deadline } from '../base/deadline.ts';
import { AuthenticationError, ClosedError, invariant } from '../base/errors.ts';
import { trace } from '../base/trace.ts';
import { toHandle } from '../codec/handle.ts';
import { isTcp, type Address } from '../connection/socket/address.ts';
import type { Connection } from '../connection/connection.ts';
import { Listener } from '../connection/socket/listener.ts';
import type { Stream } from '../stream/stream.ts';
import { listenAtPath } from './socket-path.ts';
import { isTurnDue, turn } from '../wait/turn.ts';
import { addon } from '../native/addon.ts';
import { Watch } from '../native/watch.ts';
import { waitFor } from '../wait/waiter.ts';
import { waitSource } from '../wait/waitable.ts';
import type { Factories } from './factories.ts';
import { Host } from './host.ts';
import { takeBatch, takeFrom, type Taker } from './inlet.ts';
import { flushAll, SocketOutlet, StreamOutlet } from './outlet.ts';
import { hostHandle } from './outside.ts';
import { isRequest, PROTOCOL_VERSION, Request, Status, type Hello } from './protocol.ts';
import { SentReferences } from './sent.ts';
import { Session } from './session.ts';
import { newStream, sendable } from './stream-handle.ts';

export interface ServerOptions {
	readonly address: Address;
	readonly authkey: Uint8Array;
	readonly factories: Factories;
}

interface Client {
	readonly session: Session;
	readonly connection: Connection;
	readonly replies: Stream | undefined;
	watch?: Watch;
}

/** As many may wait to be let in; a thousand come at once. */
const backlog = 1024;
/** After an error that is none of a client's, such as too many open files. */
const retryMs = 50;

export class Server {
	readonly authkey: Uint8Array;
	readonly host: Host;
	readonly #listener: Listener;
	readonly #requests: Stream | undefined;
	readonly #sent: SentReferences;
	readonly #clients = new Map<number, Client>();
	/** Requests that were taken and not handled. */
	readonly #arrived: Arrived[] = [];
	#lastSession = 0;
	#opening: Promise<this> | undefined;
	#isClosed = false;
	#onClosed: (() => void)[] = [];

	constructor({ address, authkey, factories }: ServerOptions) {
		this.authkey = authkey;
		this.host = new Host(addon().random64(), factories);
		this.#listener = new Listener(address, { authkey, backlog });
		this.#requests = isTcp(address) ? undefined : newStream();
		this.#sent = new SentReferences(this.host.objects, { isLocal: !isTcp(address) });
		this.host.sent = this.#sent;
		this.host.transport.makeOutsideHandle = (held) => {
			const keep = (name: string): void => this.#sent.add(this.host.objects.find(held.described.id)!, name, this.host.self);
			return hostHandle({ address: this.address, authkey, uid: this.host.uid }, held, keep);
		};
	}

	get address(): Address {
		return this.#listener.address!;
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** Begins to serve. Rejects when the address cannot be had. */
	open(): Promise<this> {
		return (this.#opening ??= this.#open());
	}

	async #open(): Promise<this> {
		await listenAtPath(this.#listener);
		forgetAtFork();
		servers.set(this.host.uid, this);
		void this.#letIn();
		if (this.#requests !== undefined) void this.#serve(this.#requests);
		return this;
	}

	/** Resolves when it was closed. */
	closed(): Promise<void> {
		return this.#isClosed ? Promise.resolve() : new Promise((resolve) => this.#onClosed.push(resolve));
	}

	/** Clients are told the end of it by their connections. Idempotent. */
	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		servers.delete(this.host.uid);
		this.#listener.close();
		for (const client of [...this.#clients.values()]) {
			client.session.outlet?.flush();
			this.#end(client);
		}
		this.#requests?.close();
		this.#sent.close();
		for (const resolve of this.#onClosed.splice(0)) resolve();
	}

	async #letIn(): Promise<void> {
		while (!this.#isClosed) {
			try {
				this.#welcome(await this.#listener.accept());
			} catch (error) {
				if (this.#isClosed) return;
				trace('a client was not let in: %s', error);
				if (!(error instanceof AuthenticationError)) await new Promise((resolve) => setTimeout(resolve, retryMs));
			}
		}
	}

	#welcome(connection: Connection): void {
		const session = new Session(++this.#lastSession, this.host.uid, this.host.objects);
		const replies = this.#requests === undefined ? undefined : newStream();
		const client: Client = { session, connection, replies };
		this.#clients.set(session.number, client);
		const streams = replies && { requests: sendable(this.#requests!), replies: sendable(replies) };
		const hello: Hello = { version: PROTOCOL_VERSION, uid: this.host.uid, session: session.number, streams };
		const end = (): void => this.#end(client);
		connection.send(hello).catch(end);
		if (replies === undefined) {
			session.outlet = new SocketOutlet(connection, session, end);
			void this.#listenTo(client);
			return;
		}
		const outlet = new StreamOutlet(replies, session);
		session.outlet = outlet;
		session.hasReadAll = () => outlet.isEmpty && !replies.hasItems();
		connection.pollSync(); // takes the handshake out of the socket, which is to be ready for nothing but its end
		client.watch = new Watch(connection[waitSource]().fd!, end);
	}

	async #listenTo(client: Client): Promise<void> {
		const arrived: Arrived[] = [];
		const taker = this.#collector(arrived);
		try {
			for (;;) {
				takeBatch(await client.connection.recvBytes(), taker);
				for (const { message, error } of arrived.splice(0)) this.#handle(client, message, error);
				if (isTurnDue()) await turn();
			}
		} catch (error) {
			trace('the connection of %s has ended: %s', client.session.name, error);
			this.#end(client);
		}
	}

	async #serve(requests: Stream): Promise<void> {
		// The program's code is not run in the midst of taking.
		const taker = this.#collector(this.#arrived);
		// Those of several clients are answered together: each one that is woken takes the core from those that are
		// still to be answered.
		const attempt = (): true | undefined => {
			let taken = 0;
			while (taken < mostAtOnce && takeFrom(requests, taker)) taken++;
			return taken > 0 || undefined;
		};
		try {
			for (;;) {
				await waitFor(requests.items, attempt, Deadline.never, requests.getting);
				this.#handleArrived();
				flushAll();
				if (isTurnDue()) await turn();
			}
		} catch (error) {
			if (!(error instanceof ClosedError)) throw error;
		}
	}

	#collector(arrived: Arrived[]): Taker {
		return {
			open: (data) => {
				invariant(typeof data === 'number', 'a server was sent a description of an object');
				return this.host.openOwn(data);
			},
			take: (message) => arrived.push({ message, error: undefined }),
			refuse: (message, error) => arrived.push({ message, error }),
		};
	}

	#handleArrived(): void {
		const arrived = this.#arrived.splice(0);
		for (const { message, error } of arrived) {
			const client = this.#clients.get(message[0] as number);
			if (client !== undefined) this.#handle(client, message, error);
		}
	}

	#handle({ session }: Client, message: unknown[], error: unknown): void {
		if (error !== undefined) return session.post([message[1], Status.threw, error]);
		if (!isRequest(message)) return;
		const [, number, request] = message;
		if (request === Request.introduce) session.pid = message[3] as number;
		else if (request === Request.count) session.post([number, Status.returned, this.host.objects.size]);
		else if (request === Request.shutdown) {
			session.post([number, Status.returned, undefined]);
			this.close();
		} else this.host.handle(session, message as [number, number, number, ...unknown[]]);
	}

	/** A client is gone, or says something that makes no sense. */
	#end(client: Client): void {
		const { session, connection, replies, watch } = client;
		if (!this.#clients.delete(session.number)) return;
		watch?.close();
		// What it asked for before its end lies in the stream.
		if (!this.#isClosed && this.#requests !== undefined) {
			const taker = this.#collector(this.#arrived);
			while (takeFrom(this.#requests, taker));
			this.#clients.set(session.number, client);
			this.#handleArrived();
			this.#clients.delete(session.number);
		}
		session.end(replies === undefined ? [] : unread(replies));
		replies?.close();
		connection.close();
	}
}

/** Messages of clients, each with one or more requests. */
const mostAtOnce = 32;

interface Arrived {
	readonly message: unknown[];
	readonly error: unknown;
}

/** Numbers of the calls whose answers a client has not taken. */
function unread(replies: Stream): number[] {
	const numbers: number[] = [];
	const taker: Taker = {
		open: () => nothing,
		take: ([number]) => numbers.push(number as number),
		refuse: ([number]) => numbers.push(number as number),
	};
	while (takeFrom(replies, taker));
	return numbers;
}

/** In the place of a proxy that nobody will use. */
const nothing = {
	[toHandle](): never {
		throw new Error('nprocs bug: this is never sent');
	},
};

/** Those of this process. */
export const servers: Map<string, Server> = new Map();
/** A copy of this process is a client of theirs, as any other. */
const forgetAtFork = forkHook({ step: forkStep.connections, inCopy: () => servers.clear() });
