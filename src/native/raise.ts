/** System calls' failures as errors of ours, with what to do (for files in /dev/shm: memory/file-error.ts). */
import { NprocsError, type ErrorCode } from '../base/errors.ts';
import { errnoOf, nameOf, type Errno } from './errno.ts';

/** Returns `result` unless it is `-errno`, which it throws as an error that says what could not be done. */
export function check(result: number, what: string): number;
export function check<T extends object>(result: T | number, what: string): T;
export function check(result: unknown, what: string): unknown {
	if (typeof result === 'number' && result < 0) throw systemError(errnoOf(result), what);
	return result;
}

const advice: Record<string, { code?: ErrorCode; text: string }> = {
	EMFILE: { code: 'ERR_NPROCS_TOO_MANY_FILES', text: 'this process has too many open files. Close what is not needed or raise `ulimit -n`' },
	ENFILE: { code: 'ERR_NPROCS_TOO_MANY_FILES', text: 'the machine has too many open files' },
	EAGAIN: {
		code: 'ERR_NPROCS_TOO_MANY_PROCESSES',
		text: "the limit of processes or of another resource is reached. See `ulimit -u` and the cgroup's pids.max",
	},
	ENOMEM: { code: 'ERR_NPROCS_NO_MEMORY', text: 'there is not enough memory' },
	ENOSPC: {
		code: 'ERR_NPROCS_NO_SPACE',
		text: '/dev/shm is full. Free some of it (`npx nprocs gc` removes what dead processes left) or make it larger',
	},
	EFBIG: { code: 'ERR_NPROCS_FILE_SIZE_LIMIT', text: 'a file may not become so large. Raise the limit (`ulimit -f`); it counts for /dev/shm, too' },
	ENOSYS: { text: 'the kernel does not have the system call, or a seccomp filter hides it' },
	EROFS: { code: 'ERR_NPROCS_NO_ACCESS', text: 'it lies on a read-only file system' },
	EACCES: { code: 'ERR_NPROCS_NO_ACCESS', text: 'access is denied' },
	EPERM: { code: 'ERR_NPROCS_NO_ACCESS', text: 'this process has no right to do it' },
	ENOENT: { code: 'ERR_NPROCS_NOT_FOUND', text: 'it does not exist (any more)' },
	EEXIST: { code: 'ERR_NPROCS_EXISTS', text: 'the name is taken' },
};

export function systemError(errno: Errno, what: string): NprocsError {
	const name = nameOf(errno);
	const known = advice[name];
	return new NprocsError(`Cannot ${what}: ${known?.text ?? 'the system call failed'} (${name}).`, { code: known?.code ?? `ERR_NPROCS_${name}` });
}

/**
 * What a call of Node's own, for a file or folder, has thrown, as an error of ours. `hint`: what to do about it, a
 * sentence. Errors that are no system call's are returned as they are.
 */
export function fileSystemError(error: unknown, what: string, hint?: string): unknown {
	const { errno } = error as { errno?: unknown };
	if (typeof errno !== 'number') return error;
	const name = nameOf(errnoOf(errno));
	const why = reasons[name] ?? (error as Error).message;
	return new NprocsError(`Cannot ${what}: ${why} (${name}).${hint === undefined ? '' : ` ${hint}`}`, {
		code: advice[name]?.code ?? `ERR_NPROCS_${name}`,
		...(error instanceof Error && { cause: error }),
	});
}

/** For files that need not be in /dev/shm. */
const reasons: Record<string, string> = {
	ENOENT: 'it does not exist (any more)',
	ENOSPC: 'there is no space left',
	EROFS: 'it lies on a read-only file system',
	EACCES: 'access is denied',
	EPERM: 'it is not permitted',
	ENOTDIR: 'it is no folder',
	ELOOP: 'there are too many symbolic links in its path',
	ENAMETOOLONG: 'its name is too long',
	EMFILE: 'this process has too many open files. Close what is not needed or raise `ulimit -n`',
	EFBIG: 'a file may not become so large. Raise the limit (`ulimit -f`)',
};
