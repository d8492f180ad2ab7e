/**
 * Shapes: the key lists of plain objects. A shape is written once per message, and each side remembers shapes across
 * messages, so that neither builds the same keys again and again: the writer copies the bytes of the keys, and the
 * reader gets its strings by comparing bytes.
 *
 * Both caches are direct-mapped and small. An entry that is pushed out costs time, never correctness: the reader's
 * number of a shape is the count of shapes that the message has shown, and the writer refers only to what it showed in
 * this message.
 */
import type { ByteReader } from './byte-reader.ts';
import { MAX_SHAPE_BYTES, MAX_SHAPE_KEYS } from './format.ts';

const SLOTS = 512;

export interface WrittenShape {
	readonly keys: readonly string[];
	/** The keys as in the message. */
	readonly bytes: Uint8Array;
	/** The message that has shown it last, and its number in there. */
	message: number;
	number: number;
}

const written: Array<WrittenShape | undefined> = new Array<WrittenShape | undefined>(SLOTS).fill(undefined);

/** Undefined when the keys do not make a shape and the object has to be written as a dictionary. */
export function shapeOf(keys: readonly string[]): WrittenShape | undefined {
	const count = keys.length;
	const first = keys[0] as string;
	const last = keys[count - 1] as string;
	const slot = (count * 97 + first.length * 31 + first.charCodeAt(0) * 7 + last.length * 13 + last.charCodeAt(last.length >> 1)) & (SLOTS - 1);
	const known = written[slot];
	if (known !== undefined && sameKeys(known.keys, keys)) return known;
	const bytes = keyBytes(keys);
	if (bytes === undefined) return undefined;
	return (written[slot] = { keys, bytes, message: -1, number: 0 });
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

function keyBytes(keys: readonly string[]): Uint8Array | undefined {
	if (keys.length > MAX_SHAPE_KEYS) return undefined;
	let size = 0;
	for (const key of keys) {
		if (key.length > 0xff) return undefined;
		size += 1 + key.length;
	}
	if (size > MAX_SHAPE_BYTES) return undefined;
	const bytes = new Uint8Array(size);
	let pos = 0;
	for (const key of keys) {
		bytes[pos++] = key.length;
		for (let i = 0; i < key.length; i++) {
			const code = key.charCodeAt(i);
			if (code > 0xff) return undefined;
			bytes[pos++] = code;
		}
	}
	return bytes;
}

export interface ReadShape {
	readonly keys: readonly string[];
	readonly bytes: Uint8Array;
	/** A plain assignment to `__proto__` would set the prototype. */
	readonly hasProto: boolean;
}

const read: Array<ReadShape | undefined> = new Array<ReadShape | undefined>(SLOTS).fill(undefined);

/** Reads the key count, their size and the keys. */
export function readShape(reader: ByteReader): ReadShape {
	const count = reader.byte();
	const size = reader.varint();
	const { bytes, pos } = reader;
	const end = reader.take(size) + size;
	let hash = size;
	for (let i = pos; i < end; i++) hash = (hash * 33) ^ (bytes[i] as number);
	const slot = (hash ^ (hash >>> 9)) & (SLOTS - 1);
	const known = read[slot];
	if (known !== undefined && known.keys.length === count && known.bytes.length === size && isAt(pos, known.bytes, bytes)) return known;
	reader.pos = pos;
	const shape = readKeys(reader, count, end);
	if (size <= MAX_SHAPE_BYTES) read[slot] = shape;
	return shape;
}

function isAt(start: number, known: Uint8Array, bytes: Uint8Array): boolean {
	for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
	return true;
}

function readKeys(reader: ByteReader, count: number, end: number): ReadShape {
	const start = reader.pos;
	const keys: string[] = [];
	for (let i = 0; i < count; i++) {
		const length = reader.byte();
		if (reader.pos + length > end) reader.fail('a key is longer than its shape');
		keys.push(internalized(reader.latin1(length)));
	}
	if (reader.pos !== end) reader.fail('a shape is longer than its keys');
	return { keys, bytes: new Uint8Array(reader.bytes.subarray(start, end)), hasProto: keys.includes('__proto__') };
}

/** The engine's one copy of the string: with others, each use as a key would look that one up first. */
function internalized(key: string): string {
	return Object.keys({ [key]: 0 })[0] as string;
}
