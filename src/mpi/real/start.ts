/** Opens an installed MPI and starts it, as the engine of this process. */
import { cpuCount } from '../../process/cpu-count.ts';
import { NprocsError } from '../../base/errors.ts';
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE, ERRORS_RETURN_HANDLE } from '../handles.ts';
import type { Engine } from '../engine.ts';
import { howToInstall, libraryCandidates, type RealEngineName } from './find-library.ts';
import { checkLauncherDescriptor } from './launcher-descriptor.ts';
import { mpiOpener, mpiRegisters, type MpiNative, type MpiRegisters } from './mpi-native.ts';
import { realEngine } from './real-engine.ts';

/** `choice` is an engine's name or the path of a library; `because` says who has chosen it. */
export function startReal(choice: RealEngineName | `/${string}`, because: string): Engine {
	keepFromUcx();
	const registers = mpiRegisters();
	const { mpi } = openFirst(choice, because, registers);
	if (mpi.abi !== 'openmpi') checkLauncherDescriptor();
	const code = mpi.init();
	if (code !== 0) throw new NprocsError(`MPI_Init_thread failed: ${mpi.errorString(code)}`, { code: 'ERR_NPROCS_MPI' });
	const threadLevel = registers.out[0]!;
	for (const comm of [COMM_WORLD_HANDLE, COMM_SELF_HANDLE]) mpi.commSetErrhandler(comm, ERRORS_RETURN_HANDLE);
	return realEngine(mpi, registers, { threadLevel, cpus: cpuCount() });
}

/** What an installed library says of itself, without starting it. */
export function probeLibrary(engine: RealEngineName): { path: string; abi: string; version: string } {
	keepFromUcx();
	const { mpi, path } = openFirst(engine, 'it was asked for', mpiRegisters());
	return { path, abi: mpi.abi, version: mpi.libraryVersion().split(/[\n,]/, 1)[0]!.replaceAll(/\s+/g, ' ').trim() };
}

/**
 * UCX, which MPICH loads, takes two things that are Node's, unless its own variables forbid it: the signal SIGSEGV,
 * which V8 needs for WebAssembly, and the code of `mmap`, `munmap` and `brk` in libc, which it overwrites while V8's
 * threads run in it: one job of some eighty lost memory under its hands then.
 */
function keepFromUcx(): void {
	process.env['UCX_ERROR_SIGNALS'] ??= 'SIGILL,SIGBUS,SIGFPE';
	process.env['UCX_MEM_EVENTS'] ??= 'n';
}

function openFirst(choice: RealEngineName | `/${string}`, because: string, registers: MpiRegisters): { mpi: MpiNative; path: string } {
	const isPath = choice.startsWith('/');
	const candidates = isPath ? [choice] : libraryCandidates(choice as RealEngineName);
	const opener = mpiOpener();
	const reasons: string[] = [];
	for (const path of candidates) {
		try {
			return { mpi: opener.open(path, registers.status, registers.out, registers.in), path };
		} catch (error) {
			reasons.push(`${path}: ${(error as Error).message}`);
		}
	}
	const whatToDo = isPath
		? 'Expected the path of a libmpi.'
		: `Install it (${howToInstall[choice as RealEngineName]}), or name its file with NPROCS_MPI.`;
	throw new NprocsError(`Cannot open the MPI library ${choice} (chosen because ${because}): ${reasons.join('; ')}. ${whatToDo}`, {
		code: 'ERR_NPROCS_NO_MPI',
	});
}
