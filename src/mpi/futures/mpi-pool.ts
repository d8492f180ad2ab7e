/**
 * `nprocs mpi-pool program.js`, on all ranks of a job: rank 0 runs the program, the others serve its executors until it
 * has ended. Under any launcher and engine. An error that nobody catches on rank 0 ends the job, as that of any rank.
 */
import { runMainModule } from '../../process/run-main.ts';
import { jobPlace } from '../job-place.ts';
import { COMM_WORLD } from '../api/communicators/communicators.ts';
import { beforeFinalize } from '../api/environment/lifecycle.ts';
import { Job } from '../embedded/job/job.ts';
import { Crew } from './crew.ts';
import { provideCrew } from './pool-executor.ts';
import { serve } from './worker.ts';

/** `file` is absolute. On rank 0, returns when the program has begun. */
export async function runPool(file: string, args: readonly string[]): Promise<void> {
	if (COMM_WORLD.Get_size() === 1) return runMainModule(file, args); // executors use processes of this machine
	const comm = COMM_WORLD.Dup();
	if (comm.rank > 0) {
		allowDeath();
		return serve(comm, 0);
	}
	const crew = new Crew(comm, 0);
	provideCrew(crew);
	beforeFinalize(() => crew.stop());
	runMainModule(file, args);
}

/** The program goes on without a worker that has died. Real launchers end the job. */
function allowDeath(): void {
	const place = jobPlace();
	if (place === undefined) return;
	using job = Job.join(place);
	job.allowDeath(place.rank);
}
