/** `nprocs mpiexec`: runs a program of `nprocs/mpi` on several ranks of this machine. */
import { runJob } from '../mpi/launcher/mpiexec.ts';
import { optionsHelp, parseJob } from '../mpi/launcher/options.ts';
import { ArgumentError } from '../base/errors.ts';
import { helpText, UsageError, version, type Call, type Command } from './command.ts';

export const command: Command = {
	usage: '[-n N] [options] [node [flags]] program [args…] [: -n N program …]',
	help: `
Runs a program written against nprocs/mpi on N ranks of this machine; no MPI need be installed. The exit code is that
of the first rank that failed, 128 + n for signal n, or 0.

${optionsHelp()}

Options of Open MPI's and MPICH's launchers that have a meaning only there (--oversubscribe, --bind-to, -mca, …) are
accepted and do nothing.`,
	options: {},
	parsesItself: true,
	run,
};

async function run({ positionals }: Call): Promise<number> {
	try {
		const options = parseJob(positionals);
		if (options.shows !== undefined) return show(options.shows);
		return await runJob(options);
	} catch (error) {
		if (error instanceof ArgumentError) throw new UsageError(error.message);
		throw error;
	}
}

function show(what: 'help' | 'version'): number {
	process.stdout.write(what === 'version' ? `nprocs ${version()}\n` : `${helpText('mpiexec', command)}\n`);
	return 0;
}
