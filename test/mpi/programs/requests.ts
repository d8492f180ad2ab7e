/** Requests that there are not, several at once, how often one can be asked, and awaiting. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { isOpenMpiToItself, ring, throwsClass, withEachComm } from '../helpers/cases.js';

const { Request, REQUEST_NULL, Status, UNDEFINED } = MPI;

await withEachComm({
	async 'a null request is complete'() {
		const status = new Status();
		assert.equal(REQUEST_NULL.handle, 0);
		assert.equal(REQUEST_NULL.Wait(), true);
		assert.equal(REQUEST_NULL.Wait(null), true);
		assert.equal(REQUEST_NULL.Test(), true);
		assert.equal(REQUEST_NULL.wait({ status }), undefined);
		assert.deepEqual(REQUEST_NULL.test(), [true, undefined]);
		status.source = 5;
		assert.equal(REQUEST_NULL.Get_status(status), true);
		assert.deepEqual(
			[status.source, status.tag, status.error, status.count, status.cancelled],
			[MPI.ANY_SOURCE, MPI.ANY_TAG, MPI.SUCCESS, 0, false],
		);
		assert.equal(await REQUEST_NULL, undefined);
		throwsClass(MPI.ERR_REQUEST, () => REQUEST_NULL.Cancel());
		throwsClass(MPI.ERR_REQUEST, () => REQUEST_NULL.Free());
	},
	'nothing to wait for among several'() {
		const none = [REQUEST_NULL, REQUEST_NULL];
		const statuses: MPI.Status[] = [];
		assert.equal(Request.Waitall(none, statuses), true);
		assert.deepEqual([statuses.length, statuses[1]!.source], [2, MPI.ANY_SOURCE]);
		assert.equal(Request.Testall(none), true);
		assert.deepEqual([Request.Waitany(none), Request.Testany(none)], [UNDEFINED, [UNDEFINED, true]]);
		assert.deepEqual([Request.Waitsome(none), Request.Testsome(none), Request.waitsome(none)], [null, null, [null, null]]);
		assert.deepEqual(
			[Request.Get_status_all(none), Request.Get_status_any(none), Request.Get_status_some(none)],
			[true, [UNDEFINED, true], null],
		);
		assert.deepEqual([Request.waitall([]), Request.testall(none)], [[], [true, [undefined, undefined]]]);
	},
	'what is no list of requests is refused'() {
		assert.throws(() => Request.Waitall([1] as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.throws(() => Request.Waitall(REQUEST_NULL as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.throws(() => Request.Waitall([], { nope: 1 } as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.throws(() => REQUEST_NULL.Wait({ status: 5 } as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'Get_status leaves the completion there'(comm) {
		const request = comm.Irecv(new Int8Array(4), comm.rank, 1);
		assert.equal(request.Get_status(), false);
		comm.Send(new Int8Array(3), comm.rank, 1);
		const status = new Status();
		while (!request.get_status(status));
		assert.equal(status.count, 3);
		assert.notEqual(request.handle, 0);
		assert.deepEqual(Request.Get_status_any([request]), [0, true]);
		assert.deepEqual(Request.Get_status_some([REQUEST_NULL, request]), [1]);
		request.Wait(status);
		assert.deepEqual([request.handle, status.count], [0, 3]);
	},
	'Waitany, Waitsome and their statuses'(comm) {
		const { next, previous } = ring(comm);
		const buffers = [1, 2, 3, 4].map(() => new Int32Array(1));
		const receives = buffers.map((buffer, i) => comm.Irecv(buffer, previous, i));
		const status = new Status();
		assert.deepEqual(Request.Testany(receives), [UNDEFINED, false]);
		comm.Barrier();
		comm.Send(Int32Array.of(2), next, 2);
		assert.equal(Request.Waitany(receives, status), 2);
		assert.deepEqual([status.tag, status.count, receives[2]!.handle], [2, 4, 0]);
		comm.Barrier();
		comm.Send(Int32Array.of(0), next, 0);
		comm.Send(Int32Array.of(3), next, 3);
		const done: number[] = [];
		const statuses: MPI.Status[] = [];
		while (done.length < 2) {
			const some = Request.Waitsome(receives, statuses)!;
			assert.equal(statuses.length, some.length);
			some.forEach((index, i) => assert.equal(statuses[i]!.tag, index));
			done.push(...some);
		}
		assert.deepEqual(done.sort(), [0, 3]);
		comm.Barrier();
		comm.Send(Int32Array.of(1), next, 1);
		while (Request.Testsome(receives)!.length === 0);
		assert.equal(Request.Testsome(receives), null);
		assert.deepEqual(
			buffers.map(([value]) => value),
			[0, 1, 2, 3],
		);
	},
	'errors of several are told together'(comm) {
		if (isOpenMpiToItself(comm)) return;
		const { next, previous } = ring(comm);
		const requests = [comm.Irecv(new Int8Array(1), previous, 1), comm.Irecv(new Int8Array(8), previous, 2)];
		comm.Send(new Int8Array(5), next, 1);
		comm.Send(new Int8Array(5), next, 2);
		const statuses: MPI.Status[] = [];
		assert.throws(
			() => Request.Waitall(requests, statuses),
			(error: MPI.Exception) => {
				assert.equal(error.Get_error_class(), MPI.ERR_IN_STATUS);
				assert.match(error.message, /request 0 .*MPI_ERR_TRUNCATE/);
				return (error.cause as MPI.Exception).error_class === MPI.ERR_TRUNCATE;
			},
		);
		assert.deepEqual(
			statuses.map(({ error }) => error),
			[MPI.ERR_TRUNCATE, MPI.SUCCESS],
		);
	},
	async 'awaiting does not block the event loop'(comm) {
		const { next, previous } = ring(comm);
		const order: string[] = [];
		const buffer = new Float64Array(2);
		const receiving = comm.Irecv(buffer, previous, 1);
		const object = comm.irecv<{ text: string }>(previous, 2);
		const awaited = Promise.all([receiving.then(() => order.push('received')), object.then(({ text }) => order.push(text))]);
		await new Promise<void>((resolve) => setTimeout(() => (order.push('timer'), resolve()), 5));
		comm.Send(Float64Array.of(1, 2), next, 1);
		comm.send({ text: 'object' }, next, 2);
		await awaited;
		// A neighbour may have been quicker than the own timer.
		assert.deepEqual([...order].sort(), ['object', 'received', 'timer']);
		assert.deepEqual([...buffer], [1, 2]);
		const status = new Status();
		receiving.Wait(status);
		assert.deepEqual([status.source, status.count, object.wait()], [previous, 16, { text: 'object' }]);
		assert.equal(await object, object.wait());
		await comm.Ibarrier();
		assert.equal(await comm.isend(1, MPI.PROC_NULL), undefined);
	},
	async 'an error reaches whoever awaits, and whoever waits'(comm) {
		if (isOpenMpiToItself(comm)) return;
		const { next, previous } = ring(comm);
		const receiving = comm.Irecv(new Int8Array(1), previous, 1);
		comm.Send(new Int8Array(2), next, 1);
		await assert.rejects(async () => receiving, { error_class: MPI.ERR_TRUNCATE });
		throwsClass(MPI.ERR_TRUNCATE, () => receiving.Wait());
	},
	async 'waiting settles what is awaited'(comm) {
		const { next, previous } = ring(comm);
		const receiving = comm.irecv(previous, 1);
		const awaited = receiving.then((value) => value);
		const buffered = comm.Irecv(new Int8Array(1), previous, 2);
		const awaitedToo = buffered.then(() => 'settled');
		comm.send('value', next, 1);
		comm.Send(new Int8Array(1), next, 2);
		assert.equal(receiving.wait(), 'value');
		buffered.Wait();
		assert.deepEqual(await Promise.all([awaited, awaitedToo]), ['value', 'settled']);
	},
	'a receive of a buffer can be cancelled'(comm) {
		const request = comm.Irecv(new Int8Array(1), comm.rank, 55);
		request.Cancel();
		const status = new Status();
		request.Wait(status);
		assert.equal(status.Is_cancelled(), true);
	},
	'a freed request goes on'(comm) {
		const { next, previous } = ring(comm);
		const request = comm.Isend(Int8Array.of(5), next, 1);
		request.Free();
		assert.equal(request.handle, 0);
		const buffer = new Int8Array(1);
		comm.Recv(buffer, previous, 1);
		assert.equal(buffer[0], 5);
	},
});
