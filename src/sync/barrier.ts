/**
 * A place where a number of parties wait for each other.
 *
 * Words of the payload: 0 state, 1 parties, 8-39 resets, 40-71 leavers, 72 whether a member was killed, 73- the table
 * of members (barrier-members.ts), then the waiters.
 *
 * **State**, one word, changed by compare-and-swap only: generation (16 bits) · broken (1 bit) · arrived (13 bits).
 *   arrive    arrived + 1, of an unbroken barrier that is not full
 *   complete  the last to arrive runs the action, then: generation + 1, arrived 0
 *   reset     generation + 1, arrived 0, broken 0; before it the generation that ends so is written down in
 *             `resets[generation % 32]`
 *   break     broken 1 (abort, a timeout, a failed action, a dead party)
 *   withdraw  arrived - 1, of an aborted wait, while the generation is the same and not full
 * Each is followed by waking all. A waiter goes on when the generation is not its own any more (it has passed, unless
 * that generation was reset) or when the barrier is broken in its own generation. Parties that have yet to leave are in
 * nobody's way: they need no more from the state than that the generation has changed.
 *
 * **Return values**: `leavers[generation % 32]` is set to the number of parties before the generation is completed;
 * each who passes takes one off.
 *
 * **Death.** Of those who take part it is on record whether they wait (barrier-members.ts). The last one to arrive
 * looks first whether one who waits has died or ended: with that one missing they are not complete, and the barrier
 * breaks. So do the first few; the others would look at too many. All who wait look at each slice, then also for
 * members who were killed between two passes.
 *
 * **Two forms.** A pass is written out for each: rounds of barriers are what programs count in microseconds, and a wait
 * is kept in mind in another way while it blocks the thread.
 *
 * **Sending.** The action goes along as a reference and is loaded by the process that has to run it; the timeout goes
 * along as it is.
 */
import { aFunction, checkArgument, integerFrom, milliseconds } from '../base/arguments.ts';
import { blocking, either, inLoop, type BothForms } from '../base/both-forms.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { BrokenBarrierError, NotImportableError, SerializationError } from '../base/errors.ts';
import { functionReferences, type Callable, type FunctionReference } from '../codec/function-reference.ts';
import { registerKind, toHandle, type Handle } from '../codec/handle.ts';
import { barrierWords, leaversWord, membersWord, partiesWord, remembered, resetsWord, stateWord, waitersWord } from './barrier-layout.ts';
import { BarrierMembers } from './barrier-members.ts';
import { inspectors } from './inspectors.ts';
import { existingOptions, SharedObject, type HandleData, type SharedOptions } from './shared-object.ts';
import { WaiterSet } from '../wait/waiter-set.ts';
import { waitFor, waitForSync } from '../wait/waiter.ts';

const arrivedMask = 0x1fff;
const brokenBit = 0x2000;
const generationShift = 14;
const generationMask = 0xffff;
const maxParties = arrivedMask - 1;
/** To look whether one is alive costs some microseconds. */
const fewArrived = 16;

export interface BarrierOptions extends SharedOptions {
	/**
	 * Runs once per pass, in the party that comes last, before any of them goes on. When it throws, the barrier breaks.
	 * A barrier can be sent to other processes only with an exported function, which runs in whichever process comes
	 * last.
	 */
	action?: (() => unknown) | undefined;
	/** For waits that are given none. Milliseconds. */
	timeout?: number | undefined;
}

interface BarrierData extends HandleData {
	readonly action: FunctionReference | undefined;
	readonly timeout: number | undefined;
}

/** The action of a barrier that was sent. */
const sentAction: unique symbol = Symbol('nprocs.action') as never;

type Outcome = 'passed' | 'broken';

interface Arrival {
	readonly generation: number;
	readonly isLast: boolean;
}

/** As Python's `multiprocessing.Barrier`. A barrier one of whose parties was killed breaks. */
export class Barrier extends SharedObject {
	readonly #waiters: WaiterSet;
	readonly #members: BarrierMembers;
	#action: Callable | undefined;
	#reference: FunctionReference | undefined;
	readonly #timeoutMs: number | undefined;
	/** Generations in which waits of this object have arrived and not left. */
	readonly #waiting: number[] = [];
	/**
	 * The generation of the wait that blocks this thread. When another call comes, that wait was ended inside (by a
	 * time limit of node:vm): then it has not arrived.
	 */
	#blocking: number | undefined;

	constructor(parties: number, options?: BarrierOptions) {
		checkArgument('the parties of a Barrier', parties, integerFrom(1, maxParties));
		const init = (int32: Int32Array): void => void (int32[partiesWord] = parties);
		super({ kind: 'Barrier', words: barrierWords, init, options: { action: aFunction, timeout: milliseconds } }, options);
		this.#waiters = new WaiterSet(this.segment, waitersWord);
		this.#members = new BarrierMembers(this.segment, membersWord);
		this.#action = options?.action as Callable | undefined;
		this.#reference = (options as { [sentAction]?: FunctionReference } | undefined)?.[sentAction];
		this.#timeoutMs = options?.timeout;
	}

	/**
	 * Waits until all parties have called it. Resolves to a number from 0 to parties - 1, another one for each. Rejects
	 * with a BrokenBarrierError when the barrier is or becomes broken, as it does for all when the time of one is up.
	 * An aborted wait withdraws.
	 */
	async wait(wait?: Wait): Promise<number> {
		this.#assertOpen();
		const deadline = this.#deadline(wait);
		this.#members.enter(this.#generation);
		const options = { onSlice: () => this.#breakIfMissed(), independent: true };
		const arrival = this.#arrive() ?? (await waitFor(this.#waiters, () => this.#arrive(), deadline, options)) ?? this.#expire(undefined);
		const { generation } = arrival;
		if (arrival.isLast) {
			if (this.#hasAction) await inLoop(this.#acting());
			return this.#complete(generation);
		}
		this.#waiting.push(generation);
		try {
			const outcome = await waitFor(this.#waiters, () => this.#outcome(generation), deadline, options);
			return this.#result(outcome, generation);
		} catch (error) {
			if (error instanceof BrokenBarrierError || this.#withdraw(generation) || this.#outcome(generation) !== 'passed') throw error;
			return this.#leave(generation);
		} finally {
			this.#waiting.splice(this.#waiting.indexOf(generation), 1);
		}
	}

	/**
	 * As `wait`, blocking this thread. An action that was sent here must be in a module that was imported before or
	 * that `require()` can load.
	 */
	waitSync(wait?: Wait): number {
		this.#assertOpen();
		const deadline = this.#deadline(wait);
		this.#members.enter(this.#generation);
		const options = { onSlice: () => this.#breakIfMissed() };
		const arrival = waitForSync(this.#waiters, () => this.#arrive(), deadline, options) ?? this.#expire(undefined);
		const { generation } = arrival;
		if (arrival.isLast) {
			if (this.#hasAction) blocking(this.#acting());
			return this.#complete(generation);
		}
		this.#blocking = generation;
		const outcome = waitForSync(this.#waiters, () => this.#outcome(generation), deadline, options);
		this.#blocking = undefined;
		return this.#result(outcome, generation);
	}

	/** Makes it as new. Those who wait get a BrokenBarrierError. */
	reset(): void {
		this.assertOpen();
		this.#members.forgetGone();
		for (;;) {
			const state = Atomics.load(this.int32, stateWord);
			const generation = generationOf(state);
			if ((state & arrivedMask) > 0) Atomics.store(this.int32, resetsWord + (generation % remembered), generation + 1);
			if (Atomics.compareExchange(this.int32, stateWord, state, stateOf(generation + 1)) === state) break;
		}
		this.#waiters.wakeAll();
	}

	/** Breaks it: those who wait and those who will get a BrokenBarrierError, until `reset()`. */
	abort(): void {
		this.assertOpen();
		Atomics.or(this.int32, stateWord, brokenBit);
		this.#waiters.wakeAll();
	}

	/** How many must wait for all to go on. */
	get parties(): number {
		this.assertOpen();
		return this.int32[partiesWord]!;
	}

	/** How many wait now. */
	get nWaiting(): number {
		this.#lookForGone();
		const state = Atomics.load(this.int32, stateWord);
		const arrived = state & arrivedMask;
		return (state & brokenBit) !== 0 || arrived === this.parties ? 0 : arrived;
	}

	/** Whether it was aborted, a time was up, an action has failed, or a party has died or ended while it waited. */
	get broken(): boolean {
		this.#lookForGone();
		return (Atomics.load(this.int32, stateWord) & brokenBit) !== 0;
	}

	/** Waits of this object that are pending end with a ClosedError and do not count as arrived any more. */
	override close(): void {
		if (!this.closed) for (const generation of this.#waiting) this.#withdraw(generation);
		super.close();
	}

	/** Throws a SerializationError when the action cannot be referred to. */
	override [toHandle](): Handle {
		const own = super[toHandle]();
		return { ...own, data: { ...(own.data as HandleData), action: this.#referToAction(), timeout: this.#timeoutMs } satisfies BarrierData };
	}

	protected sets(): readonly WaiterSet[] {
		return [this.#waiters];
	}

	/** As Python's: `<Barrier at … waiters=1/3>`, or `broken`. */
	protected describe(): string {
		return `<Barrier at ${this.segment.name} ${this.broken ? 'broken' : `waiters=${this.nWaiting}/${this.parties}`}>`;
	}

	// ---- One pass ----

	#deadline(wait: Wait | undefined): Deadline {
		if (typeof wait === 'number') return Deadline.from(wait);
		const deadline = Deadline.from(wait);
		const hasTimeout = wait !== undefined && 'timeout' in wait && wait.timeout !== undefined;
		return hasTimeout ? deadline : Deadline.from({ timeout: this.#timeoutMs, signal: deadline.signal });
	}

	/** undefined while the barrier is full. */
	#arrive(): Arrival | undefined {
		for (;;) {
			const state = Atomics.load(this.int32, stateWord);
			if ((state & brokenBit) !== 0) throw brokenError();
			const arrived = (state & arrivedMask) + 1;
			if (arrived > this.parties) return undefined;
			const generation = generationOf(state);
			const isLast = arrived === this.parties;
			if ((isLast || arrived <= fewArrived) && arrived > 1 && this.#breakIfGone(generation)) throw brokenError();
			this.#members.begin(generation);
			if (Atomics.compareExchange(this.int32, stateWord, state, state + 1) === state) return { generation, isLast };
			this.#members.end(generation);
		}
	}

	#outcome(generation: number): Outcome | undefined {
		const state = Atomics.load(this.int32, stateWord);
		if (generationOf(state) === generation) return (state & brokenBit) !== 0 ? 'broken' : undefined;
		return Atomics.load(this.int32, resetsWord + (generation % remembered)) === generation + 1 ? 'broken' : 'passed';
	}

	/** Returns what the caller's `wait` returns. */
	#complete(generation: number): number {
		Atomics.store(this.int32, leaversWord + (generation % remembered), this.parties);
		Atomics.store(this.int32, resetsWord + (generation % remembered), 0);
		const full = stateOf(generation) | this.parties;
		if (Atomics.compareExchange(this.int32, stateWord, full, stateOf(generation + 1)) !== full) throw brokenError();
		this.#waiters.wakeAll();
		return this.#leave(generation);
	}

	#leave(generation: number): number {
		this.#members.end(generation);
		return Atomics.sub(this.int32, leaversWord + (generation % remembered), 1) - 1;
	}

	#result(outcome: Outcome | undefined, generation: number): number {
		if (outcome === 'broken') throw brokenError();
		if (outcome === undefined) this.#expire(generation);
		return this.#leave(generation);
	}

	/** My time is up: breaks the barrier, unless my generation is over by now. */
	#expire(generation: number): void;
	#expire(generation: undefined): never;
	#expire(generation: number | undefined): void {
		for (;;) {
			const state = Atomics.load(this.int32, stateWord);
			if (generation !== undefined && generationOf(state) !== generation) {
				if (this.#outcome(generation) === 'broken') throw brokenError();
				return;
			}
			if (Atomics.compareExchange(this.int32, stateWord, state, state | brokenBit) === state) break;
		}
		this.#waiters.wakeAll();
		throw new BrokenBarrierError('The barrier is broken: not all parties came in time. `reset()` makes it usable again.');
	}

	get #hasAction(): boolean {
		return this.#action !== undefined || this.#reference !== undefined;
	}

	/** Runs the action. What it throws breaks the barrier. */
	*#acting(): BothForms<void> {
		const reference = this.#reference!;
		try {
			const action = (this.#action ??= yield* either(
				() => functionReferences().load(reference),
				() => functionReferences().loadSync(reference),
			));
			yield* either<unknown>(action, action);
		} catch (error) {
			if (!this.closed) this.abort();
			throw error;
		}
	}

	#referToAction(): FunctionReference | undefined {
		if (this.#action === undefined || this.#reference !== undefined) return this.#reference;
		try {
			return (this.#reference = functionReferences().refer(this.#action, 'action'));
		} catch (error) {
			if (!(error instanceof NotImportableError)) throw error;
			throw new SerializationError(error.message, 'value', { code: error.code, cause: error });
		}
	}

	/** False when the generation is over, or full and about to be. */
	#withdraw(generation: number): boolean {
		for (;;) {
			if (this.closed) return true;
			const state = Atomics.load(this.int32, stateWord);
			if (generationOf(state) !== generation || (state & arrivedMask) >= this.parties) return false;
			if ((state & arrivedMask) === 0 || Atomics.compareExchange(this.int32, stateWord, state, state - 1) === state) {
				this.#members.end(generation);
				return true;
			}
		}
	}

	// ---- Parties that will not come ----

	get #generation(): number {
		return generationOf(Atomics.load(this.int32, stateWord));
	}

	#breakIfMissed(): void {
		const generation = this.#generation;
		if (!this.#isBroken && this.#members.isAnyMissed(generation)) this.#breakIn(generation);
	}

	#assertOpen(): void {
		this.assertOpen();
		if (this.#blocking !== undefined) this.#withdraw(this.#blocking);
		this.#blocking = undefined;
	}

	#lookForGone(): void {
		this.#assertOpen();
		if ((Atomics.load(this.int32, stateWord) & arrivedMask) > 0) this.#breakIfGone(this.#generation);
	}

	/** Breaks it when one that waits in the generation is gone; whether that is so. */
	#breakIfGone(generation: number): boolean {
		return !this.#isBroken && this.#members.isWaiterGone(generation) && this.#breakIn(generation);
	}

	get #isBroken(): boolean {
		return (Atomics.load(this.int32, stateWord) & brokenBit) !== 0;
	}

	/**
	 * False when the generation is over. Those who are gone are forgotten behind that, so that nobody is who dies in
	 * between.
	 */
	#breakIn(generation: number): boolean {
		for (;;) {
			const state = Atomics.load(this.int32, stateWord);
			if (generationOf(state) !== generation) return false;
			if (Atomics.compareExchange(this.int32, stateWord, state, state | brokenBit) === state) break;
		}
		this.#waiters.wakeAll();
		this.#members.forgetGone();
		return true;
	}
}

function generationOf(state: number): number {
	return (state >>> generationShift) & generationMask;
}

function stateOf(generation: number): number {
	return (generation & generationMask) << generationShift;
}

function brokenError(): BrokenBarrierError {
	return new BrokenBarrierError(
		'The barrier is broken: it was aborted or reset, the time of a party was up, or a party has died. `reset()` makes it usable again.',
	);
}

registerKind('Barrier', (data: BarrierData) => {
	const options = { ...existingOptions(data), timeout: data.timeout, [sentAction]: data.action };
	return new Barrier(1, options);
});
inspectors.set('Barrier', {
	waiters: waitersWord,
	holders: () => [],
	state(int32) {
		const state = Atomics.load(int32, stateWord);
		return (state & brokenBit) !== 0 ? 'broken' : `${state & arrivedMask} of ${int32[partiesWord]!} are there`;
	},
});
