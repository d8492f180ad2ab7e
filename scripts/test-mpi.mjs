/**
 * The tests of MPI on more ranks than `npm test` tries, and on each real engine that is installed (Debian: `apt-get
 * install openmpi-bin libopenmpi3 mpich libmpich12`): `node scripts/test-mpi.mjs [options and names of
 * scripts/test.mjs…]`. Names choose among the tests of MPI; without any, those that differ from what `npm test` tries.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const args = process.argv.slice(2);
const names = args.some((arg) => !arg.startsWith('-')) ? args : [...args, 'test/mpi/api/programs', 'test/mpi/collectives', 'test/mpi/api/ends'];
const { status } = spawnSync(process.execPath, [join(root, 'scripts/test.mjs'), ...names], {
	stdio: 'inherit',
	env: { ...process.env, NPROCS_TEST_MPI: '1' },
});
process.exit(status ?? 1);
