/**
 * Communicators of two groups, made of the lower and the upper half of the ranks; and collective operations between
 * them.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withWorld } from '../helpers/cases.js';

type Body = (inter: MPI.Intercomm, half: Half) => void | Promise<void>;

interface Half {
	readonly isLower: boolean;
	/** Own and other group's ranks in the world. */
	readonly own: readonly number[];
	readonly other: readonly number[];
}

/** A world of one has no second half. */
async function between(comm: MPI.Intracomm, body: Body): Promise<void> {
	if (comm.size === 1) return;
	const middle = Math.floor(comm.size / 2);
	const isLower = comm.rank < middle;
	const half = comm.Split(isLower ? 0 : 1);
	const inter = half.Create_intercomm(0, comm, isLower ? middle : 0, 7);
	const ranks = Array.from({ length: comm.size }, (_, rank) => rank);
	const [lower, upper] = [ranks.slice(0, middle), ranks.slice(middle)];
	await body(inter, { isLower, own: isLower ? lower : upper, other: isLower ? upper : lower });
	inter.Free();
	half.Free();
}

/** The body once with each rank of each group as the root: what to give as the root here, and who the root is. */
function eachRoot(inter: MPI.Intercomm, { isLower, own, other }: Half, body: (root: number, rootRank: number, isReceiving: boolean) => void): void {
	for (const isLowerRoot of [true, false]) {
		const isOwn = isLower === isLowerRoot;
		for (const [i, world] of (isOwn ? own : other).entries()) body(isOwn ? (inter.rank === i ? MPI.ROOT : MPI.PROC_NULL) : i, world, !isOwn);
	}
}

await withWorld({
	'sizes, groups, merging'(comm) {
		return between(comm, (inter, { isLower, own, other }) => {
			assert.ok(inter instanceof MPI.Intercomm && inter.is_inter && !inter.is_intra);
			assert.deepEqual(
				[inter.size, inter.Get_size(), inter.remote_size, inter.Get_remote_size()],
				[own.length, own.length, other.length, other.length],
			);
			assert.equal(inter.Get_group().size, own.length);
			assert.equal(inter.remote_group.size, other.length);
			assert.equal(inter.Get_remote_group().rank, MPI.UNDEFINED);
			for (const isSwapped of [false, true]) {
				const merged = inter.Merge(isLower === isSwapped);
				assert.ok(merged instanceof MPI.Intracomm && merged.is_intra);
				assert.deepEqual(
					[merged.size, merged.rank],
					[comm.size, isSwapped ? (comm.rank + (isLower ? other.length : -other.length) + comm.size) % comm.size : comm.rank],
				);
				merged.Free();
			}
			const copy = inter.Dup();
			assert.ok(copy instanceof MPI.Intercomm && copy.remote_size === other.length);
			copy.Free();
		});
	},
	'buffers from a root'(comm) {
		return between(comm, (inter, half) => {
			eachRoot(inter, half, (root, rootRank, isReceiving) => {
				const buffer = Int32Array.of(inter.rank + 100, comm.rank);
				inter.Bcast(buffer, root);
				if (isReceiving) assert.equal(buffer[1], rootRank);
				const parts = Int32Array.from({ length: 2 * half.other.length }, (_, i) => rootRank * 100 + i);
				const mine = new Int32Array(2);
				inter.Scatter(root === MPI.ROOT ? parts : null, isReceiving ? mine : null, root);
				if (isReceiving) assert.deepEqual([...mine], [rootRank * 100 + 2 * inter.rank, rootRank * 100 + 2 * inter.rank + 1]);
				const counts = half.other.map(() => 2);
				mine.fill(0);
				inter.Scatterv(root === MPI.ROOT ? [parts, counts] : null, isReceiving ? mine : null, root);
				if (isReceiving) assert.equal(mine[1], rootRank * 100 + 2 * inter.rank + 1);
			});
		});
	},
	'buffers to a root'(comm) {
		return between(comm, (inter, half) => {
			eachRoot(inter, half, (root, _, isSending) => {
				const own = Int32Array.of(comm.rank);
				const all = new Int32Array(half.other.length);
				inter.Gather(isSending ? own : null, root === MPI.ROOT ? all : null, root);
				if (root === MPI.ROOT) assert.deepEqual([...all], half.other);
				all.fill(-1);
				inter.Gatherv(isSending ? own : null, root === MPI.ROOT ? [all, half.other.map(() => 1)] : null, root);
				if (root === MPI.ROOT) assert.deepEqual([...all], half.other);
				const sum = new Int32Array(1);
				inter.Reduce(isSending ? own : null, root === MPI.ROOT ? sum : null, MPI.SUM, root);
				if (root === MPI.ROOT)
					assert.equal(
						sum[0],
						half.other.reduce((a, b) => a + b),
					);
			});
		});
	},
	async 'buffers between all'(comm) {
		await between(comm, async (inter, { own, other }) => {
			inter.Barrier();
			await inter.Ibarrier();
			const mine = Int32Array.of(comm.rank);
			const all = new Int32Array(other.length);
			inter.Allgather(mine, all);
			assert.deepEqual([...all], other);
			all.fill(0);
			await inter.Iallgatherv(mine, [all, other.map(() => 1)]);
			assert.deepEqual([...all], other);
			inter.Alltoall(
				Int32Array.from(other, (rank) => comm.rank * 100 + rank),
				all,
			);
			assert.deepEqual(
				[...all],
				other.map((rank) => rank * 100 + comm.rank),
			);
			all.fill(0);
			inter.Alltoallv([Int32Array.from(other, (rank) => comm.rank * 100 + rank), other.map(() => 1)], [all, other.map(() => 1)]);
			assert.deepEqual(
				[...all],
				other.map((rank) => rank * 100 + comm.rank),
			);
			const sum = new Int32Array(1);
			inter.Allreduce(mine, sum);
			assert.equal(
				sum[0],
				other.reduce((a, b) => a + b),
				'the sum of the other group',
			);
			const blocks = new Int32Array(other.length);
			inter.Reduce_scatter_block(new Int32Array(own.length * other.length).fill(comm.rank + 1), blocks);
			assert.deepEqual(
				[...blocks],
				other.map(() => other.reduce((a, b) => a + b + 1, 0)),
			);
			throwsClass(MPI.ERR_BUFFER, () => inter.Allgather(MPI.IN_PLACE, all));
			throwsClass(MPI.ERR_ROOT, () => inter.Bcast(mine, other.length));
		});
	},
	values(comm) {
		return between(comm, (inter, half) => {
			const { other } = half;
			inter.barrier();
			for (const size of [1, 400, 100_000]) {
				const value = (rank: number): string => String(rank).repeat(size);
				eachRoot(inter, half, (root, rootRank, isHere) => {
					const got = inter.bcast(root === MPI.ROOT ? value(comm.rank) : null, root);
					if (isHere) assert.equal(got, value(rootRank));
					const item = inter.scatter(root === MPI.ROOT ? other.map((rank) => value(rank)) : null, root);
					if (isHere) assert.equal(item, value(comm.rank));
					const list = inter.gather(isHere ? value(comm.rank) : null, root);
					assert.deepEqual(list, root === MPI.ROOT ? other.map(value) : null);
					const joined = inter.reduce(isHere ? value(comm.rank) : '', (a, b) => a + b, root);
					assert.equal(joined, root === MPI.ROOT ? other.map(value).join('') : null);
				});
				assert.deepEqual(inter.allgather(value(comm.rank)), other.map(value));
				assert.deepEqual(
					inter.alltoall(other.map((rank) => value(rank * 7))),
					other.map(() => value(comm.rank * 7)),
				);
				assert.equal(
					inter.allreduce(value(comm.rank), (a, b) => a + b),
					other.map(value).join(''),
				);
			}
		});
	},
	'leaders that are none'(comm) {
		throwsClass(MPI.ERR_RANK, () => comm.Create_intercomm(comm.size, comm, 0));
		throwsClass(MPI.ERR_RANK, () => comm.Create_intercomm(comm.rank, comm, comm.size));
		assert.throws(() => comm.Create_intercomm(comm.rank, null as never, 0), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
});
