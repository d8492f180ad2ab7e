/** The part of the seam (engine.ts) that tells of the engine itself, and ends it. */

export interface Environment {
	/** As the user chooses it with NPROCS_MPI. */
	readonly name: 'embedded' | 'openmpi' | 'mpich' | 'abi';
	/** [major, minor] of the MPI standard. */
	readonly version: readonly [number, number];
	readonly libraryVersion: string;
	/** mpi4py's get_vendor(): a name and [major, minor, micro]. */
	readonly vendor: readonly [string, readonly [number, number, number]];
	readonly processorName: string;
	/** Granted: THREAD_*. */
	readonly threadLevel: number;
	readonly tagUb: number;
	/** Attributes of COMM_WORLD; undefined where the engine does not know. */
	readonly universeSize: number | undefined;
	readonly appnum: number | undefined;
	readonly wtimeIsGlobal: boolean;
	/** Whether object messages may contain what lives in this machine's shared memory (locks, queues, …). */
	readonly sharesMemory: boolean;
	wtime(): number;
	wtick(): number;
	errorClass(code: number): number;
	errorString(code: number): string;
	/** Ends the engine after success. Collective, as in MPI. */
	finalize(): void;
	/**
	 * The process ends with this code, which is not 0, without finalize: the others must not wait for it for ever. Does
	 * not come back on engines that end the job themselves.
	 */
	leave(code: number): void;
}
