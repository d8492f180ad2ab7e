/** A message that a matched probe (`Mprobe`) has taken: nobody but its holder can receive it. */
import { ANY_SOURCE, ANY_TAG, ERR_REQUEST } from '../../constants.ts';
import { MESSAGE_NO_PROC_HANDLE, NULL_HANDLE } from '../../handles.ts';
import { BufferSpec, type MaybeBufSpec } from '../buffers/buffer-spec.ts';
import { check, checkRequest, fail } from '../arguments/check.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { engine } from '../environment/lifecycle.ts';
import type { ReceiveOptions } from './message-arguments.ts';
import { ObjectReceive } from './object-receive.ts';
import { EngineOperation } from '../requests/operation.ts';
import { Request, statusOf, type StatusArgument } from '../requests/request.ts';
import { statusBytes, takeStatus, type Status } from '../requests/status.ts';

/** A communicator, as the probes that stand here need it. */
interface Probed {
	Mprobe(source: number, tag: number, status: Status | null): Message;
	Improbe(source: number, tag: number, status: Status | null): Message | null;
	mprobe(source: number, tag: number, status: Status | null): Message;
	improbe(source: number, tag: number, status: Status | null): Message | null;
}

const spec = new BufferSpec();

export class Message {
	/** The engine's number; 0 once it was received, as of MPI.MESSAGE_NULL. */
	handle: number;
	/** Absent of those that are predefined. */
	readonly #owner: CommBase | undefined;
	readonly #bytes: number;
	/** What has become of it where it was taken for a value. */
	#object: ObjectReceive<unknown> | undefined;

	/** @internal Matched probes make messages. */
	constructor(handle: number, from?: { owner: CommBase; bytes: number }) {
		this.handle = handle;
		this.#owner = from?.owner;
		this.#bytes = from?.bytes ?? 0;
	}

	/** @internal What the engine's last probe has found. */
	static taken(handle: number, owner: CommBase): Message {
		return handle === MESSAGE_NO_PROC_HANDLE ? MESSAGE_NO_PROC : new Message(handle, { owner, bytes: statusBytes(engine().status) });
	}

	/** As in mpi4py, it does nothing: a message that was taken is to be received. */
	free(): void {}

	/** Receives it into the buffer, which may be larger than the message. */
	Recv(buf: MaybeBufSpec, status?: StatusArgument): void {
		const target = statusOf(status);
		const { view, count, type } = spec.read(buf, this.#owner);
		spec.clear();
		const code = engine().mrecv(view, count, type, this.#take());
		if (target !== undefined) takeStatus(target);
		check(code, this.#owner);
	}

	/** As Recv, and comes back at once: the buffer is filled when the request is complete. */
	Irecv(buf: MaybeBufSpec): Request {
		const { view, count, type } = spec.read(buf, this.#owner);
		spec.clear();
		const number = checkRequest(engine().imrecv(view, count, type, this.#take()), this.#owner);
		return new Request(new EngineOperation(number, this.#owner));
	}

	/** Receives the value that it carries; null when it is MPI.MESSAGE_NO_PROC. */
	recv<T = unknown>(status?: StatusArgument): NoInfer<T> {
		return this.irecv<T>().wait(status);
	}

	/** As recv, and comes back at once. */
	irecv<T = unknown>(): Request<NoInfer<T>> {
		const object = this.#object ?? this.#asObject();
		this.#object = undefined;
		return new Request(object as ObjectReceive<T>);
	}

	/** As `comm.Probe` with the result of `comm.Mprobe`: the message is taken. */
	static Probe(comm: Probed, source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): Message {
		return comm.Mprobe(source as number, tag, status);
	}

	static Iprobe(comm: Probed, source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): Message | null {
		return comm.Improbe(source as number, tag, status);
	}

	static probe(comm: Probed, source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): Message {
		return comm.mprobe(source as number, tag, status);
	}

	static iprobe(comm: Probed, source: number | ReceiveOptions = ANY_SOURCE, tag: number = ANY_TAG, status: Status | null = null): Message | null {
		return comm.improbe(source as number, tag, status);
	}

	/** @internal Its header must be taken at once, so that no other receive gets what comes behind it. */
	takeObject(): this {
		if (this.handle !== MESSAGE_NO_PROC_HANDLE) this.#object = this.#asObject();
		return this;
	}

	#asObject(): ObjectReceive<unknown> {
		return new ObjectReceive<unknown>(this.#owner!, ANY_SOURCE, ANY_TAG).take(this.#take(), this.#bytes);
	}

	#take(): number {
		const { handle } = this;
		if (handle === NULL_HANDLE) fail(ERR_REQUEST, 'There is no message: it is MPI.MESSAGE_NULL, or was received.', this.#owner);
		if (handle !== MESSAGE_NO_PROC_HANDLE) this.handle = NULL_HANDLE;
		return handle;
	}
}

export const MESSAGE_NULL: Message = new Message(NULL_HANDLE);
/** What a probe of PROC_NULL finds: receiving it completes at once, with nothing. */
export const MESSAGE_NO_PROC: Message = new Message(MESSAGE_NO_PROC_HANDLE);
