/**
 * Memory of a window in a segment that all members map: first the words of its control (window-control.ts), then each
 * member's part, in pages of its own. The file is of no use to anybody when the last member has closed it; views of
 * parts stay valid as long as they are referred to.
 */
import { pathOf } from '../../memory/names.ts';
import { extensionAlign } from '../../memory/token-table.ts';
import { Segment } from '../../memory/segment.ts';
import { addon } from '../../native/addon.ts';
import { check } from '../../native/raise.ts';

const kind = 'mpi-win';

/** Where each part begins in the file, and where the last one ends. */
function placesOf(controlBytes: number, sizes: readonly number[]): number[] {
	const places = [aligned(Segment.payload + controlBytes)];
	for (const size of sizes) places.push(aligned(places.at(-1)! + size));
	return places;
}

function aligned(offset: number): number {
	return Math.ceil(offset / extensionAlign) * extensionAlign;
}

export class WindowMemory {
	readonly control: Int32Array;
	readonly #segment: Segment;
	readonly #places: readonly number[];
	readonly #sizes: readonly number[];
	readonly #parts: (ArrayBuffer | undefined)[] = [];

	private constructor(segment: Segment, controlBytes: number, sizes: readonly number[]) {
		this.#segment = segment;
		this.control = segment.int32;
		this.#sizes = sizes;
		this.#places = placesOf(controlBytes, sizes);
	}

	/** With as much memory as all parts need; the error of a full /dev/shm comes from here. */
	static create(controlBytes: number, sizes: readonly number[]): WindowMemory {
		const segment = Segment.create({ kind, size: controlBytes });
		const places = placesOf(controlBytes, sizes);
		const [first, end] = [places[0]!, places.at(-1)!];
		try {
			if (end > first) check(addon().reserveExtent(pathOf(segment.name), first, end - first), `make a window of ${end - first} bytes`);
		} catch (error) {
			segment.close();
			throw error;
		}
		return new WindowMemory(segment, controlBytes, sizes);
	}

	static open(name: string, controlBytes: number, sizes: readonly number[]): WindowMemory {
		return new WindowMemory(Segment.open(name, kind, { size: controlBytes }), controlBytes, sizes);
	}

	get name(): string {
		return this.#segment.name;
	}

	/** A member's part. */
	part(member: number): ArrayBuffer {
		return (this.#parts[member] ??= this.#map(member));
	}

	close(): void {
		this.#parts.length = 0;
		this.#segment.close();
	}

	#map(member: number): ArrayBuffer {
		const size = this.#sizes[member]!;
		if (size === 0) return new ArrayBuffer(0);
		return check(addon().mapExtent(pathOf(this.name), this.#places[member]!, size), 'map a part of a window');
	}
}
