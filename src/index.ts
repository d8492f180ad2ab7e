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
export { Connection } from './connection/connection.ts';
export { JoinableQueue, JoinableQueueReceiver, JoinableQueueSender } from './queue/joinable-queue.ts';
export { connect, connectSync, type ConnectOptions } from './connection/socket/connect.ts';
export { Listener, type ListenerOptions } from './connection/socket/listener.ts';
export { Pipe, type PipeOptions } from './connection/pipe.ts';
export { Queue } from './queue/queue.ts';
export { QueueReceiver } from './queue/receiver.ts';
export { QueueSender } from './queue/sender.ts';
export { SimpleQueue } from './queue/simple-queue.ts';
export { wait, waitSync, type WaitTarget } from './connection/wait.ts';
export { Process } from './process/process.ts';
export type { NamedTarget, Target } from './process/reference/named-target.ts';
export type { ProcessOptions } from './process/options.ts';
export { activeChildren, currentProcess, parentProcess } from './process/who-am-i.ts';
export { Context, getContext, setForkserverPreload } from './process/context.ts';
export { getAllStartMethods, getStartMethod, setStartMethod, type StartMethod } from './process/start/method.ts';
export { cpuCount } from './process/cpu-count.ts';
export { inline } from './process/reference/inline.ts';
export { isMain } from './process/is-main.ts';
export type { Waitable } from './wait/waitable.ts';
export { Barrier, type BarrierOptions } from './sync/barrier.ts';
export { Condition, type ConditionOptions } from './sync/condition.ts';
export { Event, type EventOptions } from './sync/event.ts';
export type { LockOptions, Owner } from './sync/exclusive-lock.ts';
export { Lock } from './sync/lock.ts';
export { RLock } from './sync/rlock.ts';
export { BoundedSemaphore, Semaphore, type SemaphoreOptions } from './sync/semaphore.ts';
export { ShareableList, type ShareableItem, type ShareableListOptions } from './shared/shareable-list.ts';
export { SharedMemoryManager } from './shared/shared-memory-manager.ts';
export { SharedMemory, type SharedMemoryOptions } from './shared/shared-memory.ts';
export { SharedArray, type TypedArray } from './shared/shared-array.ts';
export type { ValueOptions } from './shared/shared-values.ts';
export { Value, type ValueTypes } from './shared/value.ts';
export * from './manager/public.ts';
export { asCompleted, type CompletedResult } from './task/as-completed.ts';
export type { AsyncResult } from './task/async-result.ts';
export { currentTask, type CurrentTask } from './task/current-task.ts';
export type { Executor } from './task/executor.ts';
export type { MapOptions, TaskOptions } from './task/task-options.ts';
export { Pool, type WorkerInfo } from './pool/pool.ts';
export type { PoolOptions } from './pool/pool-options.ts';
export { getReusableExecutor, ProcessPoolExecutor, type ExecutorOptions } from './pool/process-pool-executor.ts';
export type { PoolStats, TimeSummary } from './pool/scheduling/stats.ts';
