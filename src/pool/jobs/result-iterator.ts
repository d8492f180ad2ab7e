/** An async iterator over what comes by and by. When its consumer leaves, it says so. */

interface ResultIteratorOptions {
	/** The consumer has taken a value. */
	readonly onTaken: () => void;
	/** The consumer waits for the next one. */
	readonly onAwaited?: () => void;
	/** The consumer has left before the end. Resolves when there is nothing left of what was at work for him. */
	readonly onLeft: () => void | Promise<void>;
}

interface Waiter {
	readonly resolve: (result: IteratorResult<unknown>) => void;
	readonly reject: (error: unknown) => void;
}

export class ResultIterator implements AsyncIterableIterator<unknown> {
	readonly #options: ResultIteratorOptions;
	readonly #values: unknown[] = [];
	#head = 0;
	readonly #waiting: Waiter[] = [];
	#failure: { error: unknown } | undefined;
	#hasEnded = false;

	constructor(options: ResultIteratorOptions) {
		this.#options = options;
	}

	get isAwaited(): boolean {
		return this.#waiting.length > 0;
	}

	give(value: unknown): void {
		const waiter = this.#waiting.shift();
		if (waiter === undefined) return void this.#values.push(value);
		waiter.resolve({ done: false, value });
		this.#options.onTaken();
	}

	/** Behind all that was given. */
	fail(error: unknown): void {
		if (this.#hasEnded) return;
		this.#hasEnded = true;
		const waiter = this.#waiting.shift();
		if (waiter === undefined) this.#failure = { error };
		else waiter.reject(error);
		this.#release();
	}

	end(): void {
		this.#hasEnded = true;
		this.#release();
	}

	#release(): void {
		for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
	}

	next(): Promise<IteratorResult<unknown>> {
		if (this.#head < this.#values.length) return Promise.resolve({ done: false, value: this.#shift() });
		if (this.#failure !== undefined) {
			const { error } = this.#failure;
			this.#failure = undefined;
			return Promise.reject(error as Error);
		}
		if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
		this.#options.onAwaited?.();
		return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
	}

	#shift(): unknown {
		const value = this.#values[this.#head];
		this.#values[this.#head++] = undefined;
		if (this.#head > 256 && this.#head * 2 > this.#values.length) {
			this.#values.splice(0, this.#head);
			this.#head = 0;
		}
		this.#options.onTaken();
		return value;
	}

	async return(): Promise<IteratorResult<unknown>> {
		this.#values.length = this.#head = 0;
		this.#failure = undefined;
		const wasAtWork = !this.#hasEnded;
		this.end();
		if (wasAtWork) await this.#options.onLeft();
		return { done: true, value: undefined };
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.return();
	}

	get [Symbol.toStringTag](): string {
		return 'PoolIterator';
	}
}
