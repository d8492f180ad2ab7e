/**
 * Receiving a value: its header by a matched probe, then its payloads.
 *
 * A receive that was started (`irecv`) is not posted to the engine, since nobody knows yet how long the message will
 * be. It waits in a list, and whoever makes progress probes for those in the list, in the order of the calls: a message
 * goes to the first of them that it fits, as if they had been posted. A blocking receive stands at the end of the list.
 * While the list is not empty, calls that block serve it (serving.ts).
 */
import { ANY_SOURCE, ANY_TAG, ERR_COMM, PROC_NULL } from '../../constants.ts';
import { MESSAGE_NO_PROC_HANDLE } from '../../handles.ts';
import { check, checkRequest, exceptionFor } from '../arguments/check.ts';
import { Exception } from '../errors/exception.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import type { Awaited } from '../../engine/requests.ts';
import { beforeFinalize, engine, whenLeft } from '../environment/lifecycle.ts';
import { decodeValue } from './decode-value.ts';
import { isPlain, readHeader, type Header } from './object-wire.ts';
import { NO_NUMBER, type Operation } from '../requests/operation.ts';
import { BYTE } from '../datatypes/predefined.ts';
import { beginServing, directEngine, endServing } from './serving.ts';
import { statusBytes, Status, takeStatus, copyStatus } from '../requests/status.ts';
import { STATUS_SOURCE, STATUS_TAG } from '../../engine/shared-numbers.ts';

/** Blocks until the value is here; `source` and `tag` are valid. */
export function receiveObject(comm: CommBase, source: number, tag: number, status: Status | undefined): unknown {
	if (waiting.length > 0 || source === PROC_NULL) return receiveInTurn(comm, source, tag, status);
	const scratch = takeScratch();
	const code = engine().mprobeRecv(scratch, scratchBytes, source, tag, comm.handle);
	if (code !== 0) check(code, comm);
	const length = statusBytes(engine().status);
	if (length > scratchBytes) {
		idleScratch = scratch;
		return receiveLong(comm, length, status);
	}
	if (status !== undefined) takeStatus(status);
	try {
		if (isPlain(scratch, 0)) return decodeValue(scratch, 0, length);
		return receiveRest(comm, scratch.slice(0, length), status);
	} finally {
		idleScratch = scratch;
	}
}

/** The message whose handle the engine has just given. */
function receiveLong(comm: CommBase, length: number, status: Status | undefined): unknown {
	const bytes = new Uint8Array(length);
	const code = engine().mrecv(bytes, length, byteType, engine().out[0]!);
	if (status !== undefined) takeStatus(status);
	check(code, comm);
	return isPlain(bytes, 0) ? decodeValue(bytes, 0, length) : receiveRest(comm, bytes, status);
}

/** A receive that was started, or a message that was taken. */
export class ObjectReceive<T> implements Operation<T> {
	/** Unmatched: what it waits for. */
	readonly source: number;
	readonly tag: number;
	readonly comm: CommBase;
	readonly #status: Status = new Status();
	#state: 'unmatched' | 'matched' | 'cancelled' = 'unmatched';
	#header: Header | undefined;
	#payloads: Payloads | undefined;
	#value: T | null = null;
	#error: unknown;

	constructor(comm: CommBase, source: number, tag: number) {
		this.comm = comm;
		this.source = source;
		this.tag = tag;
	}

	get number(): number {
		return NO_NUMBER;
	}

	/** Takes part in the matching from now on. */
	wait(): this {
		waiting.push(this);
		if (waiting.length === 1) beginServing(serveAll);
		serveAll();
		return this;
	}

	fits(comm: CommBase, source: number, tag: number): boolean {
		return this.comm === comm && (this.source === ANY_SOURCE || this.source === source) && (this.tag === ANY_TAG || this.tag === tag);
	}

	/** It will not be complete by a message. */
	fail(error: Error): void {
		this.#state = 'matched';
		this.#error = error;
	}

	/**
	 * The engine's message is this one's: takes its header, and posts receives for the payloads. What fails is thrown
	 * to who completes it.
	 */
	take(message: number, length: number): this {
		this.#state = 'matched';
		try {
			this.#takeHeader(message, length);
		} catch (error) {
			this.#error = error;
		}
		return this;
	}

	advance(status: Status): boolean {
		if (this.#state === 'unmatched') serveAll();
		if (this.#state === 'unmatched' || this.#payloads?.areHere() === false) return false;
		this.#finish(status);
		return true;
	}

	awaited(): readonly Awaited[] {
		const { comm, source, tag } = this;
		return this.#state === 'unmatched' ? [{ comm: comm.handle, source, tag }] : (this.#payloads?.numbers ?? []);
	}

	block(status: Status | undefined): void {
		if (this.#state === 'unmatched') blockUntilMatched(this);
		this.#payloads?.wait();
		this.#finish(status);
	}

	finishWith(): void {}

	value(): T {
		return this.#value as T;
	}

	cancel(): void {
		if (this.#state !== 'unmatched') return;
		this.#state = 'cancelled';
		this.#status.cancelled = true;
		stopWaiting(this);
	}

	/** It is received all the same, as a receive that was posted, and nobody sees it. */
	free(): void {}

	#takeHeader(message: number, length: number): void {
		const bytes = new Uint8Array(length);
		const code = directEngine().mrecv(bytes, length, byteType, message);
		takeStatus(this.#status);
		check(code, this.comm);
		if (message === MESSAGE_NO_PROC_HANDLE) return;
		this.#header = readHeader(bytes, 0, length);
		this.#status.count += this.#header.outOfBandBytes;
		if (this.#header.payloadSizes.length > 0) this.#payloads = new Payloads(this.comm, this.#header.payloadSizes, this.#status);
	}

	#finish(status: Status | undefined): void {
		if (status !== undefined) copyStatus(this.#status, status);
		if (this.#error !== undefined) throw this.#error as Error;
		if (this.#header === undefined) return;
		const header = this.#header;
		this.#header = undefined;
		this.#value = header.value(this.#payloads?.buffers ?? []) as T;
		this.#payloads = undefined;
	}
}

/** The payloads of a message whose header was taken; receives for them are posted by the constructor. */
class Payloads {
	readonly buffers: ArrayBuffer[];
	readonly #comm: CommBase;
	readonly numbers: number[] = [];

	/** @param status - of the header: says whose the payloads are, and is told how long the whole message is */
	constructor(comm: CommBase, sizes: readonly number[], status: Status) {
		this.#comm = comm;
		this.buffers = sizes.map((size) => new ArrayBuffer(size));
		const { source, tag } = status;
		for (const buffer of this.buffers) {
			for (const piece of piecesOf(new Uint8Array(buffer))) {
				this.numbers.push(checkRequest(directEngine().irecv(piece, piece.length, byteType, source, tag, comm.handle), comm));
			}
			status.count += buffer.byteLength;
		}
	}

	areHere(): boolean {
		while (this.numbers.length > 0) {
			const code = directEngine().test(this.numbers[0]!);
			if (code === 0 && engine().out[0] === 0) return false;
			this.numbers.shift();
			check(code, this.#comm);
		}
		return true;
	}

	wait(): void {
		while (this.numbers.length > 0) check(engine().wait(this.numbers.shift()!), this.#comm);
	}
}

/** One message may be so long. */
const pieceBytes = 2 ** 30;

export function* piecesOf(bytes: Uint8Array): Iterable<Uint8Array> {
	for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.length <= pieceBytes ? bytes : bytes.subarray(at, at + pieceBytes);
}

/** Messages up to this size are received into memory that is used again. */
const scratchBytes = 65_536;
const byteType = BYTE.handle;
/** Absent while in use: decoding may run code of the program's. */
let idleScratch: Uint8Array | undefined;

function takeScratch(): Uint8Array {
	const scratch = idleScratch ?? new Uint8Array(scratchBytes);
	idleScratch = undefined;
	return scratch;
}

function receiveRest(comm: CommBase, bytes: Uint8Array, given: Status | undefined): unknown {
	const status = given ?? new Status();
	if (given === undefined) takeStatus(status);
	const header = readHeader(bytes, 0, bytes.length);
	status.count += header.outOfBandBytes;
	const payloads = new Payloads(comm, header.payloadSizes, status);
	payloads.wait();
	return header.value(payloads.buffers);
}

/** Receives that were started and have matched nothing yet, in the order of the calls. */
const waiting: ObjectReceive<unknown>[] = [];
beforeFinalize(() => {
	for (const receive of [...waiting]) receive.cancel();
});
whenLeft(() => (waiting.length = 0));

function receiveInTurn(comm: CommBase, source: number, tag: number, status: Status | undefined): unknown {
	const receive = new ObjectReceive<unknown>(comm, source, tag);
	receive.wait().block(status);
	return receive.value();
}

/** The one that waits alone asks the engine to wait, which can then say what for. */
function blockUntilMatched(receive: ObjectReceive<unknown>): void {
	if (waiting.length > 1) {
		return directEngine().block(
			() => (serveAll(), !waiting.includes(receive)),
			() => receive.awaited(),
		);
	}
	const { comm, source, tag } = receive;
	stopWaiting(receive);
	check(engine().mprobe(source, tag, comm.living()), comm);
	receive.take(engine().out[0]!, statusBytes(engine().status));
}

/** Takes the messages that have come for those who wait. */
function serveAll(): void {
	for (let i = 0; i < waiting.length;) i = serve(waiting[i]!) ? 0 : i + 1;
}

/** False: nothing has come for it. True: somebody is served, or it has failed. */
function serve(receive: ObjectReceive<unknown>): boolean {
	const { comm, source, tag } = receive;
	const code = comm.handle === 0 ? 0 : directEngine().improbe(source, tag, comm.handle);
	if (comm.handle === 0 || code !== 0) {
		stopWaiting(receive);
		receive.fail(
			code === 0
				? new Exception(ERR_COMM, { text: 'the communicator was freed while a receive was waiting for a message' })
				: exceptionFor(code),
		);
		return true;
	}
	const { out, status } = engine();
	if (out[0] === 0) return false;
	const message = out[1]!;
	const first = waiting.find((other) => other.fits(comm, status[STATUS_SOURCE]!, status[STATUS_TAG]!)) ?? receive;
	stopWaiting(first);
	first.take(message, statusBytes(status));
	return true;
}

function stopWaiting(receive: ObjectReceive<unknown>): void {
	const place = waiting.indexOf(receive);
	if (place >= 0) waiting.splice(place, 1);
	if (waiting.length === 0) endServing();
}
