/**
 * The examples of "MPI: The Complete Reference" that mpi4py has as demos: messages in each mode, probes, persistent
 * requests, derived datatypes, cancelling. For any number of ranks.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { withWorld } from '../helpers/cases.js';

/** A field of numbers, and what lies beyond its edges. */
function jacobi(comm: MPI.Comm, exchange: (field: Float64Array, width: number, columns: number) => void): number[] {
	const [n, columns] = [6, 3];
	let field = new Float64Array(n * (columns + 2)).map((_, at) => comm.rank * 100 + at);
	for (let step = 0; step < 3; step++) {
		exchange(field, n, columns);
		const next = field.slice();
		for (let j = 1; j <= columns; j++) {
			for (let i = 1; i < n - 1; i++) {
				const at = j * n + i;
				next[at] = (field[at - 1]! + field[at + 1]! + field[at - n]! + field[at + n]!) / 4;
			}
		}
		field = next;
	}
	return [...field.subarray(n, n * (columns + 1))];
}

await withWorld({
	'letters (2.1)'(comm) {
		if (comm.size < 2 || comm.rank > 1) return;
		const message = new Uint8Array(20);
		if (comm.rank === 0) {
			const text = Buffer.from('Hello there');
			comm.Send([text, text.length, MPI.CHAR], 1, 99);
		} else {
			const status = new MPI.Status();
			comm.Recv([message, 20, MPI.CHAR], 0, 99, status);
			assert.equal(Buffer.from(message.subarray(0, status.Get_count(MPI.CHAR))).toString(), 'Hello there');
		}
	},
	'a step of Jacobi’s method, four ways (2.12, 2.16, 2.17, 2.32)'(comm) {
		const { rank, size } = comm;
		const left = rank > 0 ? rank - 1 : MPI.PROC_NULL;
		const right = rank < size - 1 ? rank + 1 : MPI.PROC_NULL;
		const byTurns = jacobi(comm, (field, n, columns) => {
			const sendLeft = (): void => comm.Send(field.subarray(n, 2 * n), left, 0);
			const sendRight = (): void => comm.Send(field.subarray(columns * n, (columns + 1) * n), right, 0);
			const receiveLeft = (): void => comm.Recv(field.subarray(0, n), left, 0);
			const receiveRight = (): void => comm.Recv(field.subarray((columns + 1) * n), right, 0);
			const steps = [sendRight, receiveLeft, sendLeft, receiveRight];
			for (const step of rank % 2 === 0 ? steps : [receiveLeft, sendRight, receiveRight, sendLeft]) step();
		});
		const atOnce = jacobi(comm, (field, n, columns) => {
			comm.Sendrecv(field.subarray(columns * n, (columns + 1) * n), right, 0, field.subarray(0, n), left, 0);
			comm.Sendrecv(field.subarray(n, 2 * n), left, 0, field.subarray((columns + 1) * n), right, 0);
		});
		const started = jacobi(comm, (field, n, columns) => {
			MPI.Request.Waitall([
				comm.Isend(field.subarray(n, 2 * n), left, 0),
				comm.Isend(field.subarray(columns * n, (columns + 1) * n), right, 0),
				comm.Irecv(field.subarray(0, n), left, 0),
				comm.Irecv(field.subarray((columns + 1) * n), right, 0),
			]);
		});
		const persistent = jacobi(comm, (field, n, columns) => {
			const requests = [
				comm.Send_init(field.subarray(n, 2 * n), left, 0),
				comm.Send_init(field.subarray(columns * n, (columns + 1) * n), right, 0),
				comm.Recv_init(field.subarray(0, n), left, 0),
				comm.Recv_init(field.subarray((columns + 1) * n), right, 0),
			];
			MPI.Prequest.Startall(requests);
			MPI.Prequest.Waitall(requests);
			for (const request of requests) request.Free();
		});
		for (const other of [atOnce, started, persistent]) assert.deepEqual(other, byTurns);
	},
	'producers and a consumer (2.18 to 2.27)'(comm) {
		const { rank, size } = comm;
		if (size === 1) return;
		const rounds = 4;
		if (rank > 0) {
			for (let i = 0; i < rounds; i++) comm.Send(Float64Array.of(rank, i), 0, i);
			return;
		}
		const last = new Int32Array(size).fill(-1);
		const buffers = Array.from({ length: size - 1 }, () => new Float64Array(2));
		const counts = buffers.map(() => 0);
		const requests = buffers.map((buffer, i) => comm.Irecv(buffer, i + 1));
		for (let taken = 0; taken < rounds * (size - 1);) {
			const statuses: MPI.Status[] = [];
			const done = taken === 0 ? MPI.Request.Waitsome(requests, { statuses }) : MPI.Request.Testsome(requests, statuses);
			done!.forEach((i, k) => {
				const [from, number] = buffers[i]! as unknown as [number, number];
				assert.deepEqual([from, statuses[k]!.source, statuses[k]!.tag], [i + 1, i + 1, number]);
				assert.equal(number, last[from]! + 1, 'messages of one rank do not overtake each other');
				last[from] = number;
				taken++;
				if (++counts[i]! < rounds) requests[i] = comm.Irecv(buffers[i]!, i + 1);
			});
		}
		assert.ok(last.subarray(1).every((value) => value === rounds - 1));
	},
	'probing for what is to come (2.28, 2.29)'(comm) {
		if (comm.size < 3 || comm.rank > 2) return;
		if (comm.rank < 2) {
			if (comm.rank === 0) comm.Send(Int32Array.of(7), 2, 0);
			else comm.Send(Float64Array.of(0.5, 1.5), 2, 0);
			return;
		}
		const status = new MPI.Status();
		const seen: number[] = [];
		for (let i = 0; i < 2; i++) {
			comm.Probe({ source: MPI.ANY_SOURCE, tag: 0, status });
			if (status.source === 0) {
				const got = new Int32Array(status.Get_count(MPI.INT));
				comm.Recv(got, 0, 0);
				seen.push(...got);
			} else {
				const got = new Float64Array(status.Get_count(MPI.DOUBLE));
				comm.Recv(got, 1, 0);
				seen.push(...got);
			}
		}
		assert.deepEqual(
			seen.toSorted((a, b) => a - b),
			[0.5, 1.5, 7],
		);
	},
	'what is cancelled (2.30)'(comm) {
		const request = comm.Irecv(new Int32Array(1), comm.rank, 31);
		request.Cancel();
		const status = new MPI.Status();
		request.Wait(status);
		assert.equal(status.Is_cancelled(), true);
	},
	'each mode of sending (2.34, 2.35)'(comm) {
		if (comm.size < 2 || comm.rank > 1) return;
		const buffer = new Float64Array(500);
		if (comm.rank === 0) {
			MPI.Attach_buffer(new Uint8Array(2 * (buffer.byteLength + MPI.BSEND_OVERHEAD)));
			comm.Bsend(buffer.fill(1), 1, 1);
			comm.Ssend(buffer.fill(2), 1, 2);
			comm.Recv([buffer, 0, MPI.DOUBLE], 1, 3);
			comm.Rsend(buffer.fill(4), 1, 4);
			MPI.Detach_buffer();
			return;
		}
		const ready = new Float64Array(500);
		const posted = comm.Irecv(ready, 0, 4);
		for (const tag of [1, 2]) {
			comm.Recv(buffer, 0, tag);
			assert.equal(buffer[499], tag);
		}
		comm.Send([buffer, 0, MPI.DOUBLE], 0, 3);
		posted.Wait();
		assert.equal(ready[0], 4);
	},
	'parts of arrays (3.1 to 3.9)'(comm) {
		// Every second element, every second of every second row, the lower triangle, the transpose
		const { rank } = comm;
		const n = 6;
		const matrix = Float64Array.from({ length: n * n }, (_, i) => 1000 * rank + i);
		const second = MPI.DOUBLE.Create_vector(n / 2, 1, 2);
		const rows = second.Create_hvector(n / 2, 1, 2 * 8 * n).Commit();
		const few = new Float64Array((n * n) / 4);
		comm.Sendrecv([matrix, 1, rows], rank, 0, few, rank, 0);
		assert.deepEqual(
			[...few],
			[0, 2, 4].flatMap((i) => [0, 2, 4].map((j) => 1000 * rank + i * n + j)),
		);
		const triangle = MPI.DOUBLE.Create_indexed(
			Array.from({ length: n }, (_, i) => i + 1),
			Array.from({ length: n }, (_, i) => i * n),
		).Commit();
		const lower = new Float64Array(n * n);
		comm.Sendrecv([matrix, 1, triangle], rank, 0, [lower, 1, triangle], rank, 0);
		assert.ok(lower.every((value, at) => value === (at % n <= Math.floor(at / n) ? matrix[at] : 0)));
		const column = MPI.DOUBLE.Create_vector(n, 1, n);
		const turned = column.Create_hvector(n, 1, 8).Commit();
		const transpose = new Float64Array(n * n);
		comm.Sendrecv([matrix, 1, turned], rank, 0, [transpose, MPI.DOUBLE], rank, 0);
		assert.ok(transpose.every((value, at) => value === matrix[(at % n) * n + Math.floor(at / n)]));
		const struct = MPI.Datatype.Create_struct([1, 1], [0, 8], [MPI.DOUBLE, MPI.DOUBLE]);
		const beside = MPI.DOUBLE.Create_vector(n, 1, n).Create_resized(0, 8).Commit();
		const again = new Float64Array(n * n);
		comm.Sendrecv([matrix, n, beside], rank, 0, [again, MPI.DOUBLE], rank, 0);
		assert.deepEqual(again, transpose);
		for (const type of [second, rows, triangle, column, turned, struct, beside]) type.Free();
	},
	'values of different kinds in one message (3.10 to 3.13)'(comm) {
		const { rank, size } = comm;
		const bytes = 24;
		const particle = MPI.Datatype.Create_struct([1, 2, 4], [0, 8, 4], [MPI.INT32_T, MPI.DOUBLE, MPI.CHAR]).Commit();
		assert.deepEqual([particle.size, particle.extent], [24, 24]);
		const own = new DataView(new ArrayBuffer(bytes));
		own.setInt32(0, rank, true);
		own.setFloat64(8, rank / 2, true);
		own.setFloat64(16, rank / 4, true);
		own.setUint8(4, 65 + rank);
		const all = new DataView(new ArrayBuffer(bytes * size));
		comm.Allgather([own, 1, particle], [all, 1, particle]);
		for (let other = 0; other < size; other++) {
			const at = bytes * other;
			assert.deepEqual(
				[all.getInt32(at, true), all.getFloat64(at + 8, true), all.getFloat64(at + 16, true), all.getUint8(at + 4)],
				[other, other / 2, other / 4, 65 + other],
			);
		}
		const packed = new Uint8Array(MPI.INT.Pack_size(1, comm) + MPI.DOUBLE.Pack_size(3, comm));
		let position = MPI.INT.Pack(Int32Array.of(rank), packed, 0, comm);
		position = MPI.DOUBLE.Pack(Float64Array.of(1, 2, rank), packed, position, comm);
		const next = (rank + 1) % size;
		const previous = (rank + size - 1) % size;
		const got = new Uint8Array(packed.length);
		comm.Sendrecv([packed, position, MPI.PACKED], next, 0, [got, MPI.PACKED], previous, 0);
		const [number, numbers] = [new Int32Array(1), new Float64Array(3)];
		MPI.DOUBLE.Unpack(got, MPI.INT.Unpack(got, 0, number, comm), numbers, comm);
		assert.deepEqual([number[0], ...numbers], [previous, 1, 2, previous]);
		particle.Free();
	},
});
