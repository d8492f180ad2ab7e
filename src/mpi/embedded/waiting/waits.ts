/**
 * Blocking, in a rank: progress again and again until a goal is reached. The library's one wait does it
 * (wait/waiter.ts): with a core for each rank, it looks for a fixed time before it sleeps, since experience of a busy
 * machine would teach it not to, and then each message costs a wake-up.
 *
 * **More ranks than cores.** The rank that it waits for may need this core: after a few looks it lets another thread
 * run at each look, for a short while, and sleeps then. To be switched to costs some microseconds, and to be woken some
 * tens: on two cores a barrier of 5 ranks takes 35 microseconds so, and 110 without. The time is short because who lets
 * others run gets the core back when they have used up their time slices, and who sleeps, when it is woken.
 *
 * **A core each, but on the same one.** On a busy machine the kernel likes to wake a thread on the CPU of whoever wakes
 * it, and two ranks that wake each other stay together there for seconds: each looks in vain while the other one cannot
 * run, which makes messages ten times as slow. So who has looked in vain for a tenth of that time finds out whether a
 * rank that it waits for is ready to run on this very CPU, and if so goes to another one. Ranks are bound to no CPU:
 * what they start would be bound, too, and two jobs would be bound to the same ones.
 *
 * After the first slice of sleep it puts on record what it waits for (wait-record.ts), and again when that may have
 * changed, since a record of the past could make ranks look stuck that are not. At each slice it looks whether the job
 * has ended, or whether those are dead on whom it depends: then this process ends, too. Only ranks that may die, since
 * others go on without them, fail what was to come from them and to go there. A world of one has nobody who
 * could bring about what it waits for, and ends at once.
 */
import { nowMs } from '../../../base/clock.ts';
import { Deadline } from '../../../base/deadline.ts';
import { addon } from '../../../native/addon.ts';
import { writeToStderr } from '../../../process/start/uncaught.ts';
import { waitForSync, type WaitOptions } from '../../../wait/waiter.ts';
import type { WaiterSet } from '../../../wait/waiter-set.ts';
import { callSite } from './call-site.ts';
import type { Endpoint } from '../messages/endpoint.ts';
import type { Goal } from './goals.ts';
import type { Job } from '../job/job.ts';
import type { WaitRecordWriter } from '../job/wait-record.ts';

const spinMs = 1;
const fewLooks = 3;
const yieldMs = 0.2;
/** How long a dead rank or launcher is left to others to tell about. */
const graceSlices = 20;
/** Looking where a rank runs costs some microseconds. */
const mostMadeWayFor = 8;

export class Waits {
	readonly #endpoint: Endpoint;
	readonly #job: Job | undefined;
	readonly #set: WaiterSet | undefined;
	readonly #record: WaitRecordWriter | undefined;
	readonly #options: WaitOptions;
	readonly #isCrowded: boolean;
	readonly #attempt = (): true | undefined => this.#look();
	#goal: Goal | undefined;
	/** The next look may be the last one before it sleeps. */
	#isNearSleep = false;
	#isRecorded = false;
	/** How much had happened. */
	#recordedAt = 0;
	#deadSlices = 0;
	/** Of the ranks that it has waited for in vain for a while. */
	readonly #pids: (number | undefined)[] = [];

	constructor(endpoint: Endpoint, job: Job | undefined) {
		this.#endpoint = endpoint;
		this.#job = job;
		this.#set = job?.waitersOf(endpoint.rank);
		this.#record = job?.waitRecordWriter(endpoint.rank);
		this.#isCrowded = job?.isCrowded === true;
		const onSlice = (): void => this.#onSlice();
		const beforeSleep = (): void => void (this.#isNearSleep = true);
		this.#options = this.#isCrowded ? { spins: false, onSlice, beforeSleep } : { spinMs, midSpin: () => this.#makeWay(), onSlice, beforeSleep };
	}

	/** Whether ranks have a core each, so that looking for a while costs nobody anything. */
	get maySpin(): boolean {
		return !this.#isCrowded;
	}

	/** Blocks this thread. What the goal throws ends it. */
	until(goal: Goal): void {
		if (this.#set === undefined) return this.#untilAlone(goal);
		const outer = this.#goal;
		this.#goal = goal;
		try {
			if (this.#isCrowded && this.#reachedByYielding(goal)) return;
			waitForSync(this.#set, this.#attempt, Deadline.never, this.#options);
		} finally {
			this.#isNearSleep = false;
			this.#goal = outer;
			this.clearRecord();
		}
	}

	/** For a while, letting those run that this thread may be in the way of. */
	#reachedByYielding(goal: Goal): boolean {
		for (let i = 0; i < fewLooks; i++) if (this.#reached(goal)) return true;
		const native = addon();
		for (const endMs = nowMs() + yieldMs; nowMs() < endMs;) {
			native.yieldCpu();
			if (this.#reached(goal)) return true;
		}
		return false;
	}

	#reached(goal: Goal): boolean {
		this.#endpoint.progress();
		return goal.done;
	}

	#look(): true | undefined {
		const goal = this.#goal!;
		this.#endpoint.progress();
		if (goal.done) return true;
		if (!this.#isNearSleep) return undefined;
		this.#endpoint.comeToRest();
		return goal.done ? true : undefined;
	}

	/** A rank that it waits for may be ready to run on this very CPU, and cannot while this one looks. */
	#makeWay(): void {
		const ranks = new Set(this.#goal!.requirements().flat());
		let count = 0;
		for (const rank of ranks) {
			if (count++ === mostMadeWayFor) return;
			const pid = this.#pidOf(rank);
			if (pid !== undefined && addon().makeWay(pid) === 1) return;
		}
	}

	#pidOf(rank: number): number | undefined {
		return (this.#pids[rank] ??= this.#job!.pidOf(rank));
	}

	#untilAlone(goal: Goal): void {
		this.#endpoint.progress();
		if (goal.done) return;
		const { name, place } = callSite();
		writeToStderr(
			`MPI: this process waits for ever in ${name || 'Finalize'}(${goal.details()})${place === '' ? '' : ` at ${place}`}: it is the only rank, and nobody else can bring about what it waits for.` +
				' Start several ranks with `npx nprocs mpiexec -n 4 program.js`.\n',
		);
		process.exit(1);
	}

	#onSlice(): void {
		const goal = this.#goal!;
		this.checkJob(goal.requirements());
		// A collective operation waits for one rank after the other.
		if (!this.#isRecorded || this.#recordedAt !== this.#endpoint.changes) {
			const { name, place } = callSite();
			const where = place === '' ? '' : ` at ${place}`;
			this.record(`${name || 'Finalize'}(${goal.details()})${where}`, goal.requirements(), 'blocked');
		}
		this.noteLook();
	}

	/** To be said at each slice at which there is a record: between two of them, this rank has looked in vain. */
	noteLook(): void {
		this.#job!.noteLook(this.#endpoint.rank);
	}

	/** Puts on record what this rank waits for, until `clearRecord`. */
	record(text: string, requirements: readonly (readonly number[])[], where: 'blocked' | 'in the loop'): void {
		this.#record!.write({ text, requirements, inLoop: where === 'in the loop' });
		this.#isRecorded = true;
		this.#recordedAt = this.#endpoint.changes;
	}

	clearRecord(): void {
		if (!this.#isRecorded) return;
		this.#record!.clear();
		this.#isRecorded = false;
	}

	/** Ends this process when the job has ended, or when it waits for somebody who is dead and nobody says so. */
	checkJob(requirements: readonly (readonly number[])[]): void {
		this.#job!.setProgress(this.#endpoint.rank, this.#endpoint.changes);
		const end = this.#job!.end();
		if (end !== undefined) process.exit(end.code);
		for (const rank of this.#job!.deadRanks()) this.#endpoint.abandon(rank);
		const isHopeless =
			!this.#job!.isLauncherAlive() || requirements.some((ranks) => ranks.length > 0 && ranks.every((rank) => !this.#job!.isRankAlive(rank)));
		this.#deadSlices = isHopeless ? this.#deadSlices + 1 : 0;
		if (this.#deadSlices < graceSlices) return;
		writeToStderr(`MPI: rank ${this.#endpoint.rank} ends, since the launcher or the ranks that it waits for are dead.\n`);
		process.exit(1);
	}
}
