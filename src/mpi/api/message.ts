/** A message that a matched probe (`Mprobe`) has taken: nobody but its holder can receive it. */
import { ERR_REQUEST } from '../constants.ts';
import { MESSAGE_NO_PROC_HANDLE, NULL_HANDLE } from '../handles.ts';
import { BufferSpec, type MaybeBufSpec } from './buffer-spec.ts';
import { check, checkRequest, fail, type ErrorOwner } from './check.ts';
import { engine } from './lifecycle.ts';
import { EngineOperation } from './operation.ts';
import { Request, statusOf, type StatusArgument } from './request.ts';
import { takeStatus } from './status.ts';

const spec = new BufferSpec();

export class Message {
	/** The engine's number; 0 once it was received, as of MPI.MESSAGE_NULL. */
	handle: number;
	readonly #owner: ErrorOwner | undefined;

	/** @internal Matched probes make messages. */
	constructor(handle: number, owner?: ErrorOwner) {
		this.handle = handle;
		this.#owner = owner;
	}

	/** @internal */
	static taken(handle: number, owner: ErrorOwner): Message {
		return handle === MESSAGE_NO_PROC_HANDLE ? MESSAGE_NO_PROC : new Message(handle, owner);
	}

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
