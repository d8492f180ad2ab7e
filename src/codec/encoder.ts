/**
 * Writes a value. One encoder is used for many messages; `begin` and `finish` frame each.
 *
 * Here is what is common and has to be fast: primitives, arrays, plain objects. Everything else is left to `Others`.
 */
import { types } from 'node:util';
import { SerializationError } from '../base/errors.ts';
import type { WrittenBuffers } from './buffer-table.ts';
import { ByteWriter, LARGEST_MESSAGE } from './byte-writer.ts';
import { isDense } from './dense.ts';
import * as format from './format.ts';
import { isShareable, toHandle, type Handle, type Shareable } from './handle.ts';
import { ObjectNumbers } from './object-numbers.ts';
import { formatPath, handleStep, isStackOverflow, isNamespace, whyNot, type Step } from './refusal.ts';
import { shapeOf } from './shapes.ts';

const { NULL, UNDEFINED, TRUE, FALSE, BIGINT64, BIGINT_HEX, REF, ARRAY, SHORT_ARRAY, EMPTY_OBJECT, OBJECT } = format;
const { OBJECT_OF_SHAPE, DICTIONARY, DEFERRED, HANDLE, MAX_INLINE_DEPTH } = format;

/** Writes what Encoder does not: encode-builtin.ts and encode-array.ts. */
export interface Others {
	/** Any object but an ordinary array, a plain object, a Proxy or a shared object. */
	readonly builtin: (encoder: Encoder, value: object) => void;
	/** An array with holes or named properties. */
	readonly sparseArray: (encoder: Encoder, array: readonly unknown[]) => void;
	/** The rest of an array from its first hole on. */
	readonly arrayAfterHole: (encoder: Encoder, array: readonly unknown[], hole: number) => void;
	/** The content of a Map or Set whose place was written before. */
	readonly collection: (encoder: Encoder, collection: object) => void;
}

export class Encoder extends ByteWriter {
	/** The steps to where the writer is: the first `depth` of them count. */
	path: Step[] = [];
	depth = 0;
	handles: Handle[] = [];
	buffers: WrittenBuffers | undefined;
	/** Leave out of errors what cannot cross, instead of refusing the error. */
	isLenientWithErrors = false;

	readonly #others: Others;
	#root = 'value';
	readonly #numbers = new ObjectNumbers();
	#message = 0;
	#shapes = 0;
	#deferred: object[] = [];
	#nextDeferred = 0;
	#drains = 0;
	/**
	 * Registered instances and shared objects whose data is being written: they come into being only when all of it has
	 * been read.
	 */
	#unfinished: object[] = [];
	#refusal: SerializationError | undefined;

	constructor(others: Others) {
		super();
		this.#others = others;
	}

	begin(root: string): void {
		this.#root = root;
		this.#message = nextMessage++;
		this.ensure(64);
		this.bytes[0] = format.VERSION;
		this.bytes[1] = 0;
		this.pos = 2;
	}

	/** Writes what was left for the end, and returns the buffers that go out-of-band. */
	finish(outOfBandFrom: number): readonly Uint8Array[] {
		this.writeDeferred();
		if (this.buffers === undefined) return nothing;
		this.bytes[1] = format.FLAG_BUFFERS;
		return this.buffers.write(this, outOfBandFrom);
	}

	/** Forgets the message, whether it was finished or not. */
	reset(): void {
		this.rewind();
		this.#numbers.clear();
		this.#shapes = 0;
		this.depth = 0;
		this.isLenientWithErrors = false;
		if (this.handles.length > 0) this.handles = [];
		this.buffers = undefined;
		if (this.#deferred.length > 0) this.#deferred = [];
		this.#nextDeferred = 0;
		this.#drains = 0;
		if (this.#unfinished.length > 0) this.#unfinished = [];
		this.#refusal = undefined;
	}

	write(value: unknown): void {
		switch (typeof value) {
			case 'number':
				this.number(value);
				return;
			case 'string':
				this.text(value);
				return;
			case 'boolean':
				this.byte(value ? TRUE : FALSE);
				return;
			case 'undefined':
				this.byte(UNDEFINED);
				return;
			case 'object':
				if (value === null) this.byte(NULL);
				else this.#object(value);
				return;
			case 'bigint':
				this.bigint(value);
				return;
			default:
				this.refuse(whyNot(value));
		}
	}

	bigint(value: bigint): void {
		if (BigInt.asIntN(64, value) === value) {
			this.byte(BIGINT64);
			this.bigint64(value);
		} else {
			this.byte(BIGINT_HEX);
			this.text(value.toString(16));
		}
	}

	#object(value: object): void {
		const number = this.#numbers.of(value);
		if (number >= 0) this.#ref(value, number);
		else if (types.isProxy(value)) this.other(value);
		else if (Array.isArray(value)) {
			if (Object.getPrototypeOf(value) === Array.prototype) this.array(value);
			else this.other(value);
		} else if (Object.getPrototypeOf(value) === Object.prototype) {
			if (isShareable(value)) this.#handle(value);
			else this.plain(value as Record<string, unknown>);
		} else this.other(value);
	}

	/** Anything but an ordinary array or plain object. */
	other(value: object): void {
		if (!types.isProxy(value)) return isShareable(value) ? this.#handle(value) : this.#others.builtin(this, value);
		// Only a shared object may be a Proxy: it says itself how it travels.
		if (!isShareable(value)) this.refuse(whyNot(value));
		this.#handle(value);
	}

	#ref(value: object, number: number): void {
		if (this.#unfinished.length > 0 && this.#unfinished.includes(value)) {
			this.refuse(
				'refers back to the instance that it is a part of, which is made only when all its parts have arrived. Leave it out of what serialize() returns',
			);
		}
		this.byte(REF);
		this.varint(number);
	}

	array(value: unknown[]): void {
		if (this.defer(ARRAY, value)) return;
		if (isDense(value)) this.denseArray(value);
		else this.#others.sparseArray(this, value);
	}

	/** As `write`, for an array of which that is known. */
	items(value: readonly unknown[]): void {
		this.#numbers.of(value);
		this.denseArray(value);
	}

	/** An array without named properties, and without holes as far as is known. */
	denseArray(value: readonly unknown[]): void {
		const { length } = value;
		if (length < 16) this.byte(SHORT_ARRAY + length);
		else {
			this.byte(ARRAY);
			this.varint(length);
		}
		const depth = this.depth++;
		for (let i = 0; i < length; i++) {
			this.path[depth] = i;
			const item = value[i];
			if (item === undefined && length >= 16 && !Object.hasOwn(value, i)) {
				this.#others.arrayAfterHole(this, value, i);
				break;
			}
			this.write(item);
		}
		this.depth = depth;
	}

	plain(value: Record<string, unknown>): void {
		if (this.defer(EMPTY_OBJECT, value)) return;
		const keys = Object.keys(value);
		const { length } = keys;
		if (length === 0) {
			if (isNamespace(value)) this.refuse(whyNot(value));
			return this.byte(EMPTY_OBJECT);
		}
		if (keys[0] === '0' && types.isArgumentsObject(value)) this.refuse(whyNot(value));
		const shape = shapeOf(keys);
		if (shape === undefined) return this.#dictionary(value, keys);
		if (shape.message === this.#message) {
			this.byte(OBJECT_OF_SHAPE);
			this.varint(shape.number);
		} else {
			shape.message = this.#message;
			shape.number = this.#shapes++;
			this.byte(OBJECT);
			this.byte(length);
			this.varint(shape.bytes.length);
			this.#shortRaw(shape.bytes);
		}
		const depth = this.depth++;
		for (let i = 0; i < length; i++) {
			const key = keys[i] as string;
			this.path[depth] = key;
			this.write(value[key]);
		}
		this.depth = depth;
	}

	/** As raw, for so few bytes that a call into C++ would cost more. */
	#shortRaw(from: Uint8Array): void {
		const { length } = from;
		if (length > 64) return this.raw(from);
		this.ensure(length);
		const { bytes, pos } = this;
		for (let i = 0; i < length; i++) bytes[pos + i] = from[i] as number;
		this.pos = pos + length;
	}

	#dictionary(value: Record<string, unknown>, keys: readonly string[]): void {
		this.byte(DICTIONARY);
		this.varint(keys.length);
		this.properties(value, keys);
	}

	/** (text, value)* */
	properties(value: object, keys: readonly string[]): void {
		const depth = this.depth++;
		for (const key of keys) {
			this.path[depth] = key;
			this.text(key);
			this.write((value as Record<string, unknown>)[key]);
		}
		this.depth = depth;
	}

	/** `value` written as the part of the current object to which `step` leads. */
	part(step: Step, value: unknown): void {
		this.path[this.depth++] = step;
		this.write(value);
		this.depth--;
	}

	#handle(value: Shareable): void {
		const handle = value[toHandle]();
		this.handles.push(handle);
		this.#unfinished.push(value);
		this.byte(HANDLE);
		this.text(handle.kind);
		this.part(handleStep, handle.data);
		this.part(handleStep, handle.segments);
		this.#unfinished.pop();
	}

	/** Leaves the content of a container for later, if it stands too deep. */
	defer(kind: number, container: object): boolean {
		if (this.depth < MAX_INLINE_DEPTH || this.#unfinished.length > 0) return false;
		this.byte(DEFERRED);
		this.byte(kind);
		this.#deferred.push(container);
		return true;
	}

	writeDeferred(): void {
		if (this.#nextDeferred === this.#deferred.length) return;
		const { path, depth } = this;
		this.path = [];
		this.#drains++;
		while (this.#nextDeferred < this.#deferred.length) {
			const container = this.#deferred[this.#nextDeferred++] as object;
			this.depth = 0;
			this.#content(container);
		}
		this.#drains--;
		this.path = path;
		this.depth = depth;
	}

	#content(container: object): void {
		if (Array.isArray(container)) this.array(container);
		else if (types.isMap(container) || types.isSet(container)) this.#others.collection(this, container);
		else this.plain(container as Record<string, unknown>);
	}

	/**
	 * An instance of a registered class. What `write` writes makes it again, so everything that this refers to has to
	 * be complete by then: deferred contents come before. Should they contain the instance too, it is written there.
	 */
	instance(value: object, name: string, write: () => void): void {
		if (this.#nextDeferred < this.#deferred.length) {
			this.#numbers.takeBack(value);
			this.byte(format.FLUSH);
			this.writeDeferred();
			return this.write(value);
		}
		this.byte(format.INSTANCE);
		this.text(name);
		this.#unfinished.push(value);
		write();
		this.#unfinished.pop();
	}

	/** Whether the value, by itself, could be written. */
	canSend(value: unknown): boolean {
		const probe = new Encoder(this.#others);
		try {
			probe.begin('');
			probe.write(value);
			probe.finish(Infinity);
			return true;
		} catch {
			return false;
		}
	}

	get where(): string {
		return formatPath(this.#drains > 0 ? `${this.#root}…` : this.#root, this.path.slice(0, this.depth));
	}

	/** Throws the error that says that the value here cannot cross: its path and `why`. */
	refuse(why: string, cause?: unknown): never {
		const { where } = this;
		this.#refusal = new SerializationError(`${where === '' ? 'What is sent' : where} ${why}.`, where, cause === undefined ? {} : { cause });
		throw this.#refusal;
	}

	protected override refuseSize(size: number, cause?: unknown): never {
		const limit = cause === undefined ? `more than ${LARGEST_MESSAGE}, the most that one message may have` : 'for which there is no memory';
		this.refuse(
			`makes the message ${size} bytes long, ${limit}. Send it in parts, or what is large as a SharedArray or a SharedMemory, which are not copied; a typed array in a queue or pipe of this machine may be of any size`,
			cause,
		);
	}

	/** What to throw when writing failed with `error`: a refusal as it is, else one with the error as its cause. */
	failure(error: unknown): SerializationError {
		const { where } = this;
		this.path = [];
		if (error === this.#refusal && this.#refusal !== undefined) return this.#refusal;
		// An object that says itself why it does not let itself be sent.
		if (error instanceof SerializationError)
			return new SerializationError(`${where}: ${error.message}`, where, { code: error.code, cause: error });
		const why = isStackOverflow(error)
			? 'is nested too deeply for the stack'
			: `could not be read: ${error instanceof Error ? error.message : String(error)}`;
		return new SerializationError(`${where} ${why}.`, where, { cause: error });
	}
}

let nextMessage = 0;
const nothing: readonly never[] = [];
