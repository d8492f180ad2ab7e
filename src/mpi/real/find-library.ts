/**
 * Where a libmpi may be: by its soname, which the dynamic linker knows how to find (LD_LIBRARY_PATH, which environment
 * modules set, ld.so.conf), then beside the `mpiexec` that PATH leads to. NPROCS_MPI may also name the file.
 */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export type RealEngineName = 'openmpi' | 'mpich' | 'abi';

const sonames: Record<RealEngineName, readonly string[]> = {
	openmpi: ['libmpi.so.40'],
	// Debian's name, then that of everybody else who has MPICH's binary interface (Intel, MVAPICH, Cray).
	mpich: ['libmpich.so.12', 'libmpi.so.12'],
	abi: ['libmpi_abi.so.1'],
};

export const howToInstall: Record<RealEngineName, string> = {
	openmpi: 'Debian and Ubuntu: apt-get install openmpi-bin libopenmpi3',
	mpich: 'Debian and Ubuntu: apt-get install mpich libmpich12',
	abi: 'a MPI with the standard binary interface (MPICH 5, Open MPI 6)',
};

/** What to try to open, in this order. */
export function libraryCandidates(engine: RealEngineName): string[] {
	const folders = foldersBesideLaunchers();
	return sonames[engine].flatMap((name) => [name, ...folders.map((folder) => join(folder, name)).filter((path) => existsSync(path))]);
}

/** Whether Open MPI is installed where the dynamic linker of a usual system looks, or beside a launcher. */
export function hasOpenMpi(): boolean {
	const folders = [...(process.env['LD_LIBRARY_PATH'] ?? '').split(delimiter), ...foldersBesideLaunchers(), ...systemFolders];
	return folders.some((folder) => folder !== '' && sonames.openmpi.some((name) => existsSync(join(folder, name))));
}

const systemFolders = [
	'/usr/lib',
	'/usr/lib64',
	'/usr/local/lib',
	'/usr/lib/x86_64-linux-gnu',
	'/usr/lib/aarch64-linux-gnu',
	'/usr/lib64/openmpi/lib',
];

function foldersBesideLaunchers(): string[] {
	const folders = new Set<string>();
	for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
		const launcher = join(folder, 'mpiexec');
		if (folder === '' || !existsSync(launcher)) continue;
		for (const prefix of [dirname(folder), dirname(dirname(realpathSync(launcher)))]) {
			folders.add(join(prefix, 'lib'));
			folders.add(join(prefix, 'lib64'));
		}
	}
	return [...folders];
}
