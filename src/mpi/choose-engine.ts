/**
 * Which engine carries out MPI in this process, and its start at the first use: importing `nprocs/mpi` starts nothing.
 *
 * NPROCS_MPI says it: `embedded`, `openmpi`, `mpich`, `abi` or the path of a libmpi. Else whoever has started this
 * process does: our own launcher (job-place.ts), or a real one by what it has put into the environment. A process that
 * nobody has started as a rank is a world of one, on the embedded engine: a real one takes a third of a second to
 * begin, and may want a daemon for it.
 *
 * What a rank starts with `child_process` inherits what the launcher has put there, and is no rank: an MPI that takes
 * it for one fails, or disturbs the job. So a rank says in NPROCS_MPI_RANK that it is the one that is meant.
 */
import { NprocsError } from '../base/errors.ts';
import { launcherMarks } from '../process/start/mpi-launchers.ts';
import { startEmbedded } from './embedded/start.ts';
import type { Engine } from './engine.ts';
import { jobPlace } from './job-place.ts';
import { hasOpenMpi } from './real/find-library.ts';
import { startReal } from './real/start.ts';

/** As NPROCS_MPI names them; what begins with a `/` is the path of a libmpi. */
export type EngineChoice = 'embedded' | 'openmpi' | 'mpich' | 'abi' | `/${string}`;

export interface ChosenEngine {
	readonly choice: EngineChoice;
	/** Who has chosen it, as the end of a sentence: `NPROCS_MPI is mpich`. */
	readonly because: string;
}

/**
 * Starts the engine of this process. What has begun, and the first use that begins it, is known to
 * api/environment/lifecycle.ts.
 */
export function startEngine({ choice, because }: ChosenEngine = chooseEngine()): Engine {
	warnOfManyWorlds(because);
	if (choice === 'embedded') return startEmbedded();
	const engine = startReal(choice, because);
	if (placeOf(process.env) !== '') process.env[rankVariable] = `${process.pid} ${placeOf(process.env)}`;
	return engine;
}

/** What this process's environment and its launcher say. */
export function chooseEngine(environment: NodeJS.ProcessEnv = process.env): ChosenEngine {
	if (isOfARank(environment)) return { choice: 'embedded', because: 'a rank has started this process, which is none' };
	const wish = environment['NPROCS_MPI'];
	if (wish !== undefined && wish !== '') return { choice: checkChoice(wish), because: `NPROCS_MPI is ${wish}` };
	if (jobPlace() !== undefined) return { choice: 'embedded', because: 'nprocs mpiexec has started this process' };
	for (const [name, whose] of Object.entries(launcherMarks)) {
		if (environment[name] === undefined) continue;
		return { choice: whose !== 'either' ? whose : hasOpenMpi() ? 'openmpi' : 'mpich', because: `its launcher has set ${name}` };
	}
	return { choice: 'embedded', because: noLauncher };
}

const rankVariable = 'NPROCS_MPI_RANK';

/** Whether the place that the environment tells is that of another process. */
function isOfARank(environment: NodeJS.ProcessEnv): boolean {
	const [pid, place] = environment[rankVariable]?.split(' ') ?? [];
	return place !== undefined && Number(pid) !== process.pid && place === placeOf(environment);
}

/** Which rank of which job; empty where no launcher has told. A launcher that is started by a rank tells other ones. */
function placeOf(environment: NodeJS.ProcessEnv): string {
	const told = placeVariables.filter((name) => environment[name] !== undefined);
	return told.map((name) => `${name}=${encodeURIComponent(environment[name]!)}`).join();
}

const placeVariables = ['OMPI_COMM_WORLD_RANK', 'PMIX_NAMESPACE', 'PMIX_RANK', 'PMI_RANK', 'PMI_FD', 'PMI_PORT', 'PMI_ID', 'PMI_JOBID'];

const noLauncher = 'no launcher of MPI has started this process';

/** Slurm starts tasks also when it was not told which MPI they use: each of them is rank 0 of 1 then. */
function warnOfManyWorlds(because: string): void {
	const tasks = Number(process.env['SLURM_STEP_NUM_TASKS']);
	if (because !== noLauncher || !(tasks > 1)) return;
	process.emitWarning(
		`srun has started ${tasks} tasks without MPI, so each is a world of one rank. Expected \`srun --mpi=pmix\` (Open MPI) or ` +
			'`srun --mpi=pmi2` (MPICH), or NPROCS_MPI=embedded where a world of one is meant.',
		{ code: 'NPROCS_MANY_WORLDS' },
	);
}

function checkChoice(wish: string): EngineChoice {
	if (wish === 'embedded' || wish === 'openmpi' || wish === 'mpich' || wish === 'abi' || wish.startsWith('/')) return wish as EngineChoice;
	throw new NprocsError(
		`Expected NPROCS_MPI to be embedded, openmpi, mpich, abi or the absolute path of a libmpi, got ${JSON.stringify(wish)}. Unset it to let the launcher decide.`,
		{ code: 'ERR_NPROCS_INVALID_ARG' },
	);
}
