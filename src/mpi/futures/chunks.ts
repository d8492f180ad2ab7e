/**
 * The results of a map: its items go to the crew in chunks, so far ahead as the workers and the consumer need. So an
 * input may be endless.
 */
import { decode } from '../../codec/decode.ts';
import type { Outcome } from './messages.ts';

/** A chunk that is under way. Its outcome is never a rejection. */
export interface Chunk {
	readonly outcome: Promise<readonly Outcome[] | { readonly error: unknown }>;
	cancel(): void;
}

export interface ChunkOptions {
	readonly items: Iterable<unknown> | AsyncIterable<unknown>;
	/** How many items a chunk has. */
	readonly size: number;
	/** How many chunks may be under way, or there and not taken yet. */
	readonly window: number;
	readonly unordered: boolean;
	readonly signal: AbortSignal | undefined;
	readonly begin: (items: readonly unknown[], index: number) => Chunk;
}

/** Begins at once with what can be read at once. */
export function mapInChunks(options: ChunkOptions): AsyncIterableIterator<unknown> {
	const reader = new Reader(options);
	const chunks: Chunk[] = [];
	if (reader.isSync) while (chunks.length < options.window && !reader.isAtEnd) begin(reader.readSync());
	return results();

	function begin({ items, index }: Read): void {
		if (items.length > 0) chunks.push(options.begin(items, index));
	}

	async function* results(): AsyncGenerator<unknown, void> {
		let awaited: Chunk | undefined;
		const stop = (): void => [...(awaited === undefined ? [] : [awaited]), ...chunks].forEach((chunk) => chunk.cancel());
		options.signal?.addEventListener('abort', stop);
		try {
			for (;;) {
				while (chunks.length < options.window && !reader.isAtEnd) begin(reader.isSync ? reader.readSync() : await reader.read());
				options.signal?.throwIfAborted();
				if (chunks.length === 0) return;
				awaited = options.unordered ? undefined : chunks.shift()!;
				const outcome = await (awaited?.outcome ?? takeFirst(chunks));
				awaited = undefined;
				options.signal?.throwIfAborted();
				if ('error' in outcome) throw outcome.error;
				for (const one of outcome) yield open(one);
			}
		} finally {
			options.signal?.removeEventListener('abort', stop);
			stop();
			await reader.close();
		}
	}
}

/** The value, or throws what the call has thrown. */
export function open(outcome: Outcome): unknown {
	if ('thrown' in outcome) throw decode(outcome.thrown);
	return outcome.value;
}

async function takeFirst(chunks: Chunk[]): Promise<readonly Outcome[] | { readonly error: unknown }> {
	const [chunk, outcome] = await Promise.race(chunks.map(async (each) => [each, await each.outcome] as const));
	chunks.splice(chunks.indexOf(chunk), 1);
	return outcome;
}

interface Read {
	readonly items: readonly unknown[];
	readonly index: number;
}

class Reader {
	readonly isSync: boolean;
	readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
	readonly #size: number;
	#index = 0;
	#isAtEnd = false;

	constructor({ items, size }: ChunkOptions) {
		this.isSync = Symbol.iterator in items;
		this.#iterator = this.isSync ? (items as Iterable<unknown>)[Symbol.iterator]() : (items as AsyncIterable<unknown>)[Symbol.asyncIterator]();
		this.#size = size;
	}

	get isAtEnd(): boolean {
		return this.#isAtEnd;
	}

	readSync(): Read {
		const items: unknown[] = [];
		while (items.length < this.#size && !this.#isAtEnd) this.#note((this.#iterator as Iterator<unknown>).next(), items);
		return this.#chunkOf(items);
	}

	async read(): Promise<Read> {
		const items: unknown[] = [];
		while (items.length < this.#size && !this.#isAtEnd) this.#note(await this.#iterator.next(), items);
		return this.#chunkOf(items);
	}

	async close(): Promise<void> {
		if (!this.#isAtEnd) await this.#iterator.return?.();
	}

	#note({ done, value }: IteratorResult<unknown>, items: unknown[]): void {
		if (done === true) this.#isAtEnd = true;
		else items.push(value);
	}

	#chunkOf(items: readonly unknown[]): Read {
		const index = this.#index;
		this.#index += items.length;
		return { items, index };
	}
}
