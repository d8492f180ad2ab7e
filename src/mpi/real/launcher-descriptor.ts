/**
 * The descriptor by which a rank of MPICH talks with its launcher. Node passes no descriptor on to what it starts, but
 * for the standard ones: where the launcher has started `npx program` or `tsx program.ts`, the program has lost it,
 * and perhaps something else has its number by now. MPICH would write to that, and end the process.
 */
import { fstatSync } from 'node:fs';
import { NprocsError } from '../../base/errors.ts';

/** Throws what to do, where the launcher's descriptor did not get here. */
export function checkLauncherDescriptor(): void {
	const told = process.env['PMI_FD'];
	if (told === undefined || isSocket(Number(told))) return;
	throw new NprocsError(
		`Cannot begin MPI: the launcher of this rank is to be talked with by descriptor ${told} (PMI_FD), which is no connection here. A program in between, such as npx or tsx, has not passed it on. ` +
			'Let the launcher start Node itself (`mpiexec -n 4 node --import tsx program.ts`, `mpiexec -n 5 node_modules/.bin/nprocs mpi-pool program.js`), or give MPICH’s mpiexec the option -pmi-port.',
		{ code: 'ERR_NPROCS_NO_MPI' },
	);
}

function isSocket(fd: number): boolean {
	try {
		return fstatSync(fd).isSocket();
	} catch {
		return false;
	}
}
