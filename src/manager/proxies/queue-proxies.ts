/**
 * The proxies of queues. Their calls are as those of Queue and JoinableQueue, only that all of them go to the server.
 */
import type { Wait } from '../../base/deadline.ts';
import { defineProxyClass } from '../auto-proxy.ts';
import { EOFError } from '../../base/errors.ts';
import { BaseProxy, callRemote, callRemoteSync, callSpecified } from '../proxy.ts';
import type { WithTwins } from '../twins.ts';

interface PutMethods<T> {
	/** @throws Full; ClosedError after `end()` anywhere; ERR_NPROCS_NO_READER when nobody is left to take it */
	put(value: T, wait?: Wait): Promise<void>;
	/** @throws Full, whose `count` says how many are in */
	putMany(values: readonly T[], wait?: Wait): Promise<void>;
	/** @throws Full */
	putNowait(value: T): Promise<void>;
	full(): Promise<boolean>;
}

interface GetMethods<T> {
	/** @throws Empty; EOFError when nothing is inside and nothing more can come */
	get(wait?: Wait): Promise<T>;
	/** Between 1 and `max` items; waits only while there is none. @throws as `get` */
	getMany(max?: number, wait?: Wait): Promise<T[]>;
	/** @throws as `get` */
	getNowait(): Promise<T>;
	qsize(): Promise<number>;
	empty(): Promise<boolean>;
}

interface SideMethods<T> {
	/** The side of those who put in, for who only puts: see `receiver`. */
	sender(): Promise<QueueSenderProxy<T>>;
	/**
	 * The side of those who take out: it gets an EOFError when nothing is inside and nobody has a sender or the whole
	 * queue any more, and a sender an ERR_NPROCS_NO_READER when nobody is left to take. What a client has ends with its
	 * process.
	 */
	receiver(): Promise<QueueReceiverProxy<T>>;
}

interface QueueMethods<T> extends PutMethods<T>, GetMethods<T>, SideMethods<T> {}

/** Tells the server that nothing more comes. */
abstract class Ending extends BaseProxy {
	/**
	 * Nothing more comes, from anybody: what is inside can be taken, then `get()` is an EOFError and `for await` ends;
	 * to put is a ClosedError.
	 */
	async end(): Promise<void> {
		await callRemote(this, 'finish', []);
	}

	/** As `end`, but blocks this thread. */
	endSync(): void {
		callRemoteSync(this, 'finish', []);
	}
}

/** Until nothing more can come. */
async function* takeAll<T>(proxy: BaseProxy): AsyncGenerator<T, void, void> {
	for (;;) {
		let item: T;
		try {
			item = (await callSpecified(proxy, get, [])) as T;
		} catch (error) {
			if (error instanceof EOFError) return;
			throw error;
		}
		yield item;
	}
}

const get = { name: 'get', spec: { wait: 0, undo: 'putBack' } };

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the table in methods.ts defines them
export interface QueueProxy<T = unknown> extends WithTwins<QueueMethods<T>> {}

/** A queue in the server. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class QueueProxy<T = unknown> extends Ending {
	/** Takes items until nothing more can come. */
	[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		return takeAll<T>(this);
	}
}
defineProxyClass(QueueProxy);

interface JoinableMethods {
	/** @throws ERR_NPROCS_TASK_DONE */
	taskDone(): Promise<void>;
	/**
	 * Waits until every item that was put in is done; false when the time is up. @throws WorkerDiedError when a
	 * consumer ended with items in hand
	 */
	join(wait?: Wait): Promise<boolean>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface JoinableQueueProxy<T = unknown> extends WithTwins<QueueMethods<T> & JoinableMethods> {}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class JoinableQueueProxy<T = unknown> extends Ending {
	/** Takes items until nothing more can come. */
	[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		return takeAll<T>(this);
	}
}
defineProxyClass(JoinableQueueProxy);

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface QueueSenderProxy<T = unknown> extends WithTwins<PutMethods<T>> {}
/** The side of a queue in the server of those who put in. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging, no-unused-vars
export class QueueSenderProxy<T = unknown> extends Ending {}
defineProxyClass(QueueSenderProxy);

// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export interface QueueReceiverProxy<T = unknown> extends WithTwins<GetMethods<T>> {}
/** The side of a queue in the server of those who take out. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class QueueReceiverProxy<T = unknown> extends BaseProxy {
	/** Takes items until nothing more can come. */
	[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		return takeAll<T>(this);
	}
}
defineProxyClass(QueueReceiverProxy);
