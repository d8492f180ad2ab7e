/** The proxies of queues. Their calls are as those of Queue and JoinableQueue, only that all of them go to the server. */
import type { Wait } from '../../base/deadline.ts';
import { defineProxyClass } from '../auto-proxy.ts';
import { BaseProxy, callSpecified } from '../proxy.ts';
import type { WithTwins } from '../twins.ts';

interface QueueMethods<T> {
	/** @throws Full */
	put(value: T, wait?: Wait): Promise<void>;
	/** @throws Full, whose `count` says how many are in */
	putMany(values: readonly T[], wait?: Wait): Promise<void>;
	/** @throws Empty */
	get(wait?: Wait): Promise<T>;
	/** Between 1 and `max` items; waits only while there is none. @throws Empty */
	getMany(max?: number, wait?: Wait): Promise<T[]>;
	/** @throws Full */
	putNowait(value: T): Promise<void>;
	/** @throws Empty */
	getNowait(): Promise<T>;
	qsize(): Promise<number>;
	empty(): Promise<boolean>;
	full(): Promise<boolean>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the table in methods.ts defines them
export interface QueueProxy<T = unknown> extends WithTwins<QueueMethods<T>> {}

/** A queue in the server. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class QueueProxy<T = unknown> extends BaseProxy {
	/** Takes items for ever. */
	async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		for (;;) yield (await callSpecified(this, get, [])) as T;
	}
}
defineProxyClass(QueueProxy);

const get = { name: 'get', spec: { wait: 0, undo: 'putBack' } };

interface JoinableMethods {
	/** @throws ERR_NPROCS_TASK_DONE */
	taskDone(): Promise<void>;
	/** Waits until every item that was put in is done; false when the time is up. @throws WorkerDiedError when a consumer ended with items in hand */
	join(wait?: Wait): Promise<boolean>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface JoinableQueueProxy<T = unknown> extends WithTwins<QueueMethods<T> & JoinableMethods> {}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class JoinableQueueProxy<T = unknown> extends BaseProxy {
	/** Takes items for ever. */
	async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		for (;;) yield (await callSpecified(this, get, [])) as T;
	}
}
defineProxyClass(JoinableQueueProxy);
