/** Info objects. */
import assert from 'node:assert/strict';
import { MPI } from 'nprocs/mpi';
import { throwsClass, withWorld } from '../helpers/cases.js';

const { Info, INFO_NULL } = MPI;

await withWorld({
	making() {
		for (const items of [
			null,
			{},
			[],
			{ a: '1', b: '2' },
			[
				['a', '1'],
				['b', '2'],
			],
			new Map([['a', '1']]),
		] as MPI.InfoItems[]) {
			const info = Info.Create(items);
			assert.deepEqual(
				info.items(),
				items === null ? [] : [...new Map(Symbol.iterator in items ? (items as Iterable<[string, string]>) : Object.entries(items))],
			);
			info.Free();
			assert.equal(info.handle, 0);
		}
		assert.throws(() => Info.Create(123 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'set, get, delete'() {
		const info = Info.Create();
		assert.deepEqual([info.Get('key'), info.Get_nkeys()], [null, 0]);
		info.Set('key', 'value');
		assert.deepEqual([info.Get('key'), info.Get_nkeys(), info.Get_nthkey(0)], ['value', 1, 'key']);
		const copy = info.Dup();
		info.Delete('key');
		assert.deepEqual([info.Get('key'), copy.Get('key')], [null, 'value']);
		throwsClass(MPI.ERR_INFO_NOKEY, () => info.Delete('key'));
		throwsClass(MPI.ERR_ARG, () => info.Get_nthkey(0));
		throwsClass(MPI.ERR_INFO_KEY, () => info.Set('k'.repeat(256), ''));
		throwsClass(MPI.ERR_INFO_KEY, () => info.Set('', ''));
		throwsClass(MPI.ERR_INFO_VALUE, () => info.Set('k', 'v'.repeat(1025)));
		assert.throws(() => info.Set('k', 5 as never), { code: 'ERR_NPROCS_INVALID_ARG' });
	},
	'as a map'() {
		const info = Info.Create();
		info.update({ a: '1' });
		info.update([['b', '2']]);
		assert.deepEqual(
			[info.size, info.has('a'), info.has('c'), [...info], info.keys(), info.values()],
			[2, true, false, ['a', 'b'], ['a', 'b'], ['1', '2']],
		);
		assert.deepEqual([info.get('a'), info.get('c'), info.get('c', 7)], ['1', null, 7]);
		assert.deepEqual([info.pop('a'), info.pop('a', 'other')], ['1', 'other']);
		throwsClass(MPI.ERR_INFO_NOKEY, () => info.pop('a'));
		assert.deepEqual(info.popitem(), ['b', '2']);
		throwsClass(MPI.ERR_INFO_NOKEY, () => info.popitem());
		info.update({ x: 'y' });
		const copy = info.copy();
		info.clear();
		assert.deepEqual([info.items(), copy.items()], [[], [['x', 'y']]]);
	},
	'a null one has nothing, and takes nothing'() {
		assert.deepEqual(
			[INFO_NULL.size, INFO_NULL.has('k'), INFO_NULL.keys(), INFO_NULL.get('k'), INFO_NULL.pop('k', null)],
			[0, false, [], null, null],
		);
		assert.equal(INFO_NULL.copy().handle, 0);
		INFO_NULL.clear();
		for (const call of [
			() => INFO_NULL.Dup(),
			() => INFO_NULL.Get('k'),
			() => INFO_NULL.Set('k', 'v'),
			() => INFO_NULL.Free(),
			() => INFO_NULL.Get_nkeys(),
			() => INFO_NULL.update({}),
		]) {
			throwsClass(MPI.ERR_INFO, call);
		}
	},
	'the environment'() {
		assert.equal(MPI.INFO_ENV.Get('wdir'), process.cwd());
		assert.ok(MPI.INFO_ENV.Get('command')!.includes('node'));
		throwsClass(MPI.ERR_INFO, () => MPI.INFO_ENV.Free());
		Info.Create_env(['program', 'argument']).Free();
	},
});
