/** Which engine a process has, by what launchers put into its environment. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { chooseEngine } from '#nprocs/mpi/choose-engine.js';
import { missing, runCommand } from '../helpers/mpi.js';

const ofOpenMpi = { OMPI_COMM_WORLD_SIZE: '2', OMPI_COMM_WORLD_RANK: '0', PMIX_RANK: '0' };
const ofPmix = missing('openmpi') === false ? 'openmpi' : 'mpich';
for (const [title, environment, choice] of [
	['nobody', {}, 'embedded'],
	['Open MPI', { OMPI_COMM_WORLD_SIZE: '2', PMIX_RANK: '0' }, 'openmpi'],
	['MPICH', { PMI_RANK: '0', PMI_SIZE: '2' }, 'mpich'],
	['MPICH with -pmi-port', { PMI_PORT: 'host:34905', PMI_ID: '0' }, 'mpich'],
	[
		'a process of a rank of MPICH with -pmi-port',
		{ PMI_PORT: 'host:34905', PMI_ID: '0', NPROCS_MPI_RANK: '1 PMI_PORT=host%3A34905,PMI_ID=0' },
		'embedded',
	],
	['srun --mpi=pmi2', { PMI_FD: '11', PMI_RANK: '1', SLURM_STEP_NUM_TASKS: '2' }, 'mpich'],
	['srun --mpi=pmix', { PMIX_RANK: '1', SLURM_STEP_NUM_TASKS: '2' }, ofPmix],
	['srun --mpi=none', { SLURM_STEP_NUM_TASKS: '2' }, 'embedded'],
	['a rank of Open MPI', { ...ofOpenMpi, NPROCS_MPI_RANK: '1 OMPI_COMM_WORLD_RANK=0,PMIX_RANK=0' }, 'embedded'],
	['a rank that was told a wish', { ...ofOpenMpi, NPROCS_MPI: 'openmpi', NPROCS_MPI_RANK: '1 OMPI_COMM_WORLD_RANK=0,PMIX_RANK=0' }, 'embedded'],
	['a launcher of a rank', { ...ofOpenMpi, NPROCS_MPI_RANK: '1 OMPI_COMM_WORLD_RANK=1,PMIX_RANK=1' }, 'openmpi'],
	['nobody, in a child of a rank', { NPROCS_MPI_RANK: '1 PMI_RANK=1' }, 'embedded'],
	['a wish', { NPROCS_MPI: 'abi', OMPI_COMM_WORLD_SIZE: '2' }, 'abi'],
] as const) {
	test(`started by ${title}: ${choice}`, () => assert.equal(chooseEngine(environment).choice, choice));
}

const program = `import { MPI } from 'nprocs/mpi'; console.log(MPI.COMM_WORLD.Get_size());`;

for (const [title, env, isWarned] of [
	['without MPI', {}, true],
	['without MPI, as was wished', { NPROCS_MPI: 'embedded' }, false],
] as const) {
	test(`a task of many ${title} ${isWarned ? 'is warned' : 'is not warned'} that it is a world of its own`, async () => {
		const { stdout, stderr } = await runCommand([process.execPath, '--input-type=module', '-e', program], {
			env: { ...env, SLURM_STEP_NUM_TASKS: '2' },
			cwd: join(import.meta.dirname, '../../..'),
		});
		assert.equal(stdout, '1\n');
		assert.equal(/\[NPROCS_MANY_WORLDS\] Warning: srun has started 2 tasks without MPI/.test(stderr), isWarned, stderr);
	});
}
