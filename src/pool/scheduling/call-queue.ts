/**
 * Units that wait for a worker: those of higher priority first, and of one priority in their order. Some wait for a
 * certain worker.
 */
import type { Job, Unit } from './unit.ts';

export class CallQueue {
	/** By priority, the highest first; emptied ones are taken away. */
	#levels: Level[] = [];
	/** Units of jobs that want one worker are beside the others. */
	readonly #pinned = new Map<number, CallQueue>();
	/** Items inside. */
	size = 0;

	push(unit: Unit): void {
		this.#queueOf(unit).units.push(unit);
		this.size += unit.until - unit.from;
	}

	/** In front of its equals: it has waited before. */
	unshift(units: readonly Unit[]): void {
		for (let i = units.length - 1; i >= 0; i--) {
			const level = this.#queueOf(units[i]!);
			if (level.head > 0) level.units[--level.head] = units[i]!;
			else level.units.unshift(units[i]!);
			this.size += units[i]!.until - units[i]!.from;
		}
	}

	/** What this worker would do next. */
	peek(slot: number): Unit | undefined {
		const [own, free] = [this.#queueFor(slot).#first(), this.#first()];
		if (own === undefined || free === undefined) return own ?? free;
		return free.payload.job.priority > own.payload.job.priority ? free : own;
	}

	/** Takes out what `peek` gives. */
	shift(slot: number): Unit | undefined {
		const unit = this.peek(slot);
		if (unit === undefined) return undefined;
		this.size -= unit.until - unit.from;
		(unit.payload.job.slot === undefined ? this : this.#pinned.get(slot)!).#drop();
		return unit;
	}

	/** Workers that units wait for which may run nowhere else. */
	*wantedSlots(): Iterable<number> {
		for (const [slot, queue] of this.#pinned) if (queue.#first() !== undefined) yield slot;
	}

	/** Whether something waits that any worker may do. */
	get hasFree(): boolean {
		return this.#first() !== undefined;
	}

	/** Takes out all units of a job. */
	remove(job: Job): Unit[] {
		const queue = job.slot === undefined ? this : this.#queueFor(job.slot);
		const level = queue.#levels.find(({ priority }) => priority === job.priority);
		if (level === undefined) return [];
		const [removed, kept]: [Unit[], Unit[]] = [[], []];
		for (let i = level.head; i < level.units.length; i++) (level.units[i]!.payload.job === job ? removed : kept).push(level.units[i]!);
		level.units = kept;
		level.head = 0;
		for (const { from, until } of removed) this.size -= until - from;
		return removed;
	}

	#queueOf({ payload: { job } }: Unit): Level {
		if (job.slot === undefined) return this.#level(job.priority);
		return this.#queueFor(job.slot).#level(job.priority);
	}

	#queueFor(slot: number): CallQueue {
		let queue = this.#pinned.get(slot);
		if (queue === undefined) this.#pinned.set(slot, (queue = new CallQueue()));
		return queue;
	}

	#level(priority: number): Level {
		let i = 0;
		while (i < this.#levels.length && this.#levels[i]!.priority > priority) i++;
		if (this.#levels[i]?.priority !== priority) this.#levels.splice(i, 0, { priority, units: [], head: 0 });
		return this.#levels[i]!;
	}

	#first(): Unit | undefined {
		for (const { units, head } of this.#levels) if (head < units.length) return units[head];
		return undefined;
	}

	#drop(): void {
		const at = this.#levels.findIndex(({ units, head }) => head < units.length);
		const level = this.#levels[at]!;
		level.head++;
		if (level.head === level.units.length) this.#levels.splice(at, 1);
		else if (level.head > 1024 && level.head * 2 > level.units.length) {
			level.units = level.units.slice(level.head);
			level.head = 0;
		}
	}
}

interface Level {
	readonly priority: number;
	units: Unit[];
	head: number;
}
