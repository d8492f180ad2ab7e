/**
 * Reads a value: the common kinds here, the others by the function that it is given (decode-builtin.ts). Mirrors
 * encoder.ts. One decoder is used for many messages, each between `begin` and `reset`.
 */
import { readBuffers, type ArrivedBuffer } from './buffer-table.ts';
import { ByteReader } from './byte-reader.ts';
import * as format from './format.ts';
import { readShape, type ReadShape } from './shapes.ts';

const { NULL, UNDEFINED, TRUE, FALSE, INT8, INT16, INT32, FLOAT64, LATIN1, UTF16, REF, ARRAY, SHORT_STRING, SHORT_ARRAY, FIRST_TAG } = format;
const { EMPTY_OBJECT, OBJECT, OBJECT_OF_SHAPE, DICTIONARY, NULL_PROTOTYPE, HOLES, SPARSE_ARRAY, DEFERRED, MAP, SET } = format;

type Dictionary = Record<string, unknown>;

const noBuffers: readonly ArrivedBuffer[] = [];
/** The place of an object that exists only when all of its parts have been read. */
const unfinished = Symbol('unfinished');
/** A gap up to so long may cost memory. */
const SMALL_GAP = 16;
/** V8 makes an array a dictionary, where holes cost nothing, when an item is set so far behind what memory it has. */
const DICTIONARY_GAP = 5000;

export class Decoder extends ByteReader {
	readonly #readBuiltin: (decoder: Decoder, tag: number) => unknown;
	/** Objects by their number; many messages have one. */
	#firstObject: unknown = unfinished;
	#objects: unknown[] | undefined;
	#count = 0;
	/** Shapes by their number; most messages have one. */
	#firstShape: ReadShape | undefined;
	#shapes: ReadShape[] | undefined;
	#deferred: object[] | undefined;
	#nextDeferred = 0;
	buffers: readonly ArrivedBuffer[] = noBuffers;
	/** What an opener or a hook threw: not a fault of the bytes. */
	thrown: { error: unknown } | undefined;

	constructor(readBuiltin: (decoder: Decoder, tag: number) => unknown) {
		super();
		this.#readBuiltin = readBuiltin;
	}

	/** Forgets the message, whether all of it was read or not. */
	override reset(): void {
		super.reset();
		this.#firstObject = unfinished;
		this.#objects = undefined;
		this.#count = 0;
		this.#firstShape = undefined;
		this.#shapes = undefined;
		this.#deferred = undefined;
		this.#nextDeferred = 0;
		this.buffers = noBuffers;
		this.thrown = undefined;
	}

	message(outOfBand: readonly ArrayBuffer[]): unknown {
		const version = this.byte();
		if (version !== format.VERSION) this.fail(`it has version ${version} of the format, and this nprocs reads version ${format.VERSION}`);
		const flags = this.byte();
		if (flags > format.FLAG_BUFFERS) this.fail('it has unknown flags');
		if (flags === format.FLAG_BUFFERS) this.buffers = readBuffers(this, outOfBand);
		else if (outOfBand.length > 0) this.fail('buffers were given to decode where none belong to the message');
		const value = this.value();
		this.readDeferred();
		if (this.pos !== this.end) this.fail('bytes are left over');
		return value;
	}

	value(): unknown {
		return this.#tagged(this.byte());
	}

	#tagged(tag: number): unknown {
		if (tag < SHORT_STRING) return tag;
		if (tag < SHORT_ARRAY) return this.latin1(tag - SHORT_STRING);
		if (tag < FIRST_TAG) return this.#items(this.add([]), tag - SHORT_ARRAY);
		switch (tag) {
			case OBJECT:
				return this.#shaped(this.add({}), this.#newShape());
			case OBJECT_OF_SHAPE:
				return this.#shaped(this.add({}), this.#knownShape());
			case FALSE:
				return false;
			case TRUE:
				return true;
			case NULL:
				return null;
			case UNDEFINED:
				return undefined;
			default:
				return this.#number(tag);
		}
	}

	#number(tag: number): unknown {
		if (tag === FLOAT64) return this.float64();
		if (tag === INT32) return this.int32();
		if (tag === INT16) return this.int16();
		if (tag === INT8) return this.int8();
		return this.#other(tag);
	}

	#other(tag: number): unknown {
		switch (tag) {
			case LATIN1:
				return this.latin1(this.count());
			case UTF16:
				return this.utf16(this.count(2));
			case REF:
				return this.#ref();
			case ARRAY:
			case SPARSE_ARRAY:
				return this.#fill(this.add([]), tag);
			case EMPTY_OBJECT:
			case DICTIONARY:
				return this.#fill(this.add({}), tag);
			case NULL_PROTOTYPE:
				return this.#fill(this.add(Object.create(null) as object), this.byte());
			case MAP:
				return this.#fill(this.add(new Map()), tag);
			case SET:
				return this.#fill(this.add(new Set()), tag);
			case DEFERRED:
				return this.#defer();
			default:
				return this.#readBuiltin(this, tag);
		}
	}

	text(): string {
		const value = this.value();
		if (typeof value !== 'string') this.fail('a string is missing');
		return value;
	}

	/** Gives the object the next number. */
	add<T>(object: T): T {
		return this.settle(this.#count++, object);
	}

	/** Keeps the next number for an object that does not exist yet; returns it for `settle`. */
	reserve(): number {
		this.add(unfinished);
		return this.#count - 1;
	}

	settle<T>(number: number, object: T): T {
		if (number === 0) this.#firstObject = object;
		else (this.#objects ??= [])[number - 1] = object;
		return object;
	}

	#ref(): unknown {
		const number = this.varint();
		const object = number === 0 ? this.#firstObject : number < this.#count ? this.#objects?.[number - 1] : unfinished;
		if (object === unfinished) this.fail('it refers to an object that does not exist');
		return object;
	}

	/** Reads the content of an empty container, which begins with `tag`. */
	#fill(target: object, tag: number): object {
		if (Array.isArray(target)) return this.#fillArray(target, tag);
		if (target instanceof Map && tag === MAP) return this.#entries(target);
		if (target instanceof Set && tag === SET) return this.#values(target);
		if (target instanceof Map || target instanceof Set) this.fail('a Map or a Set has a wrong content');
		switch (tag) {
			case EMPTY_OBJECT:
				return target;
			case OBJECT:
				return this.#shaped(target as Dictionary, this.#newShape());
			case OBJECT_OF_SHAPE:
				return this.#shaped(target as Dictionary, this.#knownShape());
			case DICTIONARY:
				return this.properties(target, this.count(2));
			default:
				this.fail('an object has a wrong content');
		}
	}

	#fillArray(target: unknown[], tag: number): unknown[] {
		if (tag === ARRAY) return this.#items(target, this.varint());
		if (tag === SPARSE_ARRAY) return this.#sparse(target);
		if (tag >= SHORT_ARRAY && tag < FIRST_TAG) return this.#items(target, tag - SHORT_ARRAY);
		this.fail('an array has a wrong content');
	}

	#newShape(): ReadShape {
		const shape = readShape(this);
		if (this.#firstShape === undefined) this.#firstShape = shape;
		else (this.#shapes ??= [this.#firstShape]).push(shape);
		return shape;
	}

	#knownShape(): ReadShape {
		const number = this.varint();
		const shape = number === 0 ? this.#firstShape : this.#shapes?.[number];
		return shape ?? this.fail('an object has an unknown shape');
	}

	#shaped(target: Dictionary, shape: ReadShape): object {
		const { keys } = shape;
		const { length } = keys;
		if (shape.hasProto) {
			for (const key of keys) setProperty(target, key, this.value());
		} else {
			for (let i = 0; i < length; i++) target[keys[i] as string] = this.value();
		}
		return target;
	}

	/** (text, value)* */
	properties(target: object, count: number): object {
		for (let i = 0; i < count; i++) setProperty(target as Dictionary, this.text(), this.value());
		return target;
	}

	#items(target: unknown[], length: number): unknown[] {
		for (let i = 0; i < length; i++) {
			const tag = this.byte();
			if (tag === HOLES) {
				this.#indices(target, length);
				break;
			}
			target.push(tag < SHORT_STRING ? tag : tag === INT16 ? this.int16() : this.#tagged(tag));
		}
		return target;
	}

	#sparse(target: unknown[]): unknown[] {
		this.#indices(target, this.varint());
		return this.properties(target, this.count(2)) as unknown[];
	}

	/**
	 * varint count; (varint index, value)*. Sets the length first, in a way that costs no memory for what is only
	 * holes.
	 */
	#indices(target: unknown[], length: number): void {
		if (length > 0xffff_ffff) this.fail('an array is too long');
		if (length > target.length + SMALL_GAP) {
			const far = Math.max(length - 1, target.length * 2 + DICTIONARY_GAP);
			target[far] = undefined;
			delete target[far];
		}
		target.length = length;
		const count = this.count(2);
		for (let i = 0; i < count; i++) {
			const index = this.varint();
			if (index >= length) this.fail('an index is beyond the end of its array');
			target[index] = this.value();
		}
	}

	#entries(map: Map<unknown, unknown>): Map<unknown, unknown> {
		const count = this.uint32Count(2);
		for (let i = 0; i < count; i++) map.set(this.value(), this.value());
		return map;
	}

	#values(set: Set<unknown>): Set<unknown> {
		const count = this.uint32Count(1);
		for (let i = 0; i < count; i++) set.add(this.value());
		return set;
	}

	#defer(): object {
		const container = this.add(emptyContainer(this.byte()) ?? this.fail('an unknown kind of container was deferred'));
		(this.#deferred ??= []).push(container);
		return container;
	}

	readDeferred(): void {
		const deferred = this.#deferred;
		if (deferred === undefined) return;
		while (this.#nextDeferred < deferred.length) this.#fill(deferred[this.#nextDeferred++] as object, this.byte());
	}
}

function emptyContainer(kind: number): object | undefined {
	switch (kind) {
		case ARRAY:
			return [];
		case EMPTY_OBJECT:
			return {};
		case NULL_PROTOTYPE:
			return Object.create(null) as object;
		case MAP:
			return new Map();
		case SET:
			return new Set();
		default:
			return undefined;
	}
}

function setProperty(target: Dictionary, key: string, value: unknown): void {
	if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
	else target[key] = value;
}
