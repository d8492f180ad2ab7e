/**
 * One worker as its pool sees it: what was handed to it, in order, and what it has replied. How it dies is in
 * deaths.ts.
 *
 * `entries` are the messages in the stream of calls that are not known to be done. The worker takes them one after the
 * other, so at most the first unit has begun: it has if the stream's count of taken messages has reached its number.
 * What has not begun can be taken back: the pool is the stream's other consumer then.
 */
import { nowMs } from '../../base/clock.ts';
import { constants } from 'node:os';
import { discard, pack, type Outgoing } from '../../stream/message.ts';
import { Scratch } from '../../stream/scratch.ts';
import { Outcome } from '../../stream/ring-layout.ts';
import { handleOf, type Process } from '../../process/process.ts';
import type { ProcessHandle } from '../../process/process-handle.ts';
import type { TaskFunction } from '../../task/task-function.ts';
import { claimBack, claimIn, isClaimOf, nextOf } from '../link/claim.ts';
import { asked, maxPrefetched, type PoolLink } from '../link/link.ts';
import { call } from '../link/messages.ts';
import { isSpecial, type Unit } from './unit.ts';

export interface Entry {
	/** Its number in the stream of calls. */
	readonly sequence: number;
	/** Of a call; undefined for what only tells something. */
	readonly unit: Unit | undefined;
	/** The function that it tells of. */
	readonly defines: number | undefined;
	readonly message: Pick<Outgoing, 'attached'>;
	/** Puts it into the stream again when it was taken back together with calls. */
	readonly again: (() => void) | undefined;
	/** Items of the unit that were replied to. */
	replied: number;
	/** Items whose job has been told already what became of them. */
	settled?: Set<number>;
}

interface EntryParts {
	readonly unit?: Unit;
	readonly defines?: number;
	readonly again?: () => void;
}

export class WorkerSlot {
	readonly index: number;
	readonly link: PoolLink;
	readonly process: Process;
	readonly handle: ProcessHandle;
	readonly entries: Entry[] = [];
	/** Has said that it is ready for calls. */
	isReady = false;
	/** Gets no calls any more, since it was told to end. */
	isEnding = false;
	hasEnded = false;
	/**
	 * When it was found not to have begun what it was given, if it has said nothing since: it may have been stopped.
	 * Others come first, and among such ones that for which this is longest ago, so that what is taken from one of them
	 * goes to each of the others: one that was only slow takes it.
	 */
	stuckAtMs = 0;
	/** Items that were handed to it, and ended, ever. */
	itemsSent = 0;
	itemsDone = 0;
	/** How many it had done when it was looked at whether it is to be replaced. */
	itemsChecked = 0;
	/** What its calls are expected to take, in microseconds. */
	expectedUs = 0;
	/** When the first entry began, or its item did, as far as can be told from here. */
	begunMs = 0;
	idleSinceMs: number = nowMs();
	readonly startedMs: number = nowMs();
	/** When to kill it if it has not let go of the item by then. */
	killAtMs = Infinity;
	/** Of a chunk: the item that was told to stop. */
	stoppedItem = -1;
	/** When to look into the log of the chunk at work, if nothing was heard of it by then. */
	lookAtMs = Infinity;
	#lookAfterMs = 0;
	/** What it has said it dies of. */
	dyingOf: Uint8Array | undefined;
	readonly #defined = new Set<number>();
	#outgoing: Outgoing[] = [];
	#units = 0;

	constructor(index: number, link: PoolLink, process: Process) {
		this.index = index;
		this.link = link;
		this.process = process;
		this.handle = handleOf(process);
	}

	get pid(): number {
		return this.handle.pid;
	}

	/** Calls that it has not ended. */
	get unitCount(): number {
		return this.#units;
	}

	/** The call at work, or next. */
	head(): Entry | undefined {
		const { entries } = this;
		while (entries.length > 0 && entries[0]!.unit === undefined && this.hasBegun(entries[0]!)) entries.shift();
		return entries.find(({ unit }) => unit !== undefined);
	}

	hasBegun({ sequence }: Entry): boolean {
		return ((this.link.calls.ring.taken() - sequence) | 0) >= 0;
	}

	/** Whether there may be something that it has not begun. */
	mayHaveMore(): boolean {
		const head = this.head();
		return head !== undefined && (this.#units > 1 || head.unit!.payload.kind === 'chunk' || !this.hasBegun(head));
	}

	// ---- handing over ----

	/**
	 * Whether it would not wait behind others for long. A chunk may wait behind one other, since what it holds can be
	 * given to others in any part.
	 */
	canTake(unit: Unit): boolean {
		if (this.isEnding || this.hasEnded) return false;
		if (this.#units === 0) return true;
		if (!this.isReady || this.#units >= maxPrefetched / 2) return false;
		const expectedUs = expectedUsOf(unit);
		return this.expectedUs + expectedUs <= aheadUs || (this.#units === 1 && unit.payload.kind === 'chunk' && expectedUs <= chunkAheadUs);
	}

	/** To be sent with the next `flush`. Throws when there is no memory for it; then nothing is changed. */
	add(unit: Unit): void {
		const { payload } = unit;
		const message = payload.pack(this.link.calls.segment);
		this.#define(payload.job.fn);
		if (isSpecial(unit)) this.#tell([call.prepare, unit.attempt, unit.from, unit.until]);
		this.#push(message, { unit });
		if (this.#units++ === 0) {
			this.begunMs = nowMs();
			this.expectLog();
		}
		this.itemsSent += unit.until - unit.from;
		this.expectedUs += expectedUsOf(unit);
		if (this.#units > 1 || unit.attempt <= payload.job.retries) payload.own();
	}

	initialize(fn: TaskFunction, args: readonly unknown[]): void {
		this.#define(fn);
		this.#tell([call.initialize, fn.id, args], { again: () => this.initialize(fn, args) });
		this.flush();
	}

	end(): void {
		if (this.isEnding || this.hasEnded) return;
		this.isEnding = true;
		this.#tellToEnd();
	}

	#tellToEnd(): void {
		this.#tell([call.end], { again: () => this.#tellToEnd() });
		this.flush();
	}

	flush(): void {
		const messages = this.#outgoing;
		this.#outgoing = [];
		for (let at = 0; at < messages.length;) at += this.link.calls.tryPutMany(messages, at);
	}

	#define(fn: TaskFunction): void {
		if (this.#defined.has(fn.id)) return;
		this.#tell([call.define, fn.id, fn.name, fn.definition], { defines: fn.id });
		this.#defined.add(fn.id);
	}

	#tell(message: unknown[], about: Pick<EntryParts, 'defines' | 'again'> = {}): void {
		const { bytes, length, ...rest } = pack(message, this.link.calls.segment);
		this.#push({ ...rest, bytes: bytes.slice(0, length), length }, about);
	}

	#push(message: Outgoing, { unit, defines, again }: EntryParts): void {
		const sequence = (this.link.calls.ring.published() + this.#outgoing.length + 1) | 0;
		this.#outgoing.push(message);
		this.entries.push({ sequence, unit, defines, again, message, replied: 0 });
	}

	// ---- what became of it ----

	/** The first unit has ended. */
	finish(entry: Entry): void {
		this.entries.splice(0, this.entries.indexOf(entry) + 1);
		this.#leave(entry.unit!);
		this.begunMs = this.idleSinceMs = nowMs();
		this.killAtMs = Infinity;
		this.expectLog();
	}

	/** Something was heard of the chunk at work, or it begins. */
	expectLog(): void {
		this.#lookAfterMs = firstLookMs;
		this.lookAtMs = this.head()?.unit?.payload.kind === 'chunk' ? this.begunMs + firstLookMs : Infinity;
	}

	/**
	 * After a look into the log that found nothing. It needs no second one before the worker is heard of: what a log
	 * has waited for so long is sent with the next item that ends. Unless the chunk had not begun.
	 */
	hasLookedInVain(): void {
		const head = this.head();
		const isBegun = head === undefined || isClaimOf(claimIn(this.link.told), head.sequence);
		this.#lookAfterMs = Math.min(longestLookMs, this.#lookAfterMs * 2);
		this.lookAtMs = isBegun ? Infinity : nowMs() + this.#lookAfterMs;
	}

	#leave(unit: Unit): void {
		this.#units--;
		this.expectedUs = this.#units === 0 ? 0 : Math.max(0, this.expectedUs - expectedUsOf(unit));
	}

	/** Takes back all that has not begun, in its order. Nothing when the worker is taking a call at this moment. */
	recall(): Unit[] {
		this.flush();
		const { calls } = this.link;
		if (this.entries.length === 0 || !calls.tryHead()) return [];
		const taken = calls.ring.taken();
		try {
			while (calls.ring.take(scratch, 0) === Outcome.done);
		} finally {
			calls.ring.unlockHead();
			calls.passOn();
		}
		const stays = this.entries.filter((entry) => entry.again !== undefined && ((entry.sequence - taken) | 0) > 0);
		const units = this.withdraw(taken);
		for (const { again } of stays) again!();
		return units;
	}

	/** Forgets what comes after so many taken calls, and gives back the units among it. */
	withdraw(taken: number): Unit[] {
		const at = this.entries.findIndex(({ sequence }) => ((sequence - taken) | 0) > 0);
		if (at < 0) return [];
		const units: Unit[] = [];
		for (const { unit, defines, message } of this.entries.splice(at)) {
			discard(message);
			if (defines !== undefined) this.#defined.delete(defines);
			if (unit === undefined) continue;
			this.#leave(unit);
			this.itemsSent -= unit.until - unit.from;
			units.push(unit);
		}
		return units;
	}

	/** Of the chunk at work: takes back items that have not begun. */
	cut(wanted: (left: number) => number): Unit[] {
		const entry = this.head();
		if (entry?.unit === undefined || entry.unit.payload.kind !== 'chunk' || !this.hasBegun(entry)) return [];
		const { unit } = entry;
		const count = claimBack(this.link.told, entry.sequence, wanted);
		if (count === 0) return [];
		const { until } = unit;
		this.expectedUs = Math.max(0, this.expectedUs - expectedUsOf(unit) * (count / (until - unit.from)));
		unit.until -= count;
		this.itemsSent -= count;
		return [{ payload: unit.payload, from: unit.until, until, attempt: unit.attempt }];
	}

	/** Tells the task at work to stop. It is killed if it does not do so in time. */
	askToStop(why: number, killAfterMs: number): void {
		const entry = this.head();
		if (entry === undefined || !this.hasBegun(entry)) return;
		this.link.asked[asked.why] = why;
		Atomics.store(this.link.asked, asked.cancelled, entry.sequence);
		const claim = claimIn(this.link.told);
		this.stoppedItem = isClaimOf(claim, entry.sequence) ? nextOf(claim) - 1 : -1;
		this.link.askedSet.wakeAll();
		this.killAtMs = Math.min(this.killAtMs, nowMs() + killAfterMs);
	}

	/** So many values of the generator at work have been taken by its consumer. */
	giveCredit(taken: number): void {
		Atomics.store(this.link.asked, asked.credit, taken);
		this.link.askedSet.wakeAll();
	}

	kill(): void {
		this.handle.signal(constants.signals.SIGKILL);
	}

	terminate(): void {
		this.handle.signal(constants.signals.SIGTERM);
	}
}

/** Longer than a worker keeps results for itself. */
const firstLookMs = 2;
const longestLookMs = 64;
/** More than this is not handed to a worker that has something to do. */
const aheadUs = 1000;
const chunkAheadUs = 4000;
const scratch = new Scratch(4096);

/** 0 as long as nobody knows. */
function expectedUsOf({ payload, from, until }: Unit): number {
	return (payload.job.fn.meanUs ?? aheadUs) * (until - from);
}
