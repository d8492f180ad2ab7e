/** What all kinds of calls of a pool have in common: their options, their signal, and that they are traced. */
import { AsyncResource } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import type { TaskFunction } from '../../task/task-function.ts';
import type { TaskOptions } from '../../task/task-options.ts';
import { stopReason } from '../link/link.ts';
import { placeOfCall } from '../scheduling/place.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { Job } from '../scheduling/unit.ts';

export abstract class BaseJob implements Job {
	readonly fn: TaskFunction;
	readonly timeoutMs: number | undefined;
	readonly retries: number;
	readonly priority: number;
	readonly slot: number | undefined;
	readonly place: { stack?: string } | undefined;
	protected readonly scheduler: Scheduler;
	readonly #signal: AbortSignal | undefined;
	readonly #onProgress: TaskOptions['onProgress'];
	#trace: Trace | undefined;
	#isOver = false;

	constructor(scheduler: Scheduler, fn: TaskFunction, options: TaskOptions & { slot?: number }) {
		const { taskTimeout, retries } = scheduler.options;
		this.scheduler = scheduler;
		this.fn = fn;
		this.timeoutMs = options.timeout ?? taskTimeout;
		if (this.timeoutMs === Infinity) this.timeoutMs = undefined;
		this.retries = options.retries ?? retries;
		this.priority = options.priority ?? 0;
		this.slot = options.slot ?? (options.affinity === undefined ? undefined : slotFor(options.affinity, scheduler.crew.size));
		this.place = placeOfCall(fn);
		this.#signal = options.signal;
		this.#onProgress = options.onProgress === undefined ? undefined : AsyncResource.bind(options.onProgress);
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	/** Before the first unit is submitted. */
	begin(): void {
		this.#signal?.throwIfAborted();
		this.scheduler.jobs.add(this);
		this.#signal?.addEventListener('abort', this.#onAbort);
		if (!taskChannel.hasSubscribers) return;
		this.#trace = { pool: this.scheduler.options.name, task: this.fn.name };
		taskChannel.start.publish(this.#trace);
	}

	/** After the first unit was submitted. */
	submitted(): void {
		if (this.#trace !== undefined) taskChannel.end.publish(this.#trace);
	}

	/** Something of it was handed to a worker. */
	onBegun(pid: number): void {
		if (this.#trace !== undefined) this.#trace.pid = pid;
	}

	readonly #onAbort = (): void => this.abort(this.#signal!.reason);

	/** Nobody wants the rest: what has not begun is dropped, what runs is told to stop. */
	abort(reason: unknown): void {
		if (this.#isOver) return;
		this.end(reason);
		this.scheduler.drop(this, stopReason.aborted);
	}

	/** Nothing more is told to it. */
	protected finish(outcome: { error?: unknown; result?: unknown }): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#signal?.removeEventListener('abort', this.#onAbort);
		this.scheduler.removeJob(this);
		if (this.#trace === undefined) return;
		Object.assign(this.#trace, outcome);
		if ('error' in outcome) taskChannel.error.publish(this.#trace);
		taskChannel.asyncStart.publish(this.#trace);
		taskChannel.asyncEnd.publish(this.#trace);
	}

	onProgress(index: number, value: unknown): void {
		if (this.#onProgress === undefined) return;
		try {
			this.#onProgress(value, index);
		} catch (error) {
			// As any callback of the program's that throws; what comes behind it in the stream is not to be lost for
			// that.
			process.nextTick(() => {
				throw error;
			});
		}
	}

	/** It fails with this, and is over: it was aborted, or the pool ends. Such a failure counts as handled. */
	abstract end(error: unknown): void;
	abstract onValue(index: number, value: unknown): void;
	abstract onError(index: number, error: unknown): void;
}

interface Trace {
	readonly pool: string;
	readonly task: string;
	/** Of the worker that was given it, or some of it, last. */
	pid?: number;
	error?: unknown;
	result?: unknown;
}

const taskChannel = tracingChannel<string, Trace>('nprocs.pool.task');

function slotFor(key: string | number, size: number): number {
	let hash = 0x811c9dc5;
	for (const char of `${typeof key} ${key}`) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
	return (hash >>> 0) % size;
}
