/** Random graphs of values: nodes that refer to each other in any way, cycles and sharing included. */
import fc from 'fast-check';

type Ref = { primitive: unknown } | { node: number };
type Recipe = { kind: string; seed: number; refs: Ref[]; keys: string[] };

const primitive = fc.oneof(
	fc.integer(),
	fc.integer({ min: -200, max: 200 }),
	fc.double(),
	fc.constantFrom<unknown>(undefined, null, true, false, -0, 0, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 53, ''),
	fc.string(),
	fc.string({ unit: 'binary' }),
	fc.string({ unit: 'binary', minLength: 30, maxLength: 70 }),
	fc.string({ minLength: 30, maxLength: 40 }),
	fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 })).map((units) => String.fromCharCode(...units)),
	fc.bigInt(),
	fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }),
);

/** What structuredClone keeps. */
const cloneable = ['object', 'array', 'holes', 'named', 'map', 'set', 'date', 'regexp', 'boxed', 'view', 'buffer', 'error'];
/** What only this library keeps. */
const more = ['nullPrototype', 'nodeBuffer', 'richError', 'url'];

function graph(kinds: readonly string[]): fc.Arbitrary<unknown> {
	const recipe = (count: number): fc.Arbitrary<Recipe> =>
		fc.record({
			kind: fc.constantFrom(...kinds),
			seed: fc.nat(),
			refs: fc.array(
				fc.oneof(
					primitive.map((value): Ref => ({ primitive: value })),
					fc.nat(count - 1).map((node): Ref => ({ node })),
				),
				{ maxLength: 8 },
			),
			keys: fc.array(fc.oneof(fc.string(), fc.constantFrom('id', 'name', '__proto__', '0', '7', 'length_', 'ключ')), {
				minLength: 8,
				maxLength: 8,
			}),
		});
	return fc
		.integer({ min: 1, max: 30 })
		.chain((count) => fc.array(recipe(count), { minLength: count, maxLength: count }))
		.map(build);
}

export const cloneableGraph: fc.Arbitrary<unknown> = graph(cloneable);
export const anyGraph: fc.Arbitrary<unknown> = graph([...cloneable, ...more]);

function build(recipes: Recipe[]): unknown {
	const buffers = [new ArrayBuffer(64), new ArrayBuffer(0), new ArrayBuffer(200)];
	for (const buffer of buffers) new Uint8Array(buffer).forEach((_, i, bytes) => (bytes[i] = i * 7));
	const nodes = recipes.map((recipe) => shell(recipe, buffers));
	const value = (ref: Ref): unknown => ('node' in ref ? nodes[ref.node] : ref.primitive);
	recipes.forEach((recipe, i) => fill(nodes[i] as object, recipe, value));
	return nodes[0];
}

function shell({ kind, seed }: Recipe, buffers: ArrayBuffer[]): unknown {
	const buffer = buffers[seed % buffers.length] as ArrayBuffer;
	switch (kind) {
		case 'array':
		case 'holes':
		case 'named':
			return [];
		case 'map':
			return new Map();
		case 'set':
			return new Set();
		case 'date':
			return new Date(seed % 5 === 0 ? NaN : seed);
		case 'regexp':
			return new RegExp(['a+', '/x', '', '[\\n]', 'ü'][seed % 5] as string, ['', 'g', 'giy'][seed % 3]);
		case 'boxed':
			return Object([1, -0, 'text', true, 5n][seed % 5]);
		case 'view':
			return view(buffer, seed);
		case 'buffer':
			return buffer;
		case 'error':
			return new ([Error, TypeError, RangeError][seed % 3] as ErrorConstructor)(`message ${seed}`);
		case 'richError':
			return seed % 2 === 0 ? new AggregateError([], 'several') : new SyntaxError('rich');
		case 'nullPrototype':
			return Object.create(null);
		case 'nodeBuffer':
			return Buffer.from(buffer, 0, Math.min(seed % 9, buffer.byteLength));
		case 'url':
			return new URL(`http://host/${seed}?a=b`);
		default:
			return {};
	}
}

function view(buffer: ArrayBuffer, seed: number): ArrayBufferView {
	const Class = [Uint8Array, Int16Array, Float64Array, DataView, BigInt64Array, Uint8ClampedArray][seed % 6] as typeof Uint8Array;
	const size = Class.BYTES_PER_ELEMENT ?? 1;
	const places = Math.floor(buffer.byteLength / size);
	const start = places === 0 ? 0 : (seed >> 3) % places;
	return new Class(buffer, start * size, places === 0 ? 0 : (seed >> 6) % (places - start + 1));
}

function fill(target: object, { kind, seed, refs, keys }: Recipe, value: (ref: Ref) => unknown): void {
	const put = (key: string, item: unknown): void => {
		Object.defineProperty(target, key, { value: item, enumerable: true, writable: true, configurable: true });
	};
	if (Array.isArray(target)) {
		refs.forEach((ref, i) => (target[kind === 'holes' ? i * ((seed % 40) + 1) : i] = value(ref)));
		if (kind === 'holes') target.length += seed % 3;
		if (kind === 'named') refs.forEach((ref, i) => keys[i] !== '__proto__' && put(`x${keys[i]}`, value(ref)));
	} else if (target instanceof Map) refs.forEach((ref, i) => target.set(i % 2 === 0 ? value(ref) : keys[i], value(ref)));
	else if (target instanceof Set) for (const ref of refs) target.add(value(ref));
	else if (target instanceof Error) {
		if (kind === 'error') return;
		if (refs[0] !== undefined) Object.defineProperty(target, 'cause', { value: value(refs[0]), writable: true, configurable: true });
		refs.slice(1).forEach((ref, i) => put(`own${i}`, value(ref)));
	} else if (kind === 'object' || kind === 'nullPrototype') refs.forEach((ref, i) => put(keys[i] as string, value(ref)));
}
