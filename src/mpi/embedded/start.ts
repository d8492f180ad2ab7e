/**
 * Starts the embedded engine in this process: as a rank of its job, or as a world of one in private memory.
 *
 * NPROCS_MPI_EAGER=0 lets every standard send wait until it is matched, and so finds programs that rely on buffering.
 */
import type { Engine } from '../engine.ts';
import { jobPlace } from '../job-place.ts';
import { EmbeddedEngine } from './engine.ts';
import { Job, rankState } from './job/job.ts';

export function startEmbedded(): Engine {
	const place = jobPlace();
	const isEager = process.env['NPROCS_MPI_EAGER'] !== '0';
	if (place === undefined) return new EmbeddedEngine({ rank: 0, size: 1, job: undefined, isEager });
	const job = Job.join(place);
	job.waitAtGate(place.rank);
	job.setState(place.rank, rankState.initialised);
	return new EmbeddedEngine({ rank: place.rank, size: place.size, job, isEager });
}
