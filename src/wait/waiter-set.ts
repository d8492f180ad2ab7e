/**
 * Who waits for an object, as bits in the object's own segment, and how one of them is woken.
 *
 * Layout, 130 words: 0 summary, 1 rotor, 2-129 one bit for each registry slot. Summary bit g says that group g (the
 * four words of slots 128 g … 128 g + 127) may have bits.
 *
 * **Saying that I wait** (`add`): set my bit, then the group's summary bit. **Waking one** (`wakeOne`): scan the groups
 * whose summary bit is set, beginning at the rotor so that nobody is passed over for ever; take a bit out with one
 * `and` (who cleared it owes the wake-up); deliver it. A group that was found empty gets its summary bit cleared and is
 * scanned once more: a bit found now was set before the clearing, and other wakers may have missed it meanwhile, so all
 * bits found in this second scan are woken. Hence the rule that all waits rest on:
 *
 *   If a waiter's `add` comes before a waker's `wakeOne`, then that waiter's bit is taken and its wake-up delivered
 *   after the waker's change, or another waiter's is, or the waiter's next attempt comes after the change.
 *
 * All accesses are sequentially consistent (`Atomics`). A waiter does: add; attempt; sleep. A waker does: change;
 * wakeOne. In the total order either the attempt sees the change or the scan sees the bit.
 *
 * **Delivering** to slot s: add 1 to its wake word; if the slot says "asleep", wake the futex; if it says "waits in its
 * event loop", ring its doorbell with the object's identity. The sleeper does: say asleep; sleep if the wake word still
 * has the value from before `add`. The kernel compares and sleeps in one step, so either the compare sees the 1 that
 * was added, or the waker sees "asleep". When the doorbell's queue is full, "notices were lost" is set and one more
 * ring is tried; if that fails too, the owner has yet to empty its queue, and looks at that mark afterwards.
 *
 * A waker that dies between taking a bit and delivering costs its waiter one slice (waiter.ts).
 */
import { addon } from '../native/addon.ts';
import type { Segment } from '../memory/segment.ts';
import { registryWords, slotField, slotMode, slotWords } from '../memory/registry.ts';
import { slotCount } from '../memory/word-counts.ts';

const groupWords = 4;
const groups = slotCount / 32 / groupWords;
const summaryWord = 0;
const rotorWord = 1;
const bitsWord = 2;
const connectionRefused = -111;
const again = -11;

export class WaiterSet {
	readonly segment: Segment;
	/** Word offset in `segment.int32`. */
	readonly offset: number;
	/** The object's name among all that this thread waits for. */
	readonly key: string;
	readonly #int32: Int32Array;

	constructor(segment: Segment, offset: number) {
		this.segment = segment;
		this.offset = offset;
		this.#int32 = segment.int32;
		this.key = keyOf(segment.identity.high, segment.identity.low, offset);
	}

	/** Whether there may be a waiter; one load. */
	get mayHaveWaiters(): boolean {
		return Atomics.load(this.#int32, this.offset + summaryWord) !== 0;
	}

	/** The same with a plain load, a tenth of the price: for a question right after another set's `mayHaveWaiters`. */
	get mayAlsoHaveWaiters(): boolean {
		return this.#int32[this.offset + summaryWord] !== 0;
	}

	add(slot: number): void {
		Atomics.or(this.#int32, this.offset + bitsWord + (slot >>> 5), 1 << (slot & 31));
		Atomics.or(this.#int32, this.offset + summaryWord, 1 << (slot >>> 7));
	}

	/** False when the bit was not there (any more): a waker has taken it. */
	remove(slot: number): boolean {
		return this.#take(slot >>> 5, 1 << (slot & 31));
	}

	has(slot: number): boolean {
		return (Atomics.load(this.#int32, this.offset + bitsWord + (slot >>> 5)) & (1 << (slot & 31))) !== 0;
	}

	/** Wakes one waiter, if there is one. Call it after every change that may let one go on. */
	wakeOne(): void {
		if (Atomics.load(this.#int32, this.offset + summaryWord) !== 0) this.#wake(1);
	}

	wakeMany(count: number): void {
		if (count > 0 && Atomics.load(this.#int32, this.offset + summaryWord) !== 0) this.#wake(count);
	}

	wakeAll(): void {
		this.wakeMany(Infinity);
	}

	/**
	 * Wakes the thread with this slot if it has said that it waits. False when it may not have been woken: it said
	 * nothing, or the slot's owner may be dead.
	 */
	wakeSlot(slot: number): boolean {
		return this.remove(slot) && deliver(slot, this);
	}

	/** Slots that have said they wait, for display: they may be dead, or just woken. */
	slots(): number[] {
		const found: number[] = [];
		for (let slot = 0; slot < slotCount; slot++) if (this.has(slot)) found.push(slot);
		return found;
	}

	#wake(count: number): void {
		const start = Atomics.load(this.#int32, this.offset + rotorWord) & (slotCount - 1);
		const summary = Atomics.load(this.#int32, this.offset + summaryWord);
		let left = count;
		// The first group is visited twice: at first what lies after the rotor, at the end all of it.
		for (let i = 0; i <= groups && left > 0; i++) {
			const group = ((start >>> 7) + i) % groups;
			if ((summary & (1 << group)) !== 0) left -= this.#wakeGroup(group, i === 0 ? start & 127 : 0, left);
		}
	}

	/** Returns how many were woken. */
	#wakeGroup(group: number, from: number, count: number): number {
		const woken = this.#scan(group, from, count);
		if (woken >= count || from > 0) return woken;
		Atomics.and(this.#int32, this.offset + summaryWord, ~(1 << group));
		return woken + this.#scan(group, 0, Infinity);
	}

	#scan(group: number, from: number, count: number): number {
		const first = group * groupWords + (from >>> 5);
		let woken = 0;
		for (let index = first; index < (group + 1) * groupWords; index++) {
			let bits = Atomics.load(this.#int32, this.offset + bitsWord + index);
			if (index === first) bits &= -1 << (from & 31);
			for (; bits !== 0 && woken < count; bits &= bits - 1) {
				const slot = index * 32 + 31 - Math.clz32(bits & -bits);
				if (!this.#take(index, bits & -bits)) continue;
				Atomics.store(this.#int32, this.offset + rotorWord, slot + 1);
				woken += deliver(slot, this) ? 1 : 0;
			}
		}
		return woken;
	}

	#take(index: number, bit: number): boolean {
		return (Atomics.and(this.#int32, this.offset + bitsWord + index, ~bit) & bit) !== 0;
	}
}

/**
 * False when it is not sure that somebody was woken: the slot's owner is dead, or awake and about to look. Then the
 * caller wakes another one too: one wake-up too many does no harm.
 */
function deliver(slot: number, set: WaiterSet): boolean {
	const registry = registryWords();
	const base = slot * slotWords;
	Atomics.add(registry, base + slotField.wake, 1);
	const mode = Atomics.load(registry, base + slotField.mode);
	const roused = (mode & slotMode.asleep) !== 0 && addon().futexWake(registry, base + slotField.wake, 1) > 0;
	const rung = (mode & slotMode.inLoop) !== 0 && ring(registry, base, set);
	return roused || rung;
}

/** False when the doorbell's owner is gone. */
function ring(registry: Int32Array, base: number, set: WaiterSet): boolean {
	const high = Atomics.load(registry, base + slotField.doorbellHigh);
	const low = Atomics.load(registry, base + slotField.doorbellLow);
	const { identity } = set.segment;
	const result = addon().doorbellRing(high, low, identity.high, identity.low, set.offset);
	if (result !== again) return result !== connectionRefused;
	Atomics.or(registry, base + slotField.mode, slotMode.noticesLost);
	return addon().doorbellRing(high, low, 0, 0, 0) !== connectionRefused;
}

/** An object's name among all that a thread waits for. */
export function keyOf(high: number, low: number, offset: number): string {
	return `${high}.${low}.${offset}`;
}
