/**
 * Sends and receives that are one request, buffered sends of a communicator's own memory, generalized requests, and
 * what stands for the failures of ranks.
 */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { ring, throwsClass, withEachComm } from '../helpers/cases.js';

await withEachComm({
	async Isendrecv(comm) {
		const { next, previous } = ring(comm);
		for (const length of [1, 100, 100_000]) {
			const sent = new Int32Array(length).fill(comm.rank);
			const got = new Int32Array(length).fill(-1);
			const status = new MPI.Status();
			const request = comm.Isendrecv(sent, next, 3, got, previous, 3);
			assert.equal(request.Wait(status), true);
			assert.ok(got.every((value) => value === previous));
			assert.deepEqual([status.source, status.tag, status.Get_count(MPI.INT32_T)], [previous, 3, length]);
			got.fill(-1);
			await comm.Isendrecv(sent, next, { recvbuf: got, source: previous });
			assert.ok(got.every((value) => value === previous));
			got.fill(-1);
			const tested = comm.Isendrecv(sent, { dest: next, sendtag: 5, recvbuf: got, source: previous, recvtag: 5 });
			while (!tested.Test()) comm.Iprobe();
			assert.ok(got.every((value) => value === previous));
		}
	},
	async Isendrecv_replace(comm) {
		const { next, previous } = ring(comm);
		for (const length of [1, 100, 100_000]) {
			const buffer = new Int32Array(length).fill(comm.rank);
			const status = new MPI.Status();
			comm.Isendrecv_replace(buffer, next, 4, previous, 4).Wait(status);
			assert.ok(buffer.every((value) => value === previous));
			assert.deepEqual([status.source, status.Get_count(MPI.INT32_T)], [previous, length]);
			buffer.fill(comm.rank);
			await comm.Isendrecv_replace([buffer, length, MPI.INT32_T], next, { source: previous });
			assert.ok(buffer.every((value) => value === previous));
		}
		const column = MPI.INT32_T.Create_vector(2, 1, 2).Commit();
		const matrix = Int32Array.from({ length: 4 }, (_, i) => 10 * comm.rank + i);
		comm.Isendrecv_replace([matrix, 1, column], next, 0, previous).Wait();
		assert.deepEqual([...matrix], [10 * previous, 10 * comm.rank + 1, 10 * previous + 2, 10 * comm.rank + 3]);
		column.Free();
	},
	'with nobody'(comm) {
		const status = new MPI.Status();
		const buffer = Int32Array.of(7);
		comm.Isendrecv(buffer, MPI.PROC_NULL, 0, buffer.slice(), MPI.PROC_NULL).Wait(status);
		assert.deepEqual([status.source, status.count], [MPI.PROC_NULL, 0]);
		comm.Isendrecv_replace(buffer, MPI.PROC_NULL, 0, MPI.PROC_NULL).Wait();
		assert.equal(buffer[0], 7);
	},
	'errors of an exchange'(comm) {
		const buffer = new Int32Array(4);
		throwsClass(MPI.ERR_RANK, () => comm.Isendrecv(buffer, comm.size, 0, new Int32Array(4), 0));
		throwsClass(MPI.ERR_TAG, () => comm.Isendrecv_replace(buffer, 0, -1, 0));
		const { next, previous } = ring(comm);
		if (comm.size > 1) throwsClass(MPI.ERR_TRUNCATE, () => comm.Isendrecv(buffer, next, 0, new Int32Array(2), previous).Wait());
		const request = comm.Isendrecv(buffer, next, 0, new Int32Array(4), previous);
		throwsClass(MPI.ERR_REQUEST, () => request.Cancel());
		request.Wait();
	},
	async 'a communicator’s own buffer'(comm) {
		const { next, previous } = ring(comm);
		const memory = new Uint8Array(2 * (40 + MPI.BSEND_OVERHEAD));
		comm.Attach_buffer(memory);
		throwsClass(MPI.ERR_BUFFER, () => comm.Attach_buffer(new Uint8Array(8)));
		const sent = new Int32Array(10).fill(comm.rank);
		const got = new Int32Array(10);
		for (const send of [() => comm.Bsend(sent, next), () => void comm.Ibsend(sent, next).Wait()]) {
			sent.fill(comm.rank);
			send();
			sent.fill(-1);
			comm.Recv(got, previous);
			assert.ok(got.every((value) => value === previous));
		}
		comm.bsend({ rank: comm.rank }, next, 1);
		assert.deepEqual(comm.recv(previous, 1), { rank: previous });
		comm.ibsend([comm.rank], next, 1).wait();
		assert.deepEqual(comm.recv(previous, 1), [previous]);
		throwsClass(MPI.ERR_BUFFER, () => comm.Bsend(new Uint8Array(1000), next));
		comm.Flush_buffer();
		await comm.Iflush_buffer();
		assert.equal(comm.Detach_buffer(), memory);
		assert.equal(comm.Detach_buffer(), null);
		comm.Attach_buffer(MPI.BUFFER_AUTOMATIC);
		const large = new Float64Array(200_000).fill(comm.rank);
		comm.Bsend(large, next, 2);
		large.fill(-1);
		const received = new Float64Array(200_000);
		comm.Recv(received, previous, 2);
		assert.ok(received.every((value) => value === previous));
		assert.equal(comm.Detach_buffer(), MPI.BUFFER_AUTOMATIC);
	},
	async 'a buffer for all'(comm) {
		const { next, previous } = ring(comm);
		MPI.Attach_buffer(MPI.BUFFER_AUTOMATIC);
		const sent = new Int32Array(50_000).fill(comm.rank);
		const request = comm.Bsend_init(sent, next);
		for (const round of [1, 2]) {
			sent.fill(round * 100 + comm.rank);
			request.Start();
			request.Wait();
			sent.fill(-1);
			const got = new Int32Array(50_000);
			comm.Recv(got, previous);
			assert.ok(got.every((value) => value === round * 100 + previous));
		}
		await MPI.Iflush_buffer();
		MPI.Flush_buffer();
		assert.equal(MPI.Detach_buffer(), MPI.BUFFER_AUTOMATIC);
		const memory = new Uint8Array(1000 + 2 * MPI.BSEND_OVERHEAD);
		MPI.Attach_buffer(memory);
		comm.Bsend(Int32Array.of(1), next);
		const one = new Int32Array(1);
		comm.Recv(one, previous);
		MPI.Iflush_buffer().Wait();
		assert.equal(MPI.Detach_buffer(), memory);
	},
	async 'generalized requests'() {
		const calls: string[] = [];
		const start = (): MPI.Grequest =>
			MPI.Grequest.Start(
				(status: MPI.Status, name: string) => {
					calls.push(`query ${name}`);
					status.Set_source(5);
					status.Set_elements(MPI.INT, 3);
				},
				(name: string) => void calls.push(`free ${name}`),
				(completed: boolean, name: string) => void calls.push(`cancel ${name} ${completed}`),
				['a'],
			);
		const first = start();
		const status = new MPI.Status();
		assert.equal(first.Test(status), false);
		throwsClass(MPI.ERR_REQUEST, () => first.Wait());
		first.Cancel();
		first.Complete();
		throwsClass(MPI.ERR_REQUEST, () => first.complete());
		assert.equal(first.Wait(status), true);
		assert.deepEqual([status.source, status.Get_count(MPI.INT)], [5, 3]);
		assert.deepEqual(calls, ['cancel a false', 'query a', 'free a']);
		const second = start();
		setTimeout(() => second.complete(), 1);
		await second;
		const third = MPI.Grequest.Start({ free_fn: () => void calls.push('free alone') });
		third.Complete();
		MPI.Request.Waitall([third, MPI.REQUEST_NULL]);
		assert.equal(calls.at(-1), 'free alone');
	},
	'without failures'(comm) {
		assert.deepEqual([comm.Is_revoked(), comm.Get_failed().size, comm.Ack_failed()], [false, 0, 0]);
		assert.equal(comm.Agree(comm.rank === 0 ? 0b110 : 0b011), comm.size === 1 ? 0b110 : 0b010);
		const flag = Int32Array.of(comm.rank + 1);
		comm.Iagree(flag).Wait();
		assert.equal(
			flag[0],
			Array.from({ length: comm.size }, (_, rank) => rank + 1).reduce((a, b) => a & b),
		);
		const copy = comm.Shrink();
		assert.equal(copy.size, comm.size);
		const [other, request] = comm.Ishrink();
		request.Wait();
		copy.Free();
		other.Free();
		throwsClass(MPI.ERR_UNSUPPORTED_OPERATION, () => comm.Revoke());
	},
});
