/** The serializer, and others in its place. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { ring, withEachComm } from '../helpers/cases.js';

const { pickle } = MPI;
const values = [null, 5, 'text', [1, [2]], { a: { b: 'c' } }];

await withEachComm({
	'there and back'() {
		for (const value of [...values, new Map([[1, new Set([2])]]), 5n]) assert.deepEqual(pickle.loads(pickle.dumps(value)), value);
		const large = { array: new Float64Array(20_000).fill(1.5), small: new Int8Array(4) };
		const [bytes, buffers] = pickle.dumps_oob(large);
		assert.equal(buffers.length, 1);
		assert.ok(bytes.length < 500);
		assert.equal(buffers[0]!.buffer, large.array.buffer, 'not a copy');
		assert.deepEqual(
			pickle.loads_oob(
				bytes,
				buffers.map((buffer) => buffer.slice()),
			),
			large,
		);
		assert.deepEqual([pickle.PROTOCOL, pickle.THRESHOLD], [null, 65_536]);
	},
	'another serializer'(comm) {
		const { next, previous } = ring(comm);
		const calls = { dumps: 0, loads: 0 };
		pickle.init(
			(value) => (calls.dumps++, Buffer.from(JSON.stringify(value))),
			(bytes) => (calls.loads++, JSON.parse(Buffer.from(bytes).toString()) as unknown),
		);
		try {
			for (const value of [...values, 'x'.repeat(200_000)]) {
				assert.deepEqual(comm.sendrecv(value, next, { source: previous }), value);
				const receiving = comm.irecv(previous, 1);
				comm.send(value, next, 1);
				assert.deepEqual(receiving.wait(), value);
				assert.deepEqual(comm.bcast(value), value);
				assert.deepEqual(comm.allgather(value), Array(comm.size).fill(value));
			}
			assert.ok(calls.dumps > 12 && calls.loads > 12);
		} finally {
			pickle.init();
		}
		assert.deepEqual(comm.sendrecv(new Set([1]), next, { source: previous }), new Set([1]));
	},
	'a threshold of one byte sends every array apart'(comm) {
		const { next, previous } = ring(comm);
		pickle.THRESHOLD = 1;
		try {
			const value = { a: Int8Array.of(1), b: [Float32Array.of(2, 3), new Uint8Array(0)] };
			assert.deepEqual(comm.sendrecv(value, next, { source: previous }), value);
			const request = comm.irecv(previous, 2);
			comm.issend(value, next, 2).wait(); // would wait for ever if its receive were not served
			assert.deepEqual(request.wait(), value);
		} finally {
			pickle.THRESHOLD = 65_536;
		}
	},
	'serializers that are none'() {
		assert.throws(() => pickle.init(() => new Uint8Array(1)), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.throws(() => pickle.init(5 as never, 5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.throws(
			() =>
				new MPI.Pickle(
					() => 'text' as never,
					() => 1,
				).dumps(1),
			{ code: 'ERR_NPROCS_INVALID_ARG' },
		);
	},
});
