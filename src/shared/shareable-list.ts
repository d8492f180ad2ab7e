/**
 * A list of simple values in one block of shared memory.
 *
 * Layout: a 32-bit word with the length, one unused; then 16 bytes for each item: offset and capacity of its room,
 * type, bytes used; then the rooms, each a multiple of 8 bytes. An item may be replaced by any value that fits into its
 * room. The number of bytes used is written down, so texts and bytes may end in zeros (Python's lose them).
 *
 * As in Python nothing is locked: who writes an item while others read it needs a Lock.
 */
import { inspect } from 'node:util';
import { anIterable, aString, checkArgument, checkOptions, describe, isOf, type Kind } from '../base/arguments.ts';
import { ArgumentError, NprocsError } from '../base/errors.ts';
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { SharedMemory } from './shared-memory.ts';

/** Integers of 64 bits, floats, booleans, texts, bytes, null. */
export type ShareableItem = number | bigint | boolean | string | Uint8Array | null;

export interface ShareableListOptions {
	/** The name of the block. With values, a block of this name is made; without, it is opened. */
	name?: string | undefined;
}

/** `units`: a text with lone surrogates, which UTF-8 has no place for: its UTF-16 code units. */
type TypeName = 'null' | 'boolean' | 'integer' | 'float' | 'text' | 'bytes' | 'units';
const typeNames: readonly TypeName[] = ['null', 'boolean', 'integer', 'float', 'text', 'bytes', 'units'];
const headBytes = 8;
const entryBytes = 16;
const maxInteger = 2n ** 63n;

interface Encoded {
	readonly type: TypeName;
	readonly bytes: Uint8Array;
}

/**
 * As Python's `multiprocessing.shared_memory.ShareableList`. Items are read and written as `list[0]` or by `get` and
 * `set`; negative indices count from the end, for `get` and `set`. Its length never changes.
 */
export class ShareableList implements Shareable, Disposable, Iterable<ShareableItem> {
	[index: number]: ShareableItem;
	/** The block that it lives in. With a name of its own it stays until `list.shm.unlink()`. */
	readonly shm: SharedMemory;
	readonly length: number;
	private readonly view: DataView;

	constructor(values?: Iterable<ShareableItem> | null, options: ShareableListOptions = {}) {
		checkOptions(options, { owner: 'new ShareableList()', kinds: { name: aString }, example: 'new ShareableList(values, { name })' });
		const isNew = options.name === undefined || (values !== undefined && values !== null);
		this.shm = isNew ? createBlock(itemsOf(values ?? []), options.name) : openBlock(options.name!);
		this.view = new DataView(this.shm.buffer);
		this.length = this.view.getUint32(0, true);
		// oxlint-disable-next-line no-constructor-return -- the only way to have list[0]
		return new Proxy(this, { get: getItem, set: setItem });
	}

	/** Throws a RangeError when there is no such item. */
	get(index: number): ShareableItem {
		const entry = this.entry(index);
		const [offset, type, used] = [
			this.view.getUint32(entry, true),
			typeNames[this.view.getUint32(entry + 8, true)],
			this.view.getUint32(entry + 12, true),
		];
		if (type === undefined || offset + Math.max(used, 8) > this.shm.buffer.byteLength) throw notAList(this.shm.name);
		return decode(type, new Uint8Array(this.shm.buffer, offset, used));
	}

	/**
	 * Throws a RangeError when there is no such item, and an ArgumentError when the value does not fit into its room.
	 */
	set(index: number, value: ShareableItem): void {
		const entry = this.entry(index);
		const { type, bytes } = encode(value);
		const [offset, capacity] = [this.view.getUint32(entry, true), this.view.getUint32(entry + 4, true)];
		if (bytes.length > capacity) {
			throw new ArgumentError(
				`Cannot set item ${index} of the ShareableList: it has room for ${capacity} bytes, and the new value takes ${bytes.length}.`,
			);
		}
		new Uint8Array(this.shm.buffer, offset, capacity).set(bytes);
		this.view.setUint32(entry + 8, typeNames.indexOf(type), true);
		this.view.setUint32(entry + 12, bytes.length, true);
	}

	/** How many items have this value. */
	count(value: ShareableItem): number {
		return [...this].filter((item) => isSame(item, value)).length;
	}

	/** Where the value is first. Throws an ArgumentError when it is nowhere. */
	index(value: ShareableItem): number {
		const found = this.indexOf(value);
		if (found < 0) throw new ArgumentError(`${inspect(value)} is not in the ShareableList.`);
		return found;
	}

	/** Where the value is first; -1 when it is nowhere. */
	indexOf(value: ShareableItem): number {
		return [...this].findIndex((item) => isSame(item, value));
	}

	/** What the items are now, in the codes of Python's `struct`. */
	get format(): string {
		void this.shm.buffer; // throws when it is closed
		let format = '';
		for (let i = 0; i < this.length; i++) {
			const entry = headBytes + i * entryBytes;
			const capacity = this.view.getUint32(entry + 4, true);
			const codes: Record<TypeName, string> = {
				null: 'xxxxxx?x',
				boolean: 'xxxxxxx?',
				integer: 'q',
				float: 'd',
				text: `${capacity}s`,
				bytes: `${capacity}s`,
				units: `${capacity}s`,
			};
			format += codes[typeNames[this.view.getUint32(entry + 8, true)]!];
		}
		return format;
	}

	*[Symbol.iterator](): IterableIterator<ShareableItem> {
		for (let i = 0; i < this.length; i++) yield this.get(i);
	}

	close(): void {
		this.shm.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	[toHandle](): Handle {
		const { data, segments } = this.shm[toHandle]();
		return { kind: 'ShareableList', data, segments };
	}

	[inspect.custom](): string {
		return `ShareableList(${inspect([...this])}, name=${inspect(this.shm.name)})`;
	}

	private entry(index: number): number {
		void this.shm.buffer; // throws when it is closed
		const position = typeof index === 'number' && index < 0 ? index + this.length : index;
		if (!(Number.isInteger(position) && position >= 0 && position < this.length)) {
			const error = new RangeError(`Index ${describe(index)} is out of range: the ShareableList has ${this.length} items.`);
			throw Object.assign(error, { code: ArgumentError.defaultCode });
		}
		return headBytes + position * entryBytes;
	}
}

function itemsOf(values: Iterable<ShareableItem>): ShareableItem[] {
	if (typeof values !== 'string') checkArgument('the values of a ShareableList', values, anIterable);
	return [...values];
}

/** A block that somebody else has made. Throws when it cannot be a list. */
function openBlock(name: string): SharedMemory {
	const shm = new SharedMemory({ name });
	const { byteLength } = shm.buffer;
	const length = byteLength < headBytes ? Infinity : new DataView(shm.buffer).getUint32(0, true);
	if (headBytes + length * entryBytes <= byteLength) return shm;
	shm.close();
	throw notAList(name);
}

function notAList(name: string): NprocsError {
	return new NprocsError(`The block ${name} is no ShareableList, or what it had in it was overwritten.`, { code: 'ERR_NPROCS_BAD_SEGMENT' });
}

function createBlock(values: readonly ShareableItem[], name: string | undefined): SharedMemory {
	const items = values.map(encode);
	const rooms = items.map(({ type, bytes }) => (['text', 'bytes', 'units'].includes(type) ? 8 * (Math.floor(bytes.length / 8) + 1) : 8));
	let offset = headBytes + items.length * entryBytes;
	const shm = new SharedMemory({ create: true, name, size: offset + rooms.reduce((sum, room) => sum + room, 0) });
	const view = new DataView(shm.buffer);
	for (const [i, { type, bytes }] of items.entries()) {
		const fields = [offset, rooms[i]!, typeNames.indexOf(type), bytes.length];
		for (const [j, field] of fields.entries()) view.setUint32(headBytes + i * entryBytes + 4 * j, field, true);
		new Uint8Array(shm.buffer).set(bytes, offset);
		offset += rooms[i]!;
	}
	view.setUint32(0, items.length, true);
	return shm;
}

function encode(value: ShareableItem): Encoded {
	if (value === null) return { type: 'null', bytes: new Uint8Array() };
	if (typeof value === 'string') return isWellFormed(value) ? { type: 'text', bytes: new TextEncoder().encode(value) } : unitsOf(value);
	if (isBytes(value)) return { type: 'bytes', bytes: copyOf(value) };
	const view = new DataView(new ArrayBuffer(8));
	const bytes = new Uint8Array(view.buffer);
	if (typeof value === 'boolean') {
		view.setUint8(0, Number(value));
		return { type: 'boolean', bytes };
	}
	if (typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))) {
		if (BigInt(value) < -maxInteger || BigInt(value) >= maxInteger)
			throw new ArgumentError(`Cannot put ${value} into a ShareableList: integers have 64 bits.`);
		view.setBigInt64(0, BigInt(value), true);
		return { type: 'integer', bytes };
	}
	if (typeof value !== 'number')
		throw new ArgumentError(
			`Cannot put a ${typeof value} into a ShareableList: it takes numbers, bigints, booleans, texts, Uint8Arrays and null.`,
		);
	view.setFloat64(0, value, true);
	return { type: 'float', bytes };
}

/** Node 20 has `isWellFormed`, TypeScript's library of that year has it not. */
function isWellFormed(text: string): boolean {
	return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

const bytesKind: Kind = { what: 'a Uint8Array', has: (value) => value instanceof Uint8Array };

function isBytes(value: unknown): value is Uint8Array {
	return isOf(bytesKind, value);
}

function copyOf(bytes: Uint8Array): Uint8Array {
	try {
		return bytes.slice();
	} catch (cause) {
		throw new ArgumentError('Cannot put the bytes into a ShareableList: their ArrayBuffer is detached.', { cause });
	}
}

function unitsOf(text: string): Encoded {
	return { type: 'units', bytes: new Uint8Array(Buffer.from(text, 'utf16le')) };
}

function decode(type: TypeName, bytes: Uint8Array): ShareableItem {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	switch (type) {
		case 'null':
			return null;
		case 'boolean':
			return view.getUint8(0) !== 0;
		case 'float':
			return view.getFloat64(0, true);
		case 'text':
			return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
		case 'units':
			return Buffer.from(bytes).toString('utf16le');
		case 'bytes':
			return bytes.slice();
		case 'integer': {
			const value = view.getBigInt64(0, true);
			return Number.isSafeInteger(Number(value)) ? Number(value) : value;
		}
	}
}

function isSame(a: ShareableItem, b: ShareableItem): boolean {
	if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, i) => byte === b[i]);
	if (typeof a === 'bigint' || typeof b === 'bigint')
		return (typeof a === 'bigint' || typeof a === 'number') && (typeof b === 'bigint' || typeof b === 'number') && a == b; // oxlint-disable-line eqeqeq -- a number and a bigint of one value
	return a === b;
}

const indexPattern = /^-?\d+$/;

function getItem(list: ShareableList, key: string | symbol, receiver: unknown): unknown {
	return typeof key === 'string' && indexPattern.test(key) ? list.get(Number(key)) : Reflect.get(list, key, receiver);
}

// oxlint-disable-next-line eslint/max-params -- a trap of a Proxy
function setItem(list: ShareableList, key: string | symbol, value: unknown, receiver: unknown): boolean {
	if (typeof key !== 'string' || !indexPattern.test(key)) return Reflect.set(list, key, value, receiver);
	list.set(Number(key), value as ShareableItem);
	return true;
}

registerKind('ShareableList', ({ name }: { name: string }) => new ShareableList(null, { name }));
