/** The objects of a SyncManager, by their typeids. */
import { ArgumentError } from '../../base/errors.ts';
import { unpackFunction, type PackedFunction } from '../functions.ts';
import { BarrierReferent } from './barrier.ts';
import { DictReferent, entriesOf } from './dict.ts';
import { ArrayReferent, ListReferent, NamespaceReferent, SetReferent, ValueReferent } from './list.ts';
import { ConditionReferent, EventReferent, LockReferent, RLockReferent, SemaphoreReferent } from './locks.ts';
import { PoolReferent, type SentPoolOptions } from './pool.ts';
import { JoinableQueueReferent, QueueReferent } from './queue.ts';
import type { Referent } from './referent.ts';
import type { SyncTypeid } from './typeids.ts';
import { elementArrays } from '../../shared/element-arrays.ts';

type Factory = (...args: never[]) => Referent | Promise<Referent>;

export const syncFactories: Readonly<Record<SyncTypeid, Factory>> = {
	dict: (entries?: unknown) => new DictReferent(new Map(entriesOf(entries))),
	list: (items?: Iterable<unknown>) => new ListReferent([...(items ?? [])]),
	set: (values?: Iterable<unknown>) => new SetReferent(new Set(values)),
	namespace: (properties: object = {}) => new NamespaceReferent(new Map(Object.entries(properties))),
	value: (initial?: unknown) => new ValueReferent(initial),
	array: (type: unknown, values: unknown) => new ArrayReferent(makeArray(type, values)),
	Queue: (maxsize?: number) => new QueueReferent(maxsize),
	JoinableQueue: (maxsize?: number) => new JoinableQueueReferent(maxsize),
	Lock: () => new LockReferent(),
	RLock: () => new RLockReferent(),
	Semaphore: (value?: number) => new SemaphoreReferent(value),
	BoundedSemaphore: (value: number = 1) => new SemaphoreReferent(value, value),
	Condition: (lock?: unknown) => new ConditionReferent(lock),
	Event: () => new EventReferent(),
	Barrier: async (parties: number, { action, timeout }: { action?: PackedFunction; timeout?: number } = {}) =>
		new BarrierReferent(parties, { action: action && ((await unpackFunction(action)) as () => unknown), timeout }),
	Pool: (processes?: number, options?: SentPoolOptions) => PoolReferent.make(processes, options),
};

const arrayTypes = {
	...elementArrays,
	uint8clamped: Uint8ClampedArray,
} as const;

export type ArrayTypeName = keyof typeof arrayTypes;

/** A type is named as Value's, or as its class is. */
function makeArray(type: unknown, values: unknown): Int32Array {
	const name = String(type)
		.toLowerCase()
		.replace(/array$/, '');
	const Type = Object.hasOwn(arrayTypes, name) ? (arrayTypes[name as ArrayTypeName] as unknown as Int32ArrayConstructor) : undefined;
	if (Type === undefined)
		throw new ArgumentError(`Expected the type of an array to be a typed array or one of ${Object.keys(arrayTypes).join(', ')}.`);
	return new Type(values as number[]);
}
