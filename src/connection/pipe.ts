/**
 * Pipe: two connections over shared memory. Each direction is a stream.
 *
 * **Who holds an end** decides when the file ends, so each end is a segment of its own, without content: every
 * Connection for that end, in whatever process, holds it open, and a message that carries one keeps it as it keeps all
 * segments. When the other end's segment is gone, nobody can ever send from there again (holders.ts).
 *
 * That is asked when it matters: by a reader that finds nothing, and by a writer. Closing tells the other side to ask
 * at once (a count in the stream); death is found out at the waiter's next slice.
 */
import { aBoolean, checkOptions } from '../base/arguments.ts';
import { Deadline } from '../base/deadline.ts';
import { ClosedError, NprocsError } from '../base/errors.ts';
import { registerKind, toHandle, type Handle } from '../codec/handle.ts';
import { Segment } from '../memory/segment.ts';
import { isWaitedForHere, waitFor, waitForSync } from '../wait/waiter.ts';
import { waitSource, type WaitSource } from '../wait/waitable.ts';
import { brokenPipe, Connection, endOfFile, tooLong, wrongDirection, type Expected, type Form } from './connection.ts';
import { Holders, type Asking } from '../memory/holders.ts';
import { discard, isRaw, own, pack, packBytes, type Outgoing } from '../stream/message.ts';
import { Stream, type Taken } from '../stream/stream.ts';
import { isTurnDue, turn } from '../wait/turn.ts';
import { sourceOf, watch, watchSync } from '../stream/watching.ts';

export interface PipeOptions {
	/** Whether both ends can send and receive. @default true */
	duplex?: boolean;
}

/**
 * A pair of connected connections. Duplex: each of them sends and receives. Simplex: `[reader, writer]`.
 */
export function Pipe<T = unknown>(options: PipeOptions | boolean = {}): [Connection<T>, Connection<T>] {
	if (typeof options !== 'boolean') checkOptions(options, { owner: 'Pipe()', kinds: { duplex: aBoolean }, example: 'Pipe({ duplex: false })' });
	const duplex = typeof options === 'boolean' ? options : (options.duplex ?? true);
	const ends = [Segment.create({ kind: endKind, size: 0 }), Segment.create({ kind: endKind, size: 0 })] as const;
	const toFirst = newStream();
	const toSecond = duplex ? newStream() : undefined;
	// Each connection closes its own, so what both of them use is opened twice.
	const first = new PipeConnection<T>({ end: ends[0], peer: ends[1].name, input: toFirst, output: toSecond });
	const second = new PipeConnection<T>({ end: ends[1], peer: ends[0].name, input: toSecond && reopened(toSecond), output: reopened(toFirst) });
	return [first, second];
}

const kind = 'channel:Connection';
const endKind = 'PipeEnd';
const streamKind = 'Pipe';
/** What may be on its way in one direction; a single larger message may too. */
const maxLoadBytes = 4 * 1024 * 1024;

interface Parts {
	readonly end: Segment;
	readonly peer: string;
	readonly input: Stream | undefined;
	readonly output: Stream | undefined;
}

interface HandleData {
	readonly end: string;
	readonly peer: string;
	readonly input: string | undefined;
	readonly output: string | undefined;
}

class PipeConnection<T> extends Connection<T> {
	readonly #end: Segment;
	readonly #peer: Holders;
	readonly #input: Stream | undefined;
	readonly #output: Stream | undefined;
	#mayRead: boolean;
	#closed = false;

	constructor(parts: Parts) {
		super();
		this.#end = parts.end;
		this.#input = parts.input;
		this.#output = parts.output;
		this.#mayRead = parts.input !== undefined;
		this.#peer = new Holders(
			parts.peer,
			() => (parts.input?.departures.count('sender') ?? 0) + (parts.output?.departures.count('receiver') ?? 0),
		);
	}

	get readable(): boolean {
		return this.#mayRead;
	}

	get writable(): boolean {
		return this.#output !== undefined;
	}

	get closed(): boolean {
		return this.#closed;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#end.close();
		this.#output?.depart('sender');
		this.#input?.depart('receiver');
		this.#output?.close();
		this.#input?.close();
	}

	protected override async transmit(message: unknown, form: Form, deadline: Deadline): Promise<boolean> {
		const output = this.#writer();
		const outgoing = this.#pack(output, message, form);
		return this.#guard(outgoing, async () => {
			if (!isWaitedForHere(output.room) && output.tryPut(outgoing)) {
				if (isTurnDue()) await turn();
				return true;
			}
			return (await waitFor(output.room, this.#putting(output, own(outgoing)), deadline, output.putting)) === true;
		});
	}

	protected override transmitSync(message: unknown, form: Form, deadline: Deadline): boolean {
		const output = this.#writer();
		const outgoing = this.#pack(output, message, form);
		let isSent = false;
		try {
			isSent = output.tryPut(outgoing) || waitForSync(output.room, this.#putting(output, own(outgoing)), deadline, output.putting) === true;
		} finally {
			if (!isSent) discard(outgoing);
		}
		return isSent;
	}

	#pack(output: Stream, message: unknown, form: Form): Outgoing {
		return form === 'bytes' ? packBytes(message as Uint8Array, output.segment) : pack(message, output.segment);
	}

	async #guard(outgoing: Outgoing, send: () => Promise<boolean>): Promise<boolean> {
		let isSent = false;
		try {
			isSent = await send();
		} finally {
			if (!isSent) discard(outgoing);
		}
		return isSent;
	}

	#putting(output: Stream, outgoing: Outgoing): () => true | undefined {
		return () => {
			output.checkOpen();
			if (this.#peer.areGone()) throw brokenPipe();
			return output.tryPut(outgoing) || undefined;
		};
	}

	#writer(): Stream {
		const output = this.#output;
		if (this.#closed) throw closedHere();
		if (output === undefined) throw wrongDirection('send');
		if (this.#peer.areGone()) throw brokenPipe();
		return output;
	}

	protected override async receive(expected: Expected, deadline: Deadline): Promise<Taken | undefined> {
		const input = this.#reader();
		const taken = await waitFor(input.items, this.#taking(input, expected, askingWithin(deadline)), deadline, input.getting);
		if (isTurnDue()) await turn();
		return this.#checked(expected, taken);
	}

	protected override receiveSync(expected: Expected, deadline: Deadline): Taken | undefined {
		const input = this.#reader();
		return this.#checked(expected, waitForSync(input.items, this.#taking(input, expected, askingWithin(deadline)), deadline, input.getting));
	}

	#taking(input: Stream, expected: Expected, asking: Asking): () => Taken | undefined {
		const accept = expected.raw ? refuseValues : undefined;
		return () => {
			input.checkOpen();
			const taken = input.tryTake(accept);
			if (taken !== undefined) return taken;
			// What was sent before the end is read first, so look for it again when there is nobody left to send.
			if (this.#peer.areGone(asking) && !input.hasItems()) throw endOfFile();
			return undefined;
		};
	}

	#checked(expected: Expected, taken: Taken | undefined): Taken | undefined {
		if (taken === undefined || !expected.raw) return taken;
		const { length } = taken.value as Buffer;
		if (length <= expected.maxLength) return taken;
		this.#mayRead = false;
		if (!this.writable) this.close();
		throw tooLong(length, expected.maxLength);
	}

	protected override async waitReadable(deadline: Deadline): Promise<boolean> {
		const input = this.#reader();
		const ready = await watch(input, () => this.#isReadable(input, askingWithin(deadline)), deadline);
		if (isTurnDue()) await turn();
		return ready;
	}

	protected override waitReadableSync(deadline: Deadline): boolean {
		const input = this.#reader();
		return watchSync(input, () => this.#isReadable(input, askingWithin(deadline)), deadline);
	}

	#isReadable(input: Stream, asking: Asking): boolean {
		return input.hasItems() || this.#peer.areGone(asking);
	}

	#reader(): Stream {
		const input = this.#input;
		if (this.#closed) throw closedHere();
		if (input === undefined || !this.#mayRead) throw wrongDirection('receive');
		return input;
	}

	override [waitSource](): WaitSource {
		const input = this.#reader();
		return sourceOf(input, () => this.#isReadable(input, 'once'));
	}

	override [toHandle](): Handle {
		if (this.#closed) throw closedHere();
		const data: HandleData = { end: this.#end.name, peer: this.#peer.name, input: this.#input?.segment.name, output: this.#output?.segment.name };
		const segments = [data.end, data.input, data.output].filter((name) => name !== undefined);
		return { kind, data, segments };
	}
}

function askingWithin(deadline: Deadline): Asking {
	return deadline.isImmediate ? 'once' : 'again and again';
}

function refuseValues(flags: number): void {
	if (isRaw(flags)) return;
	throw new NprocsError('Cannot receive bytes: the next message is a value. Receive it with `recv`; it has stayed where it was.', {
		code: 'ERR_NPROCS_NOT_BYTES',
	});
}

function closedHere(): ClosedError {
	return new ClosedError('This connection is closed: this process has closed it before.');
}

function newStream(): Stream {
	const stream = Stream.create(streamKind, { maxLoadBytes });
	stream.departures.becomeOneSided();
	return stream;
}

function reopened(stream: Stream): Stream {
	return Stream.open(streamKind, stream.segment.name);
}

function openStream(name: string | undefined): Stream | undefined {
	return name === undefined ? undefined : Stream.open(streamKind, name);
}

registerKind(kind, ({ end, peer, input, output }: HandleData) => {
	const opened = Segment.open(end, endKind);
	return new PipeConnection({ end: opened, peer, input: openStream(input), output: openStream(output) });
});
