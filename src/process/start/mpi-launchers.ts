/** By which variables of its environment a process is seen to be a rank that the launcher of an MPI has started. */

/** Whose launchers set the variable. Slurm's srun starts ranks of both kinds with the last one. */
export const launcherMarks = {
	OMPI_COMM_WORLD_SIZE: 'openmpi',
	PMI_RANK: 'mpich',
	PMI_FD: 'mpich',
	PMI_PORT: 'mpich',
	PMIX_RANK: 'either',
} as const;

/** Whether a launcher of this MPI has started this process, or may have; of any MPI without an argument. */
export function isStartedByLauncher(mpi?: 'openmpi' | 'mpich'): boolean {
	return Object.entries(launcherMarks).some(([name, whose]) => {
		return process.env[name] !== undefined && (mpi === undefined || whose === 'either' || whose === mpi);
	});
}
