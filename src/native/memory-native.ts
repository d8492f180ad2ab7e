/** The functions of `native/bind/memory_bind.cc`. Results below 0 are `-errno` (errno.ts). */
export interface MemoryNative {
	/** A mapped, held file without a name, to be linked as `path`. */
	segmentCreate(directory: string, size: number, path: string, guard: Guard): MappedSegment | number;
	/** The same with `head` and, behind it, `data` in it; its guard is ''. */
	segmentCreateFilled(directory: string, path: string, head: Uint8Array, data: Uint8Array): MappedSegment | number;
	segmentLink(id: number, path: string): number;
	/** Maps at most the first `maxSize` bytes; 0: all. -EACCES for a file of another user, unless the guard is null. */
	segmentOpen(path: string, guard: Guard, maxSize: number): MappedSegment | number;
	/**
	 * As `segmentOpen`, of a file that another process has passed and that may have no name; `path` is what it is
	 * called once it has one. The descriptor stays the caller's.
	 */
	segmentAdopt(fd: number, path: string, maxSize: number): MappedSegment | number;
	/** Of one without a name: a new descriptor. */
	segmentDescriptor(id: number): number;
	/** Gives a file without a name one. -EEXIST. */
	linkDescriptor(fd: number, path: string): number;
	/** Detaches the buffer and unmaps. 1: the name was removed; 0: it is gone already, or somebody needs it. */
	segmentGiveUp(id: number, buffer: ArrayBuffer): number;
	/** It is no segment of ours: giving it up leaves its name alone. */
	segmentKeepName(id: number): void;
	/**
	 * All segments and slots of all threads of this process; returns how many names were removed. Buffers are not
	 * detached: only for a process about to `_exit()`.
	 */
	segmentGiveUpAll(): number;
	/** Removes a segment that nobody holds and no message carries. 1: it is gone, now or before; 0: it is needed. */
	segmentRemoveUnneeded(path: string): number;
	/** Where a removable segment counts the messages in which it is in flight: none, before its name may be removed. */
	setInFlightCounters(byteOffset: number, count: number): void;
	/**
	 * A descriptor. -EINVAL for what is no regular file, -EACCES for another user's; so do all that open files in
	 * /dev/shm.
	 */
	openToRead(path: string): number;
	/**
	 * A descriptor; -EWOULDBLOCK when somebody holds the file; -ETIMEDOUT when somebody has it alone, as this one
	 * would, and does not go on.
	 */
	openExclusive(path: string): number;
	/** A descriptor that holds the file, for a message that takes it along. */
	openShared(path: string): number;
	/**
	 * Before that segment is given up here, at the latest at the end of this thread or process: adds 1 to the
	 * generation, then sets the 64-bit identity to 0.
	 */
	retireAtEnd(segmentId: number, identityByteOffset: number, generationByteOffset: number): number;
	/** One word that reads 0 until it is set, and 0 again in a child after `fork()`. */
	forkGuard(): Int32Array;
	/** 16 hex digits from the kernel: differs after `fork()`, as a generator's state in this process would not. */
	random64(): string;
	/**
	 * In clock ticks since boot; -ESRCH for a dead process, reaped or not; -EACCES for a living one that /proc does not
	 * show to this user.
	 */
	processStartTime(pid: number): number;
	/**
	 * Two processes know each other by the same pids when it is the same. -ENOENT: there is no /proc; -EXDEV: it is
	 * that of another one.
	 */
	pidNamespace(): number;
	/** `process.pid` is a copy made when Node started; this is right in a forked child too. */
	processId(): number;
	threadId(): number;
}

/**
 * When the last holder removes the name: null: never; '': unless a message carries it (its counters); a path: unless
 * that file exists.
 */
export type Guard = string | null;

export interface MappedSegment {
	id: number;
	buffer: ArrayBuffer;
}
