/**
 * The workers of a pool: starts them when they are needed, replaces those that end, lets those go that are not needed
 * any more.
 *
 * Workers are daemons: they end when their owner does, however that ends. They are started by the first call, all of
 * them, or one by one up to the size where `min` is less. Those that die before they are ready, again and again, break
 * the pool; each that becomes ready starts the count anew.
 */
import { clearTimeout, nowMs, setTimeout } from '../../base/clock.ts';
import { channel } from 'node:diagnostics_channel';
import { Deadline } from '../../base/deadline.ts';
import { PoolBrokenError } from '../../base/errors.ts';
import { stayAlive } from '../../base/stay-alive.ts';
import { trace } from '../../base/trace.ts';
import { waitFor } from '../../wait/waiter.ts';
import { endsWithProgram } from '../../process/children.ts';
import { Process } from '../../process/process.ts';
import { withoutCounting } from '../../process/current.ts';
import { FunctionTable } from '../../task/task-function.ts';
import { afterwards } from './afterwards.ts';
import type { CallQueue } from './call-queue.ts';
import { diedError } from './deaths.ts';
import { PoolLink } from '../link/link.ts';
import { privateBytes } from './memory.ts';
import { PrefixedOutput } from './output.ts';
import type { CheckedOptions } from '../pool-options.ts';
import type { Job, Unit } from './unit.ts';
import { runWorker, type WorkerSettings } from '../worker/worker.ts';
import { WorkerSlot } from './worker-slot.ts';

export interface CrewListener {
	onReplies(slot: WorkerSlot): void;
	/** With the last lines that it wrote to stderr, where they are known. */
	onEnd(slot: WorkerSlot, errorOutput: string | undefined): void;
	onBroken(error: PoolBrokenError): void;
}

let crews = 0;
/** In a row, beside one for each worker. */
const bootFailures = 3;
/** One that dies in its first second without having got a call is not replaced at once. */
const infancyMs = 1000;
/** The system may have processes or memory again by then. */
const retryMs = 100;

export class Crew {
	size: number;
	readonly slots: Map<number, WorkerSlot> = new Map();
	readonly functions: FunctionTable = new FunctionTable();
	/** Changes with each worker that comes or goes. */
	version = 0;
	started = 0;
	died = 0;
	/** Among this thread's pools. */
	readonly #number = ++crews;
	readonly #options: CheckedOptions;
	readonly #listener: CrewListener;
	readonly #outputs = new Map<WorkerSlot, PrefixedOutput>();
	#isStopped = false;
	#failures = 0;
	#lastFailure: unknown;
	#onEmpty: (() => void)[] = [];
	#onReady: (() => void)[] = [];
	#restartAtMs = Infinity;

	constructor(size: number, options: CheckedOptions, listener: CrewListener) {
		this.size = size;
		this.#options = options;
		this.#listener = listener;
	}

	/** How many are kept. */
	get min(): number {
		return Math.min(this.size, this.#options.min ?? this.size);
	}

	// ---- who is there ----

	/** Those with the least to do first. */
	byLoad(): WorkerSlot[] {
		const slots = [...this.slots.values()];
		return slots.length < 2 ? slots : slots.sort((a, b) => a.stuckAtMs - b.stuckAtMs || a.unitCount - b.unitCount || a.expectedUs - b.expectedUs);
	}

	/**
	 * One that has nothing to do, for a unit that nothing waits before; undefined when there is none, or workers are to
	 * be started first.
	 */
	idleFor({ payload: { job } }: Unit): WorkerSlot | undefined {
		if (this.slots.size < this.min) return undefined;
		let found: WorkerSlot | undefined;
		for (const slot of this.slots.values()) {
			if (slot.unitCount > 0 || !slot.isReady || slot.isEnding || slot.hasEnded || (job.slot ?? slot.index) !== slot.index) continue;
			if (found === undefined || slot.stuckAtMs < found.stuckAtMs) found = slot;
		}
		return found;
	}

	/** Whether there are workers to be started, or some have nothing to do. */
	mayTakeMore(): boolean {
		if (this.slots.size < this.size) return true;
		for (const { unitCount } of this.slots.values()) if (unitCount === 0) return true;
		return false;
	}

	someIdle(): boolean {
		for (const slot of this.slots.values()) if (slot.unitCount === 0 && slot.isReady && !slot.isEnding && !slot.hasEnded) return true;
		return false;
	}

	/** The one that has something to do, if it is the only one. */
	onlyBusy(): WorkerSlot | undefined {
		let found: WorkerSlot | undefined;
		for (const slot of this.slots.values()) {
			if (slot.unitCount === 0) continue;
			if (found !== undefined) return undefined;
			found = slot;
		}
		return found;
	}

	/** Whether a worker has something of it. */
	isAtWork(job: Job): boolean {
		for (const { entries } of this.slots.values()) if (entries.some(({ unit }) => unit?.payload.job === job)) return true;
		return false;
	}

	/** The worker that is at it now. */
	slotOf(job: Job): WorkerSlot | undefined {
		for (const slot of this.slots.values()) if (slot.head()?.unit?.payload.job === job) return slot;
		return undefined;
	}

	// ---- coming ----

	startWanted(queue: CallQueue): void {
		for (const index of queue.wantedSlots()) if (!this.slots.has(index) && !this.#isStopped) this.#tryStart(index);
		let wanted = this.min;
		if (queue.hasFree && ![...this.slots.values()].some(({ unitCount, isEnding }) => unitCount === 0 && !isEnding))
			wanted = Math.max(wanted, this.slots.size + 1);
		this.startUpTo(Math.min(this.size, wanted));
	}

	startUpTo(count: number): void {
		for (let index = 0; index < this.size && this.slots.size < count && !this.#isStopped; index++) {
			if (!this.slots.has(index) && !this.#tryStart(index)) return;
		}
	}

	/**
	 * The first one's failure is the caller's; later there is a call to answer for by others, and the system may have
	 * what it lacks in a while.
	 */
	#tryStart(index: number): boolean {
		try {
			this.#start(index);
			return true;
		} catch (error) {
			if (this.started === 0) throw error;
			trace('cannot start a worker: %s', error);
			this.#lastFailure = error;
			this.#restartAtMs = nowMs() + retryMs;
			if (this.slots.size === 0) this.#countFailure();
			return false;
		}
	}

	/** Resolves when all that are there are ready. */
	async whenReady(): Promise<void> {
		while (!this.#isStopped && [...this.slots.values()].some(({ isReady }) => !isReady))
			await new Promise<void>((resolve) => this.#onReady.push(resolve));
	}

	#start(index: number): void {
		const { name, stdio, context, env, cwd, execArgv, initializer, initargs = [] } = this.#options;
		const link = PoolLink.create(index, { number: this.#number, name });
		const label = `${name}:${index}`;
		const settings: WorkerSettings = { index, name: label, hasInitializer: initializer !== undefined };
		const output = stdio === 'prefix' ? 'pipe' : stdio;
		const started = { target: runWorker, args: [link, settings] as [PoolLink, WorkerSettings], name: label, daemon: true };
		let slot: WorkerSlot;
		try {
			const child = withoutCounting(() => new Process({ ...started, context, env, cwd, execArgv, stdio: output })).start();
			slot = new WorkerSlot(index, link, child as unknown as Process);
			if (stdio === 'prefix') this.#outputs.set(slot, new PrefixedOutput(`[${label}] `, child));
		} catch (error) {
			link.close();
			throw error;
		}
		this.slots.set(index, slot);
		this.version++;
		this.started++;
		trace('%s started as process %d', label, slot.pid);
		startChannel.publish({ pool: name, worker: index, pid: slot.pid });
		if (initializer !== undefined) slot.initialize(this.functions.of(initializer), initargs);
		this.#watch(slot);
	}

	#watch(slot: WorkerSlot): void {
		const { replies } = slot.link;
		const look = (): undefined => {
			this.#listener.onReplies(slot);
		};
		// Its end is heard of by its pidfd, and all that it has put is taken then.
		// It rejects when the stream is closed here.
		waitFor(replies.items, look, Deadline.never, { keepsAlive: false, isLookedAfter: true, lookout: replies.getting.lookout! }).catch(() => {});
		slot.handle.onExit(() => afterwards(() => this.#onExit(slot)));
	}

	onReady(slot: WorkerSlot): void {
		slot.isReady = true;
		slot.idleSinceMs = nowMs();
		this.#failures = 0;
		this.#tellReady();
	}

	#tellReady(): void {
		for (const listener of this.#onReady.splice(0)) listener();
	}

	/** The initializer has thrown. */
	onBroken(slot: WorkerSlot, error: unknown): void {
		this.#lastFailure = error;
		slot.isEnding = true; // by itself
	}

	// ---- going ----

	/** For a thread whose event loop does not turn. */
	lookForEnds(): void {
		for (const slot of [...this.slots.values()]) if (slot.handle.poll() !== undefined) this.#onExit(slot);
	}

	#onExit(slot: WorkerSlot): void {
		if (slot.hasEnded) return;
		slot.hasEnded = true;
		const output = this.#outputs.get(slot);
		if (output === undefined) return this.#bury(slot, undefined);
		this.#outputs.delete(slot);
		output.whenEnded(() => this.#bury(slot, output.lastLines()));
	}

	#bury(slot: WorkerSlot, errorOutput: string | undefined): void {
		const exitCode = slot.handle.poll() ?? null;
		const isUnasked = !slot.isEnding && !this.#isStopped;
		this.#listener.onEnd(slot, errorOutput);
		if (isUnasked) this.died++;
		if (!slot.isReady && !this.#isStopped) {
			if (!slot.isEnding) this.#lastFailure = diedError(slot, { lost: undefined, ...(errorOutput !== undefined && { errorOutput }) });
			this.#countFailure();
		}
		if (this.slots.get(slot.index) === slot) this.slots.delete(slot.index);
		slot.link.close();
		slot.process.close();
		this.version++;
		trace('%s (pid %d) ended with %s', slot.process.name, slot.pid, exitCode);
		endChannel.publish({ pool: this.#options.name, worker: slot.index, pid: slot.pid, exitCode, isUnasked });
		if (!this.#isStopped && !endsWithProgram(slot.process)) this.#replace(slot);
		this.#tellReady();
		if (this.slots.size === 0) for (const listener of this.#onEmpty.splice(0)) listener();
	}

	#countFailure(): void {
		this.#failures++;
		if (this.#failures < this.size + bootFailures) return;
		const message = `The pool ${this.#options.name} is broken: its workers ended ${this.#failures} times in a row before they were ready for work.`;
		this.#listener.onBroken(
			new PoolBrokenError(`${message} Look at the cause, and at the initializer if there is one; then make a new pool.`, {
				cause: this.#lastFailure,
			}),
		);
	}

	#replace(slot: WorkerSlot): void {
		const isYoung = nowMs() - slot.startedMs < infancyMs && slot.isReady && slot.itemsSent === 0 && !slot.isEnding;
		if (isYoung) this.#restartAtMs = nowMs() + infancyMs;
		else this.startUpTo(this.min);
	}

	recycleIfDue(slot: WorkerSlot): void {
		const { maxTasksPerChild, maxMemoryPerChild } = this.#options;
		if (slot.isEnding || slot.itemsDone === slot.itemsChecked) return;
		slot.itemsChecked = slot.itemsDone;
		const isOld = slot.itemsDone >= maxTasksPerChild;
		if (!isOld && (maxMemoryPerChild === Infinity || privateBytes(slot.pid, maxMemoryPerChild) <= maxMemoryPerChild)) return;
		recycleChannel.publish({ pool: this.#options.name, worker: slot.index, pid: slot.pid, why: isOld ? 'tasks' : 'memory' });
		this.letGo(slot);
	}

	/** After what it is at. Returns what it has not begun to the queue. */
	letGo(slot: WorkerSlot): void {
		this.onLetGo(slot);
		slot.end();
	}

	/** Set by who owns the queue. */
	onLetGo: (slot: WorkerSlot) => void = () => {};

	endIdle(nowMs: number): void {
		if (nowMs >= this.#restartAtMs) {
			this.#restartAtMs = Infinity;
			this.startUpTo(this.min);
		}
		for (const slot of [...this.slots.values()].reverse()) {
			if (this.slots.size <= this.min || slot.unitCount > 0 || slot.isEnding || !slot.isReady) continue;
			if (nowMs - slot.idleSinceMs >= this.#options.idleTimeout) slot.end();
		}
	}

	nextDueMs(): number {
		let dueMs = this.#restartAtMs;
		if (this.slots.size <= this.min) return dueMs;
		for (const slot of this.slots.values()) {
			if (slot.unitCount === 0 && slot.isReady && !slot.isEnding) dueMs = Math.min(dueMs, slot.idleSinceMs + this.#options.idleTimeout);
		}
		return dueMs;
	}

	resize(size: number): void {
		const { min } = this;
		this.size = size;
		for (const slot of [...this.slots.values()]) if (slot.index >= size) this.letGo(slot);
		if (this.slots.size > 0) this.startUpTo(Math.max(min, this.min));
	}

	/** When they have done what they have. */
	endAll(): void {
		this.#isStopped = true;
		for (const slot of this.slots.values()) slot.end();
		if (this.slots.size === 0) for (const listener of this.#onEmpty.splice(0)) listener();
		this.#tellReady();
	}

	/** At once. */
	stopAll(killAfterMs: number): void {
		this.endAll();
		for (const slot of this.slots.values()) slot.terminate();
		const timer = setTimeout(() => {
			for (const slot of this.slots.values()) slot.kill();
		}, killAfterMs);
		void this.whenEnded().then(() => clearTimeout(timer));
	}

	/** Resolves when there are no workers and will be none. The event loop stays alive meanwhile. */
	async whenEnded(): Promise<void> {
		const release = stayAlive();
		while (!this.#isStopped || this.slots.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
		release();
	}
}

const startChannel = channel('nprocs.pool.worker.start');
const endChannel = channel('nprocs.pool.worker.end');
const recycleChannel = channel('nprocs.pool.worker.recycle');
