/**
 * What a rank waits for, on record in the job's segment for the launcher, which finds out whether ranks wait for each
 * other for ever.
 *
 * Words: 0 version, odd while it is being written; 1 since when (1 = a record is there); 2 length of the text; 3 how
 * many requirements; 4 flags: 1 = in the event loop; 8- the text, UTF-8; then for each requirement a set of ranks, a
 * bit for each. The rank goes on when *every* requirement is met, and each can be met by *any* rank of its set.
 * (Waiting for any of several requests is one requirement, by the ranks that could complete one of them.) A rank with
 * more requirements than there is room for leaves some out: it looks less hopeless then than it is, never more.
 *
 * A reader takes the version, the content, and the version again. A writer killed in between leaves it odd: there is no
 * record then.
 */

export interface WaitRecord {
	/** Changes whenever the rank has waited for something else meanwhile. */
	readonly version: number;
	/** `recv(source=2, tag=5) at deadlock.mjs:2` */
	readonly text: string;
	/** Each can be met by any of these ranks; all must be. */
	readonly requirements: readonly (readonly number[])[];
	/** Whether it waits in its event loop, so that other things can go on in it. */
	readonly inLoop: boolean;
}

export interface Waiting {
	readonly text: string;
	readonly requirements: readonly (readonly number[])[];
	readonly inLoop: boolean;
}

const field = { version: 0, present: 1, textBytes: 2, requirements: 3, inLoop: 4, text: 8 } as const;
const textWords = 128;
const mostRequirements = 16;

export function waitRecordWords(size: number): number {
	return field.text + textWords + mostRequirements * setWords(size);
}

export function readWaitRecord(words: Int32Array, base: number, size: number): WaitRecord | undefined {
	const version = Atomics.load(words, base + field.version);
	if ((version & 1) === 1 || Atomics.load(words, base + field.present) === 0) return undefined;
	const copy = words.slice(base, base + waitRecordWords(size));
	if (Atomics.load(words, base + field.version) !== version) return undefined;
	const requirements = Array.from({ length: copy[field.requirements]! }, (_, i) => {
		const at = field.text + textWords + i * setWords(size);
		return Array.from({ length: size }, (_, rank) => rank).filter((rank) => (copy[at + (rank >>> 5)]! & (1 << (rank & 31))) !== 0);
	});
	const text = new TextDecoder().decode(new Uint8Array(copy.buffer, field.text * 4, copy[field.textBytes]));
	return { version, text, requirements, inLoop: copy[field.inLoop] === 1 };
}

export class WaitRecordWriter {
	readonly #words: Int32Array;
	readonly #base: number;
	readonly #size: number;

	constructor(words: Int32Array, base: number, size: number) {
		this.#words = words;
		this.#base = base;
		this.#size = size;
	}

	write({ text, requirements, inLoop }: Waiting): void {
		const [words, base] = [this.#words, this.#base];
		this.#begin();
		const room = new Uint8Array(words.buffer, words.byteOffset + (base + field.text) * 4, textWords * 4);
		words[base + field.textBytes] = new TextEncoder().encodeInto(text, room).written;
		words[base + field.inLoop] = inLoop ? 1 : 0;
		const sets = requirements.slice(0, mostRequirements);
		words[base + field.requirements] = sets.length;
		for (const [i, ranks] of sets.entries()) {
			const at = base + field.text + textWords + i * setWords(this.#size);
			words.fill(0, at, at + setWords(this.#size));
			for (const rank of ranks) words[at + (rank >>> 5)]! |= 1 << (rank & 31);
		}
		words[base + field.present] = 1;
		this.#end();
	}

	clear(): void {
		this.#begin();
		this.#words[this.#base + field.present] = 0;
		this.#end();
	}

	#begin(): void {
		Atomics.store(this.#words, this.#base + field.version, (Atomics.load(this.#words, this.#base + field.version) | 1) + 0);
	}

	#end(): void {
		Atomics.store(this.#words, this.#base + field.version, (Atomics.load(this.#words, this.#base + field.version) | 1) + 1);
	}
}

function setWords(size: number): number {
	return Math.ceil(size / 32);
}
