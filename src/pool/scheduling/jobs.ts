/** The jobs of a pool that are not over. The event loop stays alive as long as one of them is not suspended. */
import { stayAlive } from '../../base/stay-alive.ts';

export class Jobs<J extends object> implements Iterable<J> {
	readonly #all = new Set<J>();
	readonly #suspended = new Set<J>();
	#release: (() => void) | undefined;

	get size(): number {
		return this.#all.size;
	}

	[Symbol.iterator](): IterableIterator<J> {
		return this.#all.values();
	}

	add(job: J): void {
		this.#all.add(job);
		this.#release ??= stayAlive();
	}

	/** Whether it was there. */
	delete(job: J): boolean {
		if (!this.#all.delete(job)) return false;
		this.#suspended.delete(job);
		this.#letGoIfIdle();
		return true;
	}

	/** Nothing of it is under way, and its consumer, who may have left without a word, asks for nothing. */
	suspend(job: J): void {
		if (this.#all.has(job)) this.#suspended.add(job);
		this.#letGoIfIdle();
	}

	resume(job: J): void {
		if (this.#suspended.delete(job)) this.#release ??= stayAlive();
	}

	#letGoIfIdle(): void {
		if (this.#all.size > this.#suspended.size) return;
		this.#release?.();
		this.#release = undefined;
	}
}
