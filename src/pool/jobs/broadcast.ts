/** One result for several calls, in their order. */
import { AsyncResult, fail, fulfil, type ResultSource } from '../../task/async-result.ts';
import type { CallJob } from './call-job.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';

export function allOf<R>(jobs: readonly CallJob<R>[], scheduler: Scheduler): AsyncResult<R[]> {
	const source: ResultSource = {
		pumpSync: (isSettled, deadline) => scheduler.pumpSync(() => lookAtAll() || isSettled(), deadline),
		cancel: (_result, reason) => jobs.forEach(({ result }) => result.cancel(reason)),
	};
	const all = new AsyncResult<R[]>(source);
	/** For a blocked thread, where no promise tells. */
	const lookAtAll = (): boolean => {
		if (!jobs.every(({ result }) => result.ready())) return false;
		const failed = jobs.find(({ result }) => !result.successful());
		if (failed !== undefined) fail(all, errorOf(failed.result));
		else
			fulfil(
				all,
				jobs.map(({ result }) => result.getSync()),
			);
		return true;
	};
	for (const { result } of jobs) {
		result
			.then(
				() => lookAtAll(),
				(error: unknown) => fail(all, error),
			)
			.catch(() => {});
	}
	return all;
}

function errorOf(result: AsyncResult<unknown>): unknown {
	try {
		return result.getSync();
	} catch (error) {
		return error;
	}
}
