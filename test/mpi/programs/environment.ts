/** What MPI tells of itself, and how it begins and ends. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withWorld } from '../helpers/cases.js';

assert.equal(MPI.Is_initialized(), false, 'importing begins nothing');
assert.equal(MPI.Is_finalized(), false);
assert.ok(MPI.COMM_WORLD.rank >= 0);

await withWorld({
	'it has begun'() {
		assert.equal(MPI.Is_initialized(), true);
		assert.ok(MPI.Query_thread() >= MPI.THREAD_FUNNELED);
		assert.equal(MPI.Is_thread_main(), true);
		MPI.Init();
		throwsClass(MPI.ERR_OTHER, () => MPI.Init());
	},
	'versions and names'() {
		const [version, subversion] = MPI.Get_version();
		assert.ok(version >= 3 && Number.isInteger(subversion));
		assert.ok(MPI.Get_library_version().length > 0);
		const [name, numbers] = MPI.get_vendor();
		assert.ok(name.length > 0 && numbers.every(Number.isInteger) && numbers.length === 3);
		assert.equal(MPI.Get_processor_name().split('.')[0], hostname().split('.')[0]);
	},
	time() {
		const before = MPI.Wtime();
		assert.ok(MPI.Wtime() >= before);
		assert.ok(MPI.Wtick() > 0 && MPI.Wtick() < 1);
		MPI.Pcontrol(1);
	},
	'attributes of the world'(comm) {
		assert.ok(comm.Get_attr<number>(MPI.TAG_UB)! >= 32_767);
		assert.ok([0, 1].includes(comm.Get_attr<number>(MPI.WTIME_IS_GLOBAL)!));
		const universe = comm.Get_attr<number>(MPI.UNIVERSE_SIZE);
		assert.ok(universe === null || universe >= 0);
		const appnum = comm.Get_attr<number>(MPI.APPNUM);
		assert.ok(appnum === null || appnum >= 0);
		throwsClass(MPI.ERR_KEYVAL, () => comm.Set_attr(MPI.TAG_UB, 5));
		throwsClass(MPI.ERR_KEYVAL, () => comm.Delete_attr(MPI.TAG_UB));
	},
	memory() {
		const memory = MPI.Alloc_mem(16);
		assert.equal(memory.byteLength, 16);
		MPI.Free_mem(memory);
		assert.throws(() => MPI.Alloc_mem(-1), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.equal(MPI.Detach_buffer(), null);
		const buffer = new Uint8Array(1000);
		MPI.Attach_buffer(buffer);
		throwsClass(MPI.ERR_BUFFER, () => MPI.Attach_buffer(buffer));
		MPI.Flush_buffer();
		assert.equal(MPI.Detach_buffer(), buffer);
	},
});

MPI.Finalize();
assert.deepEqual([MPI.Is_initialized(), MPI.Is_finalized()], [true, true]);
for (const call of [() => MPI.COMM_WORLD.Barrier(), () => MPI.COMM_WORLD.send(1, 0), () => MPI.Finalize(), () => MPI.Init(), () => MPI.Wtime()]) {
	throwsClass(MPI.ERR_OTHER, call);
}
