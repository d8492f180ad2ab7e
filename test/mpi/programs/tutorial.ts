/**
 * What mpi4py's tutorial shows, and its demos, as programs for any number of ranks: values and arrays between two
 * ranks, collective operations, a matrix and a vector, the Mandelbrot set, pi, windows, files, a heat equation with
 * exchanged edges, the transposition of a matrix that is dealt out. Argument: a folder.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { MPI } from 'nprocs/mpi';
import { withWorld } from '../helpers/cases.js';

const [folder = '.'] = process.argv.slice(2);

/** Rows of a matrix that a rank has: the first ranks one more, where it does not come out even. */
function rowsOf(count: number, size: number, rank: number): { first: number; length: number } {
	const least = Math.floor(count / size);
	const more = count % size;
	return { first: rank * least + Math.min(rank, more), length: least + (rank < more ? 1 : 0) };
}

/** How many steps until the point leaves the circle. */
function mandelbrot(x: number, y: number, most: number): number {
	let [re, im] = [x, y];
	for (let n = 0; n < most; n++) {
		if (re * re + im * im > 4) return n;
		[re, im] = [re * re - im * im + x, 2 * re * im + y];
	}
	return most;
}

/** One step of the heat equation in the inside of a field with a rim. */
function relax(from: Float64Array, to: Float64Array, rows: number, columns: number): void {
	const width = columns + 2;
	for (let i = 1; i <= rows; i++) {
		for (let j = 1; j <= columns; j++) {
			const at = i * width + j;
			to[at] = (from[at - width]! + from[at + width]! + from[at - 1]! + from[at + 1]!) / 4;
		}
	}
}

await withWorld({
	'values between two ranks'(comm) {
		if (comm.size < 2) return;
		if (comm.rank === 0) {
			comm.send({ a: 7, b: 3.14 }, { dest: 1, tag: 11 });
			comm.isend({ a: 7, b: 3.14 }, { dest: 1, tag: 12 }).wait();
		} else if (comm.rank === 1) {
			assert.deepEqual(comm.recv({ source: 0, tag: 11 }), { a: 7, b: 3.14 });
			assert.deepEqual(comm.irecv({ source: 0, tag: 12 }).wait(), { a: 7, b: 3.14 });
		}
	},
	'arrays between two ranks'(comm) {
		if (comm.size < 2) return;
		if (comm.rank === 0) {
			comm.Send([Int32Array.from({ length: 1000 }, (_, i) => i), MPI.INT], { dest: 1, tag: 77 });
			comm.Send(
				Float64Array.from({ length: 100 }, (_, i) => i),
				{ dest: 1, tag: 13 },
			);
		} else if (comm.rank === 1) {
			const numbers = new Int32Array(1000);
			comm.Recv([numbers, MPI.INT], { source: 0, tag: 77 });
			assert.equal(numbers[999], 999);
			const doubles = new Float64Array(100);
			comm.Recv(doubles, { source: 0, tag: 13 });
			assert.equal(doubles[99], 99);
		}
	},
	'collective operations on values'(comm) {
		const { rank, size } = comm;
		const data = comm.bcast(rank === 0 ? { key1: [7, 2.72], key2: ['abc', 'xyz'] } : null, { root: 0 });
		assert.deepEqual(data, { key1: [7, 2.72], key2: ['abc', 'xyz'] });
		const mine = comm.scatter(rank === 0 ? Array.from({ length: size }, (_, i) => (i + 1) ** 2) : null, { root: 0 });
		assert.equal(mine, (rank + 1) ** 2);
		const all = comm.gather(mine, { root: 0 });
		if (rank === 0) all!.forEach((value, i) => assert.equal(value, (i + 1) ** 2));
		else assert.equal(all, null);
	},
	'collective operations on arrays'(comm) {
		const { rank, size } = comm;
		const data = rank === 0 ? Int32Array.from({ length: 100 }, (_, i) => i) : new Int32Array(100);
		comm.Bcast(data, { root: 0 });
		assert.ok(data.every((value, i) => value === i));
		const sent = rank === 0 ? Int32Array.from({ length: 100 * size }, (_, i) => Math.floor(i / 100)) : null;
		const received = new Int32Array(100);
		comm.Scatter(sent, received, { root: 0 });
		assert.ok(received.every((value) => value === rank));
		const gathered = rank === 0 ? new Int32Array(100 * size) : null;
		comm.Gather(received, gathered, { root: 0 });
		if (rank === 0) assert.deepEqual(gathered, sent);
	},
	'a matrix times a vector, and conjugate gradients with it'(comm) {
		const m = 4;
		const n = m * comm.size;
		const first = m * comm.rank;
		// Symmetric, positive definite, dealt out by rows
		const rows = Float64Array.from({ length: m * n }, (_, at) => {
			const [i, j] = [first + Math.floor(at / n), at % n];
			return i === j ? n + 2 : 1 / (1 + Math.abs(i - j));
		});
		const times = (part: Float64Array): Float64Array => {
			const whole = new Float64Array(n);
			comm.Allgather([part, MPI.DOUBLE], [whole, MPI.DOUBLE]);
			return Float64Array.from({ length: m }, (_, i) => whole.reduce((sum, value, j) => sum + rows[i * n + j]! * value, 0));
		};
		const dot = (a: Float64Array, b: Float64Array): number => {
			const sum = new Float64Array(1);
			comm.Allreduce(Float64Array.of(a.reduce((total, value, i) => total + value * b[i]!, 0)), sum, MPI.SUM);
			return sum[0]!;
		};
		const wanted = Float64Array.from({ length: m }, (_, i) => first + i + 1);
		const right = times(wanted);
		const x = new Float64Array(m);
		let residual = right.slice();
		let direction = residual.slice();
		for (let step = 0; step < 4 * n && dot(residual, residual) > 1e-18; step++) {
			const image = times(direction);
			const before = dot(residual, residual);
			const alpha = before / dot(direction, image);
			x.forEach((value, i) => (x[i] = value + alpha * direction[i]!));
			residual = residual.map((value, i) => value - alpha * image[i]!);
			const beta = dot(residual, residual) / before;
			direction = direction.map((value, i) => residual[i]! + beta * value);
		}
		x.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]!) < 1e-6, `${value} is not ${wanted[i]}`));
	},
	'the Mandelbrot set, gathered in blocks of different sizes'(comm) {
		const { rank, size } = comm;
		const [width, height, most] = [32, 21, 50];
		const lines = (first: number, length: number): Int32Array =>
			Int32Array.from({ length: length * width }, (_, at) => {
				const y = -1 + (2 * (first + Math.floor(at / width))) / height;
				return mandelbrot(-2 + (3 * (at % width)) / width, y, most);
			});
		const { first, length } = rowsOf(height, size, rank);
		const counts = comm.gather(length * width);
		const image = rank === 0 ? new Int32Array(width * height) : null;
		comm.Gatherv([lines(first, length), MPI.INT], rank === 0 ? [image!, counts!] : null, { root: 0 });
		if (rank === 0) assert.deepEqual(image, lines(0, height));
		// The same with lines dealt out in turn, and put to where they belong by a datatype
		const mine = Array.from({ length: height }, (_, y) => y).filter((y) => y % size === rank);
		const own = Int32Array.from(mine.flatMap((y) => [...lines(y, 1)]));
		const turn = new Int32Array(width * height);
		const types = Array.from({ length: size }, (_, other) => {
			const owned = Array.from({ length: height }, (__, y) => y).filter((y) => y % size === other);
			return MPI.INT.Create_indexed_block(
				width,
				owned.map((y) => y * width),
			).Commit();
		});
		const ones = types.map(() => (rank === 0 ? 1 : 0));
		const zeros = types.map(() => 0);
		comm.Alltoallw([own, types.map((_, other) => (other === 0 ? own.length : 0)), zeros, types.map(() => MPI.INT)], [turn, ones, zeros, types]);
		if (rank === 0) assert.deepEqual(turn, image);
		for (const type of types) type.Free();
	},
	pi(comm) {
		const steps = new Int32Array(1);
		if (comm.rank === 0) steps[0] = 1000;
		comm.Bcast([steps, MPI.INT], { root: 0 });
		const h = 1 / steps[0]!;
		let own = 0;
		for (let i = comm.rank; i < steps[0]!; i += comm.size) own += 4 / (1 + (h * (i + 0.5)) ** 2);
		const pi = new Float64Array(1);
		comm.Reduce([Float64Array.of(own * h), MPI.DOUBLE], [pi, MPI.DOUBLE], { op: MPI.SUM, root: 0 });
		if (comm.rank === 0) assert.ok(Math.abs(pi[0]! - Math.PI) < 1e-6);
		assert.ok(Math.abs(comm.allreduce(own * h) - Math.PI) < 1e-6);
	},
	'the memory of one rank, read and written by all'(comm) {
		const { rank, size } = comm;
		const bytes = MPI.DOUBLE.Get_size();
		const win = MPI.Win.Allocate(rank === 0 ? size * bytes : 0, bytes, MPI.INFO_NULL, comm);
		if (rank === 0) {
			win.Lock(0);
			new Float64Array(win.tomemory() as ArrayBuffer).fill(-1);
			win.Unlock(0);
		}
		comm.Barrier();
		const own = Float64Array.of(rank + 0.5);
		win.Lock(0);
		win.Put([own, MPI.DOUBLE], 0, { target: [rank, 1, MPI.DOUBLE] });
		win.Unlock(0);
		comm.Barrier();
		const all = new Float64Array(size);
		win.Lock(0, { lock_type: MPI.LOCK_SHARED });
		win.Get([all, MPI.DOUBLE], 0);
		win.Unlock(0);
		assert.deepEqual(
			[...all],
			Array.from({ length: size }, (_, i) => i + 0.5),
		);
		comm.Barrier();
		// A counter that ranks draw numbers from
		const number = new Float64Array(1);
		win.Lock(0);
		win.Fetch_and_op(Float64Array.of(1), number, 0, 0, MPI.SUM);
		win.Unlock(0);
		const drawn = comm.allgather(number[0]!).toSorted((a, b) => a - b);
		assert.deepEqual(
			drawn,
			Array.from({ length: size }, (_, i) => i + 0.5),
		);
		win.Free();
	},
	'a file that all write'(comm) {
		const { rank, size } = comm;
		const path = join(folder, 'tutorial.contig');
		const amode = MPI.MODE_RDWR | MPI.MODE_CREATE;
		const file = MPI.File.Open(comm, path, amode);
		const buffer = new Int32Array(10).fill(rank);
		file.Write_at_all(rank * buffer.byteLength, buffer);
		file.Close();
		const again = MPI.File.Open(comm, path, { amode: MPI.MODE_RDONLY });
		const whole = new Int32Array(10 * size);
		again.Read_at_all(0, whole);
		assert.ok(whole.every((value, i) => value === Math.floor(i / 10)));
		again.Close();
		// Each rank's numbers between those of the others
		const apart = MPI.File.Open(comm, path, amode);
		const filetype = MPI.INT.Create_vector(10, 1, size).Commit();
		apart.Set_view({ disp: MPI.INT.Get_size() * rank, filetype, etype: MPI.INT });
		apart.Write_all(buffer);
		apart.Set_view({ disp: 0 });
		comm.Barrier();
		apart.Read_at_all(0, whole);
		assert.ok(whole.every((value, i) => value === i % size));
		filetype.Free();
		apart.Close();
		if (rank === 0) MPI.File.Delete(path);
	},
	'the edges of a field, exchanged in a grid'(comm) {
		const dims = MPI.Compute_dims(comm.size, 2);
		const cart = comm.Create_cart(dims, { periods: [false, true], reorder: true });
		const [rows, columns] = [6, 5];
		const [height, width] = [rows + 2, columns + 2];
		const [y, x] = cart.coords as [number, number];
		const column = MPI.DOUBLE.Create_vector(rows, 1, width).Commit();
		const [up, down] = cart.Shift(0, 1);
		const [left, right] = cart.Shift(1, 1);
		const start = (i: number, j: number): number => Math.sin(y * rows + i) + Math.cos((x * columns + j) * 2);
		let field = new Float64Array(height * width);
		for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) field[(i + 1) * width + j + 1] = start(i, j);
		let next = field.slice();
		for (let step = 0; step < 5; step++) {
			const requests = [
				cart.Irecv(field.subarray(1, 1 + columns), up, 0),
				cart.Irecv(field.subarray((rows + 1) * width + 1, (rows + 1) * width + 1 + columns), down, 1),
				cart.Irecv([field.subarray(width), 1, column], left, 2),
				cart.Irecv([field.subarray(width + columns + 1), 1, column], right, 3),
				cart.Isend(field.subarray(rows * width + 1, rows * width + 1 + columns), down, 0),
				cart.Isend(field.subarray(width + 1, width + 1 + columns), up, 1),
				cart.Isend([field.subarray(width + columns), 1, column], right, 2),
				cart.Isend([field.subarray(width + 1), 1, column], left, 3),
			];
			MPI.Request.Waitall(requests);
			relax(field, next, rows, columns);
			[field, next] = [next, field];
		}
		column.Free();
		// The same on rank 0 alone
		const inside = MPI.DOUBLE.Create_subarray([height, width], [rows, columns], [1, 1]).Commit();
		const parts = cart.rank === 0 ? new Float64Array(rows * columns * cart.size) : null;
		cart.Gather([field, 1, inside], parts === null ? null : [parts, rows * columns, MPI.DOUBLE]);
		inside.Free();
		if (cart.rank === 0) {
			const [bigRows, bigColumns] = [rows * dims[0]!, columns * dims[1]!];
			const bigWidth = bigColumns + 2;
			let whole = new Float64Array((bigRows + 2) * bigWidth);
			for (let i = 0; i < bigRows; i++) for (let j = 0; j < bigColumns; j++) whole[(i + 1) * bigWidth + j + 1] = Math.sin(i) + Math.cos(j * 2);
			let other = whole.slice();
			for (let step = 0; step < 5; step++) {
				for (let i = 1; i <= bigRows; i++) {
					whole[i * bigWidth] = whole[i * bigWidth + bigColumns]!;
					whole[i * bigWidth + bigColumns + 1] = whole[i * bigWidth + 1]!;
				}
				relax(whole, other, bigRows, bigColumns);
				[whole, other] = [other, whole];
			}
			for (let rank = 0; rank < cart.size; rank++) {
				const [top, side] = cart.Get_coords(rank) as [number, number];
				for (let i = 0; i < rows; i++) {
					for (let j = 0; j < columns; j++) {
						const value = parts![rank * rows * columns + i * columns + j]!;
						const expected = whole[(top * rows + i + 1) * bigWidth + side * columns + j + 1]!;
						assert.ok(Math.abs(value - expected) < 1e-12, `rank ${rank}, ${i}, ${j}: ${value} is not ${expected}`);
					}
				}
			}
		}
		cart.Free();
	},
	'a matrix that is dealt out by rows, transposed'(comm) {
		const { rank, size } = comm;
		const [rows, columns] = [7, 10];
		const own = rowsOf(rows, size, rank);
		const turned = rowsOf(columns, size, rank);
		const part = Float64Array.from({ length: own.length * columns }, (_, at) => 100 * (own.first + Math.floor(at / columns)) + (at % columns));
		const result = new Float64Array(turned.length * rows);
		const used: MPI.Datatype[] = [];
		const keep = (type: MPI.Datatype): MPI.Datatype => {
			used.push(type);
			return type.Commit();
		};
		// What goes to a rank are the columns that are its rows, one after the other; what comes is a block of columns
		const sendTypes = Array.from({ length: size }, (_, other) => {
			const { length } = rowsOf(columns, size, other);
			if (own.length === 0 || length === 0) return MPI.DOUBLE;
			const column = MPI.DOUBLE.Create_vector(own.length, 1, columns);
			const beside = column.Create_resized(0, 8);
			column.Free();
			const all = beside.Create_contiguous(length);
			beside.Free();
			return keep(all);
		});
		const receiveTypes = Array.from({ length: size }, (_, other) => {
			const { first, length } = rowsOf(rows, size, other);
			return turned.length === 0 || length === 0
				? MPI.DOUBLE
				: keep(MPI.DOUBLE.Create_subarray([turned.length, rows], [turned.length, length], [0, first]));
		});
		const sent = sendTypes.map((type) => (type === MPI.DOUBLE ? 0 : 1));
		const got = receiveTypes.map((type) => (type === MPI.DOUBLE ? 0 : 1));
		const places = sendTypes.map((_, other) => 8 * rowsOf(columns, size, other).first);
		comm.Alltoallw([part, sent, places, sendTypes], [result, got, got.map(() => 0), receiveTypes]);
		assert.deepEqual(
			[...result],
			Array.from({ length: turned.length * rows }, (_, at) => 100 * (at % rows) + turned.first + Math.floor(at / rows)),
		);
		for (const type of used) type.Free();
	},
	'a wave that goes through the ranks'(comm) {
		// In the table each number is the sum of those above and to the left; ranks hand on their last row in pieces
		const { rank, size } = comm;
		const [rows, columns, piece] = [3, 12, 4];
		const table = Array.from({ length: rows }, () => new Float64Array(columns));
		for (let from = 0; from < columns; from += piece) {
			const above = new Float64Array(piece).fill(1);
			if (rank > 0) comm.Recv(above, rank - 1, from);
			for (let i = 0; i < rows; i++) {
				for (let j = from; j < from + piece; j++) {
					const up = i === 0 ? above[j - from]! : table[i - 1]![j]!;
					table[i]![j] = up + (j === 0 ? 1 : table[i]![j - 1]!);
				}
			}
			if (rank < size - 1) comm.Send(table[rows - 1]!.subarray(from, from + piece), rank + 1, from);
		}
		const choose = (n: number, k: number): number => Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((a, b) => a * b, 1);
		const last = rank * rows + rows;
		assert.equal(Math.round(table[rows - 1]![columns - 1]!), Math.round(choose(last + columns, columns)));
	},
	'a ring of ranks, a matrix of them, and groups'(comm) {
		const { rank, size } = comm;
		const token = comm.sendrecv(rank, (rank + 1) % size, { source: (rank + size - 1) % size });
		assert.equal(token, (rank + size - 1) % size);
		const group = comm.Get_group();
		const even = group.Range_incl([[0, size - 1, 2]]);
		const half = comm.Create(even);
		if (rank % 2 === 0) {
			assert.equal((half as MPI.Intracomm).allreduce(1), even.size);
			half.Free();
		} else assert.equal(half, MPI.COMM_NULL);
		for (const each of [group, even]) each.Free();
		const sum = MPI.Op.Create((a: Float64Array, b: Float64Array) => b.forEach((value, i) => (b[i] = value + a[i]!)), { commute: true });
		const total = new Float64Array(2);
		comm.Allreduce(Float64Array.of(rank, 1), total, sum);
		assert.deepEqual([...total], [(size * (size - 1)) / 2, size]);
		sum.Free();
	},
});
