/**
 * The functions of `native/bind/socket_bind.cc`. Results below 0 are `-errno`; `raise.ts` makes errors of them.
 *
 * All sockets are non-blocking. What would have to wait gives `-EAGAIN`; then a thread that may block calls
 * `waitForFds`, and one with an event loop uses a watcher.
 */

/** How many descriptors travel with one message, at most: a little below the kernel's limit. As `kMaxPassedFds`. */
export const maxPassedFds = 250;

/** A descriptor in the event loop. Opaque; to be closed with `unwatchFd` before its descriptor. */
export type FdWatcher = { readonly __fdWatcher: never };

export interface SocketNative {
	/** `path` in bytes; one that begins with a zero byte is an abstract name. */
	unixListen(path: Uint8Array, backlog: number): number;
	unixConnect(path: Uint8Array): number;
	/** `host` is numeric. */
	tcpListen(host: string, port: number, backlog: number): number;
	/** Begins to connect: wait until writable, then ask `socketError`. */
	tcpConnect(host: string, port: number): number;
	/** The socket's pending error as a positive errno, 0 for none. */
	socketError(fd: number): number;
	socketAccept(fd: number): number;
	/** 0 is the end of the stream. */
	socketReceive(fd: number, view: Uint8Array, offset: number, size: number): number;
	/** As `socketReceive`; appends the descriptors that came with the bytes. */
	socketReceiveWithFds(fd: number, view: Uint8Array, offset: number, size: number, fdsOut: number[]): number;
	/** As `socketReceive`, but what it gives stays in the socket. */
	socketPeek(fd: number, view: Uint8Array, offset: number, size: number): number;
	socketSend(fd: number, view: Uint8Array, offset: number, size: number): number;
	socketClose(fd: number): number;
	socketName(fd: number, peer: boolean): Buffer | { host: string; port: number } | number;
	/** The user id at the other end of a Unix socket. */
	socketPeerUser(fd: number): number;
	/** Blocks. A negative number is an error of getaddrinfo. */
	resolveHost(name: string): string | number;
	/**
	 * Blocks until a descriptor is ready for what `wanted` says (1 readable, 2 writable), or `timeoutMs` have passed (<
	 * 0: no end). Says in `ready` for what, and returns how many are.
	 */
	waitForFds(fds: Int32Array, wanted: Int32Array, ready: Int32Array, timeoutMs: number): number;
	/** One watcher per descriptor and thread. It watches nothing until `setWatch`. */
	watchFd(fd: number, onReady: (events: number) => void): FdWatcher | number;
	/** Watches for `events` (1 readable, 2 writable, 0 none) from now on; the loop stays alive meanwhile. */
	setWatch(watcher: FdWatcher, events: number): number;
	unwatchFd(watcher: FdWatcher): number;
}
