/** `nprocs mpi-pool`: runs a program that uses MPIPoolExecutor, on the ranks of a job. */
import { createRequire, Module } from 'node:module';
import { resolve } from 'node:path';
import { ArgumentError } from '../base/errors.ts';
import { resolveProgram } from '../mpi/launcher/program.ts';
import { runPool } from '../mpi/futures/mpi-pool.ts';
import { UsageError, type Call, type Command } from './command.ts';

export const command: Command = {
	usage: 'program [args…]',
	help: `
Runs a program that uses MPIPoolExecutor: rank 0 runs it, the other ranks run the calls. To be started on several ranks,
by any launcher: \`npx nprocs mpiexec -n 5 npx nprocs mpi-pool program.js\`,
\`mpiexec -n 5 node_modules/.bin/nprocs mpi-pool program.js\`.
On one rank, calls run in processes of this machine.`,
	options: {},
	endsAtProgram: true,
	run,
};

async function run({ positionals }: Call): Promise<number> {
	if (positionals.length === 0) throw new UsageError('which program is to be run? `nprocs mpi-pool program.js args…`');
	try {
		const { file, args, flags } = resolveProgram({ count: 1, env: {}, command: positionals });
		await takeFlags(flags);
		await lendLibrary();
		await runPool(resolve(file!), args);
		return Number(process.exitCode ?? 0);
	} catch (error) {
		if (error instanceof ArgumentError) throw new UsageError(error.message);
		throw error;
	}
}

/**
 * The program runs in this very process, which `nprocs mpiexec` has given what the program needs. Other launchers do
 * not look into it: a loader can still be taken then, as `--import` would have been.
 */
async function takeFlags(flags: readonly string[]): Promise<void> {
	for (const flag of flags.filter((word) => !process.execArgv.includes(word))) {
		if (!flag.startsWith('--import=file:')) {
			throw new UsageError(
				`the program runs in the process of this command, for which Node's flag ${flag} comes too late. Expected \`mpiexec -n 5 node ${flag} node_modules/.bin/nprocs mpi-pool program.js\`.`,
			);
		}
		await import(flag.slice('--import='.length));
		process.execArgv.push(flag);
	}
}

/**
 * What a program in CommonJS requires is this copy of the library, which has the workers. tsx would evaluate another
 * one for it.
 */
async function lendLibrary(): Promise<void> {
	const require = createRequire(import.meta.url);
	for (const [file, exports] of [
		['../index.cjs', await import('../index.ts')],
		['../mpi.cjs', await import('../mpi.ts')],
	] as const) {
		const id = require.resolve(file);
		require.cache[id] ??= Object.assign(new Module(id), { filename: id, loaded: true, exports });
	}
}
