/**
 * What a rank does before its program's first line: it takes its place in the job, and waits until all ranks exist, so
 * that early ones do not take the processors from the forks of the others.
 *
 * The program is this process's *main* module, as if `node program.js` had been typed: `require.main`, `main` of
 * `import.meta`, `isMain()`, `process.argv` and what Node does at the end of a main module are its own. What it starts
 * in turn is no rank.
 */
import { atExit, exitStep } from '../../base/at-exit.ts';
import { addon } from '../../native/addon.ts';
import { placeInTree, takePlace } from '../../process/current.ts';
import { runMainModule } from '../../process/run-main.ts';
import { Job, rankState } from '../embedded/job/job.ts';
import { takeJobPlace, type JobPlace } from '../job-place.ts';
import * as MPI from '../module.ts';
import './job-file.ts';
import type { JobFile } from './job-file.ts';
import { traceCalls } from './trace.ts';

/** In a forked process: runs the program. `file` is absolute. */
export function runRank(place: JobPlace, { fd }: JobFile, ...[file, args]: [file: string, args: readonly string[]]): void {
	becomeRank({ ...place, fd });
	runMainModule(file, args);
}

/** Takes the place of a program's first process, which is a rank. */
export function becomeRank(place: JobPlace): void {
	// The launcher should know how this has ended, even when the forkserver cannot tell it any more.
	const link = placeInTree().parent?.link;
	if (link !== undefined) atExit(exitStep.report, (code) => link.reportExit(code));
	takePlace('main', { identity: [], name: 'MainProcess', daemon: false, parent: undefined });
	takeJobPlace({ ...place, fd: addon().closeAtEnd(place.fd) });
	const job = Job.join(place);
	job.waitAtGate(place.rank);
	if (job.end() !== undefined) addon().exitNow(1);
	job.setState(place.rank, rankState.running);
	job.close();
	if (place.trace !== undefined) traceCalls(place.trace, place.rank, Object.values(MPI));
}
