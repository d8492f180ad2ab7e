/** What statuses say, and keep. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { ring, throwsClass, withEachComm } from '../helpers/cases.js';

await withEachComm({
	'a new one is empty'() {
		const status = new MPI.Status();
		assert.deepEqual([status.Get_source(), status.Get_tag(), status.Get_error()], [MPI.ANY_SOURCE, MPI.ANY_TAG, MPI.SUCCESS]);
		assert.deepEqual([status.Get_count(), status.Get_count(MPI.DOUBLE), status.Get_elements(MPI.BYTE), status.Is_cancelled()], [0, 0, 0, false]);
	},
	'it can be set'() {
		const status = new MPI.Status();
		status.Set_source(1);
		status.Set_tag(2);
		status.Set_error(MPI.ERR_ARG);
		status.Set_elements(MPI.BYTE, 7);
		status.Set_cancelled(true);
		assert.deepEqual([status.source, status.tag, status.error, status.count, status.cancelled], [1, 2, MPI.ERR_ARG, 7, true]);
		const copy = new MPI.Status(status);
		status.source = 5;
		assert.deepEqual(
			[copy.source, copy.tag, copy.error, copy.count, copy.Get_elements(MPI.BYTE), copy.cancelled],
			[1, 2, MPI.ERR_ARG, 7, 7, true],
		);
	},
	'it refuses what is none'() {
		assert.throws(() => new MPI.Status(123 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		throwsClass(MPI.ERR_TYPE, () => new MPI.Status().Get_count(MPI.DATATYPE_NULL));
		throwsClass(MPI.ERR_TYPE, () => new MPI.Status().Set_elements(MPI.DATATYPE_NULL, 0));
	},
	'a receive fills it'(comm) {
		const { next, previous } = ring(comm);
		const status = new MPI.Status();
		const receiving = comm.Irecv(new Int16Array(20), previous, 9);
		comm.Send(new Int16Array(7), next, 9);
		receiving.Wait(status);
		assert.deepEqual([status.source, status.tag, status.error, status.count], [previous, 9, MPI.SUCCESS, 14]);
		assert.deepEqual([status.Get_count(MPI.SHORT), status.Get_count(MPI.INT), status.Get_elements(MPI.SHORT)], [7, MPI.UNDEFINED, 7]);
	},
	'a receive from nobody empties it'(comm) {
		const status = new MPI.Status();
		status.count = 4;
		comm.Recv(new Int8Array(3), MPI.PROC_NULL, 5, status);
		assert.deepEqual([status.source, status.tag, status.count], [MPI.PROC_NULL, MPI.ANY_TAG, 0]);
	},
	'elements of a pair are two'(comm) {
		const { next, previous } = ring(comm);
		const status = new MPI.Status();
		const memory = new ArrayBuffer(16);
		const receiving = comm.Irecv([memory, 2, MPI.FLOAT_INT], previous, 1);
		comm.Send([new ArrayBuffer(16), 2, MPI.FLOAT_INT], next, 1);
		receiving.Wait(status);
		assert.deepEqual([status.Get_count(MPI.FLOAT_INT), status.count], [2, 16]);
	},
});
