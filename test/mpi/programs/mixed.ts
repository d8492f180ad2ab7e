/**
 * The ranks of a mixed job that are Node's: the same steps as test/mpi/real/mixed.py, so both kinds take part in each
 * operation.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const COUNT = 5;
const types = [
	Int8Array,
	Uint8Array,
	Int16Array,
	Uint16Array,
	Int32Array,
	Uint32Array,
	BigInt64Array,
	BigUint64Array,
	Float32Array,
	Float64Array,
] as const;

type AnyArray = InstanceType<(typeof types)[number]>;
type AnyConstructor = { new (length: number): AnyArray; readonly name: string };

for (const Type of types as readonly AnyConstructor[]) {
	const of = (values: readonly number[]): AnyArray => {
		const array = new Type(values.length);
		values.forEach((value, i) => (array[i] = Type.name.startsWith('Big') ? BigInt(value) : value));
		return array;
	};
	const numbers = (who: number, count = COUNT): number[] => Array.from({ length: count }, (_, i) => (who + 1) * 10 + i);
	const everybody = Array.from({ length: size }, (_, who) => numbers(who));
	const total = (until: number): number[] => everybody.slice(0, until).reduce((sum, list) => sum.map((value, i) => value + list[i]!));
	const same = (what: string, actual: AnyArray, expected: readonly number[]): void =>
		assert.deepEqual(Array.from(actual as ArrayLike<number | bigint>, Number), expected, `${Type.name} ${what}`);
	const mine = of(numbers(rank));
	const before = (rank + size - 1) % size;

	let got = new Type(COUNT);
	const status = new MPI.Status();
	comm.Sendrecv(mine, (rank + 1) % size, 7, got, before, 7, status);
	same('Sendrecv', got, everybody[before]!);
	assert.deepEqual([status.Get_source(), status.Get_tag(), status.Get_count(MPI.BYTE)], [before, 7, mine.byteLength]);

	got = rank === 1 ? of(numbers(1)) : new Type(COUNT);
	comm.Bcast(got, 1);
	same('Bcast', got, everybody[1]!);

	got = new Type(COUNT * size);
	comm.Gather(mine, rank === 0 ? got : null, 0);
	if (rank === 0) same('Gather', got, everybody.flat());

	got = new Type(COUNT);
	comm.Scatter(rank === 2 ? of(everybody.flat()) : null, got, 2);
	same('Scatter', got, numbers(rank));

	got = new Type(COUNT * size);
	comm.Allgather(mine, got);
	same('Allgather', got, everybody.flat());

	got = new Type(size);
	comm.Alltoall(of(numbers(rank, size)), got);
	same(
		'Alltoall',
		got,
		everybody.map((_, who) => numbers(who, size)[rank]!),
	);

	got = new Type(COUNT);
	comm.Reduce(mine, rank === 1 ? got : null, MPI.SUM, 1);
	if (rank === 1) same('Reduce', got, total(size));

	got = new Type(COUNT);
	comm.Allreduce(mine, got, MPI.MAX);
	same('Allreduce', got, everybody.at(-1)!);

	got = new Type(COUNT);
	comm.Scan(mine, got, MPI.SUM);
	same('Scan', got, total(rank + 1));

	got = new Type(COUNT);
	comm.Exscan(mine, got, MPI.SUM);
	if (rank > 0) same('Exscan', got, total(rank));

	got = new Type(1);
	comm.Reduce_scatter_block(of(numbers(rank, size)), got, MPI.SUM);
	same('Reduce_scatter_block', got, [everybody.reduce((sum, _, who) => sum + numbers(who, size)[rank]!, 0)]);

	const counts = Array.from({ length: size }, (_, who) => who + 1);
	const places = counts.map((_, who) => counts.slice(0, who).reduce((sum, count) => sum + count, 0));
	got = new Type(counts.reduce((sum, count) => sum + count, 0));
	comm.Allgatherv(of(numbers(rank, rank + 1)), [got, counts, places]);
	same(
		'Allgatherv',
		got,
		counts.flatMap((count, who) => numbers(who, count)),
	);

	got = new Type(COUNT);
	await comm.Iallreduce(mine, got, MPI.MIN);
	same('Iallreduce', got, everybody[0]!);
}

const part = comm.Split(rank % 2, -rank);
assert.deepEqual([part.rank, part.size], [Math.floor((size - 1 - rank) / 2), size / 2]);
const grid = comm.Create_cart([2, size / 2], [false, true], false);
assert.deepEqual(grid.Get_coords(rank), [Math.floor(rank / (size / 2)), rank % (size / 2)]);
console.log(`node ${rank} of ${size}: all as expected`);
