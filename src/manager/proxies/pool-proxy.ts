/** The proxy of a Pool that lives in the server. */
import { inspect } from 'node:util';
import { Deadline } from '../../base/deadline.ts';
import { ArgumentError } from '../../base/errors.ts';
import type { Target } from '../../process/reference/named-target.ts';
import type { MapOptions, TaskOptions } from '../../task/task-options.ts';
import { defineProxyClass } from '../auto-proxy.ts';
import { packFunction } from '../functions.ts';
import { BaseProxy, callRemote, callRemoteSync, heldBy, makeCall, makeCallSync, type MethodCall } from '../proxy.ts';
import type { WithTwins } from '../twins.ts';

/** Functions cannot go to the server, so progress is not reported. */
export type ManagedTaskOptions = Omit<TaskOptions, 'onProgress'>;
export type ManagedMapOptions = Omit<MapOptions, 'onProgress'>;

interface PoolMethods {
	/** Ends the workers at once; calls that are under way reject. */
	terminate(): Promise<void>;
	/** Waits until the workers have ended, after `close()` or `terminate()`. */
	join(): Promise<void>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- the table in methods.ts defines them
export interface PoolProxy extends WithTwins<PoolMethods> {}

/** The functions are exported ones, as for a Pool of this process; the workers are processes of the server's. */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class PoolProxy extends BaseProxy {
	/** No more calls are taken; the workers end when all is done. The reference is given up with `using`. */
	// eslint-disable-next-line typescript/no-misused-promises -- that of the pool takes the place of the proxy's own
	override async close(): Promise<void> {
		await callRemote(this, 'close', []);
	}

	/** As `close`, but blocks this thread. */
	closeSync(): void {
		callRemoteSync(this, 'close', []);
	}

	/** Calls `fn(...args)` in a worker. */
	async apply<A extends unknown[], R>(fn: Target<A, R>, ...[args, options]: Rest<A, ManagedTaskOptions>): Promise<Awaited<R>> {
		return (await makeCall(this, submission(this, 'apply', { fn, what: args ?? [], options }))) as Awaited<R>;
	}

	/** As `apply`, but blocks this thread. */
	applySync<A extends unknown[], R>(fn: Target<A, R>, ...[args, options]: Rest<A, ManagedTaskOptions>): Awaited<R> {
		return makeCallSync(this, submission(this, 'apply', { fn, what: args ?? [], options })) as Awaited<R>;
	}

	/** The results of `fn(item)` for all items, in their order. */
	async map<T, R>(fn: Target<[item: T], R>, items: Iterable<T>, options?: ManagedMapOptions): Promise<Awaited<R>[]> {
		return (await makeCall(this, submission(this, 'map', { fn, what: listOf(items), options }))) as Awaited<R>[];
	}

	/** As `map`, but blocks this thread. */
	mapSync<T, R>(fn: Target<[item: T], R>, items: Iterable<T>, options?: ManagedMapOptions): Awaited<R>[] {
		return makeCallSync(this, submission(this, 'map', { fn, what: listOf(items), options })) as Awaited<R>[];
	}

	/** As `map`, for items that are lists of arguments: `fn(...item)`. */
	async starmap<A extends unknown[], R>(fn: Target<A, R>, items: Iterable<Readonly<A>>, options?: ManagedMapOptions): Promise<Awaited<R>[]> {
		return (await makeCall(this, submission(this, 'starmap', { fn, what: listOf(items), options }))) as Awaited<R>[];
	}

	/** As `starmap`, but blocks this thread. */
	starmapSync<A extends unknown[], R>(fn: Target<A, R>, items: Iterable<Readonly<A>>, options?: ManagedMapOptions): Awaited<R>[] {
		return makeCallSync(this, submission(this, 'starmap', { fn, what: listOf(items), options })) as Awaited<R>[];
	}
}
defineProxyClass(PoolProxy);

/** The arguments may be left out where there are none. */
type Rest<A extends unknown[], O> = [] extends A ? [args?: A, options?: O] : [args: A, options?: O];

function listOf<T>(items: Iterable<T>): T[] {
	const given = items as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined;
	if (typeof given === 'object' || typeof given === 'string') if (typeof given?.[Symbol.iterator] === 'function') return [...items];
	const isAsync = typeof given?.[Symbol.asyncIterator] === 'function';
	throw new ArgumentError(
		`Expected the items to be iterable${isAsync ? ', and not asynchronously: they are sent to the server all at once. Collect them first' : ''}, got ${inspect(items, { depth: 0 })}.`,
	);
}

interface Submission {
	readonly fn: unknown;
	/** What it is called with. */
	readonly what: readonly unknown[];
	readonly options: ManagedTaskOptions | ManagedMapOptions | undefined;
}

/** The signal is watched here; the server hears of it. */
function submission(pool: PoolProxy, method: string, { fn, what, options }: Submission): MethodCall {
	const { signal, ...rest } = options ?? {};
	const packed = heldBy(pool).transport.isHere ? fn : packFunction(fn, method);
	return { method, args: [packed, what, rest], ...(signal !== undefined && { options: { deadline: Deadline.from(signal) } }) };
}
