/**
 * What a thread has of a queue: its stream, and the sides of it that the thread holds.
 *
 * A queue has two *sides*: that of those who put, and that of those who take. Each is a segment without content. Who
 * can put holds the one, who can take the other, and who has the whole queue both; messages and start requests that
 * carry a queue, or one side of it, keep what they carry. So when the segment of a side is gone, nobody can ever put
 * again, or take (holders.ts). Who has only one side asks for the other one: who takes when there is nothing inside,
 * who puts with each call. Who has the whole queue need not ask.
 */
import { EOFError, NprocsError } from '../base/errors.ts';
import type { Handle } from '../codec/handle.ts';
import { sideName } from '../memory/names.ts';
import { Segment } from '../memory/segment.ts';
import { Holders, type Asking } from '../memory/holders.ts';
import type { Side } from '../stream/departures.ts';
import { Stream, type StreamOptions } from '../stream/stream.ts';
import { kindOfSide } from './side-kind.ts';

export interface OpenAccess {
	readonly extraWords?: number;
	/** The one side that this thread gets. @default both */
	readonly side?: Side | undefined;
}

const sideKind = 'QueueSide';
const bothSides: readonly Side[] = ['sender', 'receiver'];

export class QueueAccess {
	readonly stream: Stream;
	readonly #held: ReadonlyMap<Side, Segment>;
	/** Who holds the senders' side, and the receivers'; undefined for a side that this thread holds itself. */
	readonly #senders: Holders | undefined;
	readonly #receivers: Holders | undefined;

	private constructor(stream: Stream, held: ReadonlyMap<Side, Segment>) {
		const { name } = stream.segment;
		const lacking = (side: Side): Holders | undefined =>
			held.has(side) ? undefined : new Holders(sideName(name, side), () => stream.departures.count(side));
		this.stream = stream;
		this.#held = held;
		this.#senders = lacking('sender');
		this.#receivers = lacking('receiver');
	}

	static create(kind: string, options: StreamOptions): QueueAccess {
		const stream = Stream.create(kind, options);
		const { isPrivate = false } = options;
		return QueueAccess.#of(stream, bothSides, (name) => Segment.create({ kind: sideKind, size: 0, name, isPrivate }));
	}

	static open(kind: string, name: string, { extraWords = 0, side }: OpenAccess = {}): QueueAccess {
		const stream = Stream.open(kind, name, extraWords);
		const access = QueueAccess.#of(stream, side === undefined ? bothSides : [side], (ofSide) => Segment.open(ofSide, sideKind));
		if (side !== undefined) stream.departures.becomeOneSided();
		return access;
	}

	static #of(stream: Stream, sides: readonly Side[], hold: (name: string) => Segment): QueueAccess {
		const held = new Map<Side, Segment>();
		try {
			for (const side of sides) held.set(side, hold(sideName(stream.segment.name, side)));
		} catch (error) {
			for (const segment of held.values()) segment.close();
			stream.close();
			throw error;
		}
		return new QueueAccess(stream, held);
	}

	/** Lets go of all that it holds, and tells those who may wait for that. Idempotent. */
	close(): void {
		if (this.stream.closed) return;
		for (const [side, segment] of this.#held) {
			segment.close();
			this.stream.depart(side);
		}
		this.stream.close();
	}

	/** By it another process opens the whole queue, or one side of it. */
	handle(side?: Side): Handle {
		const { name, kind } = this.stream.segment;
		const sides = side === undefined ? bothSides : [side];
		return {
			kind: side === undefined ? kind : kindOfSide(kind, side),
			data: name,
			segments: [name, ...sides.map((each) => sideName(name, each))],
		};
	}

	/** Throws when nobody is left who could take. */
	checkReceivers(): void {
		if (this.#receivers?.areGone() === true) {
			throw new NprocsError(
				'Cannot put anything into the queue: nobody is left to take it. All who could have closed the queue, or have ended.',
				{
					code: 'ERR_NPROCS_NO_READER',
				},
			);
		}
	}

	/** Whether nothing is inside and nothing more can come: the queue was ended, or nobody is left who could put. */
	isAtEnd(asking?: Asking): boolean {
		// What was put before the end is taken first, so look for it again when there is nobody left to put.
		return this.stream.isOver() || (this.#senders?.areGone(asking) === true && !this.stream.hasItems());
	}

	checkMoreComes(asking: Asking): void {
		if (this.isAtEnd(asking)) {
			const why = this.stream.isEnded ? 'the queue was ended' : 'nobody is left who could put anything in';
			throw new EOFError(`There is nothing more to take: all items have been taken, and ${why}.`);
		}
	}
}
