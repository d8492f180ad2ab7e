/**
 * The part of the seam (engine.ts) that joins jobs: processes that a job starts, and jobs that were started apart. A
 * group of an intercommunicator that is made so has processes which are not in COMM_WORLD; describeComm numbers them
 * behind its ranks.
 */
import type { InfoEntries } from './info.ts';

/** What is to be started, and how often. */
export interface SpawnedProgram {
	readonly command: string;
	readonly args: readonly string[];
	readonly maxprocs: number;
	readonly info: InfoEntries;
}

/** What makes an intercommunicator is collective, and puts its handle into out[0]. */
export interface Jobs {
	/** The programs, and `codes`, which take an error code for each process, count on the root alone. */
	spawn(comm: number, root: number, programs: readonly SpawnedProgram[], codes: Int32Array | null): number;
	/** out[0]: the intercommunicator with those who have started this job; 0 when nobody has. */
	commParent(): number;
	/** `port` and `info` count on the root alone. */
	commAccept(comm: number, root: number, port: string, info: InfoEntries): number;
	commConnect(comm: number, root: number, port: string, info: InfoEntries): number;
	/** As commFree, when all that is under way in it is complete; its groups are no longer connected by it. */
	commDisconnect(comm: number): number;
	/** The name of a new port, or an error code. */
	openPort(info: InfoEntries): string | number;
	closePort(port: string): number;
	publishName(service: string, info: InfoEntries, port: string): number;
	unpublishName(service: string, info: InfoEntries, port: string): number;
	/** The port's name, or an error code. */
	lookupName(service: string, info: InfoEntries): string | number;
}
