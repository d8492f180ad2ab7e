/**
 * A place where a number of parties wait for each other.
 *
 * Words of the payload: 0 state, 1 parties, 2 members in use, 8-39 resets, 40-71 leavers, 72- members (1024), then the waiters.
 *
 * **State**, one word, changed by compare-and-swap only: generation (16 bits) · broken (1 bit) · arrived (13 bits).
 *   arrive    arrived + 1, of an unbroken barrier that is not full
 *   complete  the last to arrive runs the action, then: generation + 1, arrived 0
 *   reset     generation + 1, arrived 0, broken 0; before it the generation that ends so is written down in `resets[generation % 32]`
 *   break     broken 1 (abort, a timeout, a failed action, a dead party)
 *   withdraw  arrived - 1, of an aborted wait, while the generation is the same and not full
 * Each is followed by waking all. A waiter goes on when the generation is not its own any more (it has passed, unless that generation was reset) or when
 * the barrier is broken in its own generation. Parties that have yet to leave are in nobody's way: they need no more from the
 * state than that the generation has changed.
 *
 * **Return values**: `leavers[generation % 32]` is set to the number of parties before the generation is completed; each who passes takes one off.
 *
 * **Death.** Whoever waits, writes its token into the table of members before it arrives, and stays there. A waiter looks at each slice whether
 * a member was killed; then that party will never come, and the barrier breaks. A member that has ended regularly (its slot in the registry was retired) is
 * taken off the table: another may take its part.
 */
import { aFunction, milliseconds } from '../base/arguments.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { ArgumentError, BrokenBarrierError, NprocsError } from '../base/errors.ts';
import { registerKind } from '../codec/handle.ts';
import { isAlive, self, wasKilled } from '../memory/registry.ts';
import { inspectors } from './inspectors.ts';
import { existingOptions, SharedObject, type HandleData, type SharedOptions } from './shared-object.ts';
import { WaiterSet } from './waiter-set.ts';
import { waitFor, waitForSync } from './waiter.ts';

const stateWord = 0;
const partiesWord = 1;
const membersInUseWord = 2;
const resetsWord = 8;
const leaversWord = 40;
const remembered = 32;
const membersWord = 72;
const maxMembers = 1024;
const waitersWord = membersWord + maxMembers;
const words = waitersWord + WaiterSet.words;

const arrivedMask = 0x1fff;
const brokenBit = 0x2000;
const generationShift = 14;
const generationMask = 0xffff;
const maxParties = arrivedMask - 1;

export interface BarrierOptions extends SharedOptions {
	/** Runs once per pass, in one of the parties, before any of them goes on. When it throws, the barrier breaks. */
	action?: (() => unknown) | undefined;
	/** For waits that are given none. Milliseconds. */
	timeout?: number | undefined;
}

type Outcome = 'passed' | 'broken';

interface Arrival {
	readonly generation: number;
	readonly isLast: boolean;
}

/** As Python's `multiprocessing.Barrier`. A barrier one of whose parties was killed breaks. */
export class Barrier extends SharedObject {
	readonly #waiters: WaiterSet;
	readonly #action: (() => unknown) | undefined;
	readonly #timeoutMs: number | undefined;

	constructor(parties: number, options?: BarrierOptions) {
		if (!(Number.isSafeInteger(parties) && parties >= 1 && parties <= maxParties)) {
			throw new ArgumentError(`Expected the parties of a Barrier to be an integer from 1 to ${maxParties}, got ${String(parties)}.`);
		}
		const init = (int32: Int32Array): void => void (int32[partiesWord] = parties);
		super({ kind: 'Barrier', words, init, options: { action: aFunction, timeout: milliseconds } }, options);
		this.#waiters = new WaiterSet(this.segment, waitersWord);
		this.#action = options?.action;
		this.#timeoutMs = options?.timeout;
	}

	/**
	 * Waits until all parties have called it. Resolves to a number from 0 to parties - 1, another one for each. Rejects with a BrokenBarrierError when
	 * the barrier is or becomes broken, as it does for all when the time of one is up. An aborted wait withdraws.
	 */
	async wait(wait?: Wait): Promise<number> {
		this.assertOpen();
		const deadline = this.#deadline(wait);
		this.#join();
		const options = { onSlice: () => this.#breakIfDead(), independent: true };
		const arrival = this.#arrive() ?? (await waitFor(this.#waiters, () => this.#arrive(), deadline, options)) ?? this.#expire(undefined);
		const { generation } = arrival;
		if (arrival.isLast) {
			await this.#guard(() => this.#action?.());
			return this.#complete(generation);
		}
		try {
			const outcome = await waitFor(this.#waiters, () => this.#outcome(generation), deadline, options);
			return this.#result(outcome, generation);
		} catch (error) {
			if (error instanceof BrokenBarrierError || this.#withdraw(generation) || this.#outcome(generation) !== 'passed') throw error;
			return this.#leave(generation);
		}
	}

	waitSync(wait?: Wait): number {
		this.assertOpen();
		const deadline = this.#deadline(wait);
		this.#join();
		const options = { onSlice: () => this.#breakIfDead() };
		const arrival = waitForSync(this.#waiters, () => this.#arrive(), deadline, options) ?? this.#expire(undefined);
		const { generation } = arrival;
		if (arrival.isLast) {
			this.#guardSync(() => this.#action?.());
			return this.#complete(generation);
		}
		return this.#result(
			waitForSync(this.#waiters, () => this.#outcome(generation), deadline, options),
			generation,
		);
	}

	/** Makes it as new. Those who wait get a BrokenBarrierError. */
	reset(): void {
		this.assertOpen();
		this.#forgetDead();
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
		this.assertOpen();
		const state = Atomics.load(this.int32, stateWord);
		const arrived = state & arrivedMask;
		return (state & brokenBit) !== 0 || arrived === this.parties ? 0 : arrived;
	}

	get broken(): boolean {
		this.assertOpen();
		return (Atomics.load(this.int32, stateWord) & brokenBit) !== 0;
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
		const { timeout, signal } = wait instanceof AbortSignal ? { signal: wait, timeout: undefined } : (wait ?? {});
		return Deadline.from({ timeout: timeout ?? this.#timeoutMs, signal });
	}

	/** undefined while the barrier is full. */
	#arrive(): Arrival | undefined {
		for (;;) {
			const state = Atomics.load(this.int32, stateWord);
			if ((state & brokenBit) !== 0) throw brokenError();
			const arrived = (state & arrivedMask) + 1;
			if (arrived > this.parties) return undefined;
			if (Atomics.compareExchange(this.int32, stateWord, state, state + 1) !== state) continue;
			return { generation: generationOf(state), isLast: arrived === this.parties };
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

	/** What the action throws breaks the barrier. */
	async #guard(action: () => unknown): Promise<void> {
		try {
			await action();
		} catch (error) {
			this.abort();
			throw error;
		}
	}

	#guardSync(action: () => unknown): void {
		try {
			action();
		} catch (error) {
			this.abort();
			throw error;
		}
	}

	/** False when the generation is over, or full and about to be. */
	#withdraw(generation: number): boolean {
		for (;;) {
			if (this.closed) return true;
			const state = Atomics.load(this.int32, stateWord);
			if (generationOf(state) !== generation || (state & arrivedMask) >= this.parties) return false;
			if ((state & arrivedMask) === 0 || Atomics.compareExchange(this.int32, stateWord, state, state - 1) === state) return true;
		}
	}

	// ---- Members ----

	#join(): void {
		const { token } = self();
		const inUse = Atomics.load(this.int32, membersInUseWord);
		for (let i = 0; i < inUse; i++) if (Atomics.load(this.int32, membersWord + i) === token) return;
		for (let i = 0; i < maxMembers; i++) {
			if (Atomics.compareExchange(this.int32, membersWord + i, 0, token) !== 0) continue;
			for (let seen = inUse; seen <= i;) {
				const found = Atomics.compareExchange(this.int32, membersInUseWord, seen, i + 1);
				if (found === seen) break;
				seen = found;
			}
			return;
		}
		throw new NprocsError(`Cannot wait at the barrier: ${maxMembers} threads have it already.`, { code: 'ERR_NPROCS_TOO_MANY_PARTICIPANTS' });
	}

	#breakIfDead(): void {
		if (this.#forgetDead() && !this.broken) this.abort();
	}

	/** Takes dead members off the table. Returns whether one of them was killed. */
	#forgetDead(): boolean {
		let anyKilled = false;
		const inUse = Atomics.load(this.int32, membersInUseWord);
		for (let i = 0; i < inUse; i++) {
			const token = Atomics.load(this.int32, membersWord + i);
			if (token === 0 || isAlive(token)) continue;
			// Killed: break first, take off then, so that a death is not forgotten by one who dies in between.
			if (wasKilled(token)) {
				anyKilled = true;
				Atomics.or(this.int32, stateWord, brokenBit);
				this.#waiters.wakeAll();
			}
			Atomics.compareExchange(this.int32, membersWord + i, token, 0);
		}
		return anyKilled;
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

registerKind('Barrier', (data: HandleData) => new Barrier(1, existingOptions(data)));
inspectors.set('Barrier', {
	waiters: waitersWord,
	holders: () => [],
	state(int32) {
		const state = Atomics.load(int32, stateWord);
		return (state & brokenBit) !== 0 ? 'broken' : `${state & arrivedMask} of ${int32[partiesWord]!} are there`;
	},
});
