/** Windows: memory that other ranks read and write. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { seesNoNeighbors, throwsClass, withEachComm } from '../helpers/cases.js';

const { Win } = MPI;

/** Windows of each kind, of 100 numbers on each rank. */
function* windows(comm: MPI.Intracomm): Generator<[win: MPI.Win, memory: Float64Array]> {
	const own = new Float64Array(100);
	const created = createdOver(own, comm);
	if (created !== undefined) yield [created, own];
	const allocated = Win.Allocate(800, { disp_unit: 8, comm });
	yield [allocated, new Float64Array(allocated.tomemory() as ArrayBuffer)];
	if (comm.size > 1 && seesNoNeighbors()) return;
	const shared = Win.Allocate_shared(800, 8, MPI.INFO_NULL, comm);
	yield [shared, new Float64Array(shared.tomemory() as ArrayBuffer)];
}

/** Open MPI 4.1 has nothing for it where there is no network; it says so on all ranks. */
function createdOver(memory: Float64Array, comm: MPI.Intracomm): MPI.Win | undefined {
	try {
		return Win.Create(memory, 8, null, comm);
	} catch (error) {
		if (MPI.get_vendor()[0] === 'Open MPI' && error instanceof MPI.Exception && error.Get_error_class() === MPI.ERR_WIN) return undefined;
		throw error;
	}
}

/** The body with each kind of window. */
async function withWindows(comm: MPI.Intracomm, body: (win: MPI.Win, memory: Float64Array) => void | Promise<void>): Promise<void> {
	for (const [win, memory] of windows(comm)) {
		memory.fill(0);
		comm.Barrier();
		await body(win, memory);
		win.Free();
	}
}

await withEachComm({
	'what it is'(comm) {
		return withWindows(comm, (win, memory) => {
			assert.deepEqual([win.group_size, win.group_rank, win.Get_group().size], [comm.size, comm.rank, comm.size]);
			assert.equal(MPI.Group.Compare(win.group, comm.group), MPI.IDENT);
			assert.deepEqual([win.attrs[1], win.attrs[2]], [800, 8]);
			assert.deepEqual([win.Get_attr(MPI.WIN_SIZE), win.Get_attr(MPI.WIN_DISP_UNIT), win.Get_attr(MPI.WIN_MODEL)], [800, 8, MPI.WIN_UNIFIED]);
			assert.equal(win.Get_attr(MPI.WIN_CREATE_FLAVOR), win.flavor);
			assert.equal(memory.length, 100);
			win.Set_name('mine');
			assert.equal(win.name, 'mine');
			const info = win.Get_info();
			win.Set_info(info);
		});
	},
	'put and get between fences'(comm) {
		return withWindows(comm, (win, memory) => {
			const next = (comm.rank + 1) % comm.size;
			win.Fence();
			win.Put(Float64Array.of(comm.rank + 1, comm.rank + 2), next, 3);
			win.Fence();
			const previous = (comm.rank + comm.size - 1) % comm.size;
			assert.deepEqual([...memory.subarray(2, 6)], [0, previous + 1, previous + 2, 0]);
			const got = new Float64Array(3).fill(-1);
			win.Get([got, 2, MPI.DOUBLE], next, [3, 2, MPI.DOUBLE]);
			win.Fence();
			assert.deepEqual([...got], [comm.rank + 1, comm.rank + 2, -1]);
			win.Put(null, MPI.PROC_NULL);
			win.Get(null, MPI.PROC_NULL);
			win.Fence(MPI.MODE_NOSUCCEED);
		});
	},
	'a column from a matrix'(comm) {
		return withWindows(comm, (win, memory) => {
			for (let i = 0; i < 100; i++) memory[i] = comm.rank * 1000 + i;
			const column = MPI.DOUBLE.Create_vector(10, 1, 10).Commit();
			const got = new Float64Array(10);
			const target = comm.size - 1;
			win.Fence();
			win.Get(got, target, [4, 1, column]);
			win.Fence();
			assert.deepEqual(
				[...got],
				Array.from({ length: 10 }, (_, i) => target * 1000 + 10 * i + 4),
			);
			column.Free();
		});
	},
	accumulate(comm) {
		return withWindows(comm, (win, memory) => {
			win.Fence();
			for (let target = 0; target < comm.size; target++) {
				win.Accumulate(Float64Array.of(1, comm.rank), target);
				win.Accumulate(Float64Array.of(comm.rank), target, 5, MPI.MAX);
			}
			win.Fence();
			assert.deepEqual([memory[0], memory[1], memory[5]], [comm.size, (comm.size * (comm.size - 1)) / 2, comm.size - 1]);
		});
	},
	'with locks'(comm) {
		return withWindows(comm, async (win) => {
			const old = new Float64Array(1);
			for (let i = 0; i < 20; i++) {
				win.Lock(0);
				win.Fetch_and_op(Float64Array.of(1), old, 0, 7);
				win.Unlock(0);
			}
			comm.Barrier();
			win.Lock(0, MPI.LOCK_SHARED);
			await win.Rget(old, 0, 7);
			win.Unlock(0);
			assert.equal(old[0], 20 * comm.size);
			win.Lock_all();
			const before = new Float64Array(1);
			win.Get_accumulate(Float64Array.of(comm.rank + 1), before, comm.rank, 9, MPI.REPLACE);
			win.Flush(comm.rank);
			assert.equal(before[0], 0);
			win.Get_accumulate(Float64Array.of(5), before, comm.rank, 9, MPI.NO_OP);
			win.Flush_all();
			win.Flush_local(comm.rank);
			win.Flush_local_all();
			win.Sync();
			assert.equal(before[0], comm.rank + 1);
			await win.Rput(Float64Array.of(-1), comm.rank, 9);
			win.Flush(comm.rank);
			await win.Raccumulate(Float64Array.of(3), comm.rank, 9);
			win.Flush(comm.rank);
			await win.Rget_accumulate(Float64Array.of(0), before, comm.rank, 9, MPI.SUM);
			win.Unlock_all();
			assert.equal(before[0], 2);
			comm.Barrier();
		});
	},
	'a counter by compare and swap'(comm) {
		const win = Win.Allocate(4, { comm });
		new Int32Array(win.tomemory() as ArrayBuffer).fill(0);
		comm.Barrier();
		const [got, expected] = [new Int32Array(1), new Int32Array(1)];
		for (let done = 0; done < 5;) {
			win.Lock(0);
			win.Compare_and_swap(Int32Array.of(expected[0]! + 1), expected, got, 0);
			win.Unlock(0);
			if (got[0] === expected[0]) done++;
			else expected[0] = got[0]!;
		}
		comm.Barrier();
		win.Lock(0, MPI.LOCK_SHARED);
		win.Get(got, 0);
		win.Unlock(0);
		assert.equal(got[0], 5 * comm.size);
		win.Free();
	},
	'post, start, complete, wait'(comm) {
		return withWindows(comm, (win, memory) => {
			win.Start(MPI.GROUP_EMPTY);
			win.Complete();
			win.Post(MPI.GROUP_EMPTY);
			assert.equal(win.Wait(), true);
			if (comm.size === 1) return;
			const all = comm.Get_group();
			if (comm.rank === 0) {
				const others = all.Excl([0]);
				win.Start(others);
				for (let target = 1; target < comm.size; target++) win.Put(Float64Array.of(target), target, 1);
				win.Complete();
				win.Post(others);
				win.Wait();
				assert.equal(memory[2], comm.size - 1);
			} else {
				const root = all.Incl([0]);
				win.Post(root);
				while (!win.Test());
				assert.equal(memory[1], comm.rank);
				win.Start(root);
				win.Accumulate(Float64Array.of(1), 0, 2);
				win.Complete();
			}
		});
	},
	'shared memory'(comm) {
		if (comm.size > 1 && seesNoNeighbors()) return;
		const win = Win.Allocate_shared(16 + 16 * comm.rank, 8, null, comm);
		const own = new Float64Array(win.tomemory() as ArrayBuffer);
		own.fill(comm.rank + 1);
		comm.Barrier();
		for (let rank = 0; rank < comm.size; rank++) {
			const [memory, unit] = win.Shared_query(rank);
			assert.deepEqual([...new Float64Array(memory)], new Array(2 + 2 * rank).fill(rank + 1));
			assert.equal(unit, 8);
		}
		assert.equal(win.Shared_query(MPI.PROC_NULL)[0].byteLength, 16);
		throwsClass(MPI.ERR_RANK, () => win.Shared_query(comm.size));
		comm.Barrier();
		win.Free();
	},
	'what is refused'(comm) {
		return withWindows(comm, (win) => {
			const one = Float64Array.of(1);
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Put(one, 0));
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Unlock(0));
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Flush(0));
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Complete());
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Wait());
			win.Fence();
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Rput(one, 0));
			throwsClass(MPI.ERR_RANK, () => win.Put(one, comm.size));
			throwsClass(MPI.ERR_DISP, () => win.Put(one, 0, -1));
			throwsClass(MPI.ERR_OP, () => win.Accumulate(one, 0, null, MPI.BAND));
			throwsClass(MPI.ERR_OP, () => win.Accumulate(one, 0, null, MPI.NO_OP));
			throwsClass(MPI.ERR_COUNT, () => win.Fetch_and_op(new Float64Array(2), one, 0));
			throwsClass(MPI.ERR_TYPE, () => win.Compare_and_swap(one, one, Float64Array.of(0), 0));
			throwsClass(MPI.ERR_TYPE, () => win.Fetch_and_op(Int32Array.of(1), one, 0));
			win.Fence(MPI.MODE_NOSUCCEED);
			throwsClass(MPI.ERR_ASSERT, () => win.Fence(1));
			throwsClass(MPI.ERR_LOCKTYPE, () => win.Lock(0, 7));
			win.Lock(comm.rank);
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Lock(comm.rank));
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Fence());
			throwsClass(MPI.ERR_RMA_SYNC, () => win.Free());
			win.Unlock(comm.rank);
			throwsClass(MPI.ERR_DISP, () => Win.Allocate(8, 0, null, comm));
			throwsClass(MPI.ERR_SIZE, () => Win.Allocate(-8, 1, null, comm));
			throwsClass(MPI.ERR_UNSUPPORTED_OPERATION, () => Win.Create_dynamic());
			throwsClass(MPI.ERR_WIN, () => MPI.WIN_NULL.Fence());
			assert.equal(MPI.WIN_NULL.Get_name(), 'MPI_WIN_NULL');
		});
	},
});
