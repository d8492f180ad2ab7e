/**
 * Processes are watched, waited for and signalled through pidfds, which no recycled pid can fool. Where there are none,
 * nothing can be started.
 */
import { ProcessError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { errno, errnoOf, nameOf, type Errno } from '../../native/errno.ts';
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
	const why = errnoOf(fd);
	if (!refusals.has(why)) throw systemError(why, 'start a process'); // too many open files: that may be another time
	const text = `Cannot start a process: pidfd_open does not work here (${nameOf(why)}). ${pidFdAdvice}`;
	return new ProcessError(text, { code: 'ERR_NPROCS_NO_PIDFD' });
}

const { ENOSYS, EPERM, EACCES, EINVAL } = errno;
const refusals: ReadonlySet<Errno> = new Set([ENOSYS, EPERM, EACCES, EINVAL]);
