/** Value and SharedArray. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { Lock, RLock, SharedArray, Value } from 'nprocs';
import { toHandle, openHandle } from '#nprocs/codec/handle.js';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { Actor } from '../helpers/actor.js';

const invalid = { code: 'ERR_NPROCS_INVALID_ARG' };
after(() => Actor.killAll());

const samples = [
	['int8', -128, 127],
	['uint8', 0, 255],
	['int16', -232, 234],
	['uint16', 7, 65535],
	['int32', 4343, 24234],
	['uint32', 1, 2 ** 32 - 1],
	['float32', 0.5, -4.25],
	['float64', 3.625, -4.25],
	['bigint64', 2n ** 33n, -(2n ** 34n)],
	['biguint64', 0n, 2n ** 64n - 1n],
	['bool', true, false],
] as const;

for (const lock of [true, false]) {
	test(`Value of every type, ${lock ? 'with' : 'without'} a lock`, () => {
		for (const [type, before, after] of samples) {
			using value = new Value(type, before as never, { lock });
			assert.equal(value.value, before);
			using same = openHandle(value[toHandle]()) as Value;
			value.value = after as never;
			assert.equal(same.value, after);
			assert.equal(same.type, type);
		}
	});
}

test('Value: defaults, lock, errors', () => {
	assert.deepEqual(
		(['int32', 'float64', 'bigint64', 'bool'] as const).map((type) => {
			using value = new Value(type);
			return value.value as unknown;
		}),
		[0, 0, 0n, false],
	);
	using lock = new Lock();
	using locked = new Value('int32', 5, { lock });
	assert.equal(locked.getLock(), lock);
	using own = new Value('int32', 5);
	assert.ok(own.getLock() instanceof RLock);
	assert.equal(inspect(own), '<Synchronized wrapper for int32(5)>');
	using raw = new Value('int32', 5, { lock: false });
	assert.equal(inspect(raw), '<int32(5)>');
	assert.throws(() => raw.getLock(), { code: 'ERR_NPROCS_NO_LOCK' });
	assert.throws(() => new Value('int32', 5, { lock: 'navalue' as never }), invalid);
	assert.throws(() => new Value('x' as never), invalid);
	assert.throws(() => new Value('int32', '5' as never), invalid);
	assert.throws(() => new Value('bigint64', 5 as never), invalid);
	assert.throws(() => (own.value = 'x' as never), invalid);
	const closed = new Value('int32', 1);
	closed.close();
	closed.close();
	assert.throws(() => closed.value, { code: 'ERR_NPROCS_CLOSED' });
});

test('Value: increments under its lock, from several processes', async () => {
	using value = new Value('int32', 0);
	const actors = [new Actor(), new Actor(), new Actor()];
	for (const actor of actors) await actor.open({ value });
	await Promise.all(actors.map((actor, i) => actor.call('incrementValue', 'value', 1000, i % 2 === 0 ? 'sync' : 'async')));
	assert.equal(value.value, 3000);
});

test('SharedArray: from a length (zeros) and from values, of every type', () => {
	for (const Type of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array]) {
		using zeros = new SharedArray(Type as typeof Float64Array, 10);
		assert.deepEqual([...zeros], Array<number>(10).fill(0));
		using values = new SharedArray(Type as typeof Float64Array, [1, 2, 3]);
		assert.ok(values.array instanceof Type);
		using same = openHandle(values[toHandle]()) as SharedArray<Float64Array>;
		same.array.set([9], 1);
		assert.deepEqual([...values], [1, 9, 3]);
		assert.equal(same.length, 3);
	}
	using big = new SharedArray(BigInt64Array, [1n, -2n]);
	assert.deepEqual([...big.array], [1n, -2n]);
	using generated = new SharedArray(Float64Array, new Set([1.5, 2.5]));
	assert.deepEqual(generated.array.subarray(1), Float64Array.of(2.5));
	using empty = new SharedArray(Int32Array, 0);
	assert.equal(empty.length, 0);
	for (const bad of [-1, 1.5, 'x', null, undefined]) assert.throws(() => new SharedArray(Int32Array, bad as never), invalid);
	assert.throws(() => new SharedArray(Array as never, 5), invalid);
});

test('SharedArray: another process changes it in place', async () => {
	using array = new SharedArray(Int32Array, [1, 2, 3, 4, 5]);
	const actor = new Actor();
	await actor.open({ array });
	await actor.call('prefixSums', 'array');
	assert.deepEqual([...array], [1, 3, 6, 10, 15]);
	using raw = new SharedArray(Int32Array, 3, { lock: false });
	assert.throws(() => raw.getLock(), { code: 'ERR_NPROCS_NO_LOCK' });
	raw.array.fill(1);
	await actor.kill();
	collectGarbage();
	assert.deepEqual([...array], [1, 3, 6, 10, 15]);
});

test('closing leaves nothing', () => {
	const before = listNames();
	const value = new Value('float64', 1);
	const array = new SharedArray(Float64Array, 1000);
	const handles = [value[toHandle](), array[toHandle]()];
	const opened = handles.map((handle) => openHandle(handle) as Value);
	for (const object of [value, array, ...opened]) object.close();
	assert.deepEqual(listNames(), before);
	assert.throws(() => openHandle(handles[0]!), { code: 'ERR_NPROCS_CLOSED' });
});
