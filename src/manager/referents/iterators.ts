/** Iterations that take place in the server, batch by batch, and generators of the program's. */
import { pending, type Call } from '../call.ts';
import { Waiters } from '../waiters.ts';
import { Referent } from './referent.ts';

export interface Batch {
	readonly items: unknown[];
	readonly isDone: boolean;
}

/** Over a Map, a Set or an array as it is when each batch is taken, as their own iterators do it. */
export class IteratorReferent extends Referent {
	readonly kind = 'IteratorProxy';
	readonly content = 'iteration';
	readonly #iterator: Iterator<unknown>;

	constructor(iterable: Iterable<unknown>) {
		super();
		this.#iterator = iterable[Symbol.iterator]();
	}

	take(_call: Call, most: number): Batch {
		const items: unknown[] = [];
		while (items.length < most) {
			const next = this.#iterator.next();
			if (next.done === true) return { items, isDone: true };
			items.push(next.value);
		}
		return { items, isDone: false };
	}

	return(): void {
		this.#iterator.return?.();
	}
}

/** What happens to an object, for one who watches. */
export class ChangesReferent extends Referent {
	readonly kind = 'IteratorProxy';
	readonly content = 'changes';
	readonly #kept: unknown[] = [];
	readonly #takers = new Waiters<number>();
	readonly #unsubscribe: () => void;

	constructor(subscribe: (listener: (change: unknown) => void) => () => void) {
		super();
		this.#unsubscribe = subscribe((change) => {
			this.#kept.push(change);
			const first = this.#takers.first;
			if (first === undefined) return;
			this.#takers.remove(first.call);
			first.call.answer({ items: this.#kept.splice(0, first.what), isDone: false });
		});
	}

	take(call: Call, most: number): Batch | typeof pending {
		if (this.#kept.length > 0) return { items: this.#kept.splice(0, most), isDone: false };
		return this.#takers.add(call, most, { timeoutMs: undefined, onTimeout: () => {} });
	}

	return(): void {
		this.end();
	}

	override end(): void {
		this.#unsubscribe();
		for (const call of this.#takers.splice()) call.answer({ items: [], isDone: true });
	}
}

/** An iterator that a method of the program's has returned. */
export class GeneratorReferent extends Referent {
	readonly kind = 'GeneratorProxy';
	readonly content = 'generator';
	readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;

	constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
		super();
		this.#iterator = iterator;
	}

	next(_call: Call, value?: unknown): unknown {
		return this.#iterator.next(value as undefined);
	}

	return(_call: Call, value?: unknown): unknown {
		return this.#iterator.return?.(value) ?? { done: true, value };
	}

	throw(_call: Call, error: unknown): unknown {
		if (this.#iterator.throw === undefined) throw error;
		return this.#iterator.throw(error);
	}

	override end(): void {
		void Promise.resolve(this.return(undefined as never)).catch(() => {});
	}
}

export function isIterator(value: object): value is Iterator<unknown> | AsyncIterator<unknown> {
	const { next } = value as { next?: unknown };
	return typeof next === 'function' && (Symbol.iterator in value || Symbol.asyncIterator in value);
}
