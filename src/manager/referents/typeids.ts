/** What a SyncManager can make: by these names, which are methods of it; how each is made is in factories.ts. */
export const syncTypeids = [
	...(['dict', 'list', 'set', 'namespace', 'value', 'array', 'Queue', 'JoinableQueue'] as const),
	...(['Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Condition', 'Event', 'Barrier', 'Pool'] as const),
];

export type SyncTypeid = (typeof syncTypeids)[number];
