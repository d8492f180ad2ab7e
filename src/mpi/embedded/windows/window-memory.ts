/**
 * Memory of a window in the job's file, which all members map: first the words of its control (window-control.ts), then
 * each member's part, in pages of its own. So it ends with the job, whatever ends that.
 *
 * It is given back by the member that has made it, when all have freed the window. Who still refers to a part then,
 * which MPI forbids, reads zeros.
 */
import { type Job, pageBytes } from '../job/job.ts';

export class WindowMemory {
	/** Of the job's file. */
	readonly page: number;
	readonly control: Int32Array;
	readonly #job: Job;
	/** Where each part begins, and where the last one ends, in pages from the first one. */
	readonly #places: readonly number[];
	readonly #sizes: readonly number[];
	readonly #parts: (ArrayBuffer | undefined)[] = [];

	/** One that another member has made. */
	constructor(job: Job, page: number, shape: WindowShape) {
		this.page = page;
		this.#job = job;
		this.#places = placesOf(shape);
		this.#sizes = shape.sizes;
		this.control = new Int32Array(job.map(page, shape.controlBytes), 0, shape.controlBytes / 4);
	}

	/** With as much memory as all parts need; the error of a full /dev/shm comes from here. */
	static create(job: Job, shape: WindowShape): WindowMemory {
		return new WindowMemory(job, job.reserve(placesOf(shape).at(-1)! * pageBytes), shape);
	}

	/** A member's part. */
	part(member: number): ArrayBuffer {
		return (this.#parts[member] ??= this.#map(member));
	}

	/** By who has made it, when nobody uses it any more. */
	release(): void {
		this.#job.release(this.page, this.#places.at(-1)! * pageBytes);
	}

	#map(member: number): ArrayBuffer {
		const size = this.#sizes[member]!;
		return size === 0 ? new ArrayBuffer(0) : this.#job.map(this.page + this.#places[member]!, size);
	}
}

export interface WindowShape {
	readonly controlBytes: number;
	/** Of the members' parts, in bytes. */
	readonly sizes: readonly number[];
}

function placesOf({ controlBytes, sizes }: WindowShape): number[] {
	const places = [pagesOf(controlBytes)];
	for (const size of sizes) places.push(places.at(-1)! + pagesOf(size));
	return places;
}

function pagesOf(bytes: number): number {
	return Math.ceil(bytes / pageBytes);
}
