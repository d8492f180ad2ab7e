/** `nprocs mpiexec`: runs a job, from the words on its command line to its exit code. */
import { clearInterval, clearTimeout, longestTimerMs, setInterval, setTimeout } from '../../base/clock.ts';
import { ArgumentError } from '../../base/errors.ts';
import { collectGarbage } from '../../memory/janitor.ts';
import { nullFd, ownFd } from '../../process/start/launcher.ts';
import { writeToStderr } from '../../process/start/uncaught.ts';
import { Job } from '../embedded/job/job.ts';
import { mostRanks } from '../job-place.ts';
import type { JobOptions } from './options.ts';
import { Output } from './output.ts';
import { resolveProgram, type RankProgram } from './program.ts';
import { passSignalsTo } from './signals.ts';
import type { RankStart } from './spawn-rank.ts';
import { prepareToStart, startRanks } from './start-ranks.ts';
import { StuckWatch } from './stuck.ts';
import { mergeTrace, traceParts } from './trace-file.ts';
import { JobWatch, type JobEnding } from './watch.ts';

const lookEveryMs = 200;
/** As that of `timeout`. */
const timeoutCode = 124;
/** As a shell shows SIGPIPE, by which others would have ended. */
const closedCode = 141;

/**
 * Returns the exit code of the job. Throws an ArgumentError, and has started nothing, when it cannot be run as it is
 * wanted.
 */
export async function runJob(options: JobOptions): Promise<number> {
	const programs = options.programs.map(resolveProgram);
	const ranks = options.programs.flatMap(({ count }, i) => Array.from({ length: count }, () => programs[i]!));
	if (ranks.length > mostRanks) throw new ArgumentError(`Cannot start ${ranks.length} ranks: a job has ${mostRanks} at most.`);
	prepareToStart(programs);
	using job = Job.create({ size: ranks.length });
	const output = new Output({ tags: options.tagsOutput });
	const parts = options.trace === undefined ? undefined : traceParts(options.trace, ranks.length);
	const { code, reason } = await runRanks(job, ranks, { options, output, parts });
	const failure = output.finish();
	if (parts !== undefined) mergeTrace(options.trace!, parts);
	if (reason !== undefined) collectGarbage(); // what killed ranks held
	if (code !== 0 || failure === undefined) return code;
	const late = endingFor(failure);
	if (late.reason !== undefined) report(late.reason);
	return late.code;
}

interface Surroundings {
	readonly options: JobOptions;
	readonly output: Output;
	/** Files for the ranks' parts of the timeline. */
	readonly parts: readonly string[] | undefined;
}

async function runRanks(job: Job, programs: readonly RankProgram[], { options, output, parts }: Surroundings): Promise<JobEnding> {
	const starts = programs.map((program, rank): Omit<RankStart, 'control'> => {
		const place = { rank, size: programs.length, segment: job.name, fd: job.fd, ...(parts !== undefined && { trace: parts[rank]! }) };
		return { place, program, ...output.open(rank), stdin: rank === 0 ? ownFd(0) : nullFd() };
	});
	const handles = startRanks(starts);
	output.closeTheirs();
	const watch = new JobWatch(job, handles, ({ reason }, rank) => {
		if (rank !== undefined) output.drain(rank);
		if (reason === undefined) return;
		report(handles.length > 1 && rank !== undefined ? `${reason}; the job is ended` : reason);
	});
	output.onFailure = (failure) => watch.fail(endingFor(failure));
	const stopPassing = passSignalsTo(watch);
	const stopLooking = lookAfter(job, watch, options);
	job.openGate();
	try {
		return await watch.end();
	} finally {
		output.onFailure = () => {};
		stopPassing();
		stopLooking();
	}
}

function report(reason: string): void {
	writeToStderr(`nprocs mpiexec: ${reason}${reason.includes('\n') ? '' : '.'}\n`);
}

/** Of a job whose output cannot be passed on. */
function endingFor(failure: string): JobEnding {
	return failure === 'EPIPE' ? { code: closedCode, reason: undefined } : { code: 1, reason: `what the ranks print cannot be written (${failure})` };
}

/** Ends a job that hangs. Returns what ends the looking. */
function lookAfter(job: Job, watch: JobWatch, { timeout }: JobOptions): () => void {
	const deadlocks = new StuckWatch(job);
	const looking = setInterval(() => {
		const stuck = deadlocks.look();
		if (stuck === undefined) return;
		const head = 'deadlock: these ranks will never go on, since they wait for each other or for ranks that have ended';
		watch.fail({ code: 1, reason: [head, ...stuck].join('\n  ') });
	}, lookEveryMs);
	const timer =
		timeout === undefined
			? undefined
			: setTimeout(
					() => watch.fail({ code: timeoutCode, reason: `the job has not ended after ${timeout} s` }),
					Math.min(timeout * 1000, longestTimerMs),
				);
	return () => {
		clearInterval(looking);
		clearTimeout(timer);
	};
}
