/**
 * The end of a job: when one of its ranks fails, the others would wait for it for ever, so they are ended, too. The
 * first rank that fails says how the job has ended.
 *
 * A rank fails when it ends with another exit code than 0, by a signal, or without MPI's Finalize after it has begun
 * with MPI. Then, or when a deadlock is found or the time is over, the job is marked as ended, which wakes those who
 * wait; all are told to terminate, and killed after a second.
 */
import { constants } from 'node:os';
import { clearTimeout, setTimeout } from '../../base/clock.ts';
import { howItEnded, unsettledExitCode } from '../../base/exit-status.ts';
import type { ChildHandle } from '../../process/start/child-handle.ts';
import { tryTo } from '../../process/start/kill.ts';
import { rankState, type Job } from '../embedded/job/job.ts';

export interface JobEnding {
	/** Of the launcher. */
	readonly code: number;
	/** For the user; undefined when all is well, or the user has ended the job himself. */
	readonly reason: string | undefined;
}

export class JobWatch {
	readonly #job: Job;
	readonly #handles: readonly ChildHandle[];
	readonly #onFailure: (ending: JobEnding, rank: number | undefined) => void;
	#ending: JobEnding | undefined;
	#killTimer: NodeJS.Timeout | undefined;
	/** Signals that the user has sent to the job. */
	readonly #sent = new Set<number>();

	/** `onFailure` is called once, before the other ranks are told to end. */
	constructor(job: Job, handles: readonly ChildHandle[], onFailure: (ending: JobEnding, rank: number | undefined) => void) {
		this.#job = job;
		this.#handles = handles;
		this.#onFailure = onFailure;
	}

	/** Resolves when all ranks have ended. */
	async end(): Promise<JobEnding> {
		await Promise.all(
			this.#handles.map(async (handle, rank) => {
				handle.hold();
				await new Promise<void>((resolve) => handle.onExit(resolve));
				this.#noteEnd(rank, handle.poll()!);
			}),
		);
		clearTimeout(this.#killTimer);
		return this.#ending ?? { code: 0, reason: undefined };
	}

	/** Ends the job before its ranks do. The first reason counts. */
	fail(ending: JobEnding, rank?: number): void {
		if (this.#ending !== undefined) return;
		this.#ending = ending;
		this.#job.abort(ending.code);
		this.#onFailure(ending, rank);
		this.#signalAll(constants.signals.SIGTERM);
		this.#killTimer = setTimeout(() => this.kill(), graceMs);
	}

	/** The user's signal. It is the program's to say what becomes of it; a second one is the last. */
	pass(signal: NodeJS.Signals): void {
		const number = constants.signals[signal];
		if (this.#sent.has(number) && terminating.has(signal)) return this.kill();
		this.#sent.add(number);
		this.#signalAll(number);
		if (terminating.has(signal)) this.#killTimer ??= setTimeout(() => this.kill(), patienceMs);
	}

	/** For a signal that the ranks have got, too: the terminal sends it to all. */
	noteSignal(signal: NodeJS.Signals): void {
		if (this.#sent.has(constants.signals[signal])) return this.kill();
		this.#sent.add(constants.signals[signal]);
		this.#killTimer ??= setTimeout(() => this.kill(), patienceMs);
	}

	kill(): void {
		this.#signalAll(constants.signals.SIGKILL);
	}

	#signalAll(signum: number): void {
		for (const handle of this.#handles) tryTo(() => handle.signal(signum));
	}

	#noteEnd(rank: number, code: number): void {
		const state = this.#job.stateOf(rank);
		this.#job.noteEnd(rank, code);
		if (this.#ending !== undefined) return;
		const wanted = this.#job.end();
		if (wanted === undefined && !this.#sent.has(-code) && this.#job.mayDie(rank)) return;
		const reason = reasonOf(rank, code, state);
		if (reason === undefined) return;
		// One that has wanted the end of the job may end after those who have heard of it.
		if (wanted?.rank !== undefined && wanted.rank !== rank) {
			return this.fail({ code: wanted.code, reason: reasonOf(wanted.rank, wanted.code, state) }, wanted.rank);
		}
		const isOwnSignal = code < 0 && this.#sent.has(-code);
		this.fail({ code: code < 0 ? 128 - code : code === 0 ? 1 : code, reason: isOwnSignal ? undefined : reason }, rank);
	}
}

/** What is wrong with that end, if something is. */
function reasonOf(rank: number, code: number, state: number): string | undefined {
	if (code === unsettledExitCode) return `rank ${rank} ${howItEnded(code)}: nothing is left that its top-level await could wait for`;
	if (code !== 0) return `rank ${rank} ${howItEnded(code)}`;
	if (state === rankState.initialised) return `rank ${rank} ended without MPI.Finalize(), as by process.reallyExit()`;
	return undefined;
}

const terminating: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/** Between being told to terminate and being killed. */
const graceMs = 1000;
/**
 * The program may have something to do when the user ends it; but a rank that is blocked in a call never gets to it.
 */
const patienceMs = 5000;
