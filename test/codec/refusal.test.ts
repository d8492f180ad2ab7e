/** What cannot cross is refused at the call, and the error says where it stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Process, SerializationError } from 'nprocs';
import { LARGEST_MESSAGE } from '#nprocs/codec/byte-writer.js';
import { decode } from '#nprocs/codec/decode.js';
import { encode } from '#nprocs/codec/encode.js';
import { Encoder, type Others } from '#nprocs/codec/encoder.js';

/** For what an encoder writes by itself. */
const noOthers: Others = {
	builtin: () => assert.fail(),
	sparseArray: () => assert.fail(),
	arrayAfterHole: () => assert.fail(),
	collection: () => assert.fail(),
};

class Account {
	#balance = 5;
	balance(): number {
		return this.#balance;
	}
}
function named(): void {}
function argumentsOf(..._args: number[]): unknown {
	return arguments;
}
const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });
const deep = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : { next: deep(levels - 1, leaf) });
const throwing = {
	get price(): number {
		throw new Error('no price today');
	},
};

const refusals: ReadonlyArray<readonly [string, unknown, RegExp]> = [
	['a function', [{ callback: named }], /^args\[0\]\.callback is a function \(named\)/],
	['an arrow function', () => 1, /^args is a function/],
	['a class', { Account }, /^args\.Account is a class \(Account\)/],
	['a symbol', { 'odd key': Symbol('s') }, /^args\["odd key"\] is a symbol \(Symbol\(s\)\)/],
	['a registered symbol', [Symbol.for('s')], /^args\[0\] is a symbol/],
	['an instance with private state', [new Account()], /^args\[0\] is an instance of Account\..*registerClass\(Account/],
	[
		'an instance without any state',
		[
			new (class Point {
				x = 1;
			})(),
		],
		/^args\[0\] is an instance of Point/,
	],
	['an object made from another', Object.create({ inherited: 1 }), /^args is an object with a prototype of its own/],
	['an instance of a subclass of Map', new (class Registry extends Map {})(), /^args is an instance of Registry/],
	['an instance of a subclass of Array', new (class Vector extends Array {})(), /^args is an instance of Vector/],
	['an instance of a subclass of Uint8Array', new (class Bytes extends Uint8Array {})(), /^args is an instance of Bytes/],
	['what only pretends to be a Map', Object.create(Map.prototype), /^args is an instance of Map/],
	['what only pretends to be a typed array', Object.create(Uint8Array.prototype), /^args is an instance of Uint8Array/],
	['an object made from one without a prototype', Object.create(Object.create(null)), /^args is an object with a prototype of its own/],
	['an arguments object', argumentsOf(1, 2), /^args is an arguments object\. Send \[\.\.\.arguments\]/],
	['a Promise', { p: Promise.resolve() }, /^args\.p is a Promise\. Await it/],
	['Math', { lib: Math }, /^args\.lib is Math, of which every process has its own\. Leave it out/],
	['JSON', JSON, /^args is JSON/],
	['Intl', [Intl], /^args\[0\] is Intl/],
	['Atomics', Atomics, /^args is Atomics/],
	['Reflect', Reflect, /^args is Reflect/],
	["another realm's Math", runInNewContext('Math'), /^args is Math/],
	['a WeakMap', new WeakMap(), /^args is a WeakMap/],
	['a WeakSet', new WeakSet(), /^args is a WeakSet/],
	['a WeakRef', new WeakRef({}), /^args is an instance of WeakRef/],
	['a Proxy', [new Proxy({}, {})], /^args\[0\] is a Proxy/],
	['a Proxy of an array', new Proxy([], {}), /^args is a Proxy/],
	['a generator', (function* () {})(), /^args is a generator/],
	['an iterator', new Map().keys(), /^args is a Map iterator/],
	['a boxed symbol', Object(Symbol('s')), /^args is an instance of Symbol/],
	['a SharedArrayBuffer', [new SharedArrayBuffer(8)], /^args\[0\] is a SharedArrayBuffer.*SharedArray/],
	['a view on a SharedArrayBuffer', [new Int32Array(new SharedArrayBuffer(8))], /^args\[0\] is a SharedArrayBuffer/],
	['a detached ArrayBuffer', [detached], /^args\[0\] is a detached ArrayBuffer/],
	['a module', await import('node:path'), /^args is a module/],
	['a key of a Map', new Map([[named, 1]]), /^args\.keys\(\)\[0\] is a function/],
	['a value of a Map', new Map([['cb', named]]), /^args\.get\("cb"\) is a function/],
	['a value of a Map with an object as key', new Map([[{}, named]]), /^args\.values\(\)\[0\] is a function/],
	['a value of a Set', new Set([1, named]), /^args\.values\(\)\[1\] is a function/],
	['a property of an array', Object.assign([1], { cb: named }), /^args\.cb is a function/],
	['an item of a long array behind holes', Object.assign([], { 500: named }), /^args\[500\] is a function/],
	['a property of an error', Object.assign(new Error('e'), { socket: named }), /^args\.socket is a function/],
	['the cause of an error', new Error('e', { cause: [named] }), /^args\.cause\[0\] is a function/],
	['something deep', deep(60, named), /^args(\.next){12}…(\.next){12} is a function/],
	['something very deep', deep(3000, named), /^args….*\.next is a function/],
];

for (const [name, value, message] of refusals) {
	test(`${name} is refused`, () => {
		assert.throws(
			() => encode(value, { path: 'args' }),
			(error) => {
				assert.ok(error instanceof SerializationError);
				assert.equal(error.code, 'ERR_NPROCS_SERIALIZATION');
				assert.match(error.message, message);
				assert.ok(error.message.startsWith(error.path));
				return true;
			},
		);
	});
}

test('a path may begin with the keys of the value', () => {
	const path = (value: unknown): string => {
		try {
			encode(value, { path: '' });
		} catch (error) {
			return (error as SerializationError).path;
		}
		return 'none';
	};
	assert.equal(path({ args: [1, { callback: named }] }), 'args[1].callback');
	assert.equal(path([named]), '[0]');
});

test('an error of a getter is the cause of the refusal', () => {
	assert.throws(
		() => encode({ a: [throwing] }),
		(error) => error instanceof SerializationError && error.path === 'value.a[0].price' && (error.cause as Error).message === 'no price today',
	);
});

test('a SerializationError that a getter throws is a cause too, and not mistaken for our own', () => {
	const value = {
		get inner() {
			return encode(() => 1);
		},
	};
	assert.throws(
		() => encode(value),
		(error) => error instanceof SerializationError && error.path === 'value.inner' && error.cause instanceof SerializationError,
	);
});

test('a revoked Proxy is refused', () => {
	const { proxy, revoke } = Proxy.revocable({}, {});
	revoke();
	assert.throws(() => encode([proxy]), SerializationError);
});

test('after a refusal the next value is encoded as if nothing had been', () => {
	const shared = { deep: deep(500, 1) };
	assert.throws(() => encode({ shared, bytes: Buffer.from('x'), bad: named }), SerializationError);
	assert.deepEqual(decode(encode({ again: shared, list: [shared] }).bytes), { again: shared, list: [shared] });
});

test('what is nested through errors is refused before the stack ends', () => {
	let error = new Error('innermost');
	for (let i = 0; i < 100_000; i++) error = Object.assign(new Error('outer'), { stack: '', cause: error });
	assert.throws(
		() => encode(error),
		(thrown) => thrown instanceof SerializationError && /nested too deeply/.test(thrown.message),
	);
});

test('more bytes than a message may have are refused before they are copied, with their number and what to do', () => {
	// Nobody has written into them, so they take no memory.
	const large = [new Uint8Array(2.5 * 2 ** 30), { inner: new Float64Array(2.5 * 2 ** 27) }];
	assert.throws(
		() => encode(large, { path: 'args' }),
		(error) => error instanceof SerializationError && /53687\d+ bytes.* 4278190080.*in parts.*SharedArray/.test(error.message),
	);
	assert.doesNotThrow(() => encode(large, { outOfBandFrom: 1024 }), 'beside the message');
	assert.throws(
		() => new Process({ target: { module: import.meta.url, name: 'none' }, args: large }).start(),
		(error) => error instanceof SerializationError && /^What is sent makes the message 53687\d+ bytes long/.test(error.message),
	);
});

test('so are a text and a number that do not fit any more', () => {
	for (const value of ['text'.repeat(20), 'short', 1.5, 7n]) {
		const encoder = new Encoder(noOthers);
		encoder.begin('value');
		encoder.pos = LARGEST_MESSAGE;
		assert.throws(
			() => encoder.write(value),
			(error) => error instanceof SerializationError && /^value makes the message \d+ bytes long/.test(error.message),
		);
	}
});
