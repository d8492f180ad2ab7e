/**
 * Derived datatypes: their sizes and bounds, and where their bytes go. The layouts are compared with a typemap that is
 * written out byte by byte, as the standard defines it, for datatypes nested at random. `NPROCS_TEST_SEED` repeats a
 * run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	COMBINER_CONTIGUOUS,
	COMBINER_DUP,
	COMBINER_HINDEXED,
	COMBINER_HINDEXED_BLOCK,
	COMBINER_HVECTOR,
	COMBINER_INDEXED,
	COMBINER_INDEXED_BLOCK,
	COMBINER_RESIZED,
	COMBINER_STRUCT,
	COMBINER_SUBARRAY,
	COMBINER_VECTOR,
	ORDER_C,
	ORDER_FORTRAN,
} from '#nprocs/mpi/constants.js';
import { Datatypes } from '#nprocs/mpi/embedded/datatypes/datatypes.js';
import { elementsIn } from '#nprocs/mpi/embedded/datatypes/layout.js';
import { predefinedDatatypes } from '#nprocs/mpi/handles.js';
import { randomFrom } from '../collectives/simulated-world.js';

const seed = Number(process.env.NPROCS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed}`);
const random = randomFrom(seed);
const [CHAR, SHORT, INT, DOUBLE, DOUBLE_INT] = [3, 7, 9, 16, 35] as const;
const only = { integers: [], addresses: [], types: [] };

function sizes(types: Datatypes, type: number): number[] {
	const { size, lowerBound, extent, trueLowerBound, trueExtent } = types.layoutOf(type);
	return [size, lowerBound, extent, trueLowerBound, trueExtent];
}

test('sizes and bounds of the standard’s kinds of datatypes', () => {
	const types = new Datatypes();
	const make = (combiner: number, integers: number[], addresses: number[], of: number[]): number[] => {
		return sizes(types, types.create(combiner, { integers, addresses, types: of }));
	};
	assert.deepEqual(make(COMBINER_CONTIGUOUS, [3], [], [INT]), [12, 0, 12, 0, 12]);
	assert.deepEqual(make(COMBINER_VECTOR, [2, 3, 4], [], [INT]), [24, 0, 28, 0, 28]);
	assert.deepEqual(make(COMBINER_VECTOR, [2, 1, -2], [], [INT]), [8, -8, 12, -8, 12]);
	assert.deepEqual(make(COMBINER_HVECTOR, [2, 1], [10], [SHORT]), [4, 0, 12, 0, 12]);
	assert.deepEqual(make(COMBINER_INDEXED, [2, 3, 1, 4, 0], [], [DOUBLE]), [32, 0, 56, 0, 56]);
	assert.deepEqual(make(COMBINER_INDEXED, [2, 0, 1, 9, 2], [], [INT]), [4, 8, 4, 8, 4], 'an empty block has no place');
	assert.deepEqual(make(COMBINER_HINDEXED, [1, 2], [-16], [INT]), [8, -16, 8, -16, 8]);
	assert.deepEqual(make(COMBINER_INDEXED_BLOCK, [2, 2, 5, 1], [], [INT]), [16, 4, 24, 4, 24]);
	assert.deepEqual(make(COMBINER_STRUCT, [2, 1, 1], [0, 8], [DOUBLE, CHAR]), [9, 0, 16, 0, 9], 'rounded up to the strictest alignment');
	assert.deepEqual(make(COMBINER_STRUCT, [2, 1, 1], [8, 0], [CHAR, CHAR]), [2, 0, 9, 0, 9]);
	assert.deepEqual(make(COMBINER_RESIZED, [], [-4, 20], [INT]), [4, -4, 20, 0, 4]);
	assert.deepEqual(make(COMBINER_SUBARRAY, [2, 4, 5, 2, 3, 1, 1, ORDER_C], [], [INT]), [24, 0, 80, 24, 32]);
	assert.deepEqual(make(COMBINER_SUBARRAY, [2, 4, 5, 2, 3, 1, 1, ORDER_FORTRAN], [], [INT]), [24, 0, 80, 20, 40]);
	assert.deepEqual(make(COMBINER_CONTIGUOUS, [0], [], [INT]), [0, 0, 0, 0, 0]);
	assert.deepEqual(sizes(types, DOUBLE_INT), [12, 0, 16, 0, 12]);
	const resized = types.create(COMBINER_RESIZED, { ...only, addresses: [-3, 9], types: [CHAR] });
	assert.deepEqual(make(COMBINER_STRUCT, [2, 1, 1], [4, 100], [resized, DOUBLE]), [9, 1, 9, 4, 104], 'bounds that were set decide');
	assert.deepEqual(make(COMBINER_DUP, [], [], [resized]), [1, -3, 9, 0, 1]);
	assert.deepEqual(make(COMBINER_CONTIGUOUS, [2], [], [resized]), [2, -3, 18, 0, 10]);
});

interface Byte {
	readonly offset: number;
	/** How many bytes its element has. */
	readonly size: number;
}

/** A typemap as the standard has it: every byte in order, and the bounds. */
interface Typemap {
	readonly bytes: readonly Byte[];
	readonly extent: number;
	readonly lowerBound: number;
	readonly alignment: number;
	readonly lowerMarks: readonly number[];
	readonly upperMarks: readonly number[];
	/** Sizes of the elements, in order. */
	readonly elements: readonly number[];
}

function mapOf(parts: readonly { map: Typemap; displacement: number }[]): Typemap {
	const bytes = parts.flatMap(({ map, displacement }) => map.bytes.map(({ offset, size }) => ({ offset: offset + displacement, size })));
	const lowerMarks = parts.flatMap(({ map, displacement }) => map.lowerMarks.map((mark) => mark + displacement));
	const upperMarks = parts.flatMap(({ map, displacement }) => map.upperMarks.map((mark) => mark + displacement));
	const alignment = Math.max(1, ...parts.map(({ map }) => map.alignment));
	// As engines do: what was rounded up inside counts as it is
	const placed = parts.filter(({ map }) => map.bytes.length > 0);
	const lows = placed.map(({ map, displacement }) => map.lowerBound + displacement);
	const highs = placed.map(({ map, displacement }) => map.lowerBound + map.extent + displacement);
	const lowerBound = lowerMarks.length > 0 ? Math.min(...lowerMarks) : placed.length === 0 ? 0 : Math.min(...lows);
	const upperBound = upperMarks.length > 0 ? Math.max(...upperMarks) : placed.length === 0 ? 0 : Math.max(...highs);
	const extent = upperMarks.length > 0 ? upperBound - lowerBound : Math.ceil((upperBound - lowerBound) / alignment) * alignment;
	return { bytes, lowerBound, extent, alignment, lowerMarks, upperMarks, elements: parts.flatMap(({ map }) => map.elements) };
}

const basics = predefinedDatatypes.filter(({ kind }) => kind === 'int' || kind === 'float' || kind === 'char');

function draw(limit: number): number {
	return Math.floor(random() * limit);
}

/** A datatype nested at random, and its typemap. */
function someType(types: Datatypes, depth: number): { type: number; map: Typemap } {
	if (depth === 0) {
		const { handle, size } = basics[draw(basics.length)]!;
		const bytes = Array.from({ length: size }, (_, offset) => ({ offset, size }));
		return { type: handle, map: { bytes, extent: size, lowerBound: 0, alignment: size, lowerMarks: [], upperMarks: [], elements: [size] } };
	}
	const old = someType(types, depth - 1);
	const blocks = (list: readonly (readonly [displacement: number, length: number, of?: Typemap])[]): Typemap => {
		return mapOf(
			list.flatMap(([displacement, length, map = old.map]) =>
				Array.from({ length }, (_, i) => ({ map, displacement: displacement + i * map.extent })),
			),
		);
	};
	const { extent } = old.map;
	const [count, length, stride] = [draw(4), draw(3) + 1, draw(9) - 4];
	const displacements = Array.from({ length: count }, () => draw(12) - 4);
	const lengths = Array.from({ length: count }, () => draw(3));
	const made = (combiner: number, integers: number[], addresses: number[], map: Typemap, of = [old.type]): { type: number; map: Typemap } => {
		return { type: types.create(combiner, { integers, addresses, types: of }), map };
	};
	switch (draw(10)) {
		case 0:
			return made(COMBINER_CONTIGUOUS, [count], [], blocks([[0, count]]));
		case 1:
			return made(COMBINER_VECTOR, [count, length, stride], [], blocks(displacements.map((_, i) => [i * stride * extent, length])));
		case 2:
			return made(COMBINER_HVECTOR, [count, length], [stride * 3], blocks(displacements.map((_, i) => [i * stride * 3, length])));
		case 3:
			return made(
				COMBINER_INDEXED,
				[count, ...lengths, ...displacements],
				[],
				blocks(displacements.map((at, i) => [at * extent, lengths[i]!])),
			);
		case 4:
			return made(COMBINER_HINDEXED, [count, ...lengths], displacements, blocks(displacements.map((at, i) => [at, lengths[i]!])));
		case 5:
			return made(COMBINER_INDEXED_BLOCK, [count, length, ...displacements], [], blocks(displacements.map((at) => [at * extent, length])));
		case 6:
			return made(COMBINER_HINDEXED_BLOCK, [count, length], displacements, blocks(displacements.map((at) => [at, length])));
		case 7: {
			const others = displacements.map(() => someType(types, depth - 1));
			const map = blocks(displacements.map((at, i) => [at, lengths[i]!, others[i]!.map]));
			const of = others.map(({ type }) => type);
			return made(COMBINER_STRUCT, [count, ...lengths], displacements, map, of);
		}
		case 8: {
			const [lowerBound, newExtent] = [draw(10) - 5, draw(40)];
			const map = { ...old.map, lowerBound, extent: newExtent, lowerMarks: [lowerBound], upperMarks: [lowerBound + newExtent] };
			return made(COMBINER_RESIZED, [], [lowerBound, newExtent], map);
		}
		default:
			return made(COMBINER_DUP, [], [], old.map);
	}
}

/** Moves `bytes` to where a buffer of `count` elements has them, beginning at `base`; elsewhere it stays. */
function spread(bytes: Uint8Array, map: Typemap, count: number, memory: { buffer: Uint8Array; base: number }): void {
	let next = 0;
	for (let i = 0; i < count; i++) {
		for (const { offset } of map.bytes) if (next < bytes.length) memory.buffer[memory.base + i * map.extent + offset] = bytes[next++]!;
	}
}

test('datatypes nested at random: bounds, bytes packed and unpacked, also a part of them', () => {
	for (let pass = 0; pass < 3000; pass++) {
		const types = new Datatypes();
		const { type, map } = someType(types, 1 + draw(3));
		const layout = types.layoutOf(type);
		assert.equal(layout.size, map.bytes.length, 'size');
		assert.equal(layout.elements, map.elements.length, 'elements');
		if (map.bytes.length > 0 && map.bytes.length < 3000) {
			assert.deepEqual([layout.lowerBound, layout.extent], [map.lowerBound, map.extent], 'bounds');
			const offsets = map.bytes.map(({ offset }) => offset);
			assert.deepEqual(
				[layout.trueLowerBound, layout.trueLowerBound + layout.trueExtent],
				[Math.min(...offsets), Math.max(...offsets) + 1],
				'true bounds',
			);
		} else continue;
		const count = draw(4);
		const offsets = map.bytes.map(({ offset }) => offset);
		const reach = Math.max(...offsets.map(Math.abs)) + 1 + Math.abs(map.extent) * count;
		const memory = Uint8Array.from({ length: 2 * reach + 16 }, () => draw(256));
		const base = reach + draw(8);
		const packed = types.pack(memory.subarray(base), count, type);
		const expected = Array.from({ length: count }, (_, i) => offsets.map((offset) => memory[base + i * map.extent + offset])).flat();
		assert.deepEqual([...packed], expected, 'packed');

		const received = Uint8Array.from({ length: draw(packed.length + 1) }, () => draw(256));
		const [got, wanted] = [memory.slice(), memory.slice()];
		types.unpack(received, got.subarray(base), count, type);
		spread(received, map, count, { buffer: wanted, base });
		assert.deepEqual(got, wanted, 'unpacked');
	}
});

test('how many elements a part of a message is', () => {
	for (let pass = 0; pass < 500; pass++) {
		const types = new Datatypes();
		const { type, map } = someType(types, 1 + draw(3));
		if (map.bytes.length === 0) continue;
		const bytes = draw(3 * map.bytes.length + 1);
		let rest = bytes;
		let elements = 0;
		while (rest >= map.elements[elements % map.elements.length]!) rest -= map.elements[elements++ % map.elements.length]!;
		assert.equal(elementsIn(types.layoutOf(type), bytes), rest === 0 ? elements : undefined);
	}
});

test('what is one piece of memory is not copied', () => {
	const types = new Datatypes();
	const memory = new Float64Array(8);
	const contiguous = types.create(COMBINER_CONTIGUOUS, { ...only, integers: [2], types: [DOUBLE] });
	for (const [type, count] of [
		[DOUBLE, 4],
		[contiguous, 2],
	] as const) {
		const packed = types.pack(memory.subarray(2), count, type);
		assert.equal(packed.buffer, memory.buffer);
		assert.deepEqual([packed.byteOffset, packed.byteLength], [16, 32]);
		assert.ok(types.isContiguous(type));
	}
	assert.ok(!types.isContiguous(DOUBLE_INT), 'a pair with padding');
	const vector = types.create(COMBINER_VECTOR, { ...only, integers: [1000, 1, 2], types: [DOUBLE] });
	assert.equal(types.layoutOf(vector).runs.length, 1, 'a vector is one group of runs');
});

test('a datatype that was freed stays in those made of it; its handle is not given again', () => {
	const types = new Datatypes();
	const pair = types.create(COMBINER_CONTIGUOUS, { ...only, integers: [2], types: [INT] });
	const four = types.create(COMBINER_CONTIGUOUS, { ...only, integers: [2], types: [pair] });
	assert.equal(types.free(pair), 0);
	assert.notEqual(types.free(pair), 0);
	assert.notEqual(types.free(INT), 0, 'predefined ones are not freed');
	assert.equal(types.sizeOf(four), 16);
	assert.ok(types.create(COMBINER_DUP, { ...only, types: [INT] }) > four);
	assert.ok(types.create(COMBINER_DUP + 1000, { ...only, types: [INT] }) < 0);
});
