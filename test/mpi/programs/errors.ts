/** Error handlers, classes and codes; and calls that cannot be done, which change nothing. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { ring, throwsClass, withEachComm } from '../helpers/cases.js';

function detached(): Float64Array {
	const array = new Float64Array(4);
	structuredClone(array, { transfer: [array.buffer] });
	return array;
}

await withEachComm({
	handlers(comm) {
		assert.equal(comm.Get_errhandler(), MPI.ERRORS_RETURN);
		const seen: unknown[] = [];
		const handler = MPI.Comm.Create_errhandler((owner, code) => void seen.push(owner, code));
		comm.Set_errhandler(handler);
		assert.equal(comm.Get_errhandler(), handler);
		throwsClass(MPI.ERR_RANK, () => comm.send(1, comm.size));
		assert.deepEqual(seen, [comm, MPI.ERR_RANK]);
		comm.Call_errhandler(MPI.ERR_OTHER);
		assert.deepEqual(seen.slice(2), [comm, MPI.ERR_OTHER]);
		const copy = comm.Dup();
		assert.equal(copy.Get_errhandler(), handler);
		copy.Free();
		comm.Set_errhandler(MPI.ERRORS_RETURN);
		handler.Free();
		throwsClass(MPI.ERR_ARG, () => comm.Set_errhandler(handler));
		throwsClass(MPI.ERR_ARG, () => comm.Set_errhandler(MPI.ERRHANDLER_NULL));
		throwsClass(MPI.ERR_ARG, () => MPI.ERRORS_RETURN.Free());
		assert.throws(() => comm.Set_errhandler({} as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		assert.throws(() => MPI.Comm.Create_errhandler(5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'classes and codes'() {
		for (const [name, errorClass] of Object.entries(MPI as Record<string, unknown>).filter((entry): entry is [string, number] =>
			entry[0].startsWith('ERR_'),
		)) {
			assert.equal(MPI.Get_error_class(errorClass), errorClass);
			assert.ok(MPI.Get_error_string(errorClass).startsWith(`MPI_${name}: `), name);
			const error = new MPI.Exception(errorClass);
			assert.deepEqual([error.Get_error_class(), error.Get_error_code(), error.Get_error_string()], [errorClass, errorClass, error.message]);
		}
		assert.equal(MPI.Get_error_class(MPI.SUCCESS), MPI.SUCCESS);
		const added = MPI.Add_error_class();
		const code = MPI.Add_error_code(added);
		MPI.Add_error_string(code, 'ours');
		assert.deepEqual([MPI.Get_error_class(added), MPI.Get_error_class(code), MPI.Get_error_string(code)], [added, added, 'ours']);
		assert.equal(new MPI.Exception(code).Get_error_class(), added);
		assert.throws(() => MPI.Remove_error_class(added), /belongs to it/);
		MPI.Remove_error_string(code);
		MPI.Remove_error_code(code);
		MPI.Remove_error_class(added);
		assert.throws(() => MPI.Remove_error_code(code), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'ranks, tags, roots'(comm) {
		const buffer = new Int32Array(4);
		const { size } = comm;
		const tagUb = comm.Get_attr<number>(MPI.TAG_UB)!;
		for (const [errorClass, calls] of [
			[
				MPI.ERR_RANK,
				[
					() => comm.Send(buffer, size),
					() => comm.Send(buffer, -5),
					() => comm.send(1, size),
					() => comm.isend(1, MPI.ANY_SOURCE),
					() => comm.Recv(buffer, size),
					() => comm.recv(-9),
					() => comm.Probe(size),
					() => comm.Irecv(buffer, size),
					() => comm.Sendrecv(buffer, 0, 0, buffer.slice(), size),
					() => comm.mprobe(size),
					() => comm.irecv(size),
				],
			],
			[
				MPI.ERR_TAG,
				[
					() => comm.Send(buffer, 0, -1),
					() => comm.Send(buffer, 0, MPI.ANY_TAG),
					() => comm.send(1, 0, -3),
					() => comm.Recv(buffer, 0, -7),
					() => comm.recv(0, -7),
					() => comm.Isend(buffer, 0, tagUb + 1),
					() => comm.Iprobe(0, -2),
				],
			],
			[
				MPI.ERR_ROOT,
				[() => comm.bcast(1, size), () => comm.Bcast(buffer, -1), () => comm.Gather(buffer, buffer, size), () => comm.scatter([1], -4)],
			],
		] as const) {
			for (const call of calls) throwsClass(errorClass, call);
		}
		for (const bad of ['1', 1.5, NaN, null, undefined]) {
			assert.throws(() => comm.Send(buffer, bad as never), { code: 'ERR_NPROCS_INVALID_ARG' });
			if (bad !== undefined) assert.throws(() => comm.send(1, 0, bad as never), { code: 'ERR_NPROCS_INVALID_ARG' });
			if (bad !== undefined) assert.throws(() => comm.recv(bad as never), { code: 'ERR_NPROCS_INVALID_ARG' });
		}
		assert.throws(() => comm.recv({ src: 1 } as never), { code: 'ERR_NPROCS_INVALID_ARG', message: /`source`/ });
		assert.throws(() => comm.Send(buffer, { dest: 0, tags: 1 } as never), { code: 'ERR_NPROCS_INVALID_ARG', message: /`tag`/ });
	},
	'a message that is no value'(comm) {
		const isTold = {
			code: 'ERR_NPROCS_MALFORMED_MESSAGE',
			message: /no value\. Either a buffer was sent .* or the ranks have not called the same/,
		};
		for (const bytes of [[1], [0, 0, 0, 64], [255], [255, 0, 5, 0, 0, 0, 1, 2], [255, 0, 6, 0, 0, 0, 1, 2, 3, 4, 5, 6], [255, 0, 0, 0, 0, 0]]) {
			const sent = comm.Isend(Uint8Array.from(bytes), comm.rank, 3);
			assert.throws(() => comm.recv(comm.rank, 3), isTold);
			sent.wait();
		}
	},
	buffers(comm) {
		const { rank } = comm;
		for (const list of [[1, 2, 3], [1], [0, 1, 2, 3, 4]])
			assert.throws(() => comm.Send(list as never, rank), { code: 'ERR_NPROCS_INVALID_ARG', message: /Float64Array\.from\(list\)/ });
		const derived = MPI.INT.Create_contiguous(2);
		const resizable = new (ArrayBuffer as new (size: number, options: object) => ArrayBuffer)(8, { maxByteLength: 16 });
		for (const [errorClass, buffers] of [
			[
				MPI.ERR_BUFFER,
				[
					MPI.IN_PLACE,
					detached(),
					detached().buffer,
					new Uint8Array(resizable),
					resizable,
					[new Int32Array(2), 3],
					[new Int32Array(4), 1, 4, MPI.INT],
					[new Int32Array(4), [1, -1]],
					[new Uint8Array(4), 1, MPI.DOUBLE],
					[MPI.BOTTOM, 1, MPI.INT],
				],
			],
			[
				MPI.ERR_COUNT,
				[
					[new Int32Array(4), -1],
					[new Int32Array(4), 2 ** 31],
					[new Uint8Array(7), MPI.INT],
				],
			],
			[
				MPI.ERR_TYPE,
				[
					[new Int32Array(4), MPI.DATATYPE_NULL],
					[new Int32Array(4), 2, derived],
				],
			],
		] as const) {
			for (const buffer of buffers as readonly unknown[]) {
				throwsClass(errorClass, () => comm.Send(buffer as never, rank));
				throwsClass(errorClass, () => comm.Recv(buffer as never, rank));
				throwsClass(errorClass, () => comm.Isend(buffer as never, rank));
				throwsClass(errorClass, () => comm.Irecv(buffer as never, rank));
				throwsClass(errorClass, () => comm.Sendrecv_replace(buffer as never, rank));
				throwsClass(errorClass, () => comm.Send_init(buffer as never, rank));
			}
		}
		for (const buffer of [
			5,
			'text',
			{},
			[1, 2, 3],
			[[1, 2], 2],
			() => 1,
			[new Int32Array(1), 1, 1, MPI.INT, 1],
			[new Int32Array(1), 1, 'no such type'],
			[new Int32Array(1), 1.5],
		]) {
			assert.throws(
				() => comm.Send(buffer as never, rank),
				(error: Error & { code: string }) => error.code === 'ERR_NPROCS_INVALID_ARG' || error instanceof MPI.Exception,
			);
		}
		assert.equal(comm.Iprobe(), false, 'nothing was sent');
		derived.Free();
	},
	'after all that, it works'(comm) {
		const { next, previous } = ring(comm);
		assert.equal(comm.sendrecv('fine', next, { source: previous }), 'fine');
	},
	'an error says what was wrong and what to do'(comm) {
		assert.throws(() => comm.Send([1, 2] as never, 0), { message: /Float64Array\.from/ });
		assert.throws(() => comm.send(1, comm.size), { name: 'MPI.Exception', message: /^MPI_ERR_RANK: There is no rank \d+ \(`dest`\): .* rank/ });
		assert.throws(() => comm.Send(new Int8Array(1), 0, -1), { message: /MPI\.ANY_TAG is for receives/ });
	},
});
