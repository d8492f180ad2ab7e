/** Datatypes over 32-bit integers for tests, and buffers of them with values in the elements and guards in all gaps. */
import { COMBINER_CONTIGUOUS, COMBINER_HINDEXED, COMBINER_RESIZED, COMBINER_VECTOR } from '#nprocs/mpi/constants.js';
import type { Datatypes } from '#nprocs/mpi/embedded/datatypes/datatypes.js';

const INT = 9;
const guard = -77_777;

export interface TestType {
	readonly name: string;
	/** Where the integers of an element lie, in the order in which they are transferred; in integers. */
	readonly places: readonly number[];
	/** In integers. */
	readonly extent: number;
	make(types: Datatypes): number;
}

const only = { integers: [], addresses: [], types: [] };

export const testTypes: readonly TestType[] = [
	{ name: 'INT', places: [0], extent: 1, make: () => INT },
	{ name: 'pair', places: [0, 1], extent: 2, make: (types) => types.create(COMBINER_CONTIGUOUS, { ...only, integers: [2], types: [INT] }) },
	{
		name: 'vector, resized',
		places: [0, 2],
		extent: 4,
		make(types) {
			const vector = types.create(COMBINER_VECTOR, { ...only, integers: [2, 1, 2], types: [INT] });
			return types.create(COMBINER_RESIZED, { ...only, addresses: [0, 16], types: [vector] });
		},
	},
	{
		name: 'backwards',
		places: [3, 1],
		extent: 5,
		make(types) {
			const indexed = types.create(COMBINER_HINDEXED, { integers: [2, 1, 1], addresses: [12, 4], types: [INT] });
			return types.create(COMBINER_RESIZED, { ...only, addresses: [0, 20], types: [indexed] });
		},
	},
];

export function guarded(type: TestType, elements: number): Int32Array {
	return new Int32Array(elements * type.extent + 3).fill(guard);
}

/** `value(part)` for each integer of an element. */
export function putElement(buffer: Int32Array, type: TestType, at: number, value: (part: number) => number): void {
	for (const [part, place] of type.places.entries()) buffer[at * type.extent + place] = value(part);
}

/** Elements whose integers tell whose they are. */
export function fill(buffer: Int32Array, type: TestType, { at = 0, count, from }: { at?: number; count: number; from: number }): void {
	for (let i = 0; i < count; i++) putElement(buffer, type, at + i, (part) => from * 100_000 + i * 10 + part);
}
