/**
 * Every error class of the library, each with its stable `code`.
 *
 * A message says what failed, why, and what to do. Programs test `error.code`, or `instanceof`, which holds
 * for `import` and `require()` alike, but not between two copies of the library (process-wide.ts). `docs/errors.md` has
 * a heading for each code.
 */
import { signalName } from './exit-status.ts';

export type ErrorCode = `ERR_NPROCS_${string}`;

export interface NprocsErrorOptions {
	/** @default the class's own code */
	code?: ErrorCode;
	cause?: unknown;
}

/** The base of every error that the library throws on purpose. */
export class NprocsError extends Error {
	/** Stable across versions, for programs to test. */
	readonly code: ErrorCode;

	constructor(message: string, options: NprocsErrorOptions = {}) {
		const given = typeof options === 'object' && options !== null ? options : {}; // Error takes anything there
		super(message, 'cause' in given ? { cause: given.cause } : undefined);
		this.code = given.code ?? (new.target as unknown as { defaultCode: ErrorCode }).defaultCode;
	}

	/** The code that instances of a class have unless told otherwise. */
	static readonly defaultCode: ErrorCode = 'ERR_NPROCS_FAILED';
}
nameOnPrototype(NprocsError, 'NprocsError');

/** A call's arguments are wrong: nothing was done. */
export class ArgumentError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_INVALID_ARG';
}
nameOnPrototype(ArgumentError, 'ArgumentError');

/** A process cannot be started, joined or used in this way. As Python's `multiprocessing.ProcessError`. */
export class ProcessError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_PROCESS';
}
nameOnPrototype(ProcessError, 'ProcessError');

/** A wait that has no value to return ended by its timeout. As Python's `multiprocessing.TimeoutError`. */
export class TimeoutError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_TIMEOUT';
}
nameOnPrototype(TimeoutError, 'TimeoutError');

/** A queue had nothing in time. As Python's `queue.Empty`. */
export class Empty extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_EMPTY';
}
nameOnPrototype(Empty, 'Empty');

/** A queue had no room in time. As Python's `queue.Full`. */
export class Full extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_FULL';
}
nameOnPrototype(Full, 'Full');

/** A message is longer than the buffer given for it. As Python's `multiprocessing.BufferTooShort`. */
export class BufferTooShort extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_BUFFER_TOO_SHORT';
	/** The complete message, so that nothing is lost. */
	readonly data: Uint8Array;

	constructor(message: string, data: Uint8Array, options?: NprocsErrorOptions) {
		super(message, options);
		this.data = data;
	}
}
nameOnPrototype(BufferTooShort, 'BufferTooShort');

/** The other side did not prove that it knows the key. As Python's `multiprocessing.AuthenticationError`. */
export class AuthenticationError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_AUTHENTICATION';
}
nameOnPrototype(AuthenticationError, 'AuthenticationError');

/** A barrier was aborted, reset, timed out, or lost a party. As Python's `threading.BrokenBarrierError`. */
export class BrokenBarrierError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_BROKEN_BARRIER';
}
nameOnPrototype(BrokenBarrierError, 'BrokenBarrierError');

/** Nothing is left to read and nobody is left who could write. As Python's `EOFError`. */
export class EOFError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_EOF';
}
nameOnPrototype(EOFError, 'EOFError');

/** A value cannot cross to another process. `path` names the part that cannot, such as `args[0].callback`. */
export class SerializationError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_SERIALIZATION';
	readonly path: string;

	constructor(message: string, path: string, options?: NprocsErrorOptions) {
		super(message, options);
		this.path = path;
	}
}
nameOnPrototype(SerializationError, 'SerializationError');

/** A function or class cannot be found again by another process. */
export class NotImportableError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_NOT_IMPORTABLE';
}
nameOnPrototype(NotImportableError, 'NotImportableError');

/** The process that ran a task has died. */
export class WorkerDiedError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_WORKER_DIED';
	readonly pid: number;
	/** As `Process.exitCode`: negative when a signal ended the worker. */
	readonly exitCode: number | null;
	/** `'SIGKILL'` and the like; null when the worker exited by itself. */
	readonly signal: string | null;
	/** What the worker was running, in words. */
	readonly task: string | undefined;

	constructor(message: string, worker: { pid: number; exitCode: number | null; task?: string | undefined }, options?: NprocsErrorOptions) {
		super(message, options);
		this.pid = worker.pid;
		this.exitCode = worker.exitCode;
		this.signal = worker.exitCode === null ? null : (signalName(worker.exitCode) ?? null);
		this.task = worker.task;
	}
}
nameOnPrototype(WorkerDiedError, 'WorkerDiedError');

/** The server process of a manager has ended, or cannot be reached any more: what it held is lost. */
export class ServerDiedError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_SERVER_DIED';
}
nameOnPrototype(ServerDiedError, 'ServerDiedError');
/** A pool cannot go on, since its workers die again and again before they can work; `cause` is the last error. */
export class PoolBrokenError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_POOL_BROKEN';
}
nameOnPrototype(PoolBrokenError, 'PoolBrokenError');

/** Processes wait for each other's locks in a circle; this wait was chosen to fail so that the others can go on. */
export class DeadlockError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_DEADLOCK';
}
nameOnPrototype(DeadlockError, 'DeadlockError');

/** An error of another process whose class is not known here. */
export class RemoteError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_REMOTE';
}
nameOnPrototype(RemoteError, 'RemoteError');

/** The object was closed here, or does not exist any more. */
export class ClosedError extends NprocsError {
	static override readonly defaultCode: ErrorCode = 'ERR_NPROCS_CLOSED';
}
nameOnPrototype(ClosedError, 'ClosedError');

/** For what cannot be: a bug of the library, never of its user. */
export function invariant(condition: unknown, message: string): asserts condition {
	if (!condition) throw new Error(`nprocs bug: ${message}. Please report it.`);
}

/** On the prototype, as Node's own errors do it, so that `name` is no own property of each instance. */
function nameOnPrototype(errorClass: { prototype: Error }, name: string): void {
	Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true });
}
