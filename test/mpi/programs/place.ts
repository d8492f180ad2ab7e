/** Tells who it is, before MPI is used. */
import { isMain } from 'nprocs';
import { jobPlace } from '#nprocs/mpi/job-place.js';

const { rank = -1, size = -1 } = jobPlace() ?? {};
console.log(
	JSON.stringify({ rank, size, isMain: isMain(import.meta), args: process.argv.slice(2), directory: process.cwd(), extra: process.env['EXTRA'] }),
);
