/**
 * Cases that all ranks go through together, each with several communicators. The first that fails on a rank ends the
 * job.
 */
import { MPI } from 'nprocs/mpi';

export type Case = (comm: MPI.Intracomm) => void | Promise<void>;

/** Each case with COMM_SELF, COMM_WORLD and a duplicate of that. The last line says how many there were. */
export async function withEachComm(cases: Readonly<Record<string, Case>>): Promise<void> {
	const duplicate = MPI.COMM_WORLD.Dup();
	await run(cases, [MPI.COMM_SELF, MPI.COMM_WORLD, duplicate]);
	duplicate.Free();
}

/** Each case once, with COMM_WORLD. */
export function withWorld(cases: Readonly<Record<string, Case>>): Promise<void> {
	return run(cases, [MPI.COMM_WORLD]);
}

async function run(cases: Readonly<Record<string, Case>>, comms: readonly MPI.Intracomm[]): Promise<void> {
	for (const [name, body] of Object.entries(cases)) {
		for (const comm of comms) {
			try {
				await body(comm);
			} catch (cause) {
				throw new Error(`"${name}" has failed on rank ${MPI.COMM_WORLD.rank} of ${MPI.COMM_WORLD.size}, with ${comm.name || 'a duplicate'}`, {
					cause,
				});
			}
			MPI.COMM_WORLD.Barrier();
		}
	}
	console.log(`rank ${MPI.COMM_WORLD.rank} went through ${Object.keys(cases).length} cases`);
}

/** Neighbours in a ring. */
export function ring({ rank, size }: MPI.Comm): { next: number; previous: number } {
	return { next: (rank + 1) % size, previous: (rank + size - 1) % size };
}

/** Debian's MPICH 5.0 takes each rank for a machine of its own, in programs in C, too. */
export function seesNoNeighbors(): boolean {
	const [name, [major]] = MPI.get_vendor();
	return name === 'MPICH' && major === 5;
}

/**
 * Open MPI 4.1 says nothing of a message to itself that is too long for its receive, and may write beyond the buffer.
 */
export function isOpenMpiToItself({ size }: MPI.Comm): boolean {
	return size === 1 && MPI.get_vendor()[0] === 'Open MPI';
}

/** Whether it throws an MPI.Exception of this class, whose message says something. */
export function throwsClass(errorClass: number | readonly number[], call: () => unknown): void {
	try {
		call();
	} catch (error) {
		const classes = typeof errorClass === 'number' ? [errorClass] : errorClass;
		if (!(error instanceof MPI.Exception)) throw new Error('Something else than an MPI.Exception was thrown', { cause: error });
		if (!classes.includes(error.Get_error_class()))
			throw new Error(`Expected the class ${classes.join(' or ')}, got ${error.Get_error_class()}`, { cause: error });
		if (error.code !== 'ERR_NPROCS_MPI' || error.message.length < 20) throw new Error('The error says too little', { cause: error });
		return;
	}
	throw new Error(`No error of class ${String(errorClass)} was thrown by ${String(call)}`);
}
