/**
 * Processes are watched, waited for and signalled through pidfds, which no recycled pid can fool. Where there are none,
 * nothing can be started.
 */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { ProcessError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { systemError } from '../../native/raise.ts';

/** What to do about it. */
export const pidFdAdvice = 'Needs Linux 5.3, and a seccomp filter that lets pidfd_open pass.';

/** Throws where the kernel does not give pidfds. It is asked once. */
export function requirePidFd(): void {
	state ??= look();
	if (state !== 'works') throw state;
}

let state: 'works' | Error | undefined;

function look(): 'works' | Error | undefined {
	const fd = addon().openPidFd(addon().processId());
	if (fd >= 0) {
		addon().closeFd(fd);
		return 'works';
	}
	if (!refusals.has(-fd)) throw systemError(-fd, 'start a process'); // too many open files: that may be another time
	const text = `Cannot start a process: pidfd_open does not work here (${getSystemErrorName(fd)}). ${pidFdAdvice}`;
	return new ProcessError(text, { code: 'ERR_NPROCS_NO_PIDFD' });
}

const { ENOSYS, EPERM, EACCES, EINVAL } = constants.errno;
const refusals: ReadonlySet<number> = new Set([ENOSYS, EPERM, EACCES, EINVAL]);
