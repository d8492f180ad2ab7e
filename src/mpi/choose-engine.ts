/**
 * Which engine carries out MPI in this process, and its start at the first use: importing `nprocs/mpi` starts nothing.
 *
 * NPROCS_MPI says it: `embedded`, `openmpi`, `mpich`, `abi` or the path of a libmpi. Else whoever has started this process does: our own launcher (job-place.ts), or a real
 * one by what it has put into the environment. A process that nobody has started as a rank is a world of one, on the embedded engine: a real
 * one takes a third of a second to begin, and may want a daemon for it.
 */
import { NprocsError } from '../base/errors.ts';
import { startEmbedded } from './embedded/start.ts';
import type { Engine } from './engine.ts';
import { jobPlace } from './job-place.ts';

/** As NPROCS_MPI names them; what begins with a `/` is the path of a libmpi. */
export type EngineChoice = 'embedded' | 'openmpi' | 'mpich' | 'abi' | `/${string}`;

/** Starts the engine of this process. What has begun, and the first use that begins it, is known to api/lifecycle.ts. */
export function startEngine(choice: EngineChoice = chooseEngine()): Engine {
	if (choice === 'embedded') return startEmbedded();
	throw new NprocsError(`Cannot use the MPI engine ${choice}: this version has the embedded one only. Unset NPROCS_MPI, or start with \`npx nprocs mpiexec\`.`);
}

/** What this process's environment and its launcher say. */
export function chooseEngine(environment: NodeJS.ProcessEnv = process.env): EngineChoice {
	const wish = environment['NPROCS_MPI'];
	if (wish !== undefined && wish !== '') return checkChoice(wish);
	if (jobPlace() !== undefined) return 'embedded';
	if (environment['OMPI_COMM_WORLD_SIZE'] !== undefined) return 'openmpi';
	if (environment['PMI_RANK'] !== undefined || environment['PMI_FD'] !== undefined) return 'mpich';
	return 'embedded';
}

function checkChoice(wish: string): EngineChoice {
	if (wish === 'embedded' || wish === 'openmpi' || wish === 'mpich' || wish === 'abi' || wish.startsWith('/')) return wish as EngineChoice;
	throw new NprocsError(
		`Expected NPROCS_MPI to be embedded, openmpi, mpich, abi or the absolute path of a libmpi, got ${JSON.stringify(wish)}. Unset it to let the launcher decide.`,
		{ code: 'ERR_NPROCS_INVALID_ARG' },
	);
}
