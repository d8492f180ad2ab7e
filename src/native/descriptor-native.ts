/** The functions of `native/bind/descriptor_bind.cc`. Results below 0 are `-errno` (errno.ts). */

/** A descriptor in the event loop. Opaque. */
export type FdWatch = { readonly __fdWatch: never };

export interface DescriptorNative {
	/** A pair of connected sockets, for whole messages or for bytes. */
	socketPair(messages: boolean): [number, number] | number;
	pipe(): [readEnd: number, writeEnd: number] | number;
	sendMessage(fd: number, bytes: Uint8Array, fds: readonly number[], block: boolean): number;
	/** Appends the descriptors that came with the message to `fdsOut`. 0: the peer is gone. */
	receiveMessage(fd: number, into: Uint8Array, block: boolean, fdsOut: number[]): number;
	/**
	 * The same of bytes of a stream, without waiting; they are not lost where their descriptors are, for which this
	 * process has no room.
	 */
	receiveBytes(fd: number, into: Uint8Array, fdsOut: number[]): number;
	/**
	 * From now on, `receiveMessage` on this socket gives -EPERM for a message of a process with another real user or
	 * group id.
	 */
	refuseOtherIds(fd: number): number;
	/** Indexes of the descriptors that are readable or closed by their peer; none on timeout. Below 0: for ever. */
	pollReadable(fds: readonly number[], timeoutMs: number): number[] | number;
	/**
	 * Blocks until a descriptor is ready for what `wanted` says (1 readable, 2 writable), or `timeoutMs` have passed (<
	 * 0: no end). Says in `ready` for what, and returns how many are.
	 */
	waitForFds(fds: Int32Array, wanted: Int32Array, ready: Int32Array, timeoutMs: number): number;
	closeFd(fd: number): number;
	/**
	 * Returns `fd`, which is closed by `closeFd` or, at the latest, when this thread ends: descriptors are the
	 * process's, and would stay.
	 */
	closeAtEnd(fd: number): number;
	memoryFile(): number;
	/** `to` below 0: any free descriptor. */
	duplicate(from: number, to: number): number;
	isOpenFd(fd: number): number;
	/** Use `Watch` of `watch.ts` instead. */
	watchFd(fd: number, onReady: (events: number) => void, events: number): FdWatch | number;
	setWatch(watch: FdWatch, events: number): number;
	refWatch(watch: FdWatch, referenced: boolean): void;
	unwatch(watch: FdWatch): void;
}
