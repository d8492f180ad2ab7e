/** Sending a value: its header, then its payloads, one behind the other. */
import { PROC_NULL } from '../../constants.ts';
import { check, checkRequest } from '../arguments/check.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import type { Awaited } from '../../engine/requests.ts';
import { engine } from '../environment/lifecycle.ts';
import { piecesOf } from './object-receive.ts';
import { packBorrowed, packOwned, type Packed, type Way } from './object-wire.ts';
import { bufferedSend } from './buffered-sends.ts';
import { DoneOperation, EngineOperation, NO_NUMBER, type Operation } from '../requests/operation.ts';
import { BYTE } from '../datatypes/predefined.ts';
import { Status, takeStatus } from '../requests/status.ts';
import { SEND_BUFFERED, SEND_STANDARD, SEND_SYNCHRONOUS } from '../../engine/shared-numbers.ts';

/** Where a message goes; all valid. */
export interface Envelope {
	readonly dest: number;
	readonly tag: number;
	/** SEND_*. */
	readonly mode: number;
}

/** Blocks until the value is under way, as the mode says. */
export function sendObject(comm: CommBase, value: unknown, { dest, tag, mode }: Envelope): void {
	if (dest === PROC_NULL) return;
	const { bytes, length, payloads, hasOutOfBand, discard } = packBorrowed(value, wayTo(comm, dest, mode));
	if (mode === SEND_BUFFERED) {
		try {
			sendBuffered(comm, bytes.subarray(0, length), { dest, tag });
		} catch (error) {
			discard();
			throw error;
		}
		for (const payload of payloads) for (const piece of piecesOf(payload)) sendBuffered(comm, piece, { dest, tag });
		return;
	}
	const code = engine().send(bytes, length, byteType, dest, tag, comm.handle, hasOutOfBand ? SEND_SYNCHRONOUS : mode);
	if (code !== 0) {
		discard();
		check(code, comm);
	}
	for (const payload of payloads) {
		for (const piece of piecesOf(payload)) check(engine().send(piece, piece.length, byteType, dest, tag, comm.handle, SEND_STANDARD), comm);
	}
}

/** Starts to send the value. */
export function startSendObject(comm: CommBase, value: unknown, envelope: Envelope): Operation<void> {
	if (envelope.dest === PROC_NULL) return new DoneOperation();
	if (envelope.mode === SEND_BUFFERED) {
		sendObject(comm, value, envelope);
		return new DoneOperation();
	}
	const packed = packOwned(value, wayTo(comm, envelope.dest, envelope.mode));
	const header = startHeader(comm, packed, envelope);
	return packed.payloads.length === 0 ? new EngineOperation(header, comm) : new SendParts(comm, [header, ...startPayloads(comm, packed, envelope)]);
}

const byteType = BYTE.handle;

function sendBuffered(comm: CommBase, bytes: Uint8Array, to: { dest: number; tag: number }): void {
	bufferedSend(comm, { view: bytes, count: bytes.length, type: byteType, datatype: BYTE }, to);
}

/** What waits for nobody, in a buffer or for this rank itself, does not go out-of-band. */
function wayTo(comm: CommBase, dest: number, mode: number): Way {
	return mode === SEND_BUFFERED || (comm.is_intra && dest === comm.rank) ? 'messages' : 'out-of-band';
}

function startHeader(comm: CommBase, { bytes, length, hasOutOfBand, discard }: Packed, { dest, tag, mode }: Envelope): number {
	const request = engine().isend(bytes, length, byteType, dest, tag, comm.handle, hasOutOfBand ? SEND_SYNCHRONOUS : mode);
	if (request < 0) discard();
	return checkRequest(request, comm);
}

/** That the header is being received says of the whole message that it is. */
function startPayloads(comm: CommBase, { payloads }: Packed, { dest, tag }: Envelope): number[] {
	return payloads.flatMap((payload) =>
		Array.from(piecesOf(payload), (piece) =>
			checkRequest(engine().isend(piece, piece.length, byteType, dest, tag, comm.handle, SEND_STANDARD), comm),
		),
	);
}

/** All parts of a message under way. */
class SendParts implements Operation<void> {
	readonly #comm: CommBase;
	readonly #numbers: number[];

	constructor(comm: CommBase, numbers: number[]) {
		this.#comm = comm;
		this.#numbers = numbers;
	}

	get number(): number {
		return NO_NUMBER;
	}

	awaited(): readonly Awaited[] {
		return this.#numbers.slice(0, 1);
	}

	advance(status: Status): boolean {
		while (this.#numbers.length > 0) {
			const code = engine().test(this.#numbers[0]!);
			if (code === 0 && engine().out[0] === 0) return false;
			this.#numbers.shift();
			takeStatus(status);
			check(code, this.#comm);
		}
		return true;
	}

	block(status: Status | undefined): void {
		while (this.#numbers.length > 0) {
			const code = engine().wait(this.#numbers.shift()!);
			if (status !== undefined) takeStatus(status);
			check(code, this.#comm);
		}
	}

	finishWith(): void {}

	value(): void {}

	/** What was sent in part cannot be taken back: it is sent. */
	cancel(): void {}

	free(): void {
		for (const number of this.#numbers.splice(0)) check(engine().freeRequest(number), this.#comm);
	}
}
