/**
 * The embedded engine: MPI on one machine, over shared memory, in TypeScript.
 *
 * It is one class, since the seam is one interface. In the folder `engine` each chapter of the seam is a class that
 * extends the one before:
 *
 *   core → requests → point-to-point → communicators → datatypes → window-making → windows → files → jobs
 *     → EmbeddedEngine
 *
 * They call upon the other rooms: `job` is the memory that all ranks share; `messages` is a rank's end of its rings;
 * `waiting` blocks, or waits in the event loop, until a goal is reached; `datatypes` and `ops` are tables of
 * them; `schedules` says what an algorithm of a collective operation is, and `collectives` has those algorithms;
 * `communicators`, `windows` and `files` have what belongs to one of each.
 */
import { hostname } from 'node:os';
import type { Engine } from '../engine.ts';
import { nowMs } from '../../base/clock.ts';
import { ERR_UNSUPPORTED_OPERATION, THREAD_FUNNELED } from '../constants.ts';
import { EngineJobs } from './engine/jobs.ts';
import { PredicateGoal } from './waiting/goals.ts';
import { rankState } from './job/job.ts';
import { version } from './version.ts';

export class EmbeddedEngine extends EngineJobs implements Engine {
	readonly name = 'embedded';
	readonly version: readonly [number, number] = [4, 1];
	readonly libraryVersion: string = `nprocs ${version.join('.')}, embedded engine`;
	readonly vendor: readonly [string, readonly [number, number, number]] = ['nprocs', version];
	readonly processorName: string = hostname();
	readonly threadLevel: number = THREAD_FUNNELED;
	readonly tagUb: number = 2 ** 31 - 1;
	readonly universeSize: number = this.worldSize;
	readonly appnum = 0;
	/** All ranks have the machine's clock. */
	readonly wtimeIsGlobal = true;
	readonly sharesMemory = true;

	wtime(): number {
		return nowMs() / 1000;
	}

	wtick(): number {
		return 1e-9;
	}

	/** Codes are classes. */
	errorClass(code: number): number {
		return code;
	}

	errorString(code: number): string {
		if (code === ERR_UNSUPPORTED_OPERATION)
			return 'The embedded engine cannot do this; a real MPI can: set NPROCS_MPI to openmpi or mpich and start with its mpiexec.';
		return this.fileFailure(code) ?? '';
	}

	/** Waits until all that was sent is where its receivers find it, or has been received. */
	finalize(): void {
		const { endpoint } = this;
		endpoint.progress();
		for (const rank of this.job?.deadRanks() ?? []) endpoint.abandon(rank);
		if (endpoint.isSending)
			this.waits.until(new PredicateGoal(() => !endpoint.isSending, this.communicator(1).others, 'messages that it has sent'));
		this.job?.setState(endpoint.rank, rankState.finalized);
	}

	/** A rank that may die is missed by those who use it, who hear of its end. */
	leave(code: number): void {
		const { job, endpoint } = this;
		if (job?.mayDie(endpoint.rank) !== true) job?.abort(code, endpoint.rank);
	}
}
