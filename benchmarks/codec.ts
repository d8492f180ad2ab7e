/**
 * What a value costs on its way to another process and back: encoding plus decoding, against Node's own serializers.
 */
import { deserialize, serialize } from 'node:v8';
import { decode, decodeRange } from '#nprocs/codec/decode.js';
import { encode, encodeBorrowed } from '#nprocs/codec/encode.js';
import { micro, question, type Contender } from './harness.ts';

const record = (id: number): object => ({
	id,
	name: `user ${id}`,
	mail: `user${id}@example.org`,
	score: id / 7,
	tags: ['a', 'b'],
	active: id % 2 === 0,
});

const values: Record<string, { value: unknown; isJson: boolean; aim?: string }> = {
	'a small object': { value: { id: 1, name: 'abc', xs: [1, 2, 3], ok: true }, isJson: true, aim: 'about 1 µs' },
	'a number': { value: 42, isJson: true, aim: 'a tenth of a small object' },
	'1000 records': { value: Array.from({ length: 1000 }, (_, i) => record(i)), isJson: true },
	'1000 integers': { value: Array.from({ length: 1000 }, (_, i) => i * 3), isJson: true },
	'a text of 10,000 characters': { value: 'lorem ipsum '.repeat(834), isJson: true },
	'a Float64Array(1000)': { value: new Float64Array(1000).fill(0.5), isJson: false },
	'a Map of 100 Dates': { value: new Map(Array.from({ length: 100 }, (_, i) => [`key ${i}`, new Date(i)])), isJson: false },
	'an Error': { value: new TypeError('what happened', { cause: new Error('why') }), isJson: false },
};

for (const [name, { value, isJson, aim }] of Object.entries(values)) {
	const contenders: Record<string, Contender> = {
		nprocs: micro(() => {
			const { bytes, length } = encodeBorrowed(value);
			return decodeRange(bytes, 0, length);
		}),
		'nprocs, bytes to keep': micro(() => decode(encode(value).bytes)),
		'v8.serialize': micro(() => deserialize(serialize(value))),
		structuredClone: micro(() => structuredClone(value)),
	};
	if (isJson) contenders['JSON'] = micro(() => JSON.parse(JSON.stringify(value)) as unknown);
	await question(
		`What does it cost to encode and decode ${name}?`,
		{ unit: 'ns', better: 'lower', ours: 'nprocs', rounds: 2, ...(aim === undefined ? {} : { aim }) },
		contenders,
	);
}
