/**
 * Messages between two ranks whose content is the memory of typed arrays: the capitalised methods. Nothing is copied on
 * the way to the engine, and `Send` and `Recv` of a typed array allocate nothing: the numbers are compared, and there
 * is one call.
 */
import { ANY_SOURCE, ANY_TAG, ERR_UNSUPPORTED_OPERATION, PROC_NULL } from '../../constants.ts';
import type { EngineBuffer } from '../../engine/buffers.ts';
import { plainType } from '../buffers/buffer-data.ts';
import { BufferSpec, type BufSpec, type MaybeBufSpec } from '../buffers/buffer-spec.ts';
import { check, checkRequest, fail } from '../arguments/check.ts';
import { CommBase } from '../communicators/comm-base.ts';
import { engine } from '../environment/lifecycle.ts';
import { Message } from './message.ts';
import { bufferedSend } from './buffered-sends.ts';
import {
	type Dest,
	receiveArguments,
	type ReceiveOptions,
	sendrecvArguments,
	type SendrecvArguments,
	type SendrecvOptions,
	type Tag,
} from './message-arguments.ts';
import { copyOfElements, ExchangeOperation } from './exchange-operation.ts';
import { DoneOperation, EngineOperation, type Operation } from '../requests/operation.ts';
import { isOptions, namedArguments } from '../arguments/options.ts';
import { Prequest } from '../requests/persistent.ts';
import { Request, statusOf } from '../requests/request.ts';
import { takeStatus, type Status } from '../requests/status.ts';
import { SEND_BUFFERED, SEND_READY, SEND_STANDARD, SEND_SYNCHRONOUS } from '../../engine/shared-numbers.ts';

/** `send` and `receive` are overwritten by each call that does not get a plain typed array. */
const sendSpec = new BufferSpec();
const receiveSpec = new BufferSpec();

export abstract class BufferMessages extends CommBase {
	/**
	 * Sends; comes back when the buffer may be used again. Small messages are buffered, for larger ones that may be
	 * when they are received.
	 */
	Send(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): void {
		const type = plainType(buf);
		if (type === 0 || typeof dest !== 'number' || typeof tag !== 'number') return this.#send(buf, dest, tag, SEND_STANDARD);
		if (dest >>> 0 !== dest || dest >= this.peers) this.checkDest(dest);
		if (tag >>> 0 !== tag || tag > safeTag) this.checkSendTag(tag);
		check(engine().send(buf as EngineBuffer, (buf as Uint8Array).length, type, dest, tag, this.handle, SEND_STANDARD), this);
	}

	/** As Send; needs memory given by `MPI.Attach_buffer`, and never waits for the receiver. */
	Bsend(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): void {
		this.#send(buf, dest, tag, SEND_BUFFERED);
	}

	/** As Send; comes back when the message is being received. */
	Ssend(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): void {
		this.#send(buf, dest, tag, SEND_SYNCHRONOUS);
	}

	/** As Send; the receiver must be waiting for the message already. */
	Rsend(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): void {
		this.#send(buf, dest, tag, SEND_READY);
	}

	/** Receives into the buffer, which may be larger than the message. */
	Recv(buf: MaybeBufSpec, source?: number, tag?: number, status?: Status | null): void;
	Recv(buf: MaybeBufSpec, options?: ReceiveOptions): void;
	Recv(buf: MaybeBufSpec, source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status?: Status | null): void {
		if (typeof source !== 'number') return this.#receiveNamed(buf, source);
		const type = plainType(buf);
		if (source >>> 0 !== source || source >= this.peers) this.checkSource(source);
		if (tag !== ANY_TAG && (tag >>> 0 !== tag || tag > safeTag)) this.checkReceiveTag(tag);
		const code =
			type === 0
				? this.#receive(buf, source, tag)
				: engine().recv(buf as EngineBuffer, (buf as Uint8Array).length, type, source, tag, this.handle);
		if (status !== undefined && status !== null) takeStatus(statusOf(status)!);
		check(code, this);
	}

	/** Sends and receives at once, which no order of two calls can make wait for ever. */
	Sendrecv(
		sendbuf: MaybeBufSpec,
		dest: number,
		sendtag?: number,
		recvbuf?: MaybeBufSpec,
		source?: number,
		recvtag?: number,
		status?: Status | null,
	): void;
	Sendrecv(sendbuf: MaybeBufSpec, dest: number, options: SendrecvOptions): void;
	Sendrecv(sendbuf: MaybeBufSpec, options: SendrecvOptions & { dest: number }): void;
	Sendrecv(
		sendbuf: MaybeBufSpec,
		dest: number | (SendrecvOptions & { dest: number }),
		sendtag: number | SendrecvOptions = 0,
		recvbuf: MaybeBufSpec = null,
		source: number = ANY_SOURCE,
		recvtag: number = ANY_TAG,
		status: Status | null = null,
	): void {
		const given = sendrecvArguments('Sendrecv', dest, sendtag, { recvbuf, source, recvtag, status });
		this.#checkBoth(given);
		const send = sendSpec.read(sendbuf, this);
		const receive = receiveSpec.read(given.recvbuf, this);
		const code = engine().sendrecv(
			...([send.view, send.count, send.type, given.dest, given.sendtag] as const),
			...([receive.view, receive.count, receive.type, given.source, given.recvtag, this.living()] as const),
		);
		this.#done(code, given.status);
	}

	/** As Sendrecv, into the buffer that was sent. */
	Sendrecv_replace(buf: BufSpec, dest: number, sendtag?: number, source?: number, recvtag?: number, status?: Status | null): void;
	Sendrecv_replace(buf: BufSpec, dest: number, options: Omit<SendrecvOptions, 'recvbuf'>): void;
	Sendrecv_replace(buf: BufSpec, options: Omit<SendrecvOptions, 'recvbuf'> & { dest: number }): void;
	Sendrecv_replace(
		buf: BufSpec,
		dest: number | (SendrecvOptions & { dest: number }),
		sendtag: number | SendrecvOptions = 0,
		source: number = ANY_SOURCE,
		recvtag: number = ANY_TAG,
		status: Status | null = null,
	): void {
		const given = sendrecvArguments('Sendrecv_replace', dest, sendtag, { source, recvtag, status });
		this.#checkBoth(given);
		const { view, count, type } = sendSpec.read(buf, this);
		this.#done(engine().sendrecvReplace(view, count, type, given.dest, given.sendtag, given.source, given.recvtag, this.living()), given.status);
	}

	/** As Send, and comes back at once: the buffer is used until the request is complete. */
	Isend(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Request {
		const type = plainType(buf);
		if (type === 0 || typeof dest !== 'number' || typeof tag !== 'number') return new Request(this.#startSend(buf, dest, tag, SEND_STANDARD));
		if (dest >>> 0 !== dest || dest >= this.peers) this.checkDest(dest);
		if (tag >>> 0 !== tag || tag > safeTag) this.checkSendTag(tag);
		const code = engine().isend(buf as EngineBuffer, (buf as Uint8Array).length, type, dest, tag, this.handle, SEND_STANDARD);
		return new Request(new EngineOperation(checkRequest(code, this), this));
	}

	Ibsend(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Request {
		return new Request(this.#startSend(buf, dest, tag, SEND_BUFFERED));
	}

	Issend(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Request {
		return new Request(this.#startSend(buf, dest, tag, SEND_SYNCHRONOUS));
	}

	Irsend(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Request {
		return new Request(this.#startSend(buf, dest, tag, SEND_READY));
	}

	/** As Recv, and comes back at once: the buffer is filled when the request is complete. */
	Irecv(buf: MaybeBufSpec, source?: number, tag?: number): Request;
	Irecv(buf: MaybeBufSpec, options?: Omit<ReceiveOptions, 'status'>): Request;
	Irecv(buf: MaybeBufSpec, source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG): Request {
		if (typeof source === 'number') return new Request(this.#startReceive(buf, source, tag));
		const given = receiveArguments('Irecv', source, tag);
		return new Request(this.#startReceive(buf, given.source, given.tag));
	}

	/** As Sendrecv, and comes back at once. The request's status is that of the message which was received. */
	Isendrecv(sendbuf: MaybeBufSpec, dest: number, sendtag?: number, recvbuf?: MaybeBufSpec, source?: number, recvtag?: number): Request;
	Isendrecv(sendbuf: MaybeBufSpec, dest: number, options: Omit<SendrecvOptions, 'status'>): Request;
	Isendrecv(sendbuf: MaybeBufSpec, options: Omit<SendrecvOptions, 'status'> & { dest: number }): Request;
	Isendrecv(
		sendbuf: MaybeBufSpec,
		dest: number | (SendrecvOptions & { dest: number }),
		sendtag: number | SendrecvOptions = 0,
		recvbuf: MaybeBufSpec = null,
		source: number = ANY_SOURCE,
		recvtag: number = ANY_TAG,
	): Request {
		const given = sendrecvArguments('Isendrecv', dest, sendtag, { recvbuf, source, recvtag });
		this.#checkBoth(given);
		return this.#exchange(sendSpec.read(sendbuf, this), given.recvbuf, given);
	}

	/** As Isendrecv, into the buffer that was sent: a copy of that is what is sent. */
	Isendrecv_replace(buf: BufSpec, dest: number, sendtag?: number, source?: number, recvtag?: number): Request;
	Isendrecv_replace(buf: BufSpec, dest: number, options: Omit<SendrecvOptions, 'recvbuf' | 'status'>): Request;
	Isendrecv_replace(buf: BufSpec, options: Omit<SendrecvOptions, 'recvbuf' | 'status'> & { dest: number }): Request;
	Isendrecv_replace(
		buf: BufSpec,
		dest: number | (SendrecvOptions & { dest: number }),
		sendtag: number | SendrecvOptions = 0,
		source: number = ANY_SOURCE,
		recvtag: number = ANY_TAG,
	): Request {
		const given = sendrecvArguments('Isendrecv_replace', dest, sendtag, { source, recvtag });
		this.#checkBoth(given);
		const sent = sendSpec.read(buf, this);
		sent.view = copyOfElements(sent);
		return this.#exchange(sent, buf, given);
	}

	// Persistent requests

	/** Describes a send that each `Start()` of the result does. */
	Send_init(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Prequest {
		return this.#sendInit(buf, dest, tag, SEND_STANDARD);
	}

	Bsend_init(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Prequest {
		return this.#sendInit(buf, dest, tag, SEND_BUFFERED);
	}

	Ssend_init(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Prequest {
		return this.#sendInit(buf, dest, tag, SEND_SYNCHRONOUS);
	}

	Rsend_init(buf: MaybeBufSpec, dest: Dest, tag: Tag = 0): Prequest {
		return this.#sendInit(buf, dest, tag, SEND_READY);
	}

	/** Describes a receive that each `Start()` of the result does. */
	Recv_init(buf: MaybeBufSpec, source?: number, tag?: number): Prequest;
	Recv_init(buf: MaybeBufSpec, options?: Omit<ReceiveOptions, 'status'>): Prequest;
	Recv_init(buf: MaybeBufSpec, source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG): Prequest {
		const given = receiveArguments('Recv_init', source, tag);
		this.#checkReceive(given.source, given.tag);
		receiveSpec.read(buf, this).clear();
		return new Prequest(() => this.#startReceive(buf, given.source, given.tag));
	}

	/** Not supported: see `Send_init()`, and a request for each part. */
	Psend_init(..._: readonly unknown[]): never {
		return this.#noParts('Psend_init()');
	}
	/** Not supported, as `Psend_init()`. */
	Precv_init(..._: readonly unknown[]): never {
		return this.#noParts('Precv_init()');
	}

	// Probes

	/** Waits for a message that a receive would take, and describes it. Always true, as in mpi4py. */
	Probe(source?: number, tag?: number, status?: Status | null): true;
	Probe(options?: ReceiveOptions): true;
	Probe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status?: Status | null): true {
		const given = receiveArguments('Probe', source, tag, status);
		this.#checkReceive(given.source, given.tag);
		this.#done(engine().probe(given.source, given.tag, this.living()), given.status);
		return true;
	}

	/** Whether there is a message that a receive would take. */
	Iprobe(source?: number, tag?: number, status?: Status | null): boolean;
	Iprobe(options?: ReceiveOptions): boolean;
	Iprobe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status?: Status | null): boolean {
		const given = receiveArguments('Iprobe', source, tag, status);
		this.#checkReceive(given.source, given.tag);
		check(engine().iprobe(given.source, given.tag, this.living()), this);
		if (engine().out[0] === 0) return false;
		if (given.status !== undefined) takeStatus(given.status);
		return true;
	}

	/** As Probe, and takes the message: no other receive can get it. */
	Mprobe(source?: number, tag?: number, status?: Status | null): Message;
	Mprobe(options?: ReceiveOptions): Message;
	Mprobe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status?: Status | null): Message {
		const given = receiveArguments('Mprobe', source, tag, status);
		this.#checkReceive(given.source, given.tag);
		this.#done(engine().mprobe(given.source, given.tag, this.living()), given.status);
		return Message.taken(engine().out[0]!, this);
	}

	/** As Iprobe, and takes the message; null when there is none. */
	Improbe(source?: number, tag?: number, status?: Status | null): Message | null;
	Improbe(options?: ReceiveOptions): Message | null;
	Improbe(source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status?: Status | null): Message | null {
		const given = receiveArguments('Improbe', source, tag, status);
		this.#checkReceive(given.source, given.tag);
		check(engine().improbe(given.source, given.tag, this.living()), this);
		if (engine().out[0] === 0) return null;
		if (given.status !== undefined) takeStatus(given.status);
		return Message.taken(engine().out[1]!, this);
	}

	/** The receive is posted first, so that it is there when a message to itself arrives. */
	#exchange({ view, count, type }: BufferSpec, recvbuf: MaybeBufSpec, { dest, sendtag, source, recvtag }: SendrecvArguments): Request {
		sendSpec.clear();
		const receive = this.#startReceive(recvbuf, source, recvtag);
		const send = engine().isend(view, count, type, dest, sendtag, this.living(), SEND_STANDARD);
		return new Request(new ExchangeOperation(receive, new EngineOperation(checkRequest(send, this), this)));
	}

	#send(buf: MaybeBufSpec, dest: Dest, tag: Tag, mode: number): void {
		const to = this.addressed(dest, tag);
		const spec = sendSpec.read(buf, this);
		const { view, count, type } = spec;
		sendSpec.clear();
		if (mode === SEND_BUFFERED) return bufferedSend(this, { view, count, type, datatype: spec.datatype }, to);
		check(engine().send(view, count, type, to.dest, to.tag, this.living(), mode), this);
	}

	#startSend(buf: MaybeBufSpec, dest: Dest, tag: Tag, mode: number): Operation<void> {
		if (mode === SEND_BUFFERED) {
			this.#send(buf, dest, tag, mode);
			return new DoneOperation();
		}
		const to = this.addressed(dest, tag);
		const { view, count, type } = sendSpec.read(buf, this);
		sendSpec.clear();
		return new EngineOperation(checkRequest(engine().isend(view, count, type, to.dest, to.tag, this.living(), mode), this), this);
	}

	#sendInit(buf: MaybeBufSpec, dest: Dest, tag: Tag, mode: number): Prequest {
		const to = this.addressed(dest, tag);
		sendSpec.read(buf, this).clear();
		return new Prequest(() => this.#startSend(buf, to.dest, to.tag, mode));
	}

	#receive(buf: MaybeBufSpec, source: number, tag: number): number {
		const { view, count, type } = receiveSpec.read(buf, this);
		receiveSpec.clear();
		return engine().recv(view, count, type, source, tag, this.living());
	}

	#receiveNamed(buf: MaybeBufSpec, options: ReceiveOptions): void {
		const given = receiveArguments('Recv', options, ANY_TAG);
		this.#checkReceive(given.source, given.tag);
		this.#done(this.#receive(buf, given.source, given.tag), given.status);
	}

	#startReceive(buf: MaybeBufSpec, source: number, tag: number): Operation<void> {
		this.#checkReceive(source, tag);
		const { view, count, type } = receiveSpec.read(buf, this);
		receiveSpec.clear();
		// MPICH says of such a receive that it was from rank 0.
		if (source === PROC_NULL) return new DoneOperation(PROC_NULL);
		return new EngineOperation(checkRequest(engine().irecv(view, count, type, source, tag, this.living()), this), this);
	}

	#checkReceive(source: number, tag: number): void {
		if (source >>> 0 !== source || source >= this.peers) this.checkSource(source);
		if (tag >>> 0 !== tag || tag > safeTag) this.checkReceiveTag(tag);
	}

	#checkBoth({ dest, sendtag, source, recvtag }: { dest: number; sendtag: number; source: number; recvtag: number }): void {
		this.checkDest(dest);
		this.checkSendTag(sendtag);
		this.#checkReceive(source, recvtag);
	}

	#noParts(method: string): never {
		this.living();
		const hint = 'Use a persistent request for each part: Send_init() and Recv_init() with the part of the buffer and a tag of its own.';
		return fail(ERR_UNSUPPORTED_OPERATION, `${method} is supported on no engine: messages cannot be sent in partitions. ${hint}`, this);
	}

	#done(code: number, status: Status | undefined): void {
		sendSpec.clear();
		receiveSpec.clear();
		if (status !== undefined) takeStatus(status);
		check(code, this);
	}

	/** @internal A send's destination and tag, checked. */
	addressed(dest: Dest, tag: Tag): { dest: number; tag: number } {
		const named: { dest?: number; tag?: number } = isOptions(dest)
			? namedArguments('Send', dest, ['dest', 'tag'])
			: isOptions(tag)
				? namedArguments('Send', tag, ['tag'])
				: { tag };
		const { tag: checkedTag = 0 } = named;
		const to = { dest: isOptions(dest) ? named.dest! : dest, tag: checkedTag };
		this.checkDest(to.dest);
		this.checkSendTag(to.tag);
		return to;
	}
}

/** Every engine takes tags up to this one: what MPI guarantees. Larger ones are looked at more closely. */
const safeTag = 32_767;
