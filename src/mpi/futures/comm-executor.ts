/**
 * `MPICommExecutor`, as mpi4py.futures': the ranks of a communicator run the same program up to here, and then one of
 * them has an executor which the others serve.
 *
 *     await using executor = await MPICommExecutor(MPI.COMM_WORLD);
 *     if (executor !== null) for await (const result of executor.map(work, items)) …
 */
import { checkArgument, checkOptions, type Kind } from '../../base/arguments.ts';
import type { Intracomm } from '../api/communicators/intracomm.ts';
import { COMM_WORLD } from '../api/communicators/communicators.ts';
import { Crew } from './crew.ts';
import { executorOn, MPIPoolExecutor, type MPIPoolOptions } from './pool-executor.ts';
import { serve } from './worker.ts';

export interface MPICommOptions extends MPIPoolOptions {
	/** The rank that gets the executor. @default 0 */
	readonly root?: number | undefined;
}

/** An executor whose end lets the other ranks go on. */
export type CommExecutor = MPIPoolExecutor & AsyncDisposable;

/**
 * Collective over `comm`. On the root: an executor. On the others: null, when the root has shut its executor down,
 * until which they serve it. Alone in the communicator, the root's executor uses processes of this machine.
 */
export async function MPICommExecutor(comm: Intracomm = COMM_WORLD, options: MPICommOptions = {}): Promise<CommExecutor | null> {
	checkArgument('what MPICommExecutor() is given', comm, aCommunicator);
	const { root = 0, ...rest } = options;
	checkOptions({ root }, { owner: 'MPICommExecutor()', kinds: { root: rankOf(comm) } });
	if (comm.size === 1) return new MPIPoolExecutor(rest);
	const own = comm.Dup();
	if (comm.rank === root) return rootExecutor(own, { root, options: rest });
	await serve(own, root);
	own.Free();
	return null;
}

function rootExecutor(comm: Intracomm, { root, options }: { root: number; options: MPIPoolOptions }): MPIPoolExecutor {
	const crew = new Crew(comm, root);
	const executor = executorOn(crew, { ...options });
	const shutdown = executor.shutdown.bind(executor);
	let isOver = false;
	executor.shutdown = async (given) => {
		await shutdown({ ...given, wait: true }); // the others wait, whether it does or not
		if (isOver) return;
		isOver = true;
		crew.stop();
		comm.Free();
	};
	return executor;
}

const aCommunicator: Kind = {
	what: 'a communicator of one group',
	has: (value) => typeof value === 'object' && value !== null && 'Dup' in value && (value as Intracomm).Is_inter?.() === false,
};

function rankOf({ size }: Intracomm): Kind {
	return { what: `a rank from 0 to ${size - 1}`, has: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < size };
}
