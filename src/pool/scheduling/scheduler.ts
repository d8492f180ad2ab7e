/**
 * The middle of a pool: gives units to the workers that crew.ts starts, takes in replies, replaces those that end.
 *
 * A unit goes to a worker that has nothing to do. Tasks that take microseconds are handed out ahead, as many as fill a
 * millisecond, so that workers need not wait for the pool; when one of them runs out of work while another has calls
 * that it has not begun, they are taken back and given to the idle one, and so is a part of the chunk that it is at.
 *
 * A call of the program, replies, the end of a worker and the timer drive it; a blocked thread itself (`pumpSync`).
 */
import { clearTimeout, longestTimerMs, nowMs, setTimeout } from '../../base/clock.ts';
import type { Deadline } from '../../base/deadline.ts';
import { ClosedError, type PoolBrokenError } from '../../base/errors.ts';
import { spin } from '../../wait/spin.ts';
import { waitForAnySync } from '../../wait/waiter.ts';
import { afterwards } from './afterwards.ts';
import { CallQueue } from './call-queue.ts';
import { Crew } from './crew.ts';
import { diedError, estateOf } from './deaths.ts';
import { Jobs } from './jobs.ts';
import { lateAt, stopLate } from './late.ts';
import type { CheckedOptions } from '../pool-options.ts';
import { isSettled, lookAround, takeAll, takeReplies, type ReplyListener } from './replies.ts';
import { Statistics } from './stats.ts';
import { singlesOf, type Job, type Unit } from './unit.ts';
import { type Entry, type WorkerSlot } from './worker-slot.ts';

interface EndableJob extends Job {
	end(error: unknown): void;
	abort(reason: unknown): void;
}

export class Scheduler {
	readonly options: CheckedOptions;
	readonly queue: CallQueue = new CallQueue();
	readonly crew: Crew;
	readonly statistics: Statistics = new Statistics();
	readonly jobs: Jobs<EndableJob> = new Jobs();
	/** Why no more calls are taken. */
	closedBy: ClosedError | PoolBrokenError | undefined;
	/** Called when something has changed that those who read inputs may be waiting for. */
	readonly onRoom: Set<() => void> = new Set();
	#isScheduled = false;
	#timer: NodeJS.Timeout | undefined;
	#timerAtMs = Infinity;

	constructor(size: number, options: CheckedOptions) {
		this.options = options;
		this.crew = new Crew(size, options, {
			onReplies: (slot) => void this.takeReplies(slot),
			onEnd: (slot, errorOutput) => this.#onWorkerEnd(slot, errorOutput),
			onBroken: (error) => this.break(error),
		});
		this.crew.onLetGo = (slot) => {
			this.#requeue(slot.recall());
			this.schedule();
		};
	}

	// ---- jobs ----

	removeJob(job: EndableJob): void {
		if (this.jobs.delete(job) && this.jobs.size === 0 && this.closedBy !== undefined) this.crew.endAll();
	}

	/** Items that wait or run. */
	get load(): number {
		let load = this.queue.size;
		for (const { itemsSent, itemsDone } of this.crew.slots.values()) load += itemsSent - itemsDone;
		return load;
	}

	/** How many more items may be given. */
	get room(): number {
		return this.crew.size + this.options.maxQueue - this.load;
	}

	submit(unit: Unit): void {
		const idle = this.queue.size === 0 ? this.crew.idleFor(unit) : undefined;
		if (idle !== undefined) this.#giveNow(idle, unit);
		else this.#enqueue(unit);
		if (this.jobs.size === 1) afterwards(this.#spin);
	}

	#giveNow(slot: WorkerSlot, unit: Unit): void {
		this.#give(slot, unit);
		slot.flush();
		this.#setTimer();
		if (this.queue.size > 0) this.schedule(); // it may not get all
	}

	#enqueue(unit: Unit): void {
		this.queue.push(unit);
		if (this.crew.mayTakeMore()) return this.assign();
		this.schedule();
		if (this.#outranks(unit)) this.recallAll();
		unit.payload.own();
	}

	/** Whether something of lower priority has been handed out ahead of it. */
	#outranks({ payload: { job } }: Unit): boolean {
		if (job.priority <= 0 && this.#highest <= job.priority) return false;
		this.#highest = Math.max(this.#highest, job.priority);
		return true;
	}

	#highest = 0;

	schedule(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		afterwards(() => {
			this.#isScheduled = false;
			this.assign();
		});
	}

	/** Runs it when this thread has done what it is at: as a microtask or, while blocked, when replies are in. */
	soon(run: () => void): void {
		this.#soon.push(run);
		if (this.#soon.length === 1) afterwards(() => this.#runSoon());
	}

	readonly #soon: (() => void)[] = [];

	#runSoon(): void {
		for (const run of this.#soon.splice(0)) run();
	}

	/** What has not begun is dropped; what runs is told to stop, if `stop`. */
	drop(job: Job, stop?: number): void {
		this.forget(this.queue.remove(job));
		for (const slot of this.crew.slots.values()) {
			if (slot.entries.some(({ unit }) => unit?.payload.job === job && slot.head()?.unit !== unit)) this.#requeue(slot.recall());
			const head = slot.head();
			if (head?.unit?.payload.job !== job) continue;
			if (!slot.hasBegun(head)) this.#requeue(slot.recall());
			else {
				this.forget(slot.cut((left) => left));
				if (stop !== undefined) slot.askToStop(stop, this.options.killAfter);
			}
		}
		this.forget(this.queue.remove(job));
		this.assign();
		this.#setTimer();
	}

	forget(units: readonly Unit[]): void {
		for (const { payload, from, until } of units) payload.settle(until - from);
	}

	// ---- giving ----

	assign(): void {
		for (const slot of this.crew.slots.values()) if (slot.unitCount === 0) this.crew.recycleIfDue(slot);
		if (this.queue.size > 0) this.#handOut();
		this.#setTimer();
		for (const listener of this.onRoom) listener();
	}

	#handOut(): void {
		this.crew.startWanted(this.queue);
		const touched = new Set<WorkerSlot>();
		for (const slot of this.crew.byLoad()) {
			for (let unit = this.queue.peek(slot.index); unit !== undefined && slot.canTake(unit); unit = this.queue.peek(slot.index)) {
				// It was taken back for the idle one, which is to get it.
				if (slot.unitCount > 0 && unit.payload.job.slot === undefined && this.crew.someIdle()) break;
				touched.add(slot);
				if (!this.#give(slot, this.queue.shift(slot.index)!)) break;
			}
		}
		for (const slot of touched) slot.flush();
	}

	/** False when the worker is to get no more. */
	#give(slot: WorkerSlot, unit: Unit): boolean {
		const { payload, from, until, attempt } = unit;
		if (payload.job.isOver) {
			this.forget([unit]);
			return true;
		}
		const most = this.options.maxTasksPerChild - slot.itemsSent;
		if (most <= 0) {
			this.queue.unshift([unit]);
			return false;
		}
		if (until - from > most) this.queue.unshift([{ payload, from: from + most, until, attempt }]);
		const given = until - from > most ? { payload, from, until: from + most, attempt } : unit;
		try {
			slot.add(given);
			this.statistics.waited(payload.submittedMs);
			payload.job.onBegun?.(slot.pid);
		} catch (error) {
			payload.settle(given.until - given.from);
			// There is no memory for it.
			for (let i = given.from; i < given.until; i++) payload.job.onError(payload.first + i, error);
			payload.job.onUnitEnded?.();
		}
		return true;
	}

	#requeue(units: readonly Unit[]): void {
		this.queue.unshift(units);
	}

	recallAll(): void {
		for (const slot of this.crew.slots.values()) if (slot.unitCount > 1) this.#requeue(slot.recall());
		this.schedule();
	}

	/** For those that have nothing to do: what others have not begun. */
	#rebalance(nowMs: number): void {
		if (this.queue.hasFree || !this.crew.someIdle()) return;
		for (const slot of this.crew.slots.values()) {
			const head = slot.head();
			if (head?.unit === undefined || nowMs - slot.begunMs < patienceMs) continue;
			const hasBegun = slot.hasBegun(head);
			const units = [...slot.cut((left) => Math.ceil(left / 2)), ...(slot.unitCount > 1 || !hasBegun ? slot.recall() : [])];
			if (!hasBegun) slot.stuckAtMs = nowMs;
			if (units.length === 0) continue;
			this.#requeue(units);
			return this.assign();
		}
	}

	// ---- taking in ----

	takeReplies(slot: WorkerSlot): boolean {
		if (!takeReplies(slot, this.#listener)) return false;
		slot.stuckAtMs = 0;
		this.crew.recycleIfDue(slot);
		this.assign();
		this.#rebalance(nowMs());
		return true;
	}

	readonly #listener: ReplyListener = {
		onReady: (slot) => this.crew.onReady(slot),
		onBroken: (slot, error) => this.crew.onBroken(slot, error),
		onItems: (us, outcome, count) => this.statistics.ended(us, outcome, count),
		onUnreadable: (slot, entry, error) => {
			slot.finish(entry);
			const { unit } = entry;
			if (unit!.payload.kind === 'chunk') return this.#requeue(singlesOf(unit!));
			this.#settleLost(unit!, entry, error);
		},
	};

	/** For the answer of the only call. */
	readonly #spin = (): void => {
		const slot = this.jobs.size === 1 ? this.crew.onlyBusy() : undefined;
		if (slot === undefined || spin(() => this.takeReplies(slot) || undefined, slot.link.replies.getting.lookout) === true) return;
		this.takeReplies(slot); // what came before the spinning was over woke nobody
	};

	#onWorkerEnd(slot: WorkerSlot, errorOutput: string | undefined): void {
		takeAll(slot, this.#listener);
		const { units, lost } = estateOf(slot);
		const last = slot.head()?.unit;
		slot.entries.length = 0;
		if (lost === undefined) last?.payload.job.onUnitEnded?.(); // of a chunk whose items are done or go to others
		else {
			const { unit, entry } = lost;
			const isWanted = !isSettled(entry, unit.from);
			if (isWanted && unit.attempt <= unit.payload.job.retries) units.unshift({ ...unit, attempt: unit.attempt + 1 });
			else this.#settleLost(unit, entry, diedError(slot, { lost: unit, ...(errorOutput !== undefined && { errorOutput }) }));
		}
		this.#requeue(units);
		this.schedule();
	}

	#settleLost(unit: Unit, entry: Entry, error: unknown): void {
		const { payload, from } = unit;
		if (!isSettled(entry, from)) {
			payload.settle(1);
			this.statistics.ended(0, 'failed');
			payload.job.onError(payload.first + from, error);
		}
		payload.job.onUnitEnded?.();
	}

	// ---- time ----

	/** What is due by now. */
	tick(nowMs: number): void {
		for (const slot of this.crew.slots.values()) {
			if (nowMs >= slot.killAtMs) {
				takeReplies(slot, this.#listener);
				if (nowMs >= slot.killAtMs) slot.kill();
			}
			if (nowMs >= slot.lookAtMs && lookAround(slot, this.#listener)) this.schedule();
			this.#stopIfLate(slot, nowMs);
		}
		this.#rebalance(nowMs);
		this.crew.endIdle(nowMs);
		this.#setTimer();
	}

	#stopIfLate(slot: WorkerSlot, nowMs: number): void {
		if (nowMs < lateAt(slot)) return;
		takeAll(slot, this.#listener); // this thread may have been busy
		if (nowMs < lateAt(slot)) return;
		this.#requeue(stopLate(slot, this.options.killAfter));
		this.statistics.ended(0, 'failed');
		this.schedule();
	}

	#setTimer(): void {
		const dueMs = this.#nextDueMs();
		if (dueMs >= this.#timerAtMs && this.#timer !== undefined) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#timerAtMs = dueMs;
		if (dueMs === Infinity) return;
		this.#timer = setTimeout(
			() => {
				this.#timer = undefined;
				this.#timerAtMs = Infinity;
				this.tick(nowMs());
			},
			Math.max(1, Math.min(longestTimerMs, dueMs - nowMs())),
		).unref();
	}

	#nextDueMs(): number {
		let dueMs = this.crew.nextDueMs();
		const hasIdle = this.crew.someIdle() && !this.queue.hasFree;
		for (const slot of this.crew.slots.values()) {
			dueMs = Math.min(dueMs, slot.killAtMs, slot.lookAtMs, lateAt(slot));
			if (hasIdle && slot.mayHaveMore()) dueMs = Math.min(dueMs, nowMs() + patienceMs);
		}
		return dueMs;
	}

	/** As the event loop would do it, until then. */
	pumpSync(isDone: () => boolean, deadline: Deadline): boolean {
		for (;;) {
			this.assign();
			const { version } = this.crew;
			const look = (): 'done' | 'changed' | undefined => {
				for (const slot of [...this.crew.slots.values()]) this.takeReplies(slot);
				this.crew.lookForEnds();
				this.#runSoon();
				this.assign();
				this.tick(nowMs());
				if (isDone()) return 'done';
				return this.crew.version === version ? undefined : 'changed';
			};
			const sets = [...this.crew.slots.values()].map(({ link }) => link.replies.watchers);
			const result = waitForAnySync(sets, look, deadline);
			if (result !== 'changed') return result === 'done';
		}
	}

	// ---- the end ----

	close(reason: ClosedError | PoolBrokenError): void {
		this.closedBy ??= reason;
		if (this.jobs.size === 0) this.crew.endAll();
	}

	/** Everything that is pending fails with it. */
	break(error: PoolBrokenError): void {
		this.closedBy = error;
		this.#endJobs(error);
		this.crew.stopAll(this.options.killAfter);
	}

	/** Calls that no worker is at. */
	cancelWaiting(): void {
		for (const slot of this.crew.slots.values()) this.#requeue(slot.recall());
		const reason = new DOMException('The executor was shut down before this call had begun', 'AbortError');
		for (const job of [...this.jobs]) if (!this.crew.isAtWork(job)) job.abort(reason);
		this.schedule();
	}

	terminate(): void {
		this.closedBy ??= new ClosedError('The pool is closed: it was terminated.');
		this.#endJobs(new ClosedError('The pool was terminated before this call had ended.'));
		this.crew.stopAll(this.options.killAfter);
	}

	#endJobs(error: Error): void {
		for (const job of [...this.jobs]) job.end(error);
		for (const slot of this.crew.slots.values()) for (const { unit } of slot.entries) if (unit !== undefined) this.forget([unit]);
	}
}

/** How long a worker may be at something before what is behind it goes to others. */
const patienceMs = 2;
