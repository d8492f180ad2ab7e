/** The arithmetic of groups. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

const { Group, GROUP_EMPTY, GROUP_NULL, IDENT, SIMILAR, UNEQUAL } = MPI;

await withEachComm({
	'its size and rank are those of the communicator'(comm) {
		const group = comm.Get_group();
		assert.deepEqual([group.size, group.rank, group.Get_size(), group.Get_rank()], [comm.size, comm.rank, comm.size, comm.rank]);
		assert.equal(Group.Compare(comm.group, group), IDENT);
		assert.equal(GROUP_EMPTY.size, 0);
		assert.equal(GROUP_EMPTY.rank, MPI.UNDEFINED);
	},
	sets(comm) {
		const all = comm.Get_group();
		for (const [result, expected] of [
			[Group.Union(GROUP_EMPTY, all), all],
			[Group.Union(all, GROUP_EMPTY), all],
			[Group.Union(all, all), all],
			[Group.Difference(GROUP_EMPTY, all), GROUP_EMPTY],
			[Group.Difference(all, GROUP_EMPTY), all],
			[Group.Difference(all, all), GROUP_EMPTY],
			[Group.Intersection(GROUP_EMPTY, all), GROUP_EMPTY],
			[Group.Intersection(all, GROUP_EMPTY), GROUP_EMPTY],
			[Group.Intersection(all, all), all],
			[all.Dup(), all],
		] as const) {
			assert.equal(Group.Compare(result, expected), IDENT);
			assert.equal(result.Compare(expected), IDENT);
		}
	},
	'a union keeps the order of the first'(comm) {
		const all = comm.Get_group();
		const last = all.Incl([comm.size - 1]);
		assert.deepEqual(all.Translate_ranks(null, Group.Union(last, all))[comm.size - 1], 0);
		assert.equal(Group.Compare(Group.Union(last, all), all), comm.size === 1 ? IDENT : SIMILAR);
		assert.equal(Group.Compare(last, all), comm.size === 1 ? IDENT : UNEQUAL);
	},
	parts(comm) {
		const all = comm.Get_group();
		const evens = all.Range_incl([[0, comm.size - 1, 2]]);
		assert.equal(evens.size, Math.ceil(comm.size / 2));
		assert.equal(all.Range_excl([[0, comm.size - 1, 2]]).size, Math.floor(comm.size / 2));
		assert.equal(Group.Compare(all.Range_incl([[0, comm.size - 1, 1]]), all), IDENT);
		assert.equal(Group.Compare(all.Range_incl([[comm.size - 1, 0, -1]]), all), comm.size === 1 ? IDENT : SIMILAR);
		assert.equal(all.Range_incl([]), GROUP_EMPTY);
		assert.equal(Group.Compare(all.Excl([]), all), IDENT);
		assert.equal(all.Incl([]), GROUP_EMPTY);
		assert.equal(all.Excl([comm.rank]).rank, MPI.UNDEFINED);
	},
	'ranks are translated'(comm) {
		const all = comm.Get_group();
		const ranks = Array.from({ length: comm.size }, (_, i) => i);
		assert.deepEqual(all.Translate_ranks(ranks, all), ranks);
		assert.deepEqual(all.Translate_ranks(), Group.Translate_ranks(all));
		assert.deepEqual(all.Translate_ranks(null, MPI.COMM_WORLD.Get_group())[comm.rank], MPI.COMM_WORLD.rank);
		assert.deepEqual(all.Translate_ranks([MPI.PROC_NULL, 0], all), [MPI.PROC_NULL, 0]);
		assert.deepEqual(
			Group.Translate_ranks(all, ranks, GROUP_EMPTY),
			ranks.map(() => MPI.UNDEFINED),
		);
	},
	'what is wrong is refused'(comm) {
		const all = comm.Get_group();
		throwsClass(MPI.ERR_RANK, () => all.Translate_ranks([comm.size], all));
		throwsClass(MPI.ERR_RANK, () => all.Incl([comm.size]));
		throwsClass(MPI.ERR_RANK, () => all.Incl([0, 0]));
		throwsClass(MPI.ERR_RANK, () => all.Excl([-7]));
		throwsClass(MPI.ERR_ARG, () => all.Range_incl([[0, 0, 0]]));
		throwsClass(MPI.ERR_GROUP, () => GROUP_NULL.size);
		throwsClass(MPI.ERR_GROUP, () => Group.Compare(GROUP_NULL, GROUP_EMPTY));
		throwsClass(MPI.ERR_GROUP, () => Group.Compare(GROUP_EMPTY, GROUP_NULL));
		assert.throws(() => Group.Union(all, {} as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'a freed one is none'(comm) {
		const group = comm.Get_group();
		group.Free();
		assert.equal(group.handle, 0);
		throwsClass(MPI.ERR_GROUP, () => group.size);
		throwsClass(MPI.ERR_GROUP, () => group.Free());
		GROUP_EMPTY.Free();
		assert.equal(GROUP_EMPTY.size, 0);
	},
});
