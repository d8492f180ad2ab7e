/**
 * The functions of `native/bind/socket_bind.cc`. Results below 0 are `-errno` (errno.ts).
 *
 * All sockets are non-blocking. What would have to wait gives `-EAGAIN`; then a thread that may block calls
 * `waitForFds`, and one with an event loop uses a `Watch`.
 */

export interface SocketNative {
	/** `path` in bytes; one that begins with a zero byte is an abstract name. */
	unixListen(path: Uint8Array, backlog: number): number;
	unixConnect(path: Uint8Array): number;
	/** `host` is numeric. */
	tcpListen(host: string, port: number, backlog: number): number;
	/** Begins to connect: wait until writable, then ask `socketError`. */
	tcpConnect(host: string, port: number): number;
	/** What has failed since; 0 for nothing. */
	socketError(fd: number): number;
	socketAccept(fd: number): number;
	/** 0 is the end of the stream. */
	socketReceive(fd: number, view: Uint8Array, offset: number, size: number): number;
	/** As `socketReceive`, but what it gives stays in the socket. */
	socketPeek(fd: number, view: Uint8Array, offset: number, size: number): number;
	socketSend(fd: number, view: Uint8Array, offset: number, size: number): number;
	socketName(fd: number, peer: boolean): Buffer | { host: string; port: number } | number;
	/** The user id at the other end of a Unix socket. */
	socketPeerUser(fd: number): number;
	/** Blocks. A negative number is an error of getaddrinfo. */
	resolveHost(name: string): string | number;
}
