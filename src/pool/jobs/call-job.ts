/** `Pool.apply`: one call, one result. */
import type { Deadline } from '../../base/deadline.ts';
import { AsyncResult, fail, fulfil, type ResultSource } from '../../task/async-result.ts';
import type { TaskFunction } from '../../task/task-function.ts';
import type { TaskOptions } from '../../task/task-options.ts';
import { BaseJob } from './base-job.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

export class CallJob<R> extends BaseJob implements ResultSource {
	readonly result: AsyncResult<R>;
	#pid: number | undefined;

	constructor(scheduler: Scheduler, fn: TaskFunction, options: TaskOptions & { slot?: number }) {
		super(scheduler, fn, options);
		this.result = new AsyncResult<R>(this);
	}

	override onBegun(pid: number): void {
		super.onBegun(pid);
		this.#pid = pid;
	}

	override onValue(_index: number, value: unknown): void {
		this.finish({ result: value });
		fulfil(this.result, value as R);
	}

	override onError(_index: number, error: unknown): void {
		this.finish({ error });
		fail(this.result, error);
	}

	override end(error: unknown): void {
		this.finish({ error });
		fail(this.result, error, { wanted: true });
	}

	pumpSync(isSettled: () => boolean, deadline: Deadline): boolean {
		return this.scheduler.pumpSync(isSettled, deadline);
	}

	cancel(_result: AsyncResult<unknown>, reason: unknown): void {
		this.abort(reason);
	}

	pidOf(): number | undefined {
		return this.#pid;
	}
}
