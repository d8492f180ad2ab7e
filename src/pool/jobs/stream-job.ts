/** `Pool.stream`: what a generator function yields in a worker. */
import { stayAlive } from '../../base/stay-alive.ts';
import type { TaskFunction } from '../../task/task-function.ts';
import type { TaskOptions } from '../../task/task-options.ts';
import { BaseJob } from './base-job.ts';
import { ResultIterator } from './result-iterator.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

/** How many values the generator may be ahead. */
export const streamWindow = 64;
/** The worker is told of what was taken after so many. */
const creditStep = streamWindow / 4;

export class StreamJob extends BaseJob {
	readonly results: ResultIterator;
	#yielded = 0;
	#taken = 0;
	/** Of how many taken ones the worker has been told. */
	#credited = 0;
	#ended!: () => void;
	readonly #hasEnded = new Promise<void>((resolve) => (this.#ended = resolve));

	constructor(scheduler: Scheduler, fn: TaskFunction, options: TaskOptions) {
		super(scheduler, fn, { ...options, retries: 0 });
		this.results = new ResultIterator({ onTaken: () => this.#onTaken(), onLeft: () => this.#onLeft() });
	}

	#onTaken(): void {
		if (++this.#taken % creditStep !== 0) return;
		this.#credited = this.#taken;
		this.scheduler.crew.slotOf(this)?.giveCredit(this.#taken);
		this.scheduler.jobs.resume(this);
	}

	/** The generator's `finally` has run then. */
	async #onLeft(): Promise<void> {
		const isAtWork = this.scheduler.crew.isAtWork(this);
		this.abort(undefined);
		if (!isAtWork) return;
		const release = stayAlive();
		await this.#hasEnded;
		release();
	}

	onYielded(value: unknown): void {
		if (this.isOver) return;
		this.#yielded++;
		this.results.give(value);
		const isFarAhead = this.#yielded - this.#credited >= streamWindow; // then the generator waits for the consumer
		if (isFarAhead) this.scheduler.jobs.suspend(this);
	}

	override onValue(): void {
		this.finish({});
		this.results.end();
	}

	override onError(_index: number, error: unknown): void {
		this.finish({ error });
		this.results.fail(error);
	}

	onUnitEnded(): void {
		this.#ended();
	}

	override end(error: unknown): void {
		this.finish({ error });
		this.results.fail(error);
	}
}
