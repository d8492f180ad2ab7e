/**
 * A connection to a server: how it is made, and how messages come and go by it. Two kinds: through shared memory, and
 * through a socket.
 */
import { either, type BothForms } from '../base/both-forms.ts';
import { Deadline } from '../base/deadline.ts';
import { EOFError, NprocsError, TimeoutError } from '../base/errors.ts';
import type { Address } from '../connection/socket/address.ts';
import { connecting } from '../connection/socket/connect.ts';
import type { Connection } from '../connection/connection.ts';
import type { Stream } from '../stream/stream.ts';
import { isReadable } from '../native/descriptor.ts';
import { Watch } from '../native/watch.ts';
import { waitSource } from '../wait/waitable.ts';
import { waitFor, waitForSync } from '../wait/waiter.ts';
import type { Addressee } from './crossing.ts';
import { takeBatch, takeFrom, type Taker } from './inlet.ts';
import { SocketOutlet, StreamOutlet, type Outlet } from './outlet.ts';
import { PROTOCOL_VERSION, type Hello } from './protocol.ts';
import { streamOf } from './stream-handle.ts';

export interface Link {
	readonly uid: string;
	readonly session: number;
	readonly outlet: Outlet;
	/** To be called before all else. `onHangUp`: the server has closed it, or is dead. */
	begin(client: Taker & Addressee, onHangUp: () => void): void;
	/** Resolves when something has come and was taken, or rejects at the end and when the deadline says so. */
	receive(deadline: Deadline): Promise<void>;
	/** Blocks this thread and takes what comes, until `isDone`. `onSlice` is called now and then, and may throw. */
	receiveSync(isDone: () => boolean, deadline: Deadline, onSlice: () => void): void;
	/** Takes what is there. */
	drain(): void;
	/** For a blocked thread: whether the server's end is closed. */
	hasHungUp(): boolean;
	/** In a forked copy of the process, too, where it stays open for the other. */
	close(): void;
}

/** What making a connection may take, if the server is alive at all. */
const connectMs = 60_000;

export function* openingLink(address: Address, authkey: Uint8Array): BothForms<Link> {
	const deadline = Deadline.from(connectMs);
	const connection = yield* connecting(address, { authkey, timeout: connectMs });
	try {
		const hello = yield* either(
			() => connection.recv(deadline.remaining()),
			() => connection.recvSync(deadline.remaining()),
		);
		return makeLink(connection, hello);
	} catch (error) {
		connection.close();
		throw error;
	}
}

function makeLink(connection: Connection, hello: unknown): Link {
	const { version, uid, session, streams } = hello as Hello;
	if (version !== PROTOCOL_VERSION || typeof uid !== 'string') {
		throw new NprocsError('Who listens there is no manager of this version of nprocs.', { code: 'ERR_NPROCS_NO_MANAGER' });
	}
	connection.pollSync(); // takes what was received out of the socket, which is to be ready for nothing but its end
	if (streams === undefined) return new SocketLink(connection, uid, session);
	return new StreamLink(connection, { uid, session }, { requests: streamOf(streams.requests), replies: streamOf(streams.replies) });
}

class StreamLink implements Link {
	readonly uid: string;
	readonly session: number;
	readonly #lifeLine: Connection;
	readonly #lifeFd: number;
	readonly #requests: Stream;
	readonly #replies: Stream;
	#watch: Watch | undefined;
	#client: Taker | undefined;
	outlet!: Outlet;

	constructor(lifeLine: Connection, { uid, session }: { uid: string; session: number }, streams: { requests: Stream; replies: Stream }) {
		this.uid = uid;
		this.session = session;
		this.#lifeLine = lifeLine;
		this.#lifeFd = lifeLine[waitSource]().fd!;
		this.#requests = streams.requests;
		this.#replies = streams.replies;
	}

	begin(client: Taker & Addressee, onHangUp: () => void): void {
		this.#client = client;
		this.outlet = new StreamOutlet(this.#requests, client);
		this.#watch = new Watch(this.#lifeFd, onHangUp).unref();
	}

	async receive(deadline: Deadline): Promise<void> {
		// Nobody but the server writes, and its end is heard of by the life line.
		await waitFor(this.#replies.items, this.#take, deadline, { ...this.#replies.getting, isLookedAfter: true });
	}

	readonly #take = (): true | undefined => takeFrom(this.#replies, this.#client!) || undefined;

	receiveSync(isDone: () => boolean, deadline: Deadline, onSlice: () => void): void {
		const attempt = (): true | undefined => {
			while (!isDone()) if (!takeFrom(this.#replies, this.#client!)) return undefined;
			return true;
		};
		waitForSync(this.#replies.items, attempt, deadline, { ...this.#replies.getting, onSlice });
	}

	drain(): void {
		if (!this.#replies.closed) while (takeFrom(this.#replies, this.#client!));
	}

	hasHungUp(): boolean {
		return isReadable(this.#lifeFd);
	}

	close(): void {
		this.#watch?.close();
		this.#replies.close();
		this.outlet?.close();
		this.#requests.close();
		this.#lifeLine.close();
	}
}

class SocketLink implements Link {
	readonly uid: string;
	readonly session: number;
	readonly #connection: Connection;
	#client: Taker | undefined;
	#onHangUp = (): void => {};
	outlet!: Outlet;

	constructor(connection: Connection, uid: string, session: number) {
		this.#connection = connection;
		this.uid = uid;
		this.session = session;
	}

	begin(client: Taker & Addressee, onHangUp: () => void): void {
		this.#client = client;
		this.#onHangUp = onHangUp;
		this.outlet = new SocketOutlet(this.#connection, client, onHangUp);
	}

	async receive(deadline: Deadline): Promise<void> {
		takeBatch(await this.#connection.recvBytes(undefined, deadline.signal), this.#client!);
	}

	receiveSync(isDone: () => boolean, deadline: Deadline): void {
		try {
			while (!isDone()) takeBatch(this.#connection.recvBytesSync(undefined, deadline.remaining()), this.#client!);
		} catch (error) {
			if (error instanceof TimeoutError) return;
			if (error instanceof EOFError) this.#onHangUp();
			throw error;
		}
	}

	drain(): void {
		try {
			for (;;) takeBatch(this.#connection.recvBytesSync(undefined, 0), this.#client!);
		} catch {
			// Nothing is there, or the end.
		}
	}

	hasHungUp(): boolean {
		return this.#connection.closed;
	}

	close(): void {
		this.#connection.close();
	}
}
