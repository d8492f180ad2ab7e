/** Long messages on their way through a block: a step or more at each call, until `advance` says that it is through. */
import type { Block } from './block.ts';
import type { Link } from './link.ts';
import type { Operation } from './operation.ts';

export interface Stream {
	readonly operation: Operation;
	/** How many bytes have passed. */
	readonly done: number;
	/** As far as it goes now; true when that was the end. */
	advance(): boolean;
}

/** From memory of this rank. */
export class OutStream implements Stream {
	readonly operation: Operation;
	readonly #link: Link;
	readonly #block: Block;
	readonly #finish: () => void;
	done = 0;

	constructor(link: Link, operation: Operation, block: Block, finish: () => void) {
		this.#link = link;
		this.operation = operation;
		this.#block = block;
		this.#finish = finish;
	}

	advance(): boolean {
		const { memory } = this.operation;
		while (this.done < memory.length) {
			const done = this.#block.write(memory, this.done);
			if (done === this.done) return false;
			this.done = done;
			this.#link.wake();
		}
		this.#finish();
		return true;
	}
}

/** Into memory of this rank. */
export class InStream implements Stream {
	readonly operation: Operation;
	readonly #link: Link;
	readonly #block: Block;
	readonly #length: number;
	readonly #finish: () => void;
	done = 0;

	constructor(link: Link, operation: Operation, block: Block, length: number, finish: () => void) {
		this.#link = link;
		this.operation = operation;
		this.#block = block;
		this.#length = length;
		this.#finish = finish;
	}

	advance(): boolean {
		const { memory } = this.operation;
		while (this.done < this.#length) {
			const done = this.#block.read(memory, this.done, this.#length);
			if (done === this.done) return false;
			this.done = done;
			if (this.#block.isWanted()) this.#link.wake();
		}
		this.#finish();
		return true;
	}
}

/** Those that are under way. */
export class Streams {
	readonly #streams: Stream[] = [];

	get isEmpty(): boolean {
		return this.#streams.length === 0;
	}

	get hasOutgoing(): boolean {
		return this.#streams.some((stream) => stream instanceof OutStream);
	}

	has(operation: Operation): boolean {
		return this.#streams.some((stream) => stream.operation === operation);
	}

	/** Ends those from and to a rank; gives their operations. */
	takeAll(rank: number): Operation[] {
		const taken: Operation[] = [];
		for (let i = this.#streams.length - 1; i >= 0; i--) {
			const stream = this.#streams[i]!;
			const isMessage = stream instanceof OutStream || stream instanceof InStream;
			if (!isMessage || stream.operation.peer !== rank) continue;
			this.#streams.splice(i, 1);
			taken.push(stream.operation);
		}
		return taken;
	}

	add(stream: Stream): void {
		if (!stream.advance()) this.#streams.push(stream);
	}

	/** All of them, as far as they go. Whether anything has passed. */
	carry(): boolean {
		let hasMoved = false;
		for (let i = this.#streams.length - 1; i >= 0; i--) {
			const stream = this.#streams[i]!;
			const before = stream.done;
			if (stream.advance()) this.#streams.splice(i, 1);
			hasMoved ||= stream.done !== before;
		}
		return hasMoved;
	}
}
