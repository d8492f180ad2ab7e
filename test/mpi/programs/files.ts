/** Files that ranks read and write together. The embedded engine says that it cannot. Argument: a folder. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withWorld } from './support/cases.js';

const { File } = MPI;
const [folder = '.'] = process.argv.slice(2);
const path = join(folder, 'shared.data');
const isEmbedded = MPI.get_vendor()[0] === 'nprocs';
const amode = MPI.MODE_RDWR | MPI.MODE_CREATE;

await withWorld({
	'what is refused'(comm) {
		throwsClass(MPI.ERR_AMODE, () => File.Open(comm, path, 0));
		throwsClass(MPI.ERR_AMODE, () => File.Open(comm, path, MPI.MODE_RDONLY | MPI.MODE_WRONLY));
		throwsClass(MPI.ERR_AMODE, () => File.Open(comm, path, MPI.MODE_RDONLY | MPI.MODE_CREATE));
		assert.throws(() => File.Open(comm, ''), { code: 'ERR_NPROCS_INVALID_ARG' });
		throwsClass(MPI.ERR_FILE, () => MPI.FILE_NULL.Get_size());
		if (isEmbedded) {
			throwsClass(MPI.ERR_UNSUPPORTED_OPERATION, () => File.Open(comm, path, amode));
			assert.throws(() => File.Open(comm, path, amode), /Open MPI|MPICH|openmpi|mpich/);
		} else throwsClass(MPI.ERR_NO_SUCH_FILE, () => File.Open(comm, join(folder, 'none')));
	},
	'reading what others have written'(comm) {
		if (isEmbedded) return;
		const { rank, size } = comm;
		const file = File.Open(comm, path, { amode });
		assert.deepEqual([file.amode, file.group_size, file.group_rank], [amode, size, rank]);
		file.Set_size(0);
		file.Set_view(0, MPI.INT32_T);
		file.Write_at(3 * rank, Int32Array.of(rank, rank + 100, rank + 200));
		file.Sync();
		comm.Barrier();
		file.Sync();
		const next = (rank + 1) % size;
		const got = new Int32Array(3);
		const status = new MPI.Status();
		file.Read_at(3 * next, got, status);
		assert.deepEqual([...got], [next, next + 100, next + 200]);
		assert.equal(status.Get_count(MPI.INT32_T), 3);
		assert.equal(file.size, 12 * size);
		got.fill(0);
		file.Iread_at(3 * rank, got).Wait();
		assert.equal(got[1], rank + 100);
		file.Read_at_all(0, got);
		assert.deepEqual([...got], [0, 100, 200]);
		file.Seek(1);
		file.Read([got, 1, MPI.INT32_T]);
		assert.deepEqual([file.Get_position(), got[0], file.Get_byte_offset(2)], [2, 100, 8]);
		file.Seek(-1, MPI.SEEK_CUR);
		assert.equal(file.Get_position(), 1);
		comm.Barrier();
		file.Close();
		throwsClass(MPI.ERR_FILE, () => file.Close());
	},
	'each rank sees its own column'(comm) {
		if (isEmbedded) return;
		const { rank, size } = comm;
		const file = File.Open(comm, path, amode);
		const column = MPI.INT32_T.Create_vector(4, 1, size)
			.Create_resized(0, 16 * size)
			.Commit();
		file.Set_view(4 * rank, MPI.INT32_T, column);
		assert.deepEqual(file.Get_view(), [4 * rank, MPI.INT32_T, column, 'native']);
		file.Write_all(Int32Array.from({ length: 4 }, (_, i) => 10 * i + rank));
		file.Set_view();
		const all = new Int32Array(4 * size);
		file.Read_at_all(0, all);
		assert.deepEqual(
			[...all],
			Array.from({ length: 4 * size }, (_, i) => 10 * Math.floor(i / size) + (i % size)),
		);
		file.Close();
		column.Free();
	},
	'one rank after the other'(comm) {
		if (isEmbedded) return;
		const { rank, size } = comm;
		const file = File.Open(comm, path, amode);
		file.Set_size(0);
		file.Write_ordered(Uint8Array.of(rank, rank));
		comm.Barrier();
		const all = new Uint8Array(2 * size);
		file.Read_at_all(0, all);
		assert.deepEqual(
			[...all],
			Array.from({ length: 2 * size }, (_, i) => Math.floor(i / 2)),
		);
		file.Close();
		comm.Barrier();
		if (rank === 0) File.Delete(path);
	},
});
