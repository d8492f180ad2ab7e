/**
 * `MPI.pickle`: how the lower-case methods turn values into bytes and back. The library's own way takes all that
 * docs/values.md names; a program can put another one in its place, on all ranks.
 */
import { aFunction, checkArgument, describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { decode } from '../../../codec/decode.ts';
import { encode } from '../../../codec/encode.ts';

export type Dumps = (value: unknown) => Uint8Array;
export type Loads = (bytes: Uint8Array) => unknown;

/**
 * From this size on, in bytes, a typed array or an ArrayBuffer in a value travels beside it, without being copied into
 * a larger whole.
 */
const defaultThreshold = 65_536;

export class Pickle {
	/** Typed arrays from this size on, in bytes, are sent from where they lie, and received where they stay. */
	THRESHOLD = defaultThreshold;
	/** As in mpi4py, for serializers that have versions; the library's own has none. */
	PROTOCOL: number | null = null;
	#dumps: Dumps | undefined;
	#loads: Loads | undefined;

	/** @param dumps - from a value to bytes @param loads - and back. Default: the library's own */
	constructor(dumps?: Dumps | Pickle | null, loads?: Loads | null) {
		if (dumps instanceof Pickle) {
			this.#dumps = dumps.#dumps;
			this.#loads = dumps.#loads;
		} else this.init(dumps, loads);
	}

	/**
	 * What mpi4py writes as `MPI.pickle.__init__(dumps, loads)`: these functions are used from now on; without any, the
	 * library's own. All ranks must use the same.
	 */
	init(dumps?: Dumps | null, loads?: Loads | null, protocol: number | null = null): void {
		if (((dumps ?? undefined) === undefined) !== ((loads ?? undefined) === undefined)) {
			throw new ArgumentError('Expected `dumps` and `loads` to be given both, or none of them: what one writes the other must read.');
		}
		if (dumps !== undefined && dumps !== null) checkArgument('`dumps` of MPI.pickle', dumps, aFunction);
		if (loads !== undefined && loads !== null) checkArgument('`loads` of MPI.pickle', loads, aFunction);
		this.#dumps = dumps ?? undefined;
		this.#loads = loads ?? undefined;
		this.PROTOCOL = protocol;
		this.THRESHOLD = defaultThreshold;
	}

	/** @internal Whether the library's own way is used. */
	get isOwn(): boolean {
		return this.#dumps === undefined;
	}

	/** The value as bytes. */
	dumps(obj: unknown): Uint8Array {
		if (this.#dumps === undefined) return encode(obj, { path: '' }).bytes;
		const bytes = this.#dumps(obj);
		if (!(bytes instanceof Uint8Array)) throw new ArgumentError(`Expected \`dumps\` of MPI.pickle to give a Uint8Array, got ${describe(bytes)}.`);
		return bytes;
	}

	/** The value of bytes that `dumps` gave. */
	loads(data: Uint8Array): unknown {
		return this.#loads === undefined ? decode(data) : this.#loads(data);
	}

	/** [the value as bytes, without its large typed arrays; those]. They are the value's own memory, not copies. */
	dumps_oob(obj: unknown): [bytes: Uint8Array, buffers: Uint8Array[]] {
		if (this.#dumps !== undefined) return [this.dumps(obj), []];
		const { bytes, buffers } = encode(obj, { path: '', outOfBandFrom: this.THRESHOLD });
		return [bytes, [...buffers]];
	}

	/** The value of what `dumps_oob` gave; typed arrays in it are made of these buffers. */
	loads_oob(data: Uint8Array, buffers: readonly (Uint8Array | ArrayBuffer)[]): unknown {
		return this.#loads === undefined ? decode(data, buffers.map(memoryOf)) : this.#loads(data);
	}
}

export const pickle: Pickle = new Pickle();

/** A whole ArrayBuffer as it is, a part of one as a copy. */
function memoryOf(bytes: Uint8Array | ArrayBuffer): ArrayBuffer {
	if (!ArrayBuffer.isView(bytes)) return bytes;
	const { buffer, byteOffset, byteLength } = bytes;
	return buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength
		? buffer
		: (new Uint8Array(bytes).buffer as ArrayBuffer);
}
