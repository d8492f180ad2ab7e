/** What is wrong with a file in /dev/shm, or with /dev/shm. */
import { lstatSync, type Stats } from 'node:fs';
import { NprocsError } from '../base/errors.ts';
import { nameOf, type Errno } from '../native/errno.ts';
import { systemError } from '../native/raise.ts';
import { userId } from '../native/user.ts';
import { directory, pathOf } from './names.ts';

/** For a call that failed with `errno`: `name` is the file that it was to open; without one, it was to make one. */
export function fileError(errno: Errno, what: string, name?: string): NprocsError {
	const code = nameOf(errno);
	if (name === undefined) return isUnable.has(code) ? noSharedMemory(what, code) : systemError(errno, what);
	const found = code === 'EINVAL' || code === 'EACCES' ? lstat(name) : undefined;
	if (found === undefined) return systemError(errno, what);
	if (found.uid !== userId()) {
		const text = `Cannot ${what}: it belongs to user ${found.uid}, and this process acts as user ${userId()}. A process that has changed its user cannot open what others have made before.`;
		return new NprocsError(text, { code: 'ERR_NPROCS_NO_ACCESS' });
	}
	return new NprocsError(`Cannot ${what}: ${pathOf(name)} is ${describeFile(found)}, not a segment of nprocs. Remove it.`, {
		code: 'ERR_NPROCS_BAD_SEGMENT',
	});
}

export function describeFile(found: Stats): string {
	if (found.isDirectory()) return 'a folder';
	if (found.isFIFO()) return 'a FIFO';
	if (found.isSymbolicLink()) return 'a symbolic link';
	if (found.isSocket()) return 'a socket';
	if (!found.isFile()) return 'a device';
	return found.size === 0 ? 'an empty file' : 'a file';
}

/** What creating a file says when there is no such directory, or none that is made for it. */
const isUnable = new Set(['ENOENT', 'ENOTDIR', 'EOPNOTSUPP', 'ENOTSUP', 'EISDIR']);

function noSharedMemory(what: string, code: string): NprocsError {
	const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : 'is no tmpfs';
	return new NprocsError(
		`Cannot ${what}: ${directory} ${why} (${code}). Mount a tmpfs there that this user can write to: mount -t tmpfs shm ${directory}`,
		{
			code: 'ERR_NPROCS_NO_SHARED_MEMORY',
		},
	);
}

function lstat(name: string): Stats | undefined {
	return lstatSync(pathOf(name), { throwIfNoEntry: false });
}
