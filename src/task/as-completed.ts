/** `asCompleted`: results in the order in which they come, as Python's `concurrent.futures.as_completed`. */
import { anIterable, checkArgument } from '../base/arguments.ts';
import { ArgumentError } from '../base/errors.ts';
import { AsyncResult } from './async-result.ts';

/**
 * An AsyncResult that has ended: `successful()` says how, `getSync()` gives the result or throws. (TypeScript would
 * have `for await` unwrap it if it had `then`.)
 */
export type CompletedResult<R> = Omit<AsyncResult<R>, 'then' | 'catch' | 'finally'>;

/**
 * Yields each of the results, the object itself, when it is there or has failed. Does not throw for a failed one: look
 * at it.
 */
export function asCompleted<R>(results: Iterable<AsyncResult<R>>): AsyncIterableIterator<CompletedResult<R>> {
	checkArgument('what asCompleted() is given', results, anIterable);
	const given = new Set(results);
	for (const result of given) {
		if (!(result instanceof AsyncResult)) throw new ArgumentError('Expected asCompleted() to be given AsyncResults, as Pool.apply gives them.');
	}
	return new Completed(given) as AsyncIterableIterator<CompletedResult<R>>;
}

/** No generator: that would await what it yields, and throw. */
class Completed<R> implements AsyncIterableIterator<AsyncResult<R>> {
	readonly #settled: AsyncResult<R>[] = [];
	readonly #waiting: ((result: IteratorResult<AsyncResult<R>>) => void)[] = [];
	#left: number;

	constructor(results: ReadonlySet<AsyncResult<R>>) {
		this.#left = results.size;
		for (const result of results) void result.wait().then(() => this.#add(result));
	}

	#add(result: AsyncResult<R>): void {
		const waiter = this.#waiting.shift();
		if (waiter === undefined) this.#settled.push(result);
		else waiter(this.#give(result));
		if (this.#left === 0) for (const resolve of this.#waiting.splice(0)) resolve(ended);
	}

	#give(value: AsyncResult<R>): IteratorResult<AsyncResult<R>> {
		this.#left--;
		return { done: false, value };
	}

	next(): Promise<IteratorResult<AsyncResult<R>>> {
		const result = this.#settled.shift();
		if (result !== undefined) return Promise.resolve(this.#give(result));
		if (this.#left === 0) return Promise.resolve(ended);
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	return(): Promise<IteratorResult<AsyncResult<R>>> {
		this.#settled.length = this.#left = 0;
		return Promise.resolve(ended);
	}

	[Symbol.asyncIterator](): this {
		return this;
	}
}

const ended = { done: true, value: undefined } as const;
