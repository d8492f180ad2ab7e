/**
 * The sending half of the way between a client and a server.
 *
 * Each message is encoded when it is posted, so what its sender changes afterwards does not matter and what cannot be
 * sent is an error there. Small ones are gathered: those of one turn of the event loop's microtasks travel together,
 * since one message through the ring costs as much as ten that lie in one. In such a batch each message stands behind
 * its length (32 bits). What must be kept in flight (shared objects) or is large travels by itself, in its place in the
 * order.
 *
 * Two kinds: through a stream in shared memory, and through a socket. Nothing here waits but `flushSync`.
 */
import { forkHook, forkStep } from '../base/at-fork.ts';
import { queueMicrotask } from '../base/clock.ts';
import { Deadline } from '../base/deadline.ts';
import { SerializationError } from '../base/errors.ts';
import { encode, encodeItemsBorrowed, type BorrowedEncoded } from '../codec/encode.ts';
import { nameOfKind, isKeptInFlight } from '../codec/handle.ts';
import type { Connection } from '../connection/connection.ts';
import { discard, own, pack, packBytes, type Outgoing } from '../stream/message.ts';
import type { Stream } from '../stream/stream.ts';
import { waitFor, waitForSync } from '../wait/waiter.ts';
import { encodingFor, enterEncoding, leaveEncoding, type Addressee } from './crossing.ts';

/** A message up to this size may be one of a batch. */
const SMALL_BYTES = 16 * 1024;
/** A batch of this size is sent at once, so that the other side begins. Below what goes out-of-band. */
const FULL_BYTES = 32 * 1024;
const LENGTH_BYTES = 4;

const options = { path: 'value', outOfBandFrom: FULL_BYTES };

/** Those with a batch that is not sent. */
const unflushed = new Set<Outlet>();
/** A copy of this process would send it once more. */
const flushAtFork = forkHook({ step: forkStep.connections, before: flushAll });

/**
 * To be called before this thread waits for answers or requests, which it may do by spinning: nothing that was posted
 * may be held back by that.
 */
export function flushAll(): void {
	for (const outlet of unflushed) outlet.flush();
	unflushed.clear();
}

export abstract class Outlet {
	readonly #addressee: Addressee;
	readonly #bytes = new Uint8Array(FULL_BYTES + SMALL_BYTES + 2 * LENGTH_BYTES);
	readonly #view = new DataView(this.#bytes.buffer);
	#length = 0;

	constructor(addressee: Addressee) {
		this.#addressee = addressee;
	}

	/** Sends it soon. Throws SerializationError when it cannot be sent. */
	post(message: readonly unknown[]): void {
		const before = enterEncoding(this.#addressee);
		let encoded: BorrowedEncoded;
		try {
			encoded = encodeItemsBorrowed(message, options);
		} finally {
			leaveEncoding(before);
		}
		if (mayTravelTogether(encoded)) this.#add(encoded);
		else {
			this.flush();
			encodingFor(this.#addressee, () => this.sendAlone(message));
		}
	}

	/** Sends what was posted, as far as that is possible at once; the rest follows. */
	flush(): void {
		const length = this.#length;
		if (length === 0) return;
		this.#length = 0;
		this.sendBatch(this.#bytes.subarray(0, length));
	}

	/** Whether everything has been handed over. */
	get isEmpty(): boolean {
		return this.#length === 0 && this.isDone;
	}

	protected abstract readonly isDone: boolean;
	/** Blocks this thread until all is sent. `onSlice` is called now and then, and may throw. */
	abstract flushSync(onSlice: () => void): void;
	abstract close(): void;
	/** The bytes are only lent. */
	protected abstract sendBatch(bytes: Uint8Array): void;
	/** Encodes it again, with what must be kept in flight, and sends it. */
	protected abstract sendAlone(message: readonly unknown[]): void;

	#add({ bytes, length }: BorrowedEncoded): void {
		let at = this.#length;
		this.#view.setUint32(at, length, true);
		at += LENGTH_BYTES;
		// So few bytes that a call into C++ would cost more.
		if (length <= 64) for (let i = 0; i < length; i++) this.#bytes[at + i] = bytes[i]!;
		else this.#bytes.set(bytes.subarray(0, length), at);
		this.#length = at + length;
		if (this.#length >= FULL_BYTES) this.flush();
		else {
			flushAtFork();
			if (unflushed.size === 0) queueMicrotask(flushAll);
			unflushed.add(this);
		}
	}
}

function mayTravelTogether({ length, handles, buffers }: BorrowedEncoded): boolean {
	return length <= SMALL_BYTES && buffers.length === 0 && !handles.some(isKeptInFlight);
}

export class StreamOutlet extends Outlet {
	readonly #stream: Stream;
	/** What there was no room for, in order. */
	readonly #waiting: Outgoing[] = [];
	#isPumping = false;

	constructor(stream: Stream, addressee: Addressee) {
		super(addressee);
		this.#stream = stream;
	}

	protected get isDone(): boolean {
		return this.#waiting.length === 0;
	}

	protected override sendBatch(bytes: Uint8Array): void {
		this.#put(packBytes(bytes, this.#stream.segment));
	}

	protected override sendAlone(message: readonly unknown[]): void {
		this.#put(pack(message, this.#stream.segment));
	}

	override flushSync(onSlice: () => void): void {
		this.flush();
		if (this.#waiting.length === 0) return;
		waitForSync(this.#stream.room, this.#attempt, Deadline.never, { ...this.#stream.putting, onSlice });
	}

	override close(): void {
		this.#stream.close();
	}

	#put(message: Outgoing): void {
		if (this.#stream.closed) return discard(message);
		if (this.#waiting.length === 0 && this.#stream.tryPut(message)) return;
		this.#waiting.push(own(message));
		if (!this.#isPumping) void this.#pump();
	}

	async #pump(): Promise<void> {
		this.#isPumping = true;
		try {
			await waitFor(this.#stream.room, this.#attempt, Deadline.never, this.#stream.putting);
		} catch {
			for (const message of this.#waiting.splice(0)) discard(message); // closed: nobody is left to read them
		}
		this.#isPumping = false;
	}

	readonly #attempt = (): true | undefined => {
		this.#stream.checkOpen();
		const put = this.#waiting.length === 0 ? 0 : this.#stream.tryPutMany(this.#waiting, 0);
		if (put > 0) this.#waiting.splice(0, put);
		return this.#waiting.length === 0 || undefined;
	};
}

export class SocketOutlet extends Outlet {
	readonly #connection: Connection;
	readonly #onFailure: (error: unknown) => void;

	constructor(connection: Connection, addressee: Addressee, onFailure: (error: unknown) => void) {
		super(addressee);
		this.#connection = connection;
		this.#onFailure = onFailure;
	}

	/** The socket says nothing about what the peer has received. */
	protected readonly isDone = false;

	protected override sendBatch(bytes: Uint8Array): void {
		this.#connection.sendBytes(bytes).catch(this.#onFailure);
	}

	/** A batch of one. Over TCP nothing of this machine's memory can go along. */
	protected override sendAlone(message: readonly unknown[]): void {
		const { bytes, handles } = encode(message, { path: 'value' });
		const shared = handles.find(isKeptInFlight);
		if (shared !== undefined) {
			throw new SerializationError(
				`Cannot send a shared ${nameOfKind(shared.kind)} through a manager that is reached over TCP: it lies in the memory of one machine.`,
				'value',
				{ code: 'ERR_NPROCS_OTHER_MACHINE' },
			);
		}
		const batch = new Uint8Array(LENGTH_BYTES + bytes.length);
		new DataView(batch.buffer).setUint32(0, bytes.length, true);
		batch.set(bytes, LENGTH_BYTES);
		this.sendBatch(batch);
	}

	override flushSync(): void {
		this.flush();
		this.#connection.sendBytesSync(nothing);
	}

	override close(): void {
		this.#connection.close();
	}
}

/** An empty message; a receiver passes over it. To send it, all before it must be sent. */
const nothing = new Uint8Array(0);
