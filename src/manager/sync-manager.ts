/**
 * SyncManager: a manager of collections, queues and synchronization objects. As Python's
 * `multiprocessing.managers.SyncManager`.
 */
import { anything, checkOptions, milliseconds } from '../base/arguments.ts';
import { packFunction } from './functions.ts';
import { BaseManager, type ManagerOptions } from './manager.ts';
import { sendableEntries, type DictProxy } from './proxies/dict-proxy.ts';
import type { ArrayProxy, ListProxy, SetProxy, ValueProxy } from './proxies/collection-proxies.ts';
import type { NamespaceProxy } from './proxies/namespace-proxy.ts';
import './proxies/namespace-proxy.ts';
import type { JoinableQueueProxy, QueueProxy } from './proxies/queue-proxies.ts';
import './proxies/queue-proxies.ts';
import type { PoolProxy } from './proxies/pool-proxy.ts';
import './proxies/pool-proxy.ts';
import type { PoolOptions } from '../pool/pool-options.ts';
import type { BarrierProxy, ConditionProxy, EventProxy, LockProxy, RLockProxy, SemaphoreProxy } from './proxies/sync-proxies.ts';
import './proxies/sync-proxies.ts';
import type { TypedArray } from '../shared/shared-array.ts';
import type { Target } from '../process/reference/named-target.ts';
import type { ArrayTypeName } from './referents/factories.ts';
import { syncTypeids } from './referents/typeids.ts';
import { defineCreators } from './registered-types.ts';
import type { WithTwins } from './twins.ts';

/** A namespace whose values are properties, too: reading gives a promise. */
export type Namespace<P = Record<string, unknown>> = NamespaceProxy<P> & {
	[N in keyof P as N extends keyof NamespaceProxy ? never : N]: P[N] | Promise<P[N]>;
};

export interface ManagedBarrierOptions {
	/** Runs in the server, once per pass, before any of the parties goes on. An exported function. */
	action?: Target<[]> | undefined;
	/** For waits that are given none. Milliseconds. */
	timeout?: number | undefined;
}

type ArrayClass<A extends TypedArray> = (new (length: number) => A) & { readonly name: string };

/** What a SyncManager can make. All of it lies in the server. */
interface Makers {
	list<T = unknown>(items?: Iterable<T>): Promise<ListProxy<T>>;
	set<T = unknown>(values?: Iterable<T>): Promise<SetProxy<T>>;
	/** Values by names, which are properties of the proxy, too. */
	namespace<P extends object = Record<string, unknown>>(properties?: P): Promise<Namespace<P>>;
	/** Any value. */
	value<T = unknown>(initial: T): Promise<ValueProxy<T>>;
	/** A typed array: its class or its name, and its values, or how many zeros. */
	array<A extends TypedArray>(type: ArrayClass<A>, values: number | Iterable<A[number]>): Promise<ArrayProxy<A>>;
	array(type: ArrayTypeName, values: number | Iterable<number | bigint>): Promise<ArrayProxy>;
	/** `maxsize` of 0: no limit. */
	Queue<T = unknown>(maxsize?: number): Promise<QueueProxy<T>>;
	JoinableQueue<T = unknown>(maxsize?: number): Promise<JoinableQueueProxy<T>>;
	Lock(): Promise<LockProxy>;
	RLock(): Promise<RLockProxy>;
	Semaphore(value?: number): Promise<SemaphoreProxy>;
	BoundedSemaphore(value?: number): Promise<SemaphoreProxy>;
	/** Its lock is a Lock or an RLock of the same manager; by default an RLock of its own. */
	Condition(lock?: LockProxy | RLockProxy): Promise<ConditionProxy>;
	Event(): Promise<EventProxy>;
	Barrier(parties: number, options?: ManagedBarrierOptions): Promise<BarrierProxy>;
	/** Workers that belong to the server, and end with the last proxy. */
	Pool<I extends unknown[]>(processes?: number, options?: PoolOptions<I>): Promise<PoolProxy>;
}

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- what stands below defines them
export interface SyncManager extends Makers, Pick<WithTwins<Makers>, `${keyof Makers}Sync`> {
	/** A Map, of pairs or another Map, or of the properties of an object. */
	dict<K = unknown, V = unknown>(entries?: Iterable<readonly [K, V]>): Promise<DictProxy<K, V>>;
	dict<V>(properties: Readonly<Record<string, V>>): Promise<DictProxy<string, V>>;
	dict<K extends string, V>(properties: Readonly<Partial<Record<K, V>>>): Promise<DictProxy<K, V>>;
	dictSync<K = unknown, V = unknown>(entries?: Iterable<readonly [K, V]>): DictProxy<K, V>;
	dictSync<V>(properties: Readonly<Record<string, V>>): DictProxy<string, V>;
	dictSync<K extends string, V>(properties: Readonly<Partial<Record<K, V>>>): DictProxy<K, V>;
}

/**
 * The names are Python's, in JavaScript's way of writing for collections and values, and those of our own classes for
 * the rest.
 */
// eslint-disable-next-line typescript/no-unsafe-declaration-merging
export class SyncManager extends BaseManager {
	static override readonly isSync: boolean = true;

	override create(typeid: string, ...args: unknown[]): ReturnType<BaseManager['create']> {
		try {
			return super.create(typeid, ...prepared(typeid, args));
		} catch (error) {
			return Promise.reject(error as Error);
		}
	}

	override createSync(typeid: string, ...args: unknown[]): ReturnType<BaseManager['createSync']> {
		return super.createSync(typeid, ...prepared(typeid, args));
	}

	static {
		for (const typeid of syncTypeids) defineCreators(this.prototype, typeid);
	}
}

/** As they can be sent. */
function prepared(typeid: string, args: readonly unknown[]): readonly unknown[] {
	const [first, second] = args;
	switch (typeid) {
		case 'dict':
			return [sendableEntries(first)];
		case 'list':
		case 'set':
			return first === undefined ? [] : [[...(first as Iterable<unknown>)]];
		case 'array':
			return [
				typeof first === 'function' ? first.name : first,
				typeof second === 'number' || ArrayBuffer.isView(second) ? second : [...(second as Iterable<unknown>)],
			];
		case 'Barrier':
			return [first, preparedBarrier(second)];
		case 'Pool':
			return [first, preparedPool(second)];
		default:
			return args;
	}
}

/** What else is wrong with them, the pool itself says. */
function preparedPool(options: unknown): unknown {
	const { initializer } = (options ?? {}) as PoolOptions;
	return initializer === undefined ? options : { ...(options as PoolOptions), initializer: packFunction(initializer, 'initializer') };
}

function preparedBarrier(options: unknown): unknown {
	checkOptions(options, { owner: 'Barrier()', kinds: { action: anything, timeout: milliseconds }, example: 'Barrier(3, { timeout: 1000 })' });
	const { action, timeout } = (options ?? {}) as ManagedBarrierOptions;
	return { timeout, ...(action !== undefined && { action: packFunction(action, 'action') }) };
}

/**
 * A SyncManager whose server is started.
 *
 * ```ts
 * await using manager = await Manager();
 * const scores = await manager.dict<string, number>();
 * ```
 */
export async function Manager(options?: ManagerOptions): Promise<SyncManager> {
	return new SyncManager(options).start();
}
