/** Values as messages, in all ways in which they can be sent and received. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { ring, throwsClass, withEachComm } from '../helpers/cases.js';

const basic: unknown[] = [null, undefined, true, false, -7, 0, 7, -(2 ** 53) + 1, 2n ** 63n - 1n, -2.17, 0, 1.62, 'mpi', 'größer ✓', new Date(7)];
const messages: unknown[] = [
	...basic,
	[...basic],
	new Set(basic),
	new Map(basic.map((value, i) => [`k${i}`, value])),
	Object.fromEntries(basic.map((value, i) => [`k${i}`, value])),
	Float64Array.of(1, 2, 3),
	/x/g,
];

await withEachComm({
	'send and recv, from rank to rank'(comm) {
		const { rank, size } = comm;
		for (const message of messages) {
			comm.send(message, MPI.PROC_NULL);
			assert.equal(comm.recv(MPI.PROC_NULL, 0), null);
			if (size === 1) continue;
			const received = rank === 0 ? message : comm.recv(rank - 1, 0);
			if (rank < size - 1) comm.send(received, rank + 1, 0);
			assert.deepEqual(received, message);
		}
	},
	'ssend and recv'(comm) {
		const { rank, size } = comm;
		for (const message of messages) {
			comm.ssend(message, MPI.PROC_NULL);
			if (size === 1) continue;
			const received = rank === 0 ? message : comm.recv(rank - 1);
			if (rank < size - 1) comm.ssend(received, rank + 1);
			assert.deepEqual(received, message);
		}
	},
	'isend and recv'(comm) {
		const { next, previous } = ring(comm);
		for (const message of messages) {
			const request = comm.isend(message, next, 3);
			assert.notEqual(request.handle, 0);
			assert.deepEqual(comm.recv(previous, 3), message);
			request.Wait();
			assert.equal(request.handle, 0);
			comm.isend(message, MPI.PROC_NULL).Wait();
		}
	},
	'issend and recv'(comm) {
		const { next, previous } = ring(comm);
		for (const message of messages) {
			const request = comm.issend(message, next, 3);
			assert.deepEqual(comm.recv({ source: previous, tag: 3 }), message);
			while (!request.Test());
		}
	},
	'bsend, ibsend and recv'(comm) {
		const { next, previous } = ring(comm);
		MPI.Attach_buffer(new Uint8Array(100_000));
		for (const message of messages) {
			comm.bsend(message, next, 1);
			comm.ibsend(message, next, { tag: 2 }).Wait();
			assert.deepEqual(comm.recv(previous, 2), message);
			assert.deepEqual(comm.recv(previous, 1), message);
		}
		MPI.Detach_buffer();
	},
	'irecv before send'(comm) {
		const { next, previous } = ring(comm);
		for (const message of messages) {
			assert.equal(comm.irecv(MPI.PROC_NULL).wait(), null);
			const request = comm.irecv(previous, 4);
			assert.notEqual(request.handle, 0);
			comm.send(message, next, 4);
			assert.deepEqual(request.wait(), message);
			assert.deepEqual(request.wait(), message, 'a second time');
			assert.equal(request.handle, 0);
		}
	},
	'test tells, and gives the value'(comm) {
		const { rank } = comm;
		for (const message of messages) {
			const request = comm.irecv(rank, 0);
			assert.deepEqual(request.test(), [false, undefined]);
			comm.send(message, rank, 0);
			let answer = request.test();
			while (!answer[0]) answer = request.test();
			assert.deepEqual(answer, [true, message]);
		}
	},
	'waitany, testany'(comm) {
		const { rank } = comm;
		for (const message of messages) {
			const requests = [1, 2, 3].map((tag) => comm.irecv(rank, tag));
			assert.deepEqual(MPI.Request.testany(requests), [MPI.UNDEFINED, false, undefined]);
			for (const i of [2, 0, 1]) {
				comm.send(message, rank, i + 1);
				const [index, value] = MPI.Request.waitany(requests);
				assert.equal(index, i);
				assert.deepEqual(value, message);
				assert.equal(requests[i]!.handle, 0);
			}
			assert.deepEqual(MPI.Request.waitany(requests), [MPI.UNDEFINED, undefined]);
			assert.deepEqual(MPI.Request.testany(requests), [MPI.UNDEFINED, true, undefined]);
		}
	},
	'waitall, testall, with their statuses'(comm) {
		const { next, previous } = ring(comm);
		for (const message of messages) {
			const requests = [comm.isend(message, next, 1), comm.irecv(previous, 2), comm.irecv(previous, 1), comm.isend(message, next, 2)];
			const statuses: MPI.Status[] = [];
			const values = MPI.Request.waitall<unknown>(requests, statuses);
			assert.deepEqual(values, [undefined, message, message, undefined]);
			assert.deepEqual([statuses.length, statuses[1]!.source, statuses[1]!.tag, statuses[2]!.tag], [4, previous, 2, 1]);
			const more = [comm.irecv(previous, 1), comm.isend(message, next, 1)];
			let answer = MPI.Request.testall<unknown>(more);
			while (!answer[0]) answer = MPI.Request.testall(more);
			assert.deepEqual(answer[1], [message, undefined]);
		}
	},
	'waitsome, testsome'(comm) {
		const { rank } = comm;
		const requests = [1, 2, 3].map((tag) => comm.irecv<string>(rank, tag));
		assert.deepEqual(MPI.Request.testsome(requests), [[], []]);
		comm.send('b', rank, 2);
		comm.send('c', rank, 3);
		const [first] = MPI.Request.waitsome(requests);
		assert.ok(first !== null && first.every((index) => index > 0));
		while (requests[1]!.handle !== 0 || requests[2]!.handle !== 0) MPI.Request.waitsome(requests.slice(1));
		comm.send('a', rank, 1);
		assert.deepEqual(MPI.Request.waitsome(requests), [[0], ['a']]);
		assert.deepEqual(MPI.Request.waitsome(requests), [null, null]);
		assert.deepEqual(MPI.Request.testsome(requests), [null, null]);
	},
	sendrecv(comm) {
		const { next, previous } = ring(comm);
		for (const message of messages) {
			assert.deepEqual(comm.sendrecv(message, next, 5, null, previous, 5), message);
			assert.deepEqual(comm.sendrecv(message, next, { source: previous }), message);
			const status = new MPI.Status();
			assert.deepEqual(comm.sendrecv(message, { dest: next, sendtag: 8, source: previous, recvtag: 8, status }), message);
			assert.deepEqual([status.source, status.tag], [previous, 8]);
			assert.equal(comm.sendrecv(message, MPI.PROC_NULL, 0, null, MPI.PROC_NULL, 0), null);
		}
	},
	'probe, iprobe and recv'(comm) {
		const { rank } = comm;
		const status = new MPI.Status();
		assert.equal(comm.iprobe(rank, 3), false);
		const sending = comm.isend('first', rank, 3);
		assert.equal(comm.probe(rank, 3, status), true);
		assert.deepEqual([status.source, status.tag, comm.iprobe({ source: rank, tag: 3 })], [rank, 3, true]);
		assert.equal(comm.recv({ source: rank, tag: 3, status }), 'first');
		sending.wait();
		assert.equal(comm.probe(MPI.PROC_NULL, 0, status), true);
		assert.deepEqual([status.source, status.tag, status.count], [MPI.PROC_NULL, MPI.ANY_TAG, 0]);
		assert.equal(comm.iprobe(MPI.PROC_NULL), true);
	},
	'mprobe, improbe, and recv of the message'(comm) {
		const { next, previous } = ring(comm);
		for (const message of messages) {
			const sending = comm.isend(message, next, 6);
			const taken = comm.mprobe(previous, 6);
			assert.deepEqual(taken.recv(), message);
			throwsClass(MPI.ERR_REQUEST, () => taken.recv());
			sending.wait();
			const again = comm.isend(message, next, 7);
			let found = comm.improbe(previous, 7);
			while (found === null) found = comm.improbe({ source: previous, tag: 7 });
			assert.deepEqual(found.irecv().wait(), message);
			again.wait();
		}
		assert.equal(comm.mprobe(MPI.PROC_NULL), MPI.MESSAGE_NO_PROC);
		assert.equal(comm.improbe(MPI.PROC_NULL), MPI.MESSAGE_NO_PROC);
		assert.equal(MPI.MESSAGE_NO_PROC.recv(), null);
		assert.equal(MPI.MESSAGE_NO_PROC.irecv().wait(), null);
		throwsClass(MPI.ERR_REQUEST, () => MPI.MESSAGE_NULL.recv());
		assert.equal(MPI.Message.iprobe(comm, comm.rank, 99), null);
	},
	'receives that were started match in the order of the calls'(comm) {
		const { next, previous } = ring(comm);
		const requests = [comm.irecv(previous, 1), comm.irecv(), comm.irecv(MPI.ANY_SOURCE, 2), comm.irecv(previous, MPI.ANY_TAG)];
		for (const [tag, value] of [
			[2, 'to the second'],
			[1, 'to the first'],
			[3, 'to the fourth'],
			[2, 'to the third'],
		] as const)
			comm.send(value, next, tag);
		assert.deepEqual(MPI.Request.waitall(requests), ['to the first', 'to the second', 'to the third', 'to the fourth']);
		const earlier = comm.irecv(previous, 4);
		comm.send('one', next, 4);
		const sending = comm.isend('two', next, 4);
		assert.equal(comm.recv(previous, 4), 'two');
		assert.equal(earlier.wait(), 'one');
		sending.wait();
	},
	'large arrays and texts, beside receives with wildcards'(comm) {
		const { next, previous } = ring(comm);
		const large = { a: new Float64Array(50_000).fill(1.5), b: 'x'.repeat(150_000), c: [new Uint8Array(70_000).fill(3)] };
		const receives = [comm.irecv(), comm.irecv(), comm.irecv()];
		const sends = [comm.isend(large, next, 1), comm.isend('small', next, 2), comm.isend(large, next, 3)];
		const status = new MPI.Status();
		const values = [receives[0]!.wait(status), receives[1]!.wait(), receives[2]!.wait()];
		assert.deepEqual(values, [large, 'small', large]);
		assert.ok(status.count > 400_000 + 150_000 + 70_000);
		assert.equal(status.source, previous);
		MPI.Request.waitall(sends);
		assert.deepEqual(comm.sendrecv(large, next, { source: previous }), large);
		const message = (comm.isend(large, next, 5), comm.mprobe(previous, 5));
		assert.deepEqual(message.recv(), large);
	},
	'a receive that was started is served while the rank waits for something else'(comm) {
		if (comm.size === 1) return;
		const large = new Float64Array(2_000_000).fill(comm.rank);
		const last = comm.size - 1;
		for (const wait of ['message', 'collective'] as const) {
			const receiving = comm.rank === 0 ? comm.irecv<Float64Array>(last, 1) : undefined;
			if (comm.rank === last) comm.ssend(large, 0, 1);
			// A real MPI does not match a barrier that blocks with one that was started, so it is not served there.
			if (wait === 'collective' && MPI.get_vendor()[0] === 'nprocs') comm.Barrier();
			else if (comm.rank === last) comm.Send(new Int8Array(1), 0, 2);
			else if (comm.rank === 0) comm.Recv(new Int8Array(1), last, 2);
			assert.equal(receiving?.wait()[1_999_999] ?? last, last);
		}
	},
	'a receive can be cancelled'(comm) {
		const status = new MPI.Status();
		const request = comm.irecv(comm.rank, 77);
		request.Cancel();
		request.Wait(status);
		assert.equal(status.Is_cancelled(), true);
		const sending = comm.isend('not for it', comm.rank, 77);
		assert.equal(comm.recv(comm.rank, 77), 'not for it');
		sending.wait();
	},
	'what cannot be sent is named, and nothing is sent'(comm) {
		assert.throws(() => comm.send({ deep: { fn: () => 1 } }, comm.rank, 1), { code: 'ERR_NPROCS_SERIALIZATION', path: 'deep.fn' });
		assert.throws(() => comm.isend(Symbol('s'), comm.rank, 1), { code: 'ERR_NPROCS_SERIALIZATION' });
		assert.equal(comm.iprobe(comm.rank, 1), false);
	},
});
