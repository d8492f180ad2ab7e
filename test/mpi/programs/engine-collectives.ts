/**
 * Every collective operation with datatypes, counts, roots, in place and not, blocking and by requests. Prints for each
 * operation a digest of all that it left in this rank's buffers, gaps and guards included: the same on every engine.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { startEngine } from '#nprocs/mpi/choose-engine.js';
import { COMBINER_RESIZED, COMBINER_VECTOR, SUCCESS } from '#nprocs/mpi/constants.js';
import { IN_PLACE_BUFFER, type EngineBuffer } from '#nprocs/mpi/engine/buffers.js';
import type { Collectives } from '#nprocs/mpi/engine/collectives.js';
import { COMM_WORLD_HANDLE, opHandles } from '#nprocs/mpi/handles.js';

const engine = startEngine();
const world = COMM_WORLD_HANDLE;
const { rank, worldRanks } = engine.describeComm(world);
const size = worldRanks.length;

interface Type {
	readonly handle: number;
	/** Items of the array from one element to the next. */
	readonly extent: number;
	readonly make: (length: number) => NodeJS.TypedArray;
	readonly ops: readonly number[];
}

const { SUM, PROD, MAX, MIN, BAND, BOR, BXOR, LAND, LOR, LXOR } = opHandles;
const onNumbers = [SUM, PROD, MAX, MIN];
const onIntegers = [...onNumbers, BAND, BOR, BXOR, LAND, LOR, LXOR];

const types: Type[] = [
	{ handle: 18, extent: 1, make: (n) => new Int8Array(n), ops: onIntegers },
	{ handle: 22, extent: 1, make: (n) => new Uint8Array(n), ops: onIntegers },
	{ handle: 19, extent: 1, make: (n) => new Int16Array(n), ops: onIntegers },
	{ handle: 23, extent: 1, make: (n) => new Uint16Array(n), ops: onIntegers },
	{ handle: 9, extent: 1, make: (n) => new Int32Array(n), ops: onIntegers },
	{ handle: 24, extent: 1, make: (n) => new Uint32Array(n), ops: onIntegers },
	{ handle: 21, extent: 1, make: (n) => new BigInt64Array(n), ops: onIntegers },
	{ handle: 25, extent: 1, make: (n) => new BigUint64Array(n), ops: onIntegers },
	{ handle: 15, extent: 1, make: (n) => new Float32Array(n), ops: onNumbers },
	{ handle: 16, extent: 1, make: (n) => new Float64Array(n), ops: onNumbers },
	{ handle: derivedType(), extent: 5, make: (n) => new Int32Array(n), ops: [] },
];
const [INT, DERIVED] = [types[4]!, types.at(-1)!];

/** Two of each four integers, with a gap behind. */
function derivedType(): number {
	ok(engine.typeCreate(COMBINER_VECTOR, [2, 1, 2], [], [9]));
	const vector = engine.out[0]!;
	ok(engine.typeCreate(COMBINER_RESIZED, [], [0, 20], [vector]));
	const resized = engine.out[0]!;
	ok(engine.typeCommit(resized));
	return resized;
}

function ok(code: number): void {
	assert.equal(code, SUCCESS, engine.errorString(Math.abs(code)));
}

function buffer(type: Type, elements: number, salt: number): NodeJS.TypedArray {
	const array = type.make(elements * type.extent + 3);
	for (let i = 0; i < array.length; i++) {
		const value = (salt * 7 + i * 5 + rank * 3) % 6;
		if (array instanceof BigInt64Array || array instanceof BigUint64Array) array[i] = BigInt(value);
		else (array as Int32Array)[i] = value;
	}
	return array;
}

let hash = createHash('sha1');

/** Blocking and by a request, on buffers with the same content: both leave the same. */
function both(call: (collectives: Collectives, buffers: readonly NodeJS.TypedArray[]) => number, buffers: readonly NodeJS.TypedArray[]): void {
	const copies = buffers.map((one) => one.slice());
	ok(call(engine.blocking, buffers));
	const request = call(engine.nonblocking, copies);
	assert.ok(request >= 0, engine.errorString(-request));
	ok(engine.wait(request));
	for (const [i, one] of buffers.entries()) {
		const [bytes, copy] = [one, copies[i]!].map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength));
		assert.equal(Buffer.compare(bytes!, copy!), 0);
		hash.update(bytes!);
	}
}

function report(name: string): void {
	console.log(`${name} ${rank} ${hash.digest('hex').slice(0, 12)}`);
	hash = createHash('sha1');
}

const none = new Int32Array(0);

function dataMovement(): void {
	for (const type of types) {
		for (const count of type === INT || type === DERIVED ? [0, 1, 7, 20_000] : [1, 7]) {
			for (let root = 0; root < size; root++) {
				for (const inPlace of [false, true]) rooted(type, count, { root, inPlace });
			}
			for (const inPlace of [false, true]) unrooted(type, count, inPlace);
		}
		report(`data of ${type.handle < 1024 ? type.handle : 'derived'}`);
	}
}

function countsOf(count: number): { counts: Int32Array; displacements: Int32Array; elements: number } {
	const counts = Int32Array.from({ length: size }, (_, i) => (count + i) % 5);
	const displacements = Int32Array.from({ length: size }, (_, i) => (size - 1 - i) * 6 + 1);
	return { counts, displacements, elements: size * 6 + 1 };
}

function rooted(type: Type, count: number, { root, inPlace }: { root: number; inPlace: boolean }): void {
	const { handle } = type;
	const isRoot = rank === root;
	both((on, [data]) => on.bcast(data!, count, handle, root, world), [buffer(type, count, 1)]);
	const own = (one: NodeJS.TypedArray): EngineBuffer => (isRoot && inPlace ? IN_PLACE_BUFFER : one);
	both(
		(on, [one, all]) => on.gather(own(one!), count, handle, isRoot ? all! : null, count, handle, root, world),
		[buffer(type, count, 2), buffer(type, count * size, 3)],
	);
	both(
		(on, [all, one]) => on.scatter(isRoot ? all! : null, count, handle, own(one!), count, handle, root, world),
		[buffer(type, count * size, 4), buffer(type, count, 5)],
	);
	const { counts, displacements, elements } = countsOf(count);
	const mine = counts[rank]!;
	const [rootCounts, rootDisplacements] = isRoot ? [counts, displacements] : [none, none];
	both(
		(on, [one, all]) => on.gatherv(own(one!), mine, handle, isRoot ? all! : null, rootCounts, rootDisplacements, handle, root, world),
		[buffer(type, mine, 6), buffer(type, elements, 7)],
	);
	both(
		(on, [all, one]) => on.scatterv(isRoot ? all! : null, rootCounts, rootDisplacements, handle, own(one!), mine, handle, root, world),
		[buffer(type, elements, 8), buffer(type, mine, 9)],
	);
}

function unrooted(type: Type, count: number, inPlace: boolean): void {
	const { handle } = type;
	const own = (one: NodeJS.TypedArray): EngineBuffer => (inPlace ? IN_PLACE_BUFFER : one);
	both(
		(on, [one, all]) => on.allgather(own(one!), count, handle, all!, count, handle, world),
		[buffer(type, count, 10), buffer(type, count * size, 11)],
	);
	both(
		(on, [one, all]) => on.alltoall(own(one!), count, handle, all!, count, handle, world),
		[buffer(type, count * size, 12), buffer(type, count * size, 13)],
	);
	const { counts, displacements, elements } = countsOf(count);
	both(
		(on, [one, all]) => on.allgatherv(own(one!), counts[rank]!, handle, all!, counts, displacements, handle, world),
		[buffer(type, counts[rank]!, 14), buffer(type, elements, 15)],
	);
	// From i to j: (count + i + j) % 5 elements, so that it can be done in place
	const pairs = Int32Array.from({ length: size }, (_, i) => (count + i + rank) % 5);
	both(
		(on, [one, all]) => on.alltoallv(own(one!), pairs, displacements, handle, all!, pairs, displacements, handle, world),
		[buffer(type, elements, 16), buffer(type, elements, 17)],
	);
	const handles = new Float64Array(size).fill(handle);
	const inBytes = displacements.map((displacement) => displacement * type.extent * type.make(0).BYTES_PER_ELEMENT);
	both(
		(on, [one, all]) => on.alltoallw(own(one!), pairs, inBytes, handles, all!, pairs, inBytes, handles, world),
		[buffer(type, elements, 18), buffer(type, elements, 19)],
	);
}

function reductions(): void {
	for (const type of types) {
		for (const op of type.ops) for (const count of [1, 9, ...(op === SUM && type === INT ? [0, 20_000] : [])]) reduceAll(type, count, op);
		if (type.ops.length > 0) report(`reductions of ${type.handle}`);
	}
	ok(engine.opCreate(compose, false));
	const composition = engine.out[0]!;
	for (const count of [1, 8, 6000]) reduceAll(DERIVED, count, composition);
	ok(engine.opFree(composition));
	report('reductions by a function');
}

/** x → a x + b, one after the other, modulo a prime: the order of ranks counts. */
function compose(input: Uint8Array, inout: Uint8Array, count: number): void {
	const [a, b] = [input, inout].map(({ buffer: memory, byteOffset, byteLength }) => new Int32Array(memory, byteOffset, byteLength >>> 2));
	for (let i = 0; i < count; i++) {
		const at = i * DERIVED.extent;
		const offset = (a![at]! * b![at + 2]! + a![at + 2]!) % 10_007;
		b![at] = (a![at]! * b![at]!) % 10_007;
		b![at + 2] = offset;
	}
}

function reduceAll(type: Type, count: number, op: number): void {
	const { handle } = type;
	for (const inPlace of [false, true]) {
		const own = (one: NodeJS.TypedArray): EngineBuffer => (inPlace ? IN_PLACE_BUFFER : one);
		for (let root = 0; root < size; root++) {
			const isRoot = rank === root;
			both(
				(on, [one, result]) => on.reduce(isRoot ? own(one!) : one!, isRoot ? result! : null, count, handle, op, root, world),
				[buffer(type, count, 20), buffer(type, count, 21)],
			);
		}
		const vectors = (): NodeJS.TypedArray[] => [buffer(type, count, 22), buffer(type, count, 23)];
		both((on, [one, result]) => on.allreduce(own(one!), result!, count, handle, op, world), vectors());
		both((on, [one, result]) => on.scan(own(one!), result!, count, handle, op, world), vectors());
		if (rank > 0 || inPlace) both((on, [one, result]) => on.exscan(own(one!), result!, count, handle, op, world), vectors());
		else both((on, [one]) => on.exscan(one!, buffer(type, count, 24), count, handle, op, world), vectors());
		const counts = Int32Array.from({ length: size }, (_, i) => (count + i) % 4);
		const total = counts.reduce((a, b) => a + b, 0);
		// In place, what lies behind the result is undefined
		const room = (elements: number): NodeJS.TypedArray[] => [buffer(type, Math.max(total, count * size), 25), buffer(type, elements, 26)];
		if (inPlace) continue;
		both((on, [one, result]) => on.reduceScatter(one!, result!, counts, handle, op, world), room(counts[rank]!));
		both((on, [one, result]) => on.reduceScatterBlock(one!, result!, count, handle, op, world), room(count));
	}
}

dataMovement();
reductions();
ok(engine.blocking.barrier(world));
engine.finalize();
