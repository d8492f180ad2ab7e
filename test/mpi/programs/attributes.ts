/** Attributes of communicators. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withEachComm } from '../helpers/cases.js';

const { Comm } = MPI;

await withEachComm({
	'set, get, delete'(comm) {
		const keyval = Comm.Create_keyval();
		assert.notEqual(keyval, MPI.KEYVAL_INVALID);
		assert.equal(comm.Get_attr(keyval), null);
		const value = [1, 2, 3];
		comm.Set_attr(keyval, value);
		assert.equal(comm.Get_attr(keyval), value);
		comm.Delete_attr(keyval);
		assert.equal(comm.Get_attr(keyval), null);
		assert.equal(Comm.Free_keyval(keyval), MPI.KEYVAL_INVALID);
		for (const call of [
			() => comm.Get_attr(keyval),
			() => comm.Set_attr(keyval, 1),
			() => Comm.Free_keyval(keyval),
			() => comm.Get_attr(MPI.KEYVAL_INVALID),
		]) {
			throwsClass(MPI.ERR_KEYVAL, call);
		}
	},
	copies(comm) {
		const value = { of: 'the program' };
		let keyval = MPI.KEYVAL_INVALID;
		for (const [copy, expected] of [
			[null, null],
			[false, null],
			[true, value],
			[(owner: MPI.Comm, key: number, given: unknown) => (assert.deepEqual([owner, key, given], [comm, keyval, value]), undefined), null],
			[() => 'another', 'another'],
		] as const) {
			keyval = Comm.Create_keyval(copy as MPI.CopyFunction<MPI.Comm>);
			comm.Set_attr(keyval, value);
			const duplicate = comm.Dup();
			assert.equal(duplicate.Get_attr(keyval), expected);
			duplicate.Free();
			comm.Delete_attr(keyval);
			Comm.Free_keyval(keyval);
		}
	},
	deletes(comm) {
		const seen: unknown[] = [];
		const keyval = Comm.Create_keyval({ copy_fn: true, delete_fn: (_owner: MPI.Comm, _key: number, value: unknown) => void seen.push(value) });
		comm.Set_attr(keyval, 'first');
		comm.Set_attr(keyval, 'second');
		assert.deepEqual(seen, ['first']);
		const copy = comm.Dup();
		copy.Free();
		assert.deepEqual(seen, ['first', 'second']);
		comm.Delete_attr(keyval);
		assert.deepEqual(seen, ['first', 'second', 'second']);
		Comm.Free_keyval(keyval);
	},
	'an attribute may be a communicator that is duplicated and freed with its owner'(comm) {
		const keyval = Comm.Create_keyval(
			(_owner: MPI.Comm, _key: number, value: MPI.Comm) => value.Dup(),
			(_owner: MPI.Comm, _key: number, value: MPI.Comm) => value.Free(),
		);
		const first = comm.Dup();
		comm.Set_attr(keyval, first);
		const copy = comm.Dup();
		const second = copy.Get_attr<MPI.Comm>(keyval)!;
		assert.notEqual(second, first);
		copy.Free();
		assert.equal(second.handle, 0);
		comm.Delete_attr(keyval);
		assert.equal(first.handle, 0);
		Comm.Free_keyval(keyval);
	},
	'what a function throws is the cause'(comm) {
		const keyval = Comm.Create_keyval(null, () => {
			throw new RangeError('on purpose');
		});
		comm.Set_attr(keyval, 1);
		assert.throws(
			() => comm.Delete_attr(keyval),
			(error: MPI.Exception) => {
				return error.Get_error_class() === MPI.ERR_OTHER && error.cause instanceof RangeError && /on purpose/.test(error.message);
			},
		);
		Comm.Free_keyval(keyval);
		assert.throws(() => Comm.Create_keyval(5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
});

// Those of COMM_SELF are deleted when MPI ends, while everything still works.
const keyval = Comm.Create_keyval(null, () => console.log('the end', MPI.COMM_WORLD.allreduce(1) === MPI.COMM_WORLD.size));
MPI.COMM_SELF.Set_attr(keyval, 'set');
