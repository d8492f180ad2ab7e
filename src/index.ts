export {
	ArgumentError,
	AuthenticationError,
	BrokenBarrierError,
	BufferTooShort,
	ClosedError,
	DeadlockError,
	Empty,
	EOFError,
	Full,
	NotImportableError,
	NprocsError,
	PoolBrokenError,
	ProcessError,
	RemoteError,
	SerializationError,
	ServerDiedError,
	TimeoutError,
	WorkerDiedError,
	type ErrorCode,
	type NprocsErrorOptions,
} from './base/errors.ts';
export type { Wait } from './base/deadline.ts';
export { registerClass, type ClassHooks } from './codec/class-registry.ts';
export * from './channel/public.ts';
export { Process } from './process/process.ts';
export type { NamedTarget, Target } from './process/named-target.ts';
export type { ProcessOptions } from './process/options.ts';
export { activeChildren, currentProcess, parentProcess } from './process/who-am-i.ts';
export { Context, getContext, setForkserverPreload } from './process/context.ts';
export { getAllStartMethods, getStartMethod, setStartMethod, type StartMethod } from './process/start-method.ts';
export { cpuCount } from './process/cpu-count.ts';
export { inline } from './process/inline.ts';
export { isMain } from './process/is-main.ts';
export type { Waitable } from './sync/waitable.ts';
export { Barrier, type BarrierOptions } from './sync/barrier.ts';
export { Condition, type ConditionOptions } from './sync/condition.ts';
export { Event, type EventOptions } from './sync/event.ts';
export type { LockOptions, Owner } from './sync/exclusive-lock.ts';
export { Lock } from './sync/lock.ts';
export { RLock } from './sync/rlock.ts';
export { BoundedSemaphore, Semaphore, type SemaphoreOptions } from './sync/semaphore.ts';
export { ShareableList, type ShareableItem, type ShareableListOptions } from './memory/shareable-list.ts';
export { SharedMemoryManager } from './memory/shared-memory-manager.ts';
export { SharedMemory, type SharedMemoryOptions } from './memory/shared-memory.ts';
export { SharedArray, type TypedArray } from './sync/shared-array.ts';
export type { ValueOptions } from './sync/shared-values.ts';
export { Value, type ValueTypes } from './sync/value.ts';
export * from './manager/public.ts';
export { asCompleted, type CompletedResult } from './task/as-completed.ts';
export type { AsyncResult } from './task/async-result.ts';
export { currentTask, type CurrentTask } from './task/current-task.ts';
export type { Executor } from './task/executor.ts';
export type { MapOptions, TaskOptions } from './task/task-options.ts';
export { Pool, type WorkerInfo } from './pool/pool.ts';
export type { PoolOptions } from './pool/pool-options.ts';
export { getReusableExecutor, ProcessPoolExecutor, type ExecutorOptions } from './pool/process-pool-executor.ts';
export type { PoolStats, TimeSummary } from './pool/stats.ts';
