/** Communicators made of others, compared, named, and freed. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { ring, throwsClass, withEachComm, seesNoNeighbors } from '../helpers/cases.js';

const { Comm, COMM_NULL, COMM_WORLD } = MPI;

await withEachComm({
	'there is one object for each'(comm) {
		assert.equal(MPI.COMM_WORLD, COMM_WORLD);
		assert.ok(comm instanceof MPI.Intracomm && comm instanceof Comm);
		assert.equal(comm.Split(MPI.UNDEFINED), COMM_NULL);
		assert.deepEqual([MPI.COMM_WORLD.name, MPI.COMM_SELF.Get_name(), COMM_NULL.Get_name()], ['MPI_COMM_WORLD', 'MPI_COMM_SELF', 'MPI_COMM_NULL']);
	},
	'what it is'(comm) {
		assert.ok(comm.rank >= 0 && comm.rank < comm.size);
		assert.deepEqual([comm.Is_inter(), comm.is_inter, comm.Is_intra(), comm.is_intra, comm.is_topo], [false, false, true, true, false]);
		assert.equal(comm.Get_topology(), MPI.UNDEFINED);
		assert.equal(Comm.Get_parent(), COMM_NULL);
	},
	comparing(comm) {
		assert.equal(Comm.Compare(comm, comm), MPI.IDENT);
		const copy = comm.Dup();
		assert.equal(Comm.Compare(comm, copy), MPI.CONGRUENT);
		const reversed = comm.Split(0, -comm.rank);
		assert.equal(comm.Compare(reversed), comm.size === 1 ? MPI.CONGRUENT : MPI.SIMILAR);
		assert.equal(reversed.rank, comm.size - 1 - comm.rank);
		const alone = comm.Split({ color: comm.rank });
		assert.equal(comm.Compare(alone), comm.size === 1 ? MPI.CONGRUENT : MPI.UNEQUAL);
		for (const made of [copy, reversed, alone]) made.Free();
	},
	'messages in one are not seen in the other'(comm) {
		const copy = comm.Clone();
		const { next, previous } = ring(comm);
		const sends = [comm.isend('original', next, 1), copy.isend('copy', next, 1)];
		assert.equal(copy.recv(previous, 1), 'copy');
		assert.equal(comm.recv(previous, 1), 'original');
		MPI.Request.waitall(sends);
		copy.Disconnect();
	},
	async Idup(comm) {
		const [copy, request] = comm.Idup();
		request.Wait();
		assert.equal(Comm.Compare(comm, copy), MPI.CONGRUENT);
		copy.Barrier();
		const [other, awaited] = copy.Idup(MPI.INFO_NULL);
		await awaited;
		assert.equal(other.allreduce(1), comm.size);
		copy.Free();
		other.Free();
	},
	Split(comm) {
		const halves = comm.Split(comm.rank % 2, comm.rank);
		assert.equal(halves.size, Math.ceil((comm.size - (comm.rank % 2)) / 2));
		assert.equal(halves.rank, Math.floor(comm.rank / 2));
		assert.equal(halves.allreduce(comm.rank % 2), (comm.rank % 2) * halves.size);
		halves.Free();
		throwsClass(MPI.ERR_ARG, () => comm.Split(-5));
		assert.throws(() => comm.Split({ colour: 1 } as never), { code: 'ERR_NPROCS_INVALID_ARG', message: /`color`/ });
	},
	Split_type(comm) {
		assert.equal(comm.Split_type(MPI.UNDEFINED), COMM_NULL);
		const machine = comm.Split_type(MPI.COMM_TYPE_SHARED, { info: MPI.INFO_NULL });
		assert.equal(machine.size, seesNoNeighbors() ? 1 : comm.size);
		machine.Free();
		throwsClass(MPI.ERR_ARG, () => comm.Split_type(12_345));
	},
	'Create, Create_group'(comm) {
		const all = comm.Get_group();
		const same = comm.Create(all);
		assert.equal(comm.Compare(same), MPI.CONGRUENT);
		const last = all.Incl([comm.size - 1]);
		const one = comm.Create(last);
		assert.equal(one === COMM_NULL, comm.rank !== comm.size - 1);
		if (one !== COMM_NULL) {
			assert.equal(one.size, 1);
			const again = comm.Create_group(last, 5);
			assert.equal(Comm.Compare(again, one), MPI.CONGRUENT);
			again.Free();
			one.Free();
		}
		same.Free();
		assert.equal(comm.Create(MPI.GROUP_EMPTY), COMM_NULL);
		throwsClass(MPI.ERR_GROUP, () => comm.Create(MPI.GROUP_NULL));
	},
	names(comm) {
		const copy = comm.Dup();
		assert.equal(copy.Get_name(), '');
		copy.Set_name('mine');
		assert.deepEqual([copy.name, copy.Get_name()], ['mine', 'mine']);
		copy.name = 'ü'.repeat(100);
		assert.equal(copy.name, 'ü'.repeat(63));
		assert.throws(() => copy.Set_name(5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		copy.Free();
	},
	hints(comm) {
		const info = MPI.Info.Create({ hint: 'value' });
		const copy = comm.Dup(info);
		assert.deepEqual(copy.Get_info().items(), [['hint', 'value']]);
		copy.Set_info(MPI.Info.Create({ more: 'x' }));
		const again = copy.Dup_with_info(MPI.INFO_NULL);
		assert.deepEqual(again.info.keys().sort(), ['hint', 'more']);
		copy.Free();
		again.Free();
	},
	'a freed one is none'(comm) {
		const copy = comm.Dup();
		copy.Set_name('temporary');
		copy.Free();
		assert.equal(copy.handle, 0);
		for (const call of [
			() => copy.rank,
			() => copy.Get_size(),
			() => copy.send(1, 0),
			() => copy.Barrier(),
			() => copy.Dup(),
			() => copy.Free(),
		]) {
			throwsClass(MPI.ERR_COMM, call);
		}
	},
	'COMM_NULL can nothing, and COMM_WORLD cannot be freed'() {
		for (const call of [
			() => COMM_NULL.rank,
			() => COMM_NULL.Get_rank(),
			() => COMM_NULL.size,
			() => COMM_NULL.Get_group(),
			() => COMM_NULL.Dup(),
			() => COMM_NULL.Split(),
			() => COMM_NULL.Free(),
			() => COMM_NULL.is_inter,
			() => COMM_NULL.Get_topology(),
			() => COMM_NULL.Set_name('x'),
			() => COMM_NULL.Get_attr(MPI.TAG_UB),
			() => COMM_NULL.Get_errhandler(),
			() => COMM_NULL.send(1, 0),
			() => COMM_NULL.Send(new Int8Array(1), 0),
			() => COMM_NULL.recv(),
			() => COMM_NULL.Irecv(new Int8Array(1)),
			() => COMM_NULL.bcast(1),
			() => COMM_NULL.Barrier(),
			() => COMM_NULL.Iprobe(),
			() => (COMM_NULL as MPI.Cartcomm).Get_coords(0),
			() => (COMM_NULL as MPI.Cartcomm).coords,
			() => (COMM_NULL as MPI.Cartcomm).Shift(0, 1),
			() => (COMM_NULL as MPI.Graphcomm).Get_neighbors(0),
			() => (COMM_NULL as MPI.Intracomm).Create_cart([1]),
			() => MPI.COMM_WORLD.Free(),
			() => MPI.COMM_SELF.Free(),
		]) {
			throwsClass(MPI.ERR_COMM, call);
		}
	},
});
