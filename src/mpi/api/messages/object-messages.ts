/**
 * Messages of values: anything that the codec takes (docs/values.md). The lower-case methods. A value is received as a
 * new one; large typed arrays in it go from memory to memory without being copied into a larger message.
 */
import { ANY_SOURCE, ANY_TAG } from '../../constants.ts';
import { BufferMessages } from './buffer-messages.ts';
import { type Dest, receiveArguments, type ReceiveOptions, sendrecvArguments, type SendrecvOptions, type Tag } from './message-arguments.ts';
import type { Status } from '../requests/status.ts';
import { Message } from './message.ts';
import { ObjectReceive, receiveObject } from './object-receive.ts';
import { sendObject, startSendObject } from './object-send.ts';
import { Request, statusOf } from '../requests/request.ts';
import { SEND_BUFFERED, SEND_STANDARD, SEND_SYNCHRONOUS } from '../../engine/shared-numbers.ts';

/** As for `Sendrecv`; `recvbuf` is there for programs that come from mpi4py, and not used. */
export interface ObjectSendrecvOptions extends Omit<SendrecvOptions, 'recvbuf'> {
	recvbuf?: null;
}

export abstract class ObjectMessages extends BufferMessages {
	/**
	 * Sends a value; it may be changed afterwards. Small ones are buffered, larger ones may make it wait for the
	 * receiver.
	 */
	send(obj: unknown, dest: Dest, tag: Tag = 0): void {
		if (typeof dest !== 'number' || typeof tag !== 'number') ({ dest, tag } = this.addressed(dest, tag));
		else this.#checkSend(dest, tag);
		sendObject(this, obj, { dest, tag, mode: SEND_STANDARD });
	}

	/** As send; needs memory given by `MPI.Attach_buffer`, and never waits for the receiver. */
	bsend(obj: unknown, dest: Dest, tag: Tag = 0): void {
		sendObject(this, obj, { ...this.addressed(dest, tag), mode: SEND_BUFFERED });
	}

	/** As send; comes back when the value is being received. */
	ssend(obj: unknown, dest: Dest, tag: Tag = 0): void {
		sendObject(this, obj, { ...this.addressed(dest, tag), mode: SEND_SYNCHRONOUS });
	}

	/**
	 * Waits for a value, and gives it; null from MPI.PROC_NULL. It is of the type that the sender says, which nobody
	 * checks.
	 */
	recv<T = unknown>(source?: number, tag?: number, status?: Status | null): NoInfer<T>;
	recv<T = unknown>(options?: ReceiveOptions): NoInfer<T>;
	recv(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status?: Status | null): unknown {
		if (typeof source !== 'number') {
			const given = receiveArguments('recv', source, tag, status);
			this.#checkReceive(given.source, given.tag);
			return receiveObject(this, given.source, given.tag, given.status);
		}
		this.#checkReceive(source, tag);
		return receiveObject(this, source, tag, statusOf(status));
	}

	/** Sends a value and waits for one at once, which no order of two calls can make wait for ever. */
	sendrecv<T = unknown>(
		sendobj: unknown,
		dest: number,
		sendtag?: number,
		recvbuf?: null,
		source?: number,
		recvtag?: number,
		status?: Status | null,
	): NoInfer<T>;
	sendrecv<T = unknown>(sendobj: unknown, dest: number, options: ObjectSendrecvOptions): NoInfer<T>;
	sendrecv<T = unknown>(sendobj: unknown, options: ObjectSendrecvOptions & { dest: number }): NoInfer<T>;
	sendrecv(
		sendobj: unknown,
		dest: number | (ObjectSendrecvOptions & { dest: number }),
		sendtag: number | ObjectSendrecvOptions = 0,
		recvbuf: null = null,
		source: number = ANY_SOURCE,
		recvtag: number = ANY_TAG,
		status: Status | null = null,
	): unknown {
		const given = sendrecvArguments('sendrecv', dest, sendtag, { recvbuf, source, recvtag, status });
		this.#checkSend(given.dest, given.sendtag);
		this.#checkReceive(given.source, given.recvtag);
		const sending = startSendObject(this, sendobj, { dest: given.dest, tag: given.sendtag, mode: SEND_STANDARD });
		const received = receiveObject(this, given.source, given.recvtag, given.status);
		sending.block(undefined);
		return received;
	}

	/**
	 * As send, and comes back at once: the value has been encoded, but its large typed arrays must stay as they are
	 * until the request is complete.
	 */
	isend(obj: unknown, dest: Dest, tag: Tag = 0): Request {
		return new Request(startSendObject(this, obj, { ...this.addressed(dest, tag), mode: SEND_STANDARD }));
	}

	ibsend(obj: unknown, dest: Dest, tag: Tag = 0): Request {
		return new Request(startSendObject(this, obj, { ...this.addressed(dest, tag), mode: SEND_BUFFERED }));
	}

	issend(obj: unknown, dest: Dest, tag: Tag = 0): Request {
		return new Request(startSendObject(this, obj, { ...this.addressed(dest, tag), mode: SEND_SYNCHRONOUS }));
	}

	/** As recv, and comes back at once: the request's value is the value, of any size. */
	irecv<T = unknown>(source?: number, tag?: number): Request<NoInfer<T>>;
	irecv<T = unknown>(options?: Omit<ReceiveOptions, 'status'>): Request<NoInfer<T>>;
	irecv(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG): Request<unknown> {
		const given = receiveArguments('irecv', source, tag);
		this.#checkReceive(given.source, given.tag);
		return new Request(new ObjectReceive<unknown>(this, given.source, given.tag).wait());
	}

	/** As `Probe`. */
	probe(source?: number, tag?: number, status?: Status | null): true;
	probe(options?: ReceiveOptions): true;
	probe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): true {
		return this.Probe(receiveArguments('probe', source, tag, status) as ReceiveOptions);
	}

	/** As `Iprobe`. */
	iprobe(source?: number, tag?: number, status?: Status | null): boolean;
	iprobe(options?: ReceiveOptions): boolean;
	iprobe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): boolean {
		return this.Iprobe(receiveArguments('iprobe', source, tag, status) as ReceiveOptions);
	}

	/** Waits for a value, and takes it: `recv()` of the message gives it, and nobody else can get it. */
	mprobe(source?: number, tag?: number, status?: Status | null): Message;
	mprobe(options?: ReceiveOptions): Message;
	mprobe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): Message {
		return this.Mprobe(receiveArguments('mprobe', source, tag, status) as ReceiveOptions).takeObject();
	}

	/** As mprobe, if a value is there; else null. */
	improbe(source?: number, tag?: number, status?: Status | null): Message | null;
	improbe(options?: ReceiveOptions): Message | null;
	improbe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): Message | null {
		return this.Improbe(receiveArguments('improbe', source, tag, status) as ReceiveOptions)?.takeObject() ?? null;
	}

	#checkSend(dest: number, tag: number): void {
		if (dest >>> 0 !== dest || dest >= this.peers) this.checkDest(dest);
		if (tag >>> 0 !== tag || tag > 32_767) this.checkSendTag(tag);
	}

	#checkReceive(source: number, tag: number): void {
		if (source >>> 0 !== source || source >= this.peers) this.checkSource(source);
		if (tag !== ANY_TAG && (tag >>> 0 !== tag || tag > 32_767)) this.checkReceiveTag(tag);
	}
}
