/**
 * What a process knows when it is a rank of a job that our own launcher has started: told in the request by which it
 * was started, never in its environment, so that what it starts in turn does not take itself for that rank. Belongs to
 * the process: all copies of the library agree.
 */
import { processWide } from '../base/process-wide.ts';

export interface JobPlace {
	readonly rank: number;
	readonly size: number;
	/** The name of the job's segment. */
	readonly segment: string;
	/** Whether what each call took is to be written down for `--trace`: the file of this rank's part. */
	readonly trace?: string;
}

/** The place of this process; undefined when it is no rank of such a job. */
export function jobPlace(): JobPlace | undefined {
	return state().place;
}

/** Said once, before the program's first line runs. */
export function takeJobPlace(place: JobPlace): void {
	state().place = place;
}

/** What this process starts is no rank. */
export function leaveJobPlace(): void {
	state().place = undefined;
}

const state = processWide<{ place: JobPlace | undefined }>('mpi-job/1', () => ({ place: undefined }));
