/**
 * Processes of different pid namespaces (containers) may share /dev/shm, but neither can tell whether the other lives,
 * since a pid means another process there. So the header of a segment says in which one it was made (layout.ts), and no
 * process of another one opens it.
 */
import { forkHook, forkStep } from '../base/at-fork.ts';
import { NprocsError } from '../base/errors.ts';
import { addon } from '../native/addon.ts';
import { errno, failedBy } from '../native/errno.ts';
import { check } from '../native/raise.ts';

/** The number of this process's pid namespace. Throws where /proc cannot tell it. */
export function pidNamespace(): number {
	if (known === undefined) {
		forgetAtFork();
		known = ask();
	}
	return known;
}

let known: number | undefined;
/** A child may be the first of a new one. */
const forgetAtFork = forkHook({ step: forkStep.identity, inCopy: () => void (known = undefined) });

function ask(): number {
	const found = addon().pidNamespace();
	if (failedBy(found, errno.ENOENT)) throw withoutProc('/proc is not mounted');
	if (failedBy(found, errno.EXDEV)) throw withoutProc('what is mounted at /proc is that of another pid namespace');
	return check(found, 'find out the pid namespace');
}

function withoutProc(why: string): NprocsError {
	return new NprocsError(
		`Cannot use shared objects: ${why}, so nobody can tell which processes live. Mount it: \`mount -t proc proc /proc\`, or \`unshare --mount-proc\`.`,
		{ code: 'ERR_NPROCS_NO_PROC' },
	);
}
