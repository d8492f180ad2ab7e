/**
 * How values travel through a socket.
 *
 * `nprocs`, the default, keeps everything that crosses processes; shared objects too, if the peer is on this machine. A peer that has not proved who it is (no
 * key, and not the same user at a Unix socket) gets no such powers: from it only plain data is accepted. `json` and `msgpack` are for peers in other languages.
 */
import { createRequire } from 'node:module';
import { ArgumentError, SerializationError } from '../base/errors.ts';
import { decode, decodePlain } from '../codec/decode.ts';
import { encode } from '../codec/encode.ts';
import { Segment } from '../memory/segment.ts';
import { release, retainAll } from '../memory/transit.ts';

export type SocketCodecName = 'nprocs' | 'json' | 'msgpack';

export interface SocketCodec {
	encode(value: unknown): Uint8Array;
	decode(bytes: Uint8Array): unknown;
	close(): void;
}

export function checkCodec(name: unknown): SocketCodecName {
	if (name === undefined) return 'nprocs';
	if (name === 'nprocs' || name === 'json' || name === 'msgpack') return name;
	throw new ArgumentError(`Expected \`codec\` to be 'json', 'msgpack' or 'nprocs', got ${String(name)}.`);
}

export function makeCodec(name: SocketCodecName, isTrusted: boolean): SocketCodec {
	if (name === 'json') return json;
	if (name === 'msgpack') return msgpackCodec();
	return isTrusted ? new OwnCodec() : plain;
}

function nothingToClose(): void {}

const plain: SocketCodec = {
	encode(value) {
		const { bytes, handles } = encode(value);
		if (handles.length > 0) {
			throw new SerializationError('Cannot send a shared object to a peer without a key: give both sides an `authkey`.', 'value', {
				code: 'ERR_NPROCS_UNTRUSTED',
			});
		}
		return bytes;
	},
	decode: decodePlain,
	close: nothingToClose,
};

const json: SocketCodec = {
	encode(value) {
		const text = JSON.stringify(value) as string | undefined;
		if (text === undefined) throw new SerializationError(`Cannot send a ${typeof value} as JSON.`, 'value');
		return Buffer.from(text);
	},
	decode(bytes) {
		try {
			return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as unknown;
		} catch (cause) {
			throw malformed('JSON', cause);
		}
	},
	close: nothingToClose,
};

interface Msgpack {
	encode(value: unknown, options: object): Uint8Array;
	decode(bytes: Uint8Array, options: object): unknown;
}

/** Loaded when it is wanted: few programs do. */
function msgpackCodec(): SocketCodec {
	const msgpack = createRequire(import.meta.url)('@msgpack/msgpack') as Msgpack;
	return {
		encode(value) {
			try {
				return msgpack.encode(value, { useBigInt64: true, ignoreUndefined: true });
			} catch (cause) {
				throw new SerializationError(`Cannot send the value as MessagePack: ${(cause as Error).message}`, 'value', { cause });
			}
		},
		decode(bytes) {
			try {
				return msgpack.decode(bytes, { useBigInt64: true });
			} catch (cause) {
				throw malformed('MessagePack', cause);
			}
		},
		close: nothingToClose,
	};
}

function malformed(format: string, cause: unknown): SerializationError {
	return new SerializationError(`The message is no ${format}: ${(cause as Error).message}. Both sides must use the same codec.`, '', {
		code: 'ERR_NPROCS_MALFORMED_MESSAGE',
		cause,
	});
}

/** Before an encoded message that carries shared objects; no encoded message begins with it. */
const CARRIES = 0xff;

/**
 * Shared objects need a carrier in shared memory while they are on their way: a segment that the sender's connection holds. So, unlike in a pipe, what is in
 * flight is lost when the sending connection is closed before it was received.
 */
class OwnCodec implements SocketCodec {
	#carrier: Segment | undefined;

	encode(value: unknown): Uint8Array {
		const { bytes, handles } = encode(value);
		if (handles.length === 0) return bytes;
		this.#carrier ??= Segment.create({ kind: 'SocketCarrier', size: 0 });
		retainAll(handles, this.#carrier.name);
		const names = handles.flatMap((handle) => handle.segments);
		return Buffer.concat([Buffer.of(CARRIES), encode([this.#carrier.name, names, bytes]).bytes]);
	}

	decode(bytes: Uint8Array): unknown {
		if (bytes[0] !== CARRIES) return decode(bytes);
		const [carrier, names, value] = decode(bytes.subarray(1)) as [string, string[], Uint8Array];
		try {
			return decode(value);
		} finally {
			for (const name of names) release(name, carrier);
		}
	}

	close(): void {
		this.#carrier?.close();
	}
}
