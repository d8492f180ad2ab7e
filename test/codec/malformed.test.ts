/** Bytes may come from anywhere: decoding them ends in a value or in an error, soon and without much memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SerializationError } from 'nprocs';
import { decode } from '#nprocs/codec/decode.js';
import { encode } from '#nprocs/codec/encode.js';
import * as format from '#nprocs/codec/format.js';
import { anyGraph } from './arbitrary.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const runs = { seed, numRuns: Number(process.env['RUNS'] ?? 3000) };

/** A wrong message is allowed to be another right one. */
function decodesOrFails(bytes: Uint8Array): void {
	try {
		decode(bytes);
	} catch (error) {
		assert.ok(error instanceof SerializationError, `${String(error)} of ${Buffer.from(bytes).toString('hex')}`);
		assert.match(error.code, /^ERR_NPROCS_(MALFORMED_MESSAGE|UNKNOWN_CLASS|SERIALIZATION)$/);
	}
}

function isMalformed(bytes: ArrayLike<number>, buffers?: ArrayBuffer[]): void {
	assert.throws(() => decode(Uint8Array.from(bytes), buffers), { name: 'SerializationError', code: 'ERR_NPROCS_MALFORMED_MESSAGE' });
}

test(`random bytes are decoded or refused (SEED=${seed})`, () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodesOrFails(Uint8Array.of(format.VERSION, 0, ...bytes))),
		runs,
	);
	const tag = fc.integer({ min: 0xa0, max: 0xd8 });
	fc.assert(
		fc.property(fc.constantFrom(0, 1), fc.array(fc.oneof(tag, fc.integer({ min: 0, max: 4 }), fc.nat(255)), { maxLength: 60 }), (flags, bytes) =>
			decodesOrFails(Uint8Array.of(format.VERSION, flags, ...bytes)),
		),
		runs,
	);
});

test(`a message with changed bytes is decoded or refused (SEED=${seed})`, () => {
	const change = fc.record({ at: fc.nat(), to: fc.nat(255) });
	fc.assert(
		fc.property(anyGraph, fc.array(change, { minLength: 1, maxLength: 4 }), (value, changes) => {
			const bytes = Uint8Array.from(encode(value).bytes);
			for (const { at, to } of changes) bytes[at % bytes.length] = to;
			decodesOrFails(bytes);
		}),
		runs,
	);
});

test(`a message that is cut off or too long is refused (SEED=${seed})`, () => {
	fc.assert(
		fc.property(anyGraph, fc.nat(), (value, cut) => {
			const { bytes } = encode(value);
			assert.throws(() => decode(bytes.subarray(0, cut % bytes.length)), { code: /MALFORMED|SERIALIZATION/ });
			assert.throws(() => decode(Uint8Array.of(...bytes, 0)), { code: /MALFORMED|SERIALIZATION/ });
		}),
		{ ...runs, numRuns: Math.ceil(runs.numRuns / 4) },
	);
});

test('another version of the format is refused by its number', () => {
	assert.throws(() => decode(Uint8Array.of(9, 0, 1)), { code: 'ERR_NPROCS_MALFORMED_MESSAGE', message: /version 9 .* version 1/ });
});

test('every tag alone is decoded or refused', () => {
	for (let tag = 0; tag < 256; tag++) {
		decodesOrFails(Uint8Array.of(format.VERSION, 0, tag));
		for (const filler of [0, 1, 0x7f, 0x80, 0xa1, 0xbc, 0xff])
			decodesOrFails(Uint8Array.of(format.VERSION, 0, tag, ...Array.from({ length: 20 }, () => filler)));
	}
});

const huge = [0xff, 0xff, 0xff, 0xff, 0x7f];
const lies: Record<string, number[]> = {
	'a string': [format.LATIN1, ...huge],
	'a wide string': [format.UTF16, ...huge],
	'an array': [format.ARRAY, ...huge],
	'an array of holes': [format.SPARSE_ARRAY, 0xff, 0xff, 0xff, 0x0f, ...huge],
	'a Map': [format.MAP, 0xff, 0xff, 0xff, 0xff],
	'a Set': [format.SET, 0xff, 0xff, 0xff, 0xff],
	'an object': [format.OBJECT, 255, ...huge],
	'a dictionary': [format.DICTIONARY, ...huge],
	'an error': [format.ERROR, 0x80, ...huge],
	'a number without end': [format.REF, ...Array.from({ length: 20 }, () => 0xff)],
};
for (const [name, bytes] of Object.entries(lies)) {
	test(`the length of ${name} is not believed`, () => {
		isMalformed([format.VERSION, 0, ...bytes]);
		isMalformed([format.VERSION, 0, ...bytes, 0, 0, 0, 0]);
	});
}

test('nested lengths that lie cost no more memory than bytes', () => {
	// Each level announces all of the bytes that are left.
	const nested = Uint8Array.from({ length: 60_000 }, (_, i) => [format.ARRAY, 0xff, 0xff, 0x00][i % 4]!);
	nested.set([format.VERSION, 0, format.UNDEFINED, format.UNDEFINED]);
	nested.set([format.VERSION, 0], 2);
	const before = process.memoryUsage();
	isMalformed(nested.subarray(2));
	const after = process.memoryUsage();
	assert.ok(after.heapTotal + after.arrayBuffers - before.heapTotal - before.arrayBuffers < 200e6, 'less than 200 MB');
});

test('holes cost no memory, however many a few bytes announce', () => {
	for (const length of [
		[0xe8, 0x07],
		[0xff, 0xff, 0x7f],
	]) {
		const holes = [format.SPARSE_ARRAY, ...length, 0, 0];
		const count = 50_000;
		const bytes = Uint8Array.from([format.VERSION, 0, format.ARRAY, 0xd0, 0x86, 0x03, ...Array.from({ length: count }, () => holes).flat()]);
		const before = process.memoryUsage().heapUsed;
		const arrays = decode(bytes) as unknown[][];
		const grown = process.memoryUsage().heapUsed - before;
		assert.equal(arrays.length, count);
		assert.equal(Object.keys(arrays[7]!).length, 0);
		assert.ok(grown < 100e6, `${grown} bytes`);
	}
});

test('nesting in damaged bytes cannot end the process', () => {
	for (const tag of [format.SHORT_ARRAY + 1, format.NULL_PROTOTYPE, format.BOXED, format.ERROR, format.FLUSH, format.INSTANCE]) {
		isMalformed([format.VERSION, 0, ...Array.from({ length: 500_000 }, () => tag)]);
	}
});

test('buffers that do not belong to the message are refused', () => {
	const { bytes, buffers } = encode(new Uint8Array(100), { outOfBandFrom: 10 });
	assert.equal(buffers.length, 1);
	isMalformed(bytes);
	isMalformed(bytes, [new ArrayBuffer(99)]);
	isMalformed(bytes, [new ArrayBuffer(100), new ArrayBuffer(100)]);
	isMalformed(encode(1).bytes, [new ArrayBuffer(1)]);
});
