/** Each kind of value that crosses, one by one; what does not is in refusal.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { decode, decodeRange } from '#nprocs/codec/decode.js';
import { encode, encodeBorrowed } from '#nprocs/codec/encode.js';
import { assertSameGraph } from './same-graph.ts';

function roundTrip<T>(value: T): T {
	return decode(encode(value).bytes) as T;
}

function sparse(length: number, entries: Record<number, unknown>): unknown[] {
	const array: unknown[] = [];
	array.length = length;
	return Object.assign(array, entries);
}

const sharedText = { text: 'twice' };
const buffer = new ArrayBuffer(32);
new Uint8Array(buffer).forEach((_, i, bytes) => (bytes[i] = i));

const cases: Record<string, () => unknown> = {
	'integers at the edges of their sizes': () => [
		0,
		1,
		127,
		128,
		255,
		256,
		-1,
		-128,
		-129,
		32767,
		32768,
		-32768,
		-32769,
		65535,
		65536,
		2 ** 31 - 1,
		2 ** 31,
		-(2 ** 31),
		-(2 ** 31) - 1,
	],
	doubles: () => [-0, 0.1, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), Number.MIN_VALUE, Number.MAX_VALUE, 1e21],
	bigints: () => [0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 1000n, -(2n ** 999n) + 1n],
	'undefined, null and booleans': () => [undefined, null, true, false, { u: undefined }],
	'strings of every length around the limits': () =>
		[0, 1, 12, 13, 31, 32, 33, 127, 128, 5000].flatMap((n) => ['a'.repeat(n), 'é'.repeat(n), 'ж'.repeat(n), '😀'.repeat(n)]),
	'strings whose characters are just beyond one byte': () => ['\u00ff', '\u0100', '\u01ff', `abc\u0100`, `${'a'.repeat(40)}\u0100`],
	'lone surrogates': () => ['\ud800', 'a\udc00b', '\udfff\ud800', '\ud83d'.repeat(40)],
	'a string of 5 million characters': () => ['x'.repeat(5e6), 'ж'.repeat(3e6)],
	'a string that is made of pieces': () => ['x'.repeat(50) + String(Date.now()) + 'y'.repeat(50)],
	'objects of many and of odd keys': () => [
		Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key${i}`, i])),
		{ '': 1, ключ: 2, é: 3, 'a b': 4, ['long'.repeat(100)]: 5, 10: 'ten', 2: 'two' },
	],
	'a property named __proto__': () => [
		JSON.parse('{"a":1,"__proto__":{"polluted":true},"b":2}'),
		JSON.parse(`{"__proto__":1,"${'k'.repeat(300)}":2}`),
	],
	'many objects of one shape, and of many shapes': () =>
		Array.from({ length: 2000 }, (_, i) => (i % 3 === 0 ? { id: i, name: `n${i}` } : { [`k${i}`]: i, id: i })),
	'objects without a prototype': () => Object.assign(Object.create(null) as object, { a: 1, deep: Object.create(null) as object }),
	'arrays with holes': () => [
		sparse(3, {}),
		sparse(3, { 1: 'x' }),
		sparse(20, { 0: 1, 1: undefined, 5: 2 }),
		sparse(100, { 99: 1 }),
		sparse(5000, { 4999: 'end' }),
	],
	'an enormous array of holes': () => [
		sparse(4_000_000_000, { 3_999_999_999: 'end', 5: 'five' }),
		sparse(4294967295, {}),
		sparse(30_000_000, { 0: 1 }),
	],
	'arrays with named properties': () => [
		Object.assign([1, 2], { name: 'x' }),
		Object.assign(
			Array.from({ length: 200 }, (_, i) => i),
			{ name: 'x', '-1': 0, 4294967295: 'no index' },
		),
		/b/.exec('abc'),
	],
	'arrays nested and long': () => [[], [[]], [[[1], 2], 3], Array.from({ length: 70_000 }, (_, i) => (i % 2 === 0 ? i : `s${i}`))],
	'Map and Set': () => [
		new Map<unknown, unknown>([
			[1, 'a'],
			[NaN, 'nan'],
			[{ k: 1 }, new Map()],
			[undefined, undefined],
		]),
		new Set<unknown>([1, '1', NaN, undefined, {}]),
		new Map(),
		new Set(),
	],
	dates: () => [new Date(0), new Date(NaN), new Date(8.64e15), new Date(-1.5)],
	'regular expressions': () => [/a\/b[/]/dgimsuy, new RegExp(''), /\u{1F600}/u, /ж/],
	'boxed primitives': () => [Object(1), Object(-0), Object(NaN), Object('text'), Object('ж'), Object(true), Object(false), Object(5n)],
	'every typed array': () => [
		Int8Array.of(-1),
		Uint8Array.of(255),
		Uint8ClampedArray.of(7),
		Int16Array.of(-2),
		Uint16Array.of(3),
		Int32Array.of(-4),
		Uint32Array.of(5),
		Float32Array.of(0.5, NaN),
		Float64Array.of(-0, 1e300),
		BigInt64Array.of(-1n),
		BigUint64Array.of(2n ** 64n - 1n),
		new DataView(new ArrayBuffer(9), 1, 3),
		new Uint8Array(0),
	],
	Buffers: () => [Buffer.from('hello'), Buffer.alloc(0), Buffer.alloc(100_000, 'xyz'), Buffer.from('pool').subarray(1)],
	'views that share their memory': () => [
		new Uint8Array(buffer, 4, 8),
		new Int32Array(buffer, 8, 2),
		Buffer.from(buffer, 20, 4),
		new Uint8Array(buffer, 32, 0),
	],
	'views of different alignment on one memory': () => [new Uint8Array(buffer, 6, 4), new Float64Array(buffer, 8, 1), new Int16Array(buffer, 28)],
	'an ArrayBuffer with views on it': () => [new Uint8Array(buffer, 4, 8), buffer, new DataView(buffer, 30)],
	'an ArrayBuffer': () => [new ArrayBuffer(0), buffer, new Uint8Array(1_000_000).fill(3).buffer],
	URLs: () => [
		new URL('https://user:pw@host:1/path?q=ж#x'),
		new URLSearchParams([
			['a', '1'],
			['a', 'ä&='],
		]),
	],
	'one object in many places': () => [sharedText, { sharedText }, new Map([[sharedText, sharedText]]), new Set([sharedText])],
};

for (const [name, make] of Object.entries(cases)) {
	test(`${name} arrive as they were`, () => {
		const value = make();
		assertSameGraph(roundTrip(value), value);
	});
}

test('Float16Array arrives where the version of Node has it', { skip: !('Float16Array' in globalThis) }, () => {
	const Float16Array = (globalThis as unknown as { Float16Array: typeof Float32Array }).Float16Array;
	const arrived = roundTrip(Float16Array.of(0.5, -0));
	assert.ok(arrived instanceof Float16Array);
	assert.deepEqual([...arrived], [0.5, -0]);
});

test('cycles through every kind of container arrive', () => {
	const object: Record<string, unknown> = {};
	const array: unknown[] = Object.assign([object], { again: object });
	const map = new Map<unknown, unknown>([[object, array]]);
	const set = new Set<unknown>([map]);
	const error = Object.assign(new Error('in a circle'), { set });
	Object.assign(object, { array, map, set, error, self: object });
	map.set(map, set);
	set.add(set);
	array.push(array);
	error.cause = error;
	assertSameGraph(roundTrip(object), object);
});

test('a getter is read, as structured clone does it, and arrives as a plain property', () => {
	const arrived = roundTrip({
		get answer() {
			return 42;
		},
	});
	assert.deepEqual(Object.getOwnPropertyDescriptor(arrived, 'answer'), { value: 42, writable: true, enumerable: true, configurable: true });
});

test('what structured clone leaves out is left out: symbol keys, non-enumerable properties, lastIndex', () => {
	const value = Object.defineProperty({ [Symbol('s')]: () => 1, kept: 1 }, 'hidden', { value: () => 1, enumerable: false });
	assert.deepEqual(Reflect.ownKeys(roundTrip(value)), ['kept']);
	const regexp = /a/g;
	regexp.lastIndex = 3;
	assert.equal(roundTrip(regexp).lastIndex, 0);
});

test('a view brings only the bytes that it shows, and not the memory around it', () => {
	const secret = Buffer.alloc(64 * 1024, 'secret');
	const { bytes } = encode([secret.subarray(600, 612), secret.subarray(900, 906)]);
	assert.ok(bytes.length < 400, `${bytes.length} bytes`);
	const [first, second] = decode(bytes) as [Buffer, Buffer];
	assert.equal(first.toString(), 'secretsecret');
	assert.equal(second.toString(), 'secret');
	assert.equal(first.buffer, second.buffer);
	assert.ok(
		new Uint8Array(first.buffer, first.byteOffset + 12, second.byteOffset - first.byteOffset - 12).every((byte) => byte === 0),
		'bytes that no view shows are zeros',
	);
});

test('a resizable ArrayBuffer stays resizable, and views that follow its length go on doing so', () => {
	type Resizable = ArrayBuffer & { resizable: boolean; maxByteLength: number; resize(size: number): void };
	const resizable = new (ArrayBuffer as unknown as new (size: number, options: object) => Resizable)(16, { maxByteLength: 64 });
	new Uint8Array(resizable).fill(7);
	const [arrived, tracking, fixed] = roundTrip([resizable, new Uint8Array(resizable, 4), new Uint8Array(resizable, 4, 12)] as const);
	assert.equal(arrived.resizable, true);
	assert.equal(arrived.maxByteLength, 64);
	arrived.resize(32);
	assert.equal(tracking.length, 28);
	assert.equal(fixed.length, 12);
	assert.equal(fixed[11], 7);
	const full = new (ArrayBuffer as unknown as new (size: number, options: object) => Resizable)(16, { maxByteLength: 16 });
	const [whole, half] = roundTrip([new Uint16Array(full), new Uint16Array(full, 8, 4)] as const);
	(whole.buffer as Resizable).resize(12);
	assert.equal(whole.length, 6);
	assert.equal(half.length, 0);
});

test('nesting costs memory and not stack', () => {
	let list: unknown = 'end';
	for (let i = 0; i < 100_000; i++)
		list = [
			{
				next:
					i % 3 === 0 ? new Map([['next', list]]) : i % 3 === 1 ? new Set([list]) : Object.assign(Object.create(null) as object, { list }),
			},
		];
	assertSameGraph(roundTrip(list), list);
});

test('objects of another realm arrive as those of this one', () => {
	const foreign = vm.runInNewContext(
		`({ list: [1, , { a: 1 }], map: new Map([[1, new Set([2])]]), date: new Date(5), bytes: new Uint8Array([1, 2]), regexp: /x/g, error: new TypeError('far') })`,
	) as Record<string, never>;
	const arrived = roundTrip(foreign) as Record<string, unknown>;
	assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
	assertSameGraph(
		{ ...arrived, error: 0 },
		{
			list: sparse(3, { 0: 1, 2: { a: 1 } }),
			map: new Map([[1, new Set([2])]]),
			date: new Date(5),
			bytes: new Uint8Array([1, 2]),
			regexp: /x/g,
			error: 0,
		},
	);
	assert.ok(arrived['error'] instanceof TypeError);
	assert.equal(arrived['error'].message, 'far');
});

test('views from outOfBandFrom bytes on go out-of-band, and come back on the memory that it gives', () => {
	const big = new Float64Array(1000).fill(1.5);
	const { bytes, buffers } = encode({ big, again: big.subarray(10, 20), small: new Uint8Array(10) }, { outOfBandFrom: 1000 });
	assert.ok(bytes.length < 200);
	assert.deepEqual(
		buffers.map((view) => view.length),
		[8000],
	);
	assert.equal(buffers[0]!.buffer, big.buffer, 'nothing is copied');
	const carried = new ArrayBuffer(8192);
	new Uint8Array(carried).set(buffers[0]!);
	const arrived = decode(bytes, [carried]) as { big: Float64Array; again: Float64Array };
	assert.equal(arrived.big.buffer, carried);
	assert.deepEqual(arrived.big, big);
	assert.deepEqual([arrived.again.buffer === carried, arrived.again.byteOffset], [true, 80]);
});

test('nothing in the result refers to the bytes', () => {
	const { bytes } = encode({
		buffer: Buffer.from('hello'),
		array: Float64Array.of(1),
		text: 'a text of more than a dozen characters',
		error: new Error('e'),
	});
	const arrived = decode(bytes) as { buffer: Buffer; array: Float64Array; text: string };
	bytes.fill(0xee);
	assert.deepEqual([arrived.buffer.toString(), [...arrived.array], arrived.text], ['hello', [1], 'a text of more than a dozen characters']);
});

test('borrowed bytes may lie anywhere in the memory that they are decoded from', () => {
	const ring = Buffer.alloc(1000);
	const value = { id: 1, list: [1, 2], bytes: Uint8Array.of(1, 2, 3), text: 'ж'.repeat(40) };
	const { bytes, length } = encodeBorrowed(value);
	ring.set(bytes.subarray(0, length), 333);
	assertSameGraph(decodeRange(ring, 333, 333 + length), value);
	assertSameGraph(decode(ring.subarray(333, 333 + length)), value);
});

test('a value is encoded while another one is', () => {
	const inner = { a: [1, 2, { b: 'x' }] };
	const outer = {
		before: inner,
		get middle() {
			return encode({ inner, text: 'inside' }).bytes;
		},
		after: inner,
	};
	const arrived = roundTrip(outer);
	assert.deepEqual(arrived.before, inner);
	assert.equal(arrived.after, arrived.before);
	assert.deepEqual(decode(arrived.middle), { inner, text: 'inside' });
});
