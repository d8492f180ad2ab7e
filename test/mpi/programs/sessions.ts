/** Sessions, and communicators of groups alone. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withWorld } from '../helpers/cases.js';

await withWorld({
	'process sets'(world) {
		const session = MPI.Session.Init();
		assert.notEqual(session.handle, 0);
		assert.equal(session.Get_num_psets(), 2);
		assert.deepEqual([session.Get_nth_pset(0), session.Get_nth_pset(1, MPI.INFO_NULL)], ['mpi://WORLD', 'mpi://SELF']);
		assert.equal(session.Get_pset_info('mpi://WORLD').Get('mpi_size'), String(world.size));
		assert.equal(session.Get_pset_info('mpi://SELF').Get('mpi_size'), '1');
		const group = session.Create_group('mpi://WORLD');
		assert.deepEqual([group.size, group.rank], [world.size, world.rank]);
		assert.equal(MPI.Group.Compare(group, MPI.Group.Create_from_session_pset(session, 'mpi://WORLD')), MPI.IDENT);
		throwsClass(MPI.ERR_ARG, () => session.Create_group('mpi://NONE'));
		throwsClass(MPI.ERR_ARG, () => session.Get_nth_pset(2));
		session.Finalize();
		assert.equal(session.handle, 0);
		throwsClass(MPI.ERR_SESSION, () => session.Get_num_psets());
		throwsClass(MPI.ERR_SESSION, () => MPI.SESSION_NULL.Finalize());
	},
	'hints and error handlers'() {
		const seen: number[] = [];
		const handler = MPI.Session.Create_errhandler((_, code) => void seen.push(code));
		const session = MPI.Session.Init({ info: MPI.Info.Create({ key: 'value' }), errhandler: handler });
		assert.equal(session.Get_info().Get('key'), 'value');
		assert.equal(session.Get_errhandler(), handler);
		throwsClass(MPI.ERR_ARG, () => session.Create_group('mpi://NONE'));
		session.Call_errhandler(MPI.ERR_OTHER);
		assert.deepEqual(seen, [MPI.ERR_ARG, MPI.ERR_OTHER]);
		throwsClass(MPI.ERR_UNSUPPORTED_OPERATION, () => session.Attach_buffer(new Uint8Array(8)));
		session.Set_errhandler(MPI.ERRORS_RETURN);
		session.Finalize();
	},
	'a communicator of a group'(world) {
		const session = MPI.Session.Init();
		const all = MPI.Intracomm.Create_from_group(session.Create_group('mpi://WORLD'), 'all');
		assert.equal(MPI.Comm.Compare(all, world), MPI.CONGRUENT);
		assert.equal(all.allreduce(1), world.size);
		const self = MPI.Intracomm.Create_from_group(session.Create_group('mpi://SELF'), { stringtag: 'self', errhandler: MPI.ERRORS_RETURN });
		assert.deepEqual([self.size, self.rank, self.Get_errhandler()], [1, 0, MPI.ERRORS_RETURN]);
		const half = world.group.Incl(Array.from({ length: world.size }, (_, rank) => rank).filter((rank) => rank % 2 === world.rank % 2));
		const mine = MPI.Intracomm.Create_from_group(half, `half ${world.rank % 2}`);
		assert.deepEqual([mine.size, mine.allreduce(1)], [half.size, half.size]);
		assert.equal(MPI.Intracomm.Create_from_group(MPI.GROUP_EMPTY), MPI.COMM_NULL);
		if (world.size > 1) throwsClass(MPI.ERR_GROUP, () => MPI.Intracomm.Create_from_group(world.group.Excl([world.rank])));
		for (const comm of [all, self, mine]) comm.Free();
		session.Finalize();
	},
	'an intercommunicator of two groups'(world) {
		if (world.size < 2) return;
		const first = world.group.Incl([0]);
		const others = world.group.Excl([0]);
		const [local, remote] = world.rank === 0 ? [first, others] : [others, first];
		const inter = MPI.Intercomm.Create_from_groups(local, 0, remote, 0, 'both');
		assert.deepEqual([inter.size, inter.remote_size], [local.size, remote.size]);
		assert.equal(inter.allreduce(1), remote.size);
		inter.Free();
		throwsClass(MPI.ERR_RANK, () => MPI.Intercomm.Create_from_groups(local, local.size, remote, 0));
		throwsClass(MPI.ERR_GROUP, () => MPI.Intercomm.Create_from_groups(local, 0, local, 0));
	},
});
