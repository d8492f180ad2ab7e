/** `Pool.map` and its relatives: many items, one result for all of them together. */
import type { Deadline } from '../../base/deadline.ts';
import { ArgumentError } from '../../base/errors.ts';
import { AsyncResult, fail, fulfil, type ResultSource } from '../../task/async-result.ts';
import type { TaskFunction } from '../../task/task-function.ts';
import type { MapOptions } from '../../task/task-options.ts';
import { BaseJob } from './base-job.ts';
import { Feed, type Input } from './feed.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

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
	/**
	 * Outcomes of items one behind the other. To have them in pieces until the end costs less than one large array with
	 * gaps.
	 */
	readonly #parts: { readonly first: number; readonly outcomes: unknown[] }[] = [];
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

	onValues(first: number, values: readonly unknown[]): void {
		this.#settleAll(first, this.#isSettled ? values.map((value) => ({ status: 'fulfilled', value })) : (values as unknown[]));
	}

	override onError(index: number, error: unknown): void {
		if (this.#isSettled) return this.#settle(index, { status: 'rejected', reason: error });
		this.#feed.itemsSettled(1);
		this.#failWith(error);
	}

	#settle(index: number, outcome: unknown): void {
		const last = this.#parts.at(-1);
		if (last !== undefined && last.first + last.outcomes.length === index && last.outcomes.length < longestPart) {
			last.outcomes.push(outcome);
			this.#count(1);
		} else this.#settleAll(index, [outcome]);
	}

	#settleAll(first: number, outcomes: unknown[]): void {
		this.#parts.push({ first, outcomes });
		this.#count(outcomes.length);
	}

	#count(count: number): void {
		this.#settled += count;
		this.#feed.itemsConsumed(count);
		this.#feed.itemsSettled(count);
		this.#endWhenComplete();
	}

	#joined(): unknown[] {
		const parts = this.#parts.sort((a, b) => a.first - b.first);
		let all: unknown[] = [];
		for (let at = 0; at < parts.length; at += partsAtOnce) all = all.concat(...parts.slice(at, at + partsAtOnce).map(({ outcomes }) => outcomes));
		return all;
	}

	#onInputEnd(outcome: { error?: unknown }): void {
		if ('error' in outcome) this.#failWith(outcome.error);
		else this.#endWhenComplete();
	}

	#endWhenComplete(): void {
		if (this.#settled !== this.#feed.total || this.#failure !== undefined) return;
		const outcomes = this.#joined();
		this.finish({ result: outcomes });
		fulfil(this.result, outcomes);
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
		if (this.scheduler.crew.isAtWork(this)) return;
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

const longestPart = 4096;
/** As arguments of one call. */
const partsAtOnce = 16_384;
