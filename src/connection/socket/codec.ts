/**
 * How values travel through a socket.
 *
 * `nprocs`, the default, keeps everything that crosses processes; shared objects too, if the peer is on this machine. A
 * peer that has not proved who it is (no key, and not the same user at a Unix socket) gets no such powers: from it only
 * plain data is accepted. `json` and `msgpack` are for peers in other languages.
 */
import { describe } from '../../base/arguments.ts';
import { setInterval, clearInterval } from '../../base/clock.ts';
import { dependency } from '../../base/dependency.ts';
import { ArgumentError, SerializationError } from '../../base/errors.ts';
import { decode, decodePlain } from '../../codec/decode.ts';
import { encode } from '../../codec/encode.ts';
import { isKeptInFlight } from '../../codec/handle.ts';
import { countOffers, descriptorsOf, stayWhile, ticketsOf, withArrived, withOffered } from '../../memory/descriptors.ts';
import { pathOf } from '../../memory/names.ts';
import { Segment } from '../../memory/segment.ts';
import { isInFlight, release, retainAll } from '../../memory/in-flight.ts';
import { addon } from '../../native/addon.ts';
import { closeAll } from '../../native/descriptor.ts';
import { check } from '../../native/raise.ts';

export type SocketCodecName = 'nprocs' | 'json' | 'msgpack';

export interface EncodedMessage {
	readonly bytes: Uint8Array;
	/** To be sent beside the bytes; they are the receiver of this object's, to close. */
	readonly fds: readonly number[];
}

export interface SocketCodec {
	encode(value: unknown): EncodedMessage;
	/** `takeFds` gives the descriptors that came beside the message, if they are `count`. */
	decode(bytes: Uint8Array, takeFds: (count: number) => readonly number[]): unknown;
	close(): void;
}

/** How the two ends are related. */
export interface Relation {
	/** Whether the peer has proved who it is. */
	readonly isTrusted: boolean;
	/** Whether it is a Unix socket, which takes descriptors along. */
	readonly isUnix: boolean;
	/** Whether both ends are on one machine, as far as their addresses tell. */
	isLocal(): boolean;
}

export function checkCodec(name: unknown): SocketCodecName {
	if (name === undefined) return 'nprocs';
	if (name === 'nprocs' || name === 'json' || name === 'msgpack') return name;
	throw new ArgumentError(`Expected \`codec\` to be 'json', 'msgpack' or 'nprocs', got ${describe(name)}.`);
}

export function makeCodec(name: SocketCodecName, relation: Relation): SocketCodec {
	if (name === 'json') return json;
	if (name === 'msgpack') return msgpackCodec();
	if (!relation.isTrusted) return plain;
	return relation.isUnix ? beside : new InFlightCodec(relation);
}

function nothingToClose(): void {}

const noFds: readonly number[] = [];
/** How often it is looked whether what was sent before a connection was closed has been received. */
const lookEveryMs = 50;

function alone(bytes: Uint8Array): EncodedMessage {
	return { bytes, fds: noFds };
}

const plain: SocketCodec = {
	encode(value) {
		const { bytes, handles } = encode(value);
		if (handles.length > 0) {
			throw new SerializationError('Cannot send a shared object to a peer without a key: give both sides an `authkey`.', 'value', {
				code: 'ERR_NPROCS_UNTRUSTED',
			});
		}
		return alone(bytes);
	},
	decode: decodePlain,
	close: nothingToClose,
};

const json: SocketCodec = {
	encode(value) {
		const text = JSON.stringify(value) as string | undefined;
		if (text === undefined) throw new SerializationError(`Cannot send a ${typeof value} as JSON.`, 'value');
		return alone(Buffer.from(text));
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

function msgpackCodec(): SocketCodec {
	const msgpack = dependency('@msgpack/msgpack', "use the codec 'msgpack'") as Msgpack;
	return {
		encode(value) {
			try {
				return alone(msgpack.encode(value, { useBigInt64: true, ignoreUndefined: true }));
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

/** Before an encoded message with shared objects; no encoded message begins with one of them. */
const HAS_FDS = 0xfe;
const HAS_IN_FLIGHT = 0xff;

/**
 * Through a Unix socket: with each shared object goes a descriptor that holds its segment, and with each connection its
 * own. So the kernel keeps them for as long as the message lies in the socket, whoever closes them or dies meanwhile.
 */
const beside: SocketCodec = {
	encode(value) {
		const { bytes, handles } = encode(value);
		if (handles.length === 0) return alone(bytes);
		const segments = new Set(handles.flatMap((handle) => handle.segments));
		const fds: number[] = [];
		try {
			for (const { fd } of descriptorsOf(handles)) fds.push(check(addon().duplicate(fd, -1), 'send a connection'));
			for (const name of segments) fds.push(check(addon().openShared(pathOf(name)), 'send a shared object'));
		} catch (error) {
			closeAll(fds);
			throw error;
		}
		return { bytes: Buffer.concat([Buffer.of(HAS_FDS), encode([ticketsOf(handles), segments.size, bytes]).bytes]), fds };
	},
	decode(bytes, takeFds) {
		if (bytes[0] !== HAS_FDS) return decode(bytes);
		const [tickets, segments, value] = decode(bytes.subarray(1)) as [string[], number, Uint8Array];
		const fds = takeFds(tickets.length + segments);
		try {
			return withArrived(tickets, fds, () => decode(value));
		} finally {
			closeAll(fds.slice(tickets.length));
		}
	},
	close: nothingToClose,
};

/**
 * Through TCP on one machine: references are in flight in a segment of the sender's, made for that. It outlives the
 * connection until everything has been received, but not the sender's process.
 */
class InFlightCodec implements SocketCodec {
	readonly #relation: Relation;
	#channel: Segment | undefined;
	/** Sent, and not known to have been received. */
	readonly #sent = new Set<string>();

	constructor(relation: Relation) {
		this.#relation = relation;
	}

	encode(value: unknown): EncodedMessage {
		const { bytes, handles: all } = encode(value);
		const handles = all.filter(isKeptInFlight);
		if (handles.length === 0) return alone(bytes);
		if (!this.#relation.isLocal()) {
			throw new SerializationError('Cannot send a shared object to another machine: it lies in the memory of this one.', 'value', {
				code: 'ERR_NPROCS_OTHER_MACHINE',
			});
		}
		this.#channel ??= Segment.create({ kind: 'SocketChannel', size: 0 });
		retainAll(handles, this.#channel.name);
		const names = handles.flatMap((handle) => handle.segments);
		for (const name of names) this.#sent.add(name);
		return alone(Buffer.concat([Buffer.of(HAS_IN_FLIGHT), encode([this.#channel.name, names, ticketsOf(handles), bytes]).bytes]));
	}

	decode(bytes: Uint8Array): unknown {
		if (bytes[0] !== HAS_IN_FLIGHT) return decode(bytes);
		const [channel, names, tickets, value] = decode(bytes.subarray(1)) as [string, string[], string[], Uint8Array];
		try {
			return withOffered(tickets, () => decode(value));
		} finally {
			for (const name of names) release(name, channel);
		}
	}

	close(): void {
		const channel = this.#channel;
		if (channel === undefined) return;
		this.#channel = undefined;
		const isNeeded = (): boolean => [...this.#sent].some((name) => isInFlight(name, channel.name)) || countOffers(channel.name) > 0;
		if (!isNeeded()) return channel.close();
		const forget = stayWhile(isNeeded);
		const timer = setInterval(() => {
			if (isNeeded()) return;
			clearInterval(timer);
			forget();
			channel.close();
		}, lookEveryMs).unref();
	}
}
