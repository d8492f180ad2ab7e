/**
 * Where the rings of a stream lie: in its segment's file, or, for a stream that only this process will ever have, in
 * the heap.
 */
import { pathOf } from '../memory/names.ts';
import type { Segment } from '../memory/segment.ts';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { EXTENT_BYTES, type Extents } from './ring-layout.ts';

/** Both kinds are made by one literal: of objects of two shapes, V8 would have to compile the ring's code twice. */
export function extentsOf(segment: Segment, homeOffset: number): Extents {
	const rings = privateRings.get(segment.name);
	const { reserve, map, release } = rings === undefined ? inFile(pathOf(segment.name)) : inHeap(rings);
	return { home: segment.buffer, homeOffset, reserve, map, release };
}

/** From now on, streams in this segment have their rings in the heap. */
export function makePrivate(segment: Segment): void {
	privateRings.set(segment.name, new Map());
}

export function forgetPrivate(segment: Segment): void {
	privateRings.delete(segment.name);
}

/** Of private streams, by their segments' names. */
const privateRings = new Map<string, Map<number, ArrayBuffer>>();

type Memory = Pick<Extents, 'reserve' | 'map' | 'release'>;

function inFile(path: string): Memory {
	return {
		reserve: (first, count) => addon().reserveExtent(path, first * EXTENT_BYTES, count * EXTENT_BYTES),
		map: (first, count) => check(addon().mapExtent(path, first * EXTENT_BYTES, count * EXTENT_BYTES), 'map the memory of a channel'),
		release(first, count) {
			check(addon().releaseExtent(path, first * EXTENT_BYTES, count * EXTENT_BYTES), 'give back the memory of a channel');
		},
	};
}

function inHeap(rings: Map<number, ArrayBuffer>): Memory {
	return {
		reserve(first, count) {
			rings.set(first, new ArrayBuffer(count * EXTENT_BYTES));
			return 0;
		},
		map: (first) => rings.get(first)!,
		release: (first) => rings.delete(first),
	};
}
