/**
 * A flag to wait for.
 *
 * Words of the payload: 0 flag, 1 how often it was set, 8- the waiters. `set()` stores the flag, counts, wakes all. A
 * waiter goes on when the flag is set or the count is another than when it came: so a `set()` that is followed by a
 * `clear()` at once still releases all who waited. A setter killed before it has woken all leaves the flag set, which
 * the others see at their next slice.
 */
import { Deadline, type Wait } from '../base/deadline.ts';
import { inspectors } from './inspectors.ts';
import { registerSimple, SharedObject, type SharedOptions } from './shared-object.ts';
import { waiterSetWords } from '../memory/word-counts.ts';
import { WaiterSet } from '../wait/waiter-set.ts';
import type { Attempt } from '../wait/spin.ts';
import { waitFor, waitForSync } from '../wait/waiter.ts';

const flagWord = 0;
const countWord = 1;
const waitersWord = 8;

export type EventOptions = SharedOptions;

/** As Python's `multiprocessing.Event`. */
export class Event extends SharedObject {
	readonly #waiters: WaiterSet;

	constructor(options?: EventOptions) {
		super({ kind: 'Event', words: waitersWord + waiterSetWords }, options);
		this.#waiters = new WaiterSet(this.segment, waitersWord);
	}

	/** Sets the flag and releases all who wait. */
	set(): void {
		this.assertOpen();
		Atomics.store(this.int32, flagWord, 1);
		Atomics.add(this.int32, countWord, 1);
		this.#waiters.wakeAll();
	}

	clear(): void {
		this.assertOpen();
		Atomics.store(this.int32, flagWord, 0);
	}

	isSet(): boolean {
		this.assertOpen();
		return Atomics.load(this.int32, flagWord) === 1;
	}

	/** Waits until the flag is set. Resolves to false when the time is up. */
	async wait(wait?: Wait): Promise<boolean> {
		this.assertOpen();
		return (await waitFor(this.#waiters, this.#attempt(), Deadline.from(wait), { independent: true })) === true;
	}

	waitSync(wait?: Wait): boolean {
		this.assertOpen();
		return waitForSync(this.#waiters, this.#attempt(), Deadline.from(wait)) === true;
	}

	protected sets(): readonly WaiterSet[] {
		return [this.#waiters];
	}

	protected describe(): string {
		return `<Event at ${this.segment.name} ${this.isSet() ? 'set' : 'unset'}>`;
	}

	#attempt(): Attempt<true> {
		const count = Atomics.load(this.int32, countWord);
		return () => (Atomics.load(this.int32, flagWord) === 1 || Atomics.load(this.int32, countWord) !== count ? true : undefined);
	}
}

registerSimple('Event', Event);
inspectors.set('Event', { waiters: waitersWord, holders: () => [], state: (int32) => (Atomics.load(int32, flagWord) === 1 ? 'set' : 'unset') });
