/**
 * A block: where a message lies that is too long for the ring. It belongs to its sender, who gives it to one message
 * after the other; its receiver maps it once.
 *
 * Memory: a page of control (word 0: how many bytes of the message were written; word 16: how many were read; word 32:
 * whether the writer waits for reading), then 1 MiB of data. The cell that announces the message is published first;
 * then the writer writes in steps, and the reader follows it, so both copy at once. What is longer than the block goes
 * round in it, behind the reader. Both counts go from 0 modulo 2^32, and neither side touches what the other has: from
 * `read` to `written` is the reader's. The block is free again when all was read: the writer sets both counts to 0
 * before it announces the next message, which the reader of that one sees.
 *
 * Whoever of both is killed leaves the counts where they are, and the other one waits for ever, until the job ends.
 */

export const blockBytes: number = 2 ** 20;
const controlBytes = 4096;
const stepBytes = 2 ** 15;
const writtenWord = 0;
const readWord = 16;
const wantedWord = 32;

/** Memory that a block takes of the job's file. */
export const blockExtentBytes: number = controlBytes + blockBytes;

export class Block {
	readonly page: number;
	readonly #words: Int32Array;
	readonly #bytes: Uint8Array;

	constructor(page: number, memory: ArrayBuffer) {
		this.page = page;
		this.#words = new Int32Array(memory, 0, controlBytes / 4);
		this.#bytes = new Uint8Array(memory, controlBytes, blockBytes);
	}

	/** For the next message; before it is announced. */
	prepare(): void {
		Atomics.store(this.#words, wantedWord, 0);
		Atomics.store(this.#words, readWord, 0);
		Atomics.store(this.#words, writtenWord, 0);
	}

	/** Writes one step of the message, of which `done` bytes were written before. Returns how many there are now. */
	write(message: Uint8Array, done: number): number {
		const read = done - ((done - Atomics.load(this.#words, readWord)) | 0);
		const length = Math.min(stepBytes, message.length - done, read + blockBytes - done, blockBytes - (done % blockBytes));
		if (length <= 0) return done;
		this.#bytes.set(message.subarray(done, done + length), done % blockBytes);
		Atomics.store(this.#words, writtenWord, (done + length) | 0);
		return done + length;
	}

	/** Reads one step of a message; bytes behind the target's end are skipped. Returns how many were read by now. */
	read(target: Uint8Array, done: number, total: number): number {
		const written = Math.min(total, done + ((Atomics.load(this.#words, writtenWord) - done) | 0));
		const length = Math.min(2 * stepBytes, written - done, blockBytes - (done % blockBytes));
		if (length <= 0) return done;
		const kept = Math.min(length, target.length - done);
		const from = done % blockBytes;
		if (kept > 0) target.set(this.#bytes.subarray(from, from + kept), done);
		Atomics.store(this.#words, readWord, (done + length) | 0);
		return done + length;
	}

	/** Whether all of a message of this length was read. */
	isRead(length: number): boolean {
		return Atomics.load(this.#words, readWord) === (length | 0);
	}

	/** Said by the writer that is about to sleep. */
	want(): void {
		Atomics.store(this.#words, wantedWord, 1);
	}

	/** Asked by the reader after a step. */
	isWanted(): boolean {
		return Atomics.load(this.#words, wantedWord) === 1;
	}
}
