/** Random graphs of values, held against structuredClone and against themselves. */
import { test } from 'node:test';
import fc from 'fast-check';
import { decode } from '#nprocs/codec/decode.js';
import { encode } from '#nprocs/codec/encode.js';
import { anyGraph, cloneableGraph } from './arbitrary.ts';
import { assertSameGraph } from './same-graph.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const runs = { seed, numRuns: Number(process.env['RUNS'] ?? 1000) };

test(`a graph arrives as structuredClone would make it (SEED=${seed})`, () => {
	fc.assert(
		fc.property(cloneableGraph, (value) => assertSameGraph(decode(encode(value).bytes), structuredClone(value))),
		runs,
	);
});

test(`a graph arrives as it was, also what structuredClone does not keep (SEED=${seed})`, () => {
	fc.assert(
		fc.property(anyGraph, (value) => assertSameGraph(decode(encode(value).bytes), value)),
		runs,
	);
});

test(`large parts that travel beside the message come back into it (SEED=${seed})`, () => {
	fc.assert(
		fc.property(anyGraph, (value) => {
			const { bytes, buffers } = encode(value, { outOfBandFrom: 16 });
			assertSameGraph(
				decode(
					bytes,
					buffers.map((view) => new Uint8Array(view).buffer),
				),
				value,
			);
		}),
		runs,
	);
});

test(`what has arrived can be sent on (SEED=${seed})`, () => {
	fc.assert(
		fc.property(anyGraph, (value) => assertSameGraph(decode(encode(decode(encode(value).bytes)).bytes), value)),
		{ ...runs, numRuns: Math.ceil(runs.numRuns / 4) },
	);
});
