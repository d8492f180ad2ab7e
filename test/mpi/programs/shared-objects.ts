/** Locks, queues and the like in messages between ranks of one machine. */
import assert from 'node:assert/strict';
import { Lock, Queue, SharedArray } from 'nprocs';
import { ring, withEachComm } from '../helpers/cases.js';

await withEachComm({
	'a lock and an array arrive as the same objects, though the sender closes its own'(comm) {
		const { next, previous } = ring(comm);
		const array = new SharedArray(Float64Array, 4);
		const lock = new Lock();
		const sending = comm.isend({ array, lock }, next, 1);
		comm.Barrier();
		const received = comm.recv<{ array: SharedArray<Float64Array>; lock: Lock }>(previous, 1);
		received.array.array[0] = comm.rank + 1;
		comm.Barrier();
		assert.equal(array.array[0], next + 1);
		received.lock.acquireSync();
		received.lock.release();
		sending.wait();
	},
	async 'a queue that was sent and closed is alive until it is received'(comm) {
		const { next, previous } = ring(comm);
		const queue = new Queue<number>();
		queue.putSync(comm.rank);
		comm.send(queue, next, 2);
		queue.close();
		comm.Barrier();
		const received = comm.recv<Queue<number>>(previous, 2);
		assert.equal(received.getSync(), previous);
		received.close();
		await Promise.resolve();
	},
	'in collective operations'(comm) {
		const counter = comm.bcast(comm.rank === 0 ? new SharedArray(Int32Array, 1) : undefined)!;
		Atomics.add(counter.array, 0, 1);
		comm.Barrier();
		assert.equal(counter.array[0], comm.size);
		for (const other of comm.allgather(new Lock())) {
			other.acquireSync();
			other.release();
		}
	},
});
