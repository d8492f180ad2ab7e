/**
 * How requests of a real MPI are awaited. MPI has nothing that an event loop could wait for, and makes progress only
 * inside its own calls; so one poller for all that is awaited asks again and again: for some microseconds at once,
 * since most answers come soon; then at each turn of the loop; after a millisecond without a completion by a timer,
 * every millisecond, and after a second every five. Idle, that costs a few percent of a processor. libuv's thread pool
 * is never used.
 *
 * How long the first look lasts adapts: longer where it found something, shorter to nothing where not; and where ranks
 * outnumber processors it is not made.
 */
import { clearImmediate, clearTimeout, nowMs, setImmediate, setTimeout } from '../../base/clock.ts';

const maxSpinUs = 50;
const firstSpinUs = 20;
const eagerMs = 1;
const patientMs = 1000;

/** Says whether it is over. Does not throw. */
type Advance = () => boolean;

export class Poller {
	#jobs = new Set<Advance>();
	#spinUs: number;
	readonly #spins: boolean;
	#lastCompletion = 0;
	#stop: (() => void) | undefined;

	constructor({ spins }: { spins: boolean }) {
		this.#spins = spins;
		this.#spinUs = spins ? firstSpinUs : 0;
	}

	/** Calls `advance` from the event loop until it gives true; the loop stays alive until then. */
	poll(advance: Advance): void {
		if (this.#spin(advance)) return;
		this.#jobs.add(advance);
		if (this.#jobs.size === 1) this.#lastCompletion = nowMs();
		if (this.#stop === undefined) this.#schedule();
	}

	#spin(advance: Advance): boolean {
		const end = nowMs() + this.#spinUs / 1000;
		for (let isOver = advance(); ; isOver = advance()) {
			if (!isOver && nowMs() < end) continue;
			if (this.#spins) this.#spinUs = isOver ? Math.min(maxSpinUs, this.#spinUs + 5) : Math.max(0, this.#spinUs - 1);
			return isOver;
		}
	}

	#schedule(): void {
		const idle = nowMs() - this.#lastCompletion;
		const tick = (): void => this.#tick();
		if (idle < eagerMs) {
			const immediate = setImmediate(tick);
			this.#stop = () => clearImmediate(immediate);
		} else {
			const timer = setTimeout(tick, idle < patientMs ? 1 : 5);
			this.#stop = () => clearTimeout(timer);
		}
	}

	#tick(): void {
		this.#stop = undefined;
		for (const advance of this.#jobs) {
			if (!advance()) continue;
			this.#jobs.delete(advance);
			this.#lastCompletion = nowMs();
		}
		if (this.#jobs.size > 0 && this.#stop === undefined) this.#schedule();
	}

	/** Nothing is awaited any more: the library is about to end. */
	close(): void {
		this.#jobs.clear();
		this.#stop?.();
		this.#stop = undefined;
	}
}
