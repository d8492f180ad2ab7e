/**
 * The short way of a receive whose caller waits for it. With nothing under way here and no message that was not
 * expected, the next message of the source's ring is the one that is wanted, or none is there yet: it goes from the
 * ring into the buffer, and there is no operation that would have to be matched.
 */
import { ANY_TAG, ERR_TRUNCATE, SUCCESS } from '../../constants.ts';
import type { Endpoint } from './endpoint.ts';
import { kindMask, messageKind, synchronousFlag, type RingReader } from './ring.ts';

/** How often it looks at the ring; about ten microseconds. */
const looksOfItsOwn = 1000;

export class ShortWay {
	/** Of the last message that was received: its tag, how many bytes are in the buffer, class of the error or 0. */
	tag = 0;
	bytes = 0;
	error: number = SUCCESS;
	readonly #endpoint: Endpoint;
	readonly #looks: number;

	/** `maySpin`: ranks have a core each, so that looking for a while costs nobody anything. */
	constructor(endpoint: Endpoint, { maySpin }: { maySpin: boolean }) {
		this.#endpoint = endpoint;
		this.#looks = maySpin ? looksOfItsOwn : 1;
	}

	/** From a rank of COMM_WORLD. False: nothing has happened, and the long way must be gone. */
	receive(memory: Uint8Array, peer: number, tag: number, context: number): boolean {
		const reader = this.#next(peer, tag, context);
		if (reader === undefined) return false;
		this.#take(reader, memory, peer);
		return true;
	}

	/** As receive, but leaves a message that is longer than the memory. */
	receiveWhole(memory: Uint8Array, peer: number, tag: number, context: number): boolean {
		const reader = this.#next(peer, tag, context);
		if (reader === undefined || reader.length > memory.length) return false;
		this.#take(reader, memory, peer);
		return true;
	}

	/** At the message that is wanted. */
	#next(peer: number, tag: number, context: number): RingReader | undefined {
		const endpoint = this.#endpoint;
		if (!endpoint.isQuiet || !endpoint.queuesOf(context).isIdle) return undefined;
		const reader = endpoint.readerFrom(peer);
		if (reader === undefined) return undefined;
		for (let looks = 1; !reader.hasNext(); looks++) if (looks === this.#looks) return undefined;
		if (reader.context !== context || (tag !== reader.tag && tag !== ANY_TAG)) return undefined;
		return (reader.flags & (kindMask | synchronousFlag)) === messageKind.data ? reader : undefined;
	}

	#take(reader: RingReader, memory: Uint8Array, peer: number): void {
		const { length, tag } = reader;
		const kept = length <= memory.length ? length : memory.length;
		reader.copyTo(memory, kept);
		this.#endpoint.advance(reader, peer);
		this.tag = tag;
		this.bytes = kept;
		this.error = kept === length ? SUCCESS : ERR_TRUNCATE;
	}
}
