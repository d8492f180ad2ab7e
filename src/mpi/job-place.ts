/**
 * What a process knows when it is a rank of a job that our own launcher has started: told in the request by which it
 * was started, never in its environment, so that what it starts in turn does not take itself for that rank. Belongs to
 * the process: all copies of the library agree.
 */
import { processWide } from '../base/process-wide.ts';
import { pathOf } from '../memory/names.ts';
import { addon } from '../native/addon.ts';
import { errno, failedBy } from '../native/errno.ts';
import { check } from '../native/raise.ts';

/** As many as a job can have. */
export const mostRanks = 1024;

export interface JobPlace {
	readonly rank: number;
	readonly size: number;
	/** What the job's segment is called once it has a name. */
	readonly segment: string;
	/** A descriptor of that segment. */
	readonly fd: number;
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

/**
 * The name of the job's segment, for what its messages carry: from now on it has that name. Undefined when this process
 * is no rank.
 */
export function jobChannel(): string | undefined {
	const { place } = state();
	if (place === undefined || isNamed) return place?.segment;
	const linked = addon().linkDescriptor(place.fd, pathOf(place.segment));
	if (!failedBy(linked, errno.EEXIST)) check(linked, 'name the segment of an MPI job');
	isNamed = true;
	return place.segment;
}

let isNamed = false;

/** What this process starts is no rank. */
export function leaveJobPlace(): void {
	const { place } = state();
	state().place = undefined;
	if (place !== undefined) addon().closeFd(place.fd);
}

const state = processWide<{ place: JobPlace | undefined }>('mpi-job/2', () => ({ place: undefined }));
