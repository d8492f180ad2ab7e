/** What users of the package see of this layer. */
export { BaseManager, type ManagerOptions } from './manager.ts';
export { ManagerServer } from './manager-server.ts';
export { BaseProxy } from './proxy.ts';
export { ArrayProxy, ListProxy, SetProxy, ValueProxy } from './proxies/collection-proxies.ts';
export { DictProxy, type Entries } from './proxies/dict-proxy.ts';
export { GeneratorProxy } from './proxies/iteration.ts';
export { NamespaceProxy } from './proxies/namespace-proxy.ts';
export { PoolProxy, type ManagedMapOptions, type ManagedTaskOptions } from './proxies/pool-proxy.ts';
export { JoinableQueueProxy, QueueProxy, QueueReceiverProxy, QueueSenderProxy } from './proxies/queue-proxies.ts';
export { BarrierProxy, ConditionProxy, EventProxy, LockProxy, RLockProxy, SemaphoreProxy } from './proxies/sync-proxies.ts';
export type { Change } from './referents/dict.ts';
export { Manager, SyncManager, type ManagedBarrierOptions, type Namespace } from './sync-manager.ts';
export type { AnyProxy, AutoProxy, Creators, Definitions, Factory, ProxyClass, ProxyOf, RegisterOptions, TypeDefinition } from './types.ts';
