/** `Pool.map` and its relatives: many items, one result for all of them together. */
import type { Deadline } from '../base/deadline.ts';
import { ArgumentError } from '../base/errors.ts';
import { AsyncResult, fail, fulfil, type ResultSource } from '../task/async-result.ts';
import type { TaskFunction } from '../task/task-function.ts';
import type { MapOptions } from '../task/task-options.ts';
import { BaseJob } from './base-job.ts';
import { Feed, type Input } from './feed.ts';
import type { Scheduler } from './scheduler.ts';

export interface MapSettings {
	readonly input: Input<unknown>;
	readonly isStar: boolean;
	/** Each item's outcome as a PromiseSettledResult; no item's error ends it. */
	readonly isSettled: boolean;
}

export class MapJob extends BaseJob implements ResultSource {
	readonly result: AsyncResult<unknown[]>;
	readonly #feed: Feed;
	readonly #isSettled: boolean;
	readonly #outcomes: unknown[] = [];
	#settled = 0;
	#failure: { error: unknown } | undefined;

	constructor(scheduler: Scheduler, fn: TaskFunction, { input, isStar, isSettled, ...options }: MapSettings & MapOptions) {
		super(scheduler, fn, options);
		this.#isSettled = isSettled;
		// What was read is as much as its results, which are kept anyway, so only the workers' needs count.
		const feedOptions = { isStar, chunksize: options.chunksize, window: options.window ?? Infinity };
		this.#feed = new Feed(scheduler, this, { input, ...feedOptions, onEnd: (outcome) => this.#onInputEnd(outcome) });
		this.result = new AsyncResult<unknown[]>(this);
	}

	start(): void {
		this.#feed.start();
	}

	onUnitEnded(): void {
		this.#feed.wake();
		if (this.#failure !== undefined) this.#failWhenIdle();
	}

	override onValue(index: number, value: unknown): void {
		this.#settle(index, this.#isSettled ? { status: 'fulfilled', value } : value);
	}

	override onError(index: number, error: unknown): void {
		if (this.#isSettled) return this.#settle(index, { status: 'rejected', reason: error });
		this.#feed.itemSettled();
		this.#failWith(error);
	}

	#settle(index: number, outcome: unknown): void {
		while (this.#outcomes.length <= index) this.#outcomes.push(undefined); // V8 would make a dictionary of an array with large gaps
		this.#outcomes[index] = outcome;
		this.#settled++;
		this.#feed.itemConsumed();
		this.#feed.itemSettled();
		this.#endWhenComplete();
	}

	#onInputEnd(outcome: { error?: unknown }): void {
		if ('error' in outcome) this.#failWith(outcome.error);
		else this.#endWhenComplete();
	}

	#endWhenComplete(): void {
		if (this.#settled !== this.#feed.total || this.#failure !== undefined) return;
		this.finish({ result: this.#outcomes });
		fulfil(this.result, this.#outcomes);
	}

	/** The first error is the map's, once nothing of it runs any more. */
	#failWith(error: unknown): void {
		if (this.#failure !== undefined || this.isOver) return;
		this.#failure = { error };
		this.#feed.close();
		this.#failWhenIdle();
	}

	/** Soon: this is called in the midst of taking replies in. */
	#failWhenIdle(): void {
		this.scheduler.soon(() => this.#failIfIdle());
	}

	#failIfIdle(): void {
		if (this.isOver) return;
		this.scheduler.drop(this);
		if (this.scheduler.isAtWork(this)) return;
		const { error } = this.#failure!;
		this.finish({ error });
		fail(this.result, error);
	}

	override end(error: unknown): void {
		this.finish({ error });
		this.#feed.close();
		fail(this.result, error, { wanted: true });
	}

	pumpSync(isSettled: () => boolean, deadline: Deadline): boolean {
		if (this.#feed.isAsync && this.#feed.total === undefined && !deadline.isImmediate) {
			throw new ArgumentError(
				'Cannot block until a map has ended that reads its items from an asynchronous iterable: that needs the event loop. Await it.',
			);
		}
		const pull = (): boolean => {
			this.#feed.pull();
			return isSettled();
		};
		return this.scheduler.pumpSync(pull, deadline);
	}

	cancel(_result: AsyncResult<unknown>, reason: unknown): void {
		this.abort(reason);
	}
}
