/**
 * `process.stdout` and `process.stderr` of a child whose output does not go where its parent's goes.
 *
 * A forked process may have inherited stream objects that Node made for other descriptors: for a terminal they even
 * hold one of their own. And Node writes to pipes asynchronously: what is not written yet is lost with `process.exit()`
 * or an uncaught error. So such a child gets new streams, made when they are first used; those for a pipe write at
 * once, and wait while the pipe is full.
 */
import { Socket } from 'node:net';
import { Writable } from 'node:stream';

export type Stdio = 'inherit' | 'ignore' | 'pipe';

/** To be called when descriptors 1 and 2 are in place. */
export function renewOutput(stdio: Stdio): void {
	if (stdio === 'inherit') return;
	for (const [name, fd] of [
		['stdout', 1],
		['stderr', 2],
	] as const) {
		let stream: Writable | undefined;
		const get = (): Writable => (stream ??= asStandardStream(stdio === 'pipe' ? pipeWriter(fd) : nowhere(), fd));
		Object.defineProperty(process, name, { get, configurable: true, enumerable: true });
		// The console keeps the stream that it has used first.
		Object.defineProperty(console, `_${name}`, { get, configurable: true });
	}
}

function pipeWriter(fd: number): Writable {
	const socket = new Socket({ fd, readable: false, writable: true });
	(socket as unknown as { _handle: { setBlocking(on: boolean): void } })._handle.setBlocking(true);
	return socket;
}

function nowhere(): Writable {
	return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** As Node's own: it cannot be closed, since others may be writing there. */
function asStandardStream(stream: Writable, fd: number): Writable {
	const close = (error: Error | null, done: (error: Error | null) => void): void => {
		done(error);
		(stream as unknown as { _undestroy(): void })._undestroy();
	};
	return Object.assign(stream, { fd, _isStdio: true, destroySoon: () => stream.destroy(), _destroy: close });
}
