/**
 * Finds circles of waits: A holds what B waits for, while B holds what A waits for, over any number of chains of
 * awaits, threads and processes.
 *
 * Whoever waits for a lock longer than a slice writes into each lock that it holds itself (that its chain holds; a
 * thread that sleeps: that the thread holds) a **record**: my token, the number of my wait, which lock I wait for, and
 * how often I have looked. At each slice it looks again, that it still waits and still holds them, and adds 1 to
 * "looked". When the wait ends, it takes the records back.
 *
 * Whoever waits also follows the records: the lock that I wait for → its record: the lock that its holder waits for → …
 * If that comes back to my own wait, it is remembered. When, at a later slice, the same circle of waits is there and
 * **every record in it was refreshed in between**, it is a deadlock: at its refresh each one still waited for a lock
 * that the next one held, the next one was in the same wait before and after, so it has not let go in between; so all
 * these facts were true at one moment, and nobody in the circle can change them. One observation alone proves nothing,
 * because its records may be from different moments.
 *
 * Of the waits in the circle the one with the highest token (then wait number) fails with a DeadlockError; the others
 * go on when its owner lets go. A lock that a third party would release (a Lock may be released by anybody) is the one
 * case in which the circle is not final: for such locks there is the option `detectDeadlocks: false`. A chain that
 * waits for what it holds itself is left alone for the same reason.
 */
import { forkHook, forkStep } from '../base/at-fork.ts';
import { DeadlockError } from '../base/errors.ts';
import { findName, inspect } from '../memory/inspect.ts';
import { participantOf, self } from '../memory/registry.ts';
import { Segment } from '../memory/segment.ts';
import { ownerWord, record, tokenMask, waitersWord } from './lock-layout.ts';
import type { AwaitChain } from './await-chain.ts';
import { hold, letGo } from './await-chain.ts';
import { keyOf } from '../wait/waiter-set.ts';

export interface WatchedLock {
	readonly name: string | undefined;
	readonly segment: Segment;
	readonly int32: Int32Array;
	/** Names its set of waiters. */
	readonly key: string;
}

/** One wait in a circle. */
interface Step {
	readonly token: number;
	readonly wait: number;
	readonly refreshed: number;
	/** The lock that the step before waits for and this one holds. */
	readonly lock: string;
}

const maxSteps = 64;

/** The locks that this thread has open. */
const known = new Map<string, WeakRef<WatchedLock>>();
const collected = new FinalizationRegistry<string>((key) => {
	if (known.get(key)?.deref() === undefined) known.delete(key);
});
/** Which chain holds which lock; only what was acquired asynchronously. */
const heldBy = new Map<string, AwaitChain>();
let lastWait = 0;
/** A copy of this process holds nothing: the chains of the original are as dead there as if they had released all. */
const letGoAtFork = forkHook({
	step: forkStep.waits,
	inCopy() {
		for (const chain of heldBy.values()) letGo(chain);
		heldBy.clear();
	},
});

export function knowLock(lock: WatchedLock): void {
	known.set(lock.key, new WeakRef(lock));
	collected.register(lock, lock.key, lock);
}

export function forgetLock(lock: WatchedLock): void {
	collected.unregister(lock);
	if (known.get(lock.key)?.deref() === lock) known.delete(lock.key);
}

/** The lock was acquired for the chain. */
export function noteHolder(lock: WatchedLock, chain: AwaitChain): void {
	noteReleased(lock);
	letGoAtFork();
	heldBy.set(lock.key, chain);
	hold(chain);
}

/** The lock was released. Cheap when nothing is held asynchronously. */
export function noteReleased(lock: WatchedLock): void {
	if (heldBy.size === 0) return;
	const chain = heldBy.get(lock.key);
	if (chain === undefined) return;
	heldBy.delete(lock.key);
	letGo(chain);
}

/** The chain that holds it, if it was acquired asynchronously. */
export function holderOf(lock: WatchedLock): AwaitChain | undefined {
	return heldBy.get(lock.key);
}

/** One wait for one lock. */
export class DeadlockWatch {
	readonly #lock: WatchedLock;
	readonly #chain: AwaitChain | 'thread' | 'none';
	readonly #wait: number;
	#seen: Step[] | undefined;
	#records: WatchedLock[] = [];

	/** Who waits: a chain, the whole thread, or code in no chain, which holds nothing that is known of. */
	constructor(lock: WatchedLock, chain: AwaitChain | 'thread' | 'none') {
		this.#lock = lock;
		this.#chain = chain;
		this.#wait = lastWait = (lastWait + 1) | 0 || 1;
	}

	/** At each slice. Throws a DeadlockError when there is a circle and this wait is to break it. */
	look(): void {
		this.#publish();
		const circle = this.#records.length === 0 ? undefined : this.#follow();
		if (circle === undefined || this.#seen === undefined || !isSame(circle, this.#seen)) {
			this.#seen = circle;
			return;
		}
		if (!circle.every((step, i) => step.refreshed !== this.#seen![i]!.refreshed)) return;
		const victim = circle.reduce((a, b) => (b.token > a.token || (b.token === a.token && b.wait > a.wait) ? b : a));
		if (circle.length > 1 && victim.token === self().token && victim.wait === this.#wait) throw deadlockError(circle);
	}

	/** The wait is over. */
	end(): void {
		for (const { int32 } of this.#records) {
			if (int32.length > 0 && int32[record.wait] === this.#wait) Atomics.store(int32, record.wait, 0);
		}
		this.#records = [];
	}

	#publish(): void {
		const { token } = self();
		const held = this.#heldLocks(token);
		for (const lock of this.#records) if (!held.includes(lock) && lock.int32.length > 0) Atomics.store(lock.int32, record.wait, 0);
		this.#records = held;
		const { high, low } = this.#lock.segment.identity;
		for (const { int32 } of held) {
			if (Atomics.load(int32, record.owner) === token && Atomics.load(int32, record.wait) === this.#wait) {
				Atomics.add(int32, record.refreshed, 1);
				continue;
			}
			Atomics.store(int32, record.wait, 0);
			Atomics.store(int32, record.owner, token);
			Atomics.store(int32, record.nextHigh, high);
			Atomics.store(int32, record.nextLow, low);
			Atomics.add(int32, record.refreshed, 1);
			Atomics.store(int32, record.wait, this.#wait);
		}
	}

	#heldLocks(token: number): WatchedLock[] {
		const keys = this.#chain === 'thread' ? known.keys() : [...heldBy].filter(([, chain]) => chain === this.#chain).map(([key]) => key);
		const held: WatchedLock[] = [];
		for (const key of keys) {
			const lock = known.get(key)?.deref();
			if (lock !== undefined && lock.int32.length > 0 && (Atomics.load(lock.int32, ownerWord) & tokenMask) === token) held.push(lock);
		}
		return held;
	}

	/** The circle from the lock that this wait is for back to this wait. */
	#follow(): Step[] | undefined {
		const { token } = self();
		const steps: Step[] = [];
		let lock: { segment: Segment; name: string | undefined; isOwn: boolean } | undefined = {
			segment: this.#lock.segment,
			name: this.#lock.name,
			isOwn: true,
		};
		while (lock !== undefined && steps.length < maxSteps) {
			const { segment, isOwn } = lock;
			const found = readRecord(segment.int32, lock.name ?? shortName(segment.name));
			if (!isOwn) segment.close();
			if (found === undefined) return undefined;
			steps.push(found.step);
			if (found.step.token === token && found.step.wait === this.#wait) return steps;
			lock = openLock(found.nextHigh, found.nextLow);
		}
		if (lock?.isOwn === false) lock.segment.close();
		return undefined;
	}
}

function readRecord(int32: Int32Array, lock: string): { step: Step; nextHigh: number; nextLow: number } | undefined {
	const wait = Atomics.load(int32, record.wait);
	const token = Atomics.load(int32, ownerWord) & tokenMask;
	const step = { token, wait, refreshed: Atomics.load(int32, record.refreshed), lock };
	const [nextHigh, nextLow] = [Atomics.load(int32, record.nextHigh), Atomics.load(int32, record.nextLow)];
	const isWhole = wait !== 0 && token !== 0 && Atomics.load(int32, record.owner) === token && Atomics.load(int32, record.wait) === wait;
	return isWhole ? { step, nextHigh, nextLow } : undefined;
}

function openLock(high: number, low: number): { segment: Segment; name: string | undefined; isOwn: boolean } | undefined {
	const own = known.get(keyOf(high, low, waitersWord))?.deref();
	if (own !== undefined && !own.segment.closed) return { segment: own.segment, name: own.name, isOwn: true };
	const name = findName({ high, low });
	const kind = name === undefined ? undefined : inspect(name)?.kind;
	if (name === undefined || kind === undefined) return undefined;
	try {
		return { segment: Segment.open(name, kind), name: undefined, isOwn: false };
	} catch {
		return undefined; // it was removed meanwhile
	}
}

function isSame(a: readonly Step[], b: readonly Step[]): boolean {
	return a.length === b.length && a.every((step, i) => step.token === b[i]!.token && step.wait === b[i]!.wait);
}

function shortName(segment: string): string {
	return /-n-\w+-(.*)$/.exec(segment)?.[1] ?? segment.slice(-16);
}

function deadlockError(circle: readonly Step[]): DeadlockError {
	const parts = circle.map(({ token, lock }, i) => {
		const info = participantOf(token);
		const who = info === undefined ? 'a process that has ended' : `${info.name || 'process'} (pid ${info.pid})`;
		return `${who} holds ${JSON.stringify(lock)} and waits for ${JSON.stringify(circle[(i + 1) % circle.length]!.lock)}`;
	});
	return new DeadlockError(
		`Deadlock: ${parts.join('; ')}. This wait failed so that the others can go on: release what is held, and acquire locks in one order everywhere.`,
	);
}
