/**
 * Memory for buffered sends (`Bsend` and its like): a buffer for the whole process, which is the engine's, or one for a
 * communicator alone, which comes first.
 *
 * A communicator's buffer is counted here and not written to: a message is sent from a copy of its own, and takes as
 * much of what was attached as it would need there, until it is under way. So the same holds on every engine, whose MPI
 * may know none but the buffer of the process.
 */
import { BSEND_OVERHEAD, ERR_BUFFER } from '../../constants.ts';
import { check, checkRequest, fail } from '../arguments/check.ts';
import type { Block } from '../buffers/buffer-overlap.ts';
import { type BufferData, viewOf } from '../buffers/memory-view.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { beforeFinalize, engine, whenLeft } from '../environment/lifecycle.ts';
import { NO_NUMBER, type Operation } from '../requests/operation.ts';
import { copyOfElements } from './exchange-operation.ts';
import { SEND_BUFFERED, SEND_STANDARD } from '../../engine/shared-numbers.ts';

/** MPI.BUFFER_AUTOMATIC: as much memory as the messages need. */
export class BufferAutomatic {
	/** @internal */
	private readonly isAutomatic = true;

	toString(): string {
		return this.isAutomatic ? 'MPI.BUFFER_AUTOMATIC' : '';
	}
}

export const BUFFER_AUTOMATIC: BufferAutomatic = new BufferAutomatic();

export type AttachedBuffer = BufferData | BufferAutomatic;

/** Sends a copy; never waits for the receiver. */
export function bufferedSend(comm: CommBase, block: Block, { dest, tag }: { dest: number; tag: number }): void {
	const { view, count, type, datatype } = block;
	const handle = comm.living();
	const own = buffers.get(comm) ?? forAll;
	if (own === undefined) {
		check(engine().send(view, count, type, dest, tag, handle, SEND_BUFFERED), comm);
		return;
	}
	own.take(count * datatype.size, comm, () =>
		checkRequest(engine().isend(copyOfElements(block), count, type, dest, tag, handle, SEND_STANDARD), comm),
	);
}

export function attachTo(comm: CommBase, buf: AttachedBuffer | null): void {
	comm.living();
	if (buffers.has(comm)) fail(ERR_BUFFER, `Cannot attach a second buffer to ${comm.name || 'the communicator'}: detach the first one.`, comm);
	// null is what mpi4py takes for BUFFER_AUTOMATIC
	buffers.set(comm, new SendBuffer(buf ?? BUFFER_AUTOMATIC, comm));
}

/** Waits until all that was sent from it is under way; null when there is none. */
export function detachFrom(comm: CommBase): AttachedBuffer | null {
	comm.living();
	const own = buffers.get(comm);
	if (own === undefined) return null;
	own.flush();
	buffers.delete(comm);
	return own.attached;
}

export function flushOf(comm: CommBase): void {
	comm.living();
	buffers.get(comm)?.flush();
}

/** Complete when all that has been sent so far is under way. */
export function flushing(comm: CommBase): Operation<void> {
	comm.living();
	return new Flushing(buffers.get(comm));
}

/** All buffered sends of communicators that have no buffer of their own take what they need. */
export function attachAutomatic(): void {
	forAll = new SendBuffer(BUFFER_AUTOMATIC);
}

export function detachAutomatic(): void {
	forAll?.flush();
	forAll = undefined;
}

export function flushAutomatic(): void {
	forAll?.flush();
}

export function flushingAutomatic(): Operation<void> {
	return new Flushing(forAll);
}

class SendBuffer {
	readonly attached: AttachedBuffer;
	readonly #capacity: number;
	readonly #sends: { readonly request: number; readonly bytes: number }[] = [];
	#used = 0;

	constructor(attached: AttachedBuffer, owner?: CommBase) {
		this.attached = attached;
		this.#capacity = attached instanceof BufferAutomatic ? Infinity : viewOf(attached, owner).byteLength;
		hook();
	}

	/** @param start - gives a request */
	take(size: number, comm: CommBase, start: () => number): void {
		this.isUnderWay();
		const bytes = size + BSEND_OVERHEAD;
		if (this.#used + bytes > this.#capacity) {
			fail(
				ERR_BUFFER,
				`The attached buffer has ${this.#capacity} bytes, of which ${this.#used} are in use: the message needs ${bytes} (its data and MPI.BSEND_OVERHEAD). Attach a larger one, or call Flush_buffer() before.`,
				comm,
			);
		}
		this.#sends.push({ request: start(), bytes });
		this.#used += bytes;
	}

	/** Whether nothing is in it any more, after what could be done without waiting. */
	isUnderWay(): boolean {
		for (let i = this.#sends.length - 1; i >= 0; i--) {
			const { request, bytes } = this.#sends[i]!;
			const code = engine().test(request);
			if (code === 0 && engine().out[0] === 0) continue;
			this.#sends.splice(i, 1);
			this.#used -= bytes;
			check(code);
		}
		return this.#sends.length === 0;
	}

	flush(): void {
		for (const { request } of this.#sends.splice(0)) check(engine().wait(request));
		this.#used = 0;
	}

	/** In a process that is no rank any more. */
	drop(): void {
		this.#sends.length = 0;
		this.#used = 0;
	}
}

class Flushing implements Operation<void> {
	readonly #buffer: SendBuffer | undefined;

	constructor(buffer: SendBuffer | undefined) {
		this.#buffer = buffer;
	}

	get number(): number {
		return NO_NUMBER;
	}

	advance(): boolean {
		return this.#buffer?.isUnderWay() ?? true;
	}

	block(): void {
		this.#buffer?.flush();
	}

	finishWith(): void {}
	value(): void {}
	cancel(): void {}
	free(): void {}
}

const buffers = new Map<CommBase, SendBuffer>();
let forAll: SendBuffer | undefined;
let isHooked = false;

/** The job's end waits for what was sent. */
function hook(): void {
	if (isHooked) return;
	isHooked = true;
	beforeFinalize(() => {
		for (const buffer of everyBuffer()) buffer.flush();
	});
}

function everyBuffer(): SendBuffer[] {
	return [...buffers.values(), ...(forAll === undefined ? [] : [forAll])];
}

whenLeft(() => {
	for (const buffer of everyBuffer()) buffer.drop();
	isHooked = false;
});
