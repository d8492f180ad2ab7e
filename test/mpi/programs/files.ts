/** Files that ranks read and write together. Argument: a folder. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withWorld } from '../helpers/cases.js';

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
		throwsClass(MPI.ERR_NO_SUCH_FILE, () => File.Open(comm, join(folder, 'none')));
		throwsClass(MPI.ERR_NO_SUCH_FILE, () => File.Delete(join(folder, 'none')));
		if (isEmbedded) assert.throws(() => File.Open(comm, join(folder, 'none')), /ENOENT.*none/);
		assert.throws(() => File.Open(comm, path, { mode: amode } as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'reading what others have written'(comm) {
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
	},
	'a part of a matrix for each'(comm) {
		const { rank, size } = comm;
		const file = File.Open(comm, path, amode);
		file.Set_size(0);
		const part = MPI.INT16_T.Create_subarray([size, 6], [1, 4], [rank, 1]).Commit();
		file.Set_view({ disp: 10, etype: MPI.INT16_T, filetype: part });
		file.Write_all(Int16Array.from({ length: 8 }, (_, i) => 100 * rank + i));
		const own = new Int16Array(8);
		file.Read_at_all(0, own);
		assert.deepEqual(
			[...own],
			Array.from({ length: 8 }, (_, i) => 100 * rank + i),
		);
		const [one] = [new Int16Array(1)];
		file.Read_at(5, one);
		assert.equal(one[0], 100 * rank + 5);
		assert.equal(file.Get_byte_offset(5), 10 + 2 * (6 * size + 6 * rank + 1 + 1));
		file.Seek(0, { whence: MPI.SEEK_END });
		assert.ok(file.Get_position() <= 8);
		comm.Barrier();
		file.Set_view();
		const raw = new Int16Array(6 * size);
		file.Read_at_all(10, raw);
		for (let row = 0; row < size; row++) {
			assert.deepEqual(
				[...raw.subarray(6 * row + 1, 6 * row + 5)],
				[0, 1, 2, 3].map((i) => 100 * row + i),
			);
		}
		file.Close();
		part.Free();
	},
	'the end of a file'(comm) {
		const file = File.Open(comm, path, amode);
		file.Set_size(10);
		comm.Barrier();
		const status = new MPI.Status();
		const bytes = new Uint8Array(16).fill(9);
		file.Read_at(4, bytes, { status });
		assert.equal(status.Get_count(), 6);
		assert.deepEqual([...bytes.subarray(5, 8)], [0, 9, 9]);
		file.Read_at(10, bytes, status);
		assert.equal(status.Get_count(), 0);
		file.Seek(-3, MPI.SEEK_END);
		assert.equal(file.Get_position(), 7);
		file.Read(bytes, status);
		assert.equal(status.count, 3);
		// Open MPI counts what was asked for
		assert.ok([10, 23].includes(file.Get_position()));
		throwsClass([MPI.ERR_ARG, MPI.ERR_OTHER, MPI.ERR_UNKNOWN, MPI.ERR_IO], () => file.Seek(-1));
		comm.Barrier();
		file.Preallocate(100);
		assert.equal(file.Get_size(), 100);
		comm.Barrier();
		file.Close();
	},
	'the pointer that all share'(comm) {
		const { rank, size } = comm;
		const file = File.Open(comm, path, amode);
		file.Set_size(0);
		file.Set_view(0, MPI.INT32_T);
		file.Write_shared(Int32Array.of(rank, rank));
		file.Sync();
		comm.Barrier();
		file.Sync();
		assert.equal(file.Get_position_shared(), 2 * size);
		comm.Barrier();
		const all = new Int32Array(2 * size);
		file.Read_at(0, all);
		const firsts = [...all].filter((_, i) => i % 2 === 0);
		assert.deepEqual(
			firsts.toSorted((a, b) => a - b),
			Array.from({ length: size }, (_, i) => i),
		);
		assert.ok(firsts.every((value, i) => all[2 * i + 1] === value));
		file.Seek_shared(0);
		const own = new Int32Array(2);
		file.Read_ordered(own);
		assert.deepEqual([...own], [all[2 * rank], all[2 * rank + 1]]);
		file.Seek_shared(1, MPI.SEEK_SET);
		comm.Barrier();
		assert.equal(file.Get_position_shared(), 1);
		comm.Barrier();
		file.Seek_shared(0);
		const got = new Int32Array(1);
		file.Read_shared(got);
		comm.Barrier();
		assert.equal(file.Get_position_shared(), size);
		comm.Barrier();
		file.Close();
	},
	async 'what is started'(comm) {
		const { rank, size } = comm;
		const file = File.Open(comm, path, amode);
		file.Set_size(0);
		file.Set_view(0, MPI.DOUBLE);
		await file.Iwrite_at(rank, Float64Array.of(rank / 4));
		file.Sync();
		comm.Barrier();
		file.Sync();
		const all = new Float64Array(size);
		const status = new MPI.Status();
		file.Iread_at_all(0, all).Wait(status);
		assert.equal(status.Get_count(MPI.DOUBLE), size);
		assert.deepEqual(
			[...all],
			Array.from({ length: size }, (_, i) => i / 4),
		);
		file.Iread_all(all.fill(0)).Wait();
		assert.equal(all[size - 1], (size - 1) / 4);
		assert.equal(file.Get_position(), size);
		// Open MPI 4.1 never completes a read that begins at the end of the file
		if (isEmbedded) {
			file.Iread(all).Wait(status);
			assert.equal(status.count, 0);
		}
		comm.Barrier();
		file.Close();
	},
	'begun and ended'(comm) {
		const { rank, size } = comm;
		const file = File.Open(comm, path, amode);
		file.Set_size(0);
		const status = new MPI.Status();
		const own = Uint8Array.of(rank, rank + 1);
		file.Write_at_all_begin(2 * rank, own);
		throwsClass(MPI.ERR_IO, () => file.Write_all_begin(own));
		throwsClass(MPI.ERR_IO, () => file.Read_all_end(own));
		file.Write_at_all_end(own, status);
		assert.equal(status.Get_count(), 2);
		throwsClass(MPI.ERR_IO, () => file.Write_at_all_end(own));
		comm.Barrier();
		const all = new Uint8Array(2 * size);
		file.Read_at_all_begin(0, all);
		file.Read_at_all_end(all, { status });
		assert.deepEqual([status.count, all[2 * size - 1]], [2 * size, size]);
		comm.Barrier();
		file.Seek(0);
		file.Read_all_begin(all.fill(0));
		file.Read_all_end(all);
		assert.equal(all[1], 1);
		comm.Barrier();
		file.Seek(2 * rank);
		file.Write_all_begin(Uint8Array.of(7, 7));
		file.Write_all_end(own);
		file.Seek_shared(0);
		file.Read_ordered_begin(own);
		file.Read_ordered_end(own);
		assert.deepEqual([...own], [7, 7]);
		comm.Barrier();
		file.Seek_shared(0);
		file.Write_ordered_begin(Uint8Array.of(rank));
		file.Write_ordered_end(own, status);
		assert.equal(status.count, 1);
		comm.Barrier();
		file.Read_at_all(0, all);
		assert.deepEqual(
			[...all.subarray(0, size)],
			Array.from({ length: size }, (_, i) => i),
		);
		file.Close();
	},
	modes(comm) {
		const { rank } = comm;
		const other = join(folder, 'other.data');
		const file = File.Open(comm, other, MPI.MODE_WRONLY | MPI.MODE_CREATE | MPI.MODE_EXCL);
		file.Write_at_all(0, Uint8Array.of(1, 2, 3));
		throwsClass([MPI.ERR_ACCESS, MPI.ERR_READ_ONLY, MPI.ERR_IO, MPI.ERR_UNSUPPORTED_OPERATION, MPI.ERR_AMODE], () =>
			file.Read_at(0, new Uint8Array(1)),
		);
		file.Close();
		throwsClass(MPI.ERR_FILE_EXISTS, () => File.Open(comm, other, MPI.MODE_WRONLY | MPI.MODE_CREATE | MPI.MODE_EXCL));
		const added = File.Open(comm, other, MPI.MODE_RDWR | MPI.MODE_APPEND | MPI.MODE_DELETE_ON_CLOSE);
		assert.equal(added.Get_position(), 3);
		comm.Barrier();
		added.Write_ordered(Uint8Array.of(10 + rank));
		comm.Barrier();
		const got = new Uint8Array(1);
		added.Read_at_all(3 + rank, got);
		assert.equal(got[0], 10 + rank);
		added.Set_atomicity(true);
		assert.equal(added.atomicity, true);
		added.Write_at(0, Uint8Array.of(5));
		comm.Barrier();
		added.Read_at(0, got);
		assert.equal(got[0], 5);
		comm.Barrier();
		added.Close();
		throwsClass(MPI.ERR_NO_SUCH_FILE, () => File.Open(comm, other));
		if (rank === 0) File.Delete(path, { info: MPI.INFO_NULL });
	},
});
