/**
 * `Pool.imap` and its relatives: results as they come, in the order of the items or not, no further ahead of their
 * consumer than a window. A consumer that has stopped to ask, and has not said that he leaves, keeps no program alive.
 */
import type { TaskFunction } from '../../task/task-function.ts';
import type { MapOptions } from '../../task/task-options.ts';
import { BaseJob } from './base-job.ts';
import { Feed, type Input } from './feed.ts';
import { ResultIterator } from './result-iterator.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

export interface IterateSettings {
	readonly input: Input<unknown>;
	readonly isStar: boolean;
	readonly isOrdered: boolean;
}

export class IterateJob extends BaseJob {
	readonly results: ResultIterator;
	readonly #feed: Feed;
	readonly #isOrdered: boolean;
	/** Results that wait for those before them. */
	readonly #early = new Map<number, { value?: unknown; error?: unknown }>();
	#next = 0;
	#hasStarted = false;

	constructor(scheduler: Scheduler, fn: TaskFunction, { input, isStar, isOrdered, ...options }: IterateSettings & MapOptions) {
		super(scheduler, fn, options);
		this.#isOrdered = isOrdered;
		const feedOptions = { isStar, chunksize: options.chunksize, window: options.window };
		this.#feed = new Feed(scheduler, this, {
			input,
			...feedOptions,
			onEnd: (outcome) => this.#onInputEnd(outcome),
			onPause: () => this.#suspendIfIdle(),
		});
		this.results = new ResultIterator({
			onTaken: () => this.#feed.itemsConsumed(1),
			onAwaited: () => scheduler.jobs.resume(this),
			onLeft: () => this.abort(undefined),
		});
	}

	#suspendIfIdle(): void {
		if (this.#feed.isAtWork || this.results.isAwaited) this.scheduler.jobs.resume(this);
		else this.scheduler.jobs.suspend(this);
	}

	start(): void {
		this.#hasStarted = true;
		this.#feed.start();
	}

	onUnitEnded(): void {
		this.#feed.wake();
	}

	override onValue(index: number, value: unknown): void {
		this.#take(index, { value });
	}

	override onError(index: number, error: unknown): void {
		this.#take(index, { error });
	}

	#take(index: number, outcome: { value?: unknown; error?: unknown }): void {
		this.#feed.itemsSettled(1);
		if (!this.#isOrdered) this.#give(outcome);
		else {
			this.#early.set(index, outcome);
			for (let due = this.#early.get(this.#next); due !== undefined && !this.isOver; due = this.#early.get(this.#next)) {
				this.#early.delete(this.#next);
				this.#give(due);
			}
		}
		this.#endWhenComplete();
	}

	#give(outcome: { value?: unknown; error?: unknown }): void {
		this.#next++;
		if (!('error' in outcome)) return this.results.give(outcome.value);
		this.#fail(outcome.error);
	}

	/** Its consumer is told when he has taken what was there before. */
	#fail(error: unknown): void {
		if (this.isOver) return;
		this.finish({ error });
		this.results.fail(error);
		this.#feed.close();
		this.scheduler.soon(() => this.scheduler.drop(this));
	}

	#onInputEnd(outcome: { error?: unknown }): void {
		if ('error' in outcome) this.#fail(outcome.error);
		else this.#endWhenComplete();
	}

	#endWhenComplete(): void {
		if (this.#next !== this.#feed.total || this.isOver) return;
		this.finish({});
		this.results.end();
	}

	override end(error: unknown): void {
		this.finish({ error });
		this.results.fail(error);
		this.#early.clear();
		if (this.#hasStarted) this.#feed.close();
	}
}
